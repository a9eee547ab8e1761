/*
 * Waiting: one epoll with a timer and the signals that end or resize a program. Does not
 * know what it waits for.
 */
#ifndef TUI_LOOP_H
#define TUI_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define LOOP_WATCHED_MAX 8

struct loop {
	int epoll, timer, signals;
	sigset_t before; /* the signals that were blocked before */
	struct watched {
		int fd;
		uint32_t events;
	} watched[LOOP_WATCHED_MAX];
	size_t n_watched;
	int64_t timer_ns;
};

/* What became ready. */
struct ready {
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR */
};

static inline int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static inline int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* That clock, CLOCK_MONOTONIC as everywhere or CLOCK_REALTIME. */
int64_t loop_clock_ns(clockid_t id);
/*
 * Blocks SIGTERM, SIGHUP, SIGINT and SIGWINCH: from now on they are told by loop_signal().
 * 0 or -errno (loop_close() is allowed then too).
 */
int loop_open(struct loop *l);
void loop_close(struct loop *l);
/* Adds fd, or changes what is waited for; fd < 0: nothing. */
void loop_watch(struct loop *l, int fd, uint32_t events);
/*
 * Waits until something is ready or until_ns (CLOCK_MONOTONIC; INT64_MAX: without end) is
 * reached. Returns how many of out are set; 0: the time is up.
 */
size_t loop_wait(struct loop *l, int64_t until_ns, struct ready out[LOOP_WATCHED_MAX]);
/* The next signal that came, 0: none. */
int loop_signal(struct loop *l);

#endif
