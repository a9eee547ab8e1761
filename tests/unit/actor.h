/* A process that holds sockets as it is told. Include cmocka.h first. */
#ifndef TESTS_UNIT_ACTOR_H
#define TESTS_UNIT_ACTOR_H

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/host/broker/mailbox.h"

struct actor {
	pid_t pid;
	struct mailbox box;
};

struct told {
	enum { ACTOR_LISTEN, ACTOR_CLOSE, ACTOR_KEEP, ACTOR_GIVE } what;
	int fd; /* ACTOR_CLOSE, ACTOR_GIVE; ACTOR_KEEP: closed before, -1: none */
};

static inline uint32_t inode_of_fd(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : (uint32_t)st.st_ino;
}

/* A TCP socket that listens on some port of the loopback. */
static inline int listening_socket(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1))
		abort();
	return fd;
}

static inline void actor_receive(struct mailbox *m)
{
	struct pollfd p = {.fd = m->fd, .events = POLLIN};
	int got;

	while ((got = mailbox_receive(m)) == 0)
		poll(&p, 1, -1);
	if (got < 0)
		_exit(0);
}

static inline int actor_act(const struct told *told, struct mailbox *m)
{
	int fd = told->fd;

	switch (told->what) {
	case ACTOR_LISTEN:
		return listening_socket();
	case ACTOR_KEEP:
		if (fd >= 0)
			close(fd);
		/* dup() so that the number is as low as after a reopening */
		fd = dup(m->passed_fd);
		close(m->passed_fd);
		m->passed_fd = -1;
		return fd;
	case ACTOR_CLOSE:
		return close(fd);
	case ACTOR_GIVE:
		break;
	}
	return fd;
}

static inline void actor_loop(int fd)
{
	struct mailbox m;
	struct told told;
	int done;
	struct iovec iov = {&done, sizeof(done)};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (mailbox_init_take(&m, fd))
		_exit(1);
	for (;;) {
		actor_receive(&m);
		memcpy(&told, m.packet, sizeof(told));
		done = actor_act(&told, &m);
		mailbox_send(&m, &iov, 1, told.what == ACTOR_GIVE ? dup(done) : -1);
	}
}

static inline void actor_stop(struct actor *a)
{
	mailbox_release(&a->box);
	kill(a->pid, SIGKILL);
	waitpid(a->pid, NULL, 0);
}

/* Tells it and waits until it is done. passed is closed here (-1: none). */
static inline int actor_tell(struct actor *a, int what, int fd, int passed)
{
	struct told told = {.fd = fd};
	struct iovec iov = {&told, sizeof(told)};
	int done;

	memcpy(&told.what, &what, sizeof(what));
	assert_int_equal(mailbox_send(&a->box, &iov, 1, passed), 0);
	actor_receive(&a->box);
	memcpy(&done, a->box.packet, sizeof(done));
	return done;
}

static inline struct actor actor_start(void)
{
	struct actor a;
	int fds[2];

	assert_int_equal(mailbox_pair(fds), 0);
	a.pid = fork();
	if (a.pid == 0) {
		close(fds[0]);
		actor_loop(fds[1]);
	}
	assert_true(a.pid > 0);
	close(fds[1]);
	assert_int_equal(mailbox_init_take(&a.box, fds[0]), 0);
	/* Once it answers it has closed what it inherited. */
	actor_tell(&a, ACTOR_CLOSE, -1, -1);
	return a;
}

/* Its descriptor as one of ours. */
static inline int actor_give(struct actor *a, int fd)
{
	int ours;

	actor_tell(a, ACTOR_GIVE, fd, -1);
	ours = a->box.passed_fd;
	a->box.passed_fd = -1;
	assert_true(ours >= 0);
	/* What it sent was a copy; once it hears the next word the copy is closed. */
	actor_tell(a, ACTOR_CLOSE, -1, -1);
	return ours;
}

#endif
