/* epoll(7), timerfd_create(2), signalfd(2). Handles nothing itself. */
#include "tui/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define NS_PER_SECOND INT64_C(1000000000)

int64_t loop_clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int loop_open(struct loop *l)
{
	static const int numbers[] = {SIGTERM, SIGHUP, SIGINT, SIGWINCH};
	sigset_t set;

	*l = (struct loop){.timer_ns = -1};
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, &l->before);
	l->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->signals < 0 || l->timer < 0 || l->epoll < 0)
		return -errno;
	loop_watch(l, l->timer, EPOLLIN);
	loop_watch(l, l->signals, EPOLLIN);
	return 0;
}

void loop_close(struct loop *l)
{
	const int fds[] = {l->signals, l->timer, l->epoll};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	sigprocmask(SIG_SETMASK, &l->before, NULL);
}

static struct watched *find(struct loop *l, int fd)
{
	for (size_t i = 0; i < l->n_watched; i++)
		if (l->watched[i].fd == fd)
			return &l->watched[i];
	return NULL;
}

void loop_watch(struct loop *l, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	struct watched *w = find(l, fd);
	int op = w ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (fd < 0 || (w && w->events == events))
		return;
	if (!w && l->n_watched == LOOP_WATCHED_MAX)
		return;
	if (epoll_ctl(l->epoll, op, fd, &event))
		return;
	if (!w)
		w = &l->watched[l->n_watched++];
	*w = (struct watched){.fd = fd, .events = events};
}

static void set_timer(struct loop *l, int64_t until_ns)
{
	struct itimerspec at = {0};

	if (until_ns == l->timer_ns)
		return;
	l->timer_ns = until_ns;
	if (until_ns == INT64_MAX)
		until_ns = 0; /* disarmed */
	else if (until_ns < 1)
		until_ns = 1;
	at.it_value.tv_sec = (time_t)(until_ns / NS_PER_SECOND);
	at.it_value.tv_nsec = (long)(until_ns % NS_PER_SECOND);
	timerfd_settime(l->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

size_t loop_wait(struct loop *l, int64_t until_ns, struct ready out[LOOP_WATCHED_MAX])
{
	struct epoll_event events[LOOP_WATCHED_MAX];
	uint64_t expirations;
	size_t n = 0;
	int n_events;

	set_timer(l, until_ns);
	n_events = epoll_wait(l->epoll, events, LOOP_WATCHED_MAX, -1);
	for (int i = 0; i < n_events; i++) {
		if (events[i].data.fd != l->timer) {
			out[n++] = (struct ready){events[i].data.fd, events[i].events};
			continue;
		}
		l->timer_ns = -1;
		if (read(l->timer, &expirations, sizeof(expirations)) < 0)
			continue; /* it was set anew meanwhile */
	}
	return n;
}

int loop_signal(struct loop *l)
{
	struct signalfd_siginfo info;

	if (read(l->signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}
