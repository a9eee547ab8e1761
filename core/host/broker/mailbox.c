/* Packet sockets with a send queue and descriptor passing. Knows no message. unix(7). */
#include "core/host/broker/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/host/broker/protocol.h"

#define SEND_ROOM (4 * MESSAGE_MAX)

struct letter {
	struct letter *next;
	int passed_fd;
	size_t len;
	uint8_t bytes[];
};

int mailbox_init_take(struct mailbox *m, int fd)
{
	*m = (struct mailbox){.fd = fd, .passed_fd = -1};
	m->packet = malloc(MESSAGE_MAX);
	if (m->packet)
		return 0;
	close(fd);
	m->fd = -1;
	return -ENOMEM;
}

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void mailbox_release(struct mailbox *m)
{
	while (m->first) {
		struct letter *l = m->first;

		m->first = l->next;
		close_if_open(&l->passed_fd);
		free(l);
	}
	close_if_open(&m->fd);
	close_if_open(&m->passed_fd);
	free(m->packet);
	*m = MAILBOX_CLOSED;
}

static int send_now(int fd, const struct iovec *iov, int n_iov, int passed_fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct msghdr h = {.msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)n_iov};
	ssize_t sent;

	if (passed_fd >= 0) {
		struct cmsghdr *c;

		h.msg_control = control.room;
		h.msg_controllen = sizeof(control.room);
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &passed_fd, sizeof(int));
	}
	do
		sent = sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return 0;
	return errno == ECONNRESET ? -EPIPE : -errno;
}

static int queue(struct mailbox *m, const struct iovec *iov, int n_iov, int passed_fd)
{
	struct letter *l;
	size_t len = 0;

	for (int i = 0; i < n_iov; i++)
		len += iov[i].iov_len;
	l = malloc(sizeof(*l) + len);
	if (!l)
		return -ENOMEM;
	*l = (struct letter){.passed_fd = passed_fd};
	for (int i = 0; i < n_iov; i++) {
		if (iov[i].iov_len)
			memcpy(l->bytes + l->len, iov[i].iov_base, iov[i].iov_len);
		l->len += iov[i].iov_len;
	}
	if (m->last)
		m->last->next = l;
	else
		m->first = l;
	m->last = l;
	m->n_queued++;
	return 0;
}

int mailbox_send(struct mailbox *m, const struct iovec *iov, int n_iov, int passed_fd)
{
	int error = -EAGAIN;

	if (!m->first)
		error = send_now(m->fd, iov, n_iov, passed_fd);
	if (error == -EAGAIN || error == -ENOBUFS) {
		error = queue(m, iov, n_iov, passed_fd);
		if (!error)
			return 0;
	}
	close_if_open(&passed_fd);
	return error;
}

int mailbox_flush(struct mailbox *m)
{
	while (m->first) {
		struct letter *l = m->first;
		struct iovec iov = {l->bytes, l->len};
		int error = send_now(m->fd, &iov, 1, l->passed_fd);

		if (error)
			return error == -EAGAIN || error == -ENOBUFS ? 0 : error;
		m->first = l->next;
		if (!m->first)
			m->last = NULL;
		m->n_queued--;
		close_if_open(&l->passed_fd);
		free(l);
	}
	return 0;
}

/* The first one is kept. The room for one has room for two (alignment): the other is
 * closed. */
static void keep_passed_fd(struct mailbox *m, struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len;
		     at += sizeof(int)) {
			int fd;

			memcpy(&fd, (const char *)c + at, sizeof(fd));
			if (m->passed_fd < 0)
				m->passed_fd = fd;
			else
				close(fd);
		}
	}
}

int mailbox_receive(struct mailbox *m)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {m->packet, MESSAGE_MAX};
	struct msghdr h = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.room,
			   .msg_controllen = sizeof(control.room)};
	ssize_t got;

	close_if_open(&m->passed_fd);
	do
		got = recvmsg(m->fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (got < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	if (got == 0)
		return -EPIPE;
	keep_passed_fd(m, &h);
	if (h.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return -EBADMSG;
	m->packet_len = (size_t)got;
	return 1;
}

int mailbox_pair(int fds[2])
{
	int room = SEND_ROOM;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
		return -errno;
	/* A host's default may be smaller than one packet. */
	for (int i = 0; i < 2; i++)
		setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return 0;
}
