/* Lanes served as the broker does it, and what was heard of them. Include cmocka.h first.
 */
#ifndef TESTS_UNIT_LANES_EAR_H
#define TESTS_UNIT_LANES_EAR_H

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/lanes.h"
#include "tests/unit/open_fds.h"

#define SHORT   (200 * NS_PER_MS)
#define PATIENT (20 * NS_PER_S) /* with us: a loaded machine is no failure */

static struct lanes lanes;
static uint32_t n_asked;
static unsigned n_fds_before;
static struct {
	struct blob end;
	unsigned n_ends, n_parts; /* parts: of the answer under way or last */
	size_t n_bytes;
	bool is_disordered;
	unsigned n_notices;
	char notice[NOTICE_MAX];
} heard;

static inline void hear_blob(void *arg, const struct blob *b)
{
	(void)arg;
	if (b->part == 0)
		heard.n_parts = 0;
	heard.is_disordered |= b->part != heard.n_parts++;
	heard.n_bytes += b->len;
	if (!blob_is_end(b))
		return;
	heard.is_disordered |= b->seq != heard.n_ends + 1;
	heard.end = *b;
	heard.n_ends++;
}

static inline void hear_notice(void *arg, const char *sentence)
{
	(void)arg;
	heard.n_notices++;
	snprintf(heard.notice, sizeof(heard.notice), "%s", sentence);
}

static inline int open_lanes(void **state)
{
	static const struct blob_sink sink = {hear_blob, hear_notice, NULL};

	(void)state;
	memset(&heard, 0, sizeof(heard));
	n_asked = 0;
	n_fds_before = open_fds();
	lanes_init(&lanes, 2, &sink);
	return 0;
}

/* Nothing is left: no descriptor too few or too many, no child, not even a dead one. */
static inline int close_lanes(void **state)
{
	(void)state;
	lanes_release(&lanes);
	if (open_fds() != n_fds_before)
		return -1;
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static inline void ask(enum request_kind kind)
{
	static uint32_t inode = 1;
	static uint8_t body[256];
	struct request r = {.kind = kind};
	long len;

	if (kind == REQUEST_OWNERS) {
		r.owners.inodes = &inode;
		r.owners.n_inodes = 1;
	}
	len = request_pack(&r, body, sizeof(body));
	assert_true(len > 0);
	assert_int_equal(lanes_request(&lanes, ++n_asked, kind, body, (size_t)len), 0);
	lanes_tick(&lanes, host_now_ns());
}

static inline void reap(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		lanes_reaped(&lanes, pid, host_now_ns());
}

/* As the broker does, until so many answers have ended. */
static inline void serve_until(unsigned n_ends)
{
	int64_t end_ns = host_now_ns() + PATIENT;

	while (heard.n_ends < n_ends) {
		struct pollfd polls[N_LANES];

		for (unsigned i = 0; i < N_LANES; i++)
			polls[i] = (struct pollfd){lanes_fd(&lanes, i), POLLIN, 0};
		poll(polls, N_LANES, 10);
		for (unsigned i = 0; i < N_LANES; i++)
			if (polls[i].revents)
				lanes_read(&lanes, i, host_now_ns());
		reap();
		lanes_tick(&lanes, host_now_ns());
		assert_true(host_now_ns() < end_ns);
	}
	assert_int_equal(heard.n_ends, n_ends);
	assert_false(heard.is_disordered);
}

static inline void expect_end(enum blob_status status, int error)
{
	assert_int_equal(heard.end.status, status);
	assert_int_equal(heard.end.error, error);
}

/* A living worker of this lane, idle. */
static inline pid_t worker(unsigned lane)
{
	if (!lanes.lanes[lane].pid) {
		ask(lane == SLOW_LANE ? REQUEST_CHANGES
		    : lane            ? REQUEST_OWNERS
				      : REQUEST_FILES);
		serve_until(heard.n_ends + 1);
	}
	assert_true(lanes.lanes[lane].pid > 0);
	return lanes.lanes[lane].pid;
}

/* Killed, and dead before this returns, but not waited for. */
static inline void kill_worker(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

#define with_lanes(test) cmocka_unit_test_setup_teardown(test, open_lanes, close_lanes)

#endif
