/*
 * A trace: adds the table that marks one client's packets, gives up every right, and hands
 * on what the kernel tells of them until it is told to end or its time is over. The table
 * goes with the process. Reads no content. "Ready" is a NOOP, "some was lost" an OVERRUN:
 * netlink(7).
 */
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/kernel/kernel_modules.h"
#include "core/host/broker/protocol.h"
#include "core/host/broker/taps.h"
#include "core/host/kernel/trace_hooks.h"

enum {
	RECEIVE_BUFFER = 4 << 20,
	DATAGRAM_MAX = 32768,
	ANSWER_MS = 1000, /* for the kernel to take the table */
	DRAIN_MAX = 4096  /* datagrams at the end */
};
_Static_assert((int)DATAGRAM_MAX <= (int)TAP_PART_MAX, "a datagram is one part");

struct trace {
	int table_fd; /* the owner: the table is there while this is open */
	int events_fd;
	int64_t until_ns;
};

static int open_netfilter(void)
{
	struct sockaddr_nl own = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0)
		return fd;
	close(fd);
	return -EPERM;
}

static int listen_to_traces(int fd)
{
	int size = RECEIVE_BUFFER, group = NFNLGRP_NFTRACE;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return -errno;
	return 0;
}

/* The answers in one datagram. 1: all have come; 0: not yet; -errno: one was refused. */
static int read_answers(void *bytes, int len, uint32_t *n_left)
{
	struct nlmsghdr *h = bytes;

	for (; nlmsg_ok(h, len); h = nlmsg_next(h, &len)) {
		int error;

		if (h->nlmsg_type != NLMSG_ERROR || nlmsg_datalen(h) < (int)sizeof(error))
			continue;
		memcpy(&error, nlmsg_data(h), sizeof(error));
		if (error < 0)
			return error;
		if (*n_left)
			--*n_left;
	}
	return *n_left == 0;
}

static int wait_for_answers(int fd, uint32_t n_left)
{
	static uint8_t bytes[DATAGRAM_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	int64_t until_ns = host_now_ns() + ANSWER_MS * NS_PER_MS;
	int result = 0;

	while (!result) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left_ms = (until_ns - host_now_ns()) / NS_PER_MS;
		ssize_t got;

		if (left_ms <= 0 || poll(&p, 1, (int)left_ms) <= 0)
			return -ETIMEDOUT;
		got = recv(fd, bytes, sizeof(bytes), 0);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			result = read_answers(bytes, (int)got, &n_left);
	}
	return result < 0 ? result : 0;
}

static int add_tables(int fd, const struct trace_ask *ask, const struct trace_hooks *hooks)
{
	static const struct kernel_lists running;
	static struct trace_batch batch;
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	bool has_limit = kernel_module_find(&running, "nft_limit", "nft_limit_") == 0;
	int error = trace_table_build(&batch, ask, (uint32_t)getpid(), has_limit, hooks);

	if (error)
		return error;
	if (sendto(fd, batch.bytes, batch.len, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	return wait_for_answers(fd, batch.n_messages);
}

/* Before 5.12 a table with an owner is refused as a flag that is not known. Where only the
 * hooks of devices or bridges are refused IP's own are traced. */
static int add_table(int fd, const struct trace_ask *ask)
{
	static const struct trace_hooks none;
	struct trace_hooks hooks;
	int error;

	trace_hooks_ask(&hooks);
	error = add_tables(fd, ask, &hooks);
	if (error && error != -ETIMEDOUT && (hooks.has_bridge || hooks.n_devices))
		error = add_tables(fd, ask, &none);
	return error == -EINVAL ? -EOPNOTSUPP : error;
}

static void close_fds(struct trace *t)
{
	if (t->table_fd >= 0)
		close(t->table_fd);
	if (t->events_fd >= 0)
		close(t->events_fd);
}

static int open_both(struct trace *t, const struct trace_ask *ask)
{
	int error;

	t->table_fd = open_netfilter();
	if (t->table_fd < 0)
		return t->table_fd;
	t->events_fd = open_netfilter();
	if (t->events_fd < 0)
		return t->events_fd;
	error = listen_to_traces(t->events_fd);
	return error ? error : add_table(t->table_fd, ask);
}

static int open_trace(void **handle, const struct request *r, int save_fd, const void *arg,
		      char *sentence, size_t room)
{
	static const struct kernel_lists running;
	static struct trace trace = {.table_fd = -1, .events_fd = -1};
	int error = kernel_module_find(&running, "nf_tables", "nf_tables_");

	(void)arg;
	if (save_fd >= 0)
		close(save_fd);
	trace.until_ns = host_now_ns() + r->trace.timeout_ms * NS_PER_MS;
	if (!error)
		error = open_both(&trace, &r->trace);
	if (error) {
		snprintf(sentence, room, "the trace table: %s", strerror(-error));
		close_fds(&trace);
		return error;
	}
	*handle = &trace;
	return 0;
}

/* A message without content. */
static int put_word(int (*put)(void *arg, const void *bytes, size_t len), void *arg,
		    uint16_t type)
{
	struct nlmsghdr h = {.nlmsg_len = sizeof(h), .nlmsg_type = type};

	return put(arg, &h, sizeof(h));
}

/* One datagram. 1: there was one; 0: none; -errno. */
static int relay(int fd, int (*put)(void *arg, const void *bytes, size_t len), void *arg)
{
	static uint8_t bytes[DATAGRAM_MAX];
	struct sockaddr_nl from = {0};
	socklen_t from_len = sizeof(from);
	ssize_t got = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC,
			       (struct sockaddr *)&from, &from_len);
	int error;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if ((got < 0 && errno == ENOBUFS) || got > DATAGRAM_MAX) {
		error = put_word(put, arg, NLMSG_OVERRUN);
		return error ? error : 1;
	}
	if (got < 0)
		return -errno;
	if (from.nl_pid != 0)
		return 1;
	error = put(arg, bytes, (size_t)got);
	return error ? error : 1;
}

static int run_trace(void *handle, int stop_fd,
		     int (*put)(void *put_arg, const void *bytes, size_t len),
		     void *put_arg)
{
	struct trace *t = handle;
	int result = put_word(put, put_arg, NLMSG_NOOP);
	int64_t now_ns;

	while (result >= 0 && (now_ns = host_now_ns()) < t->until_ns) {
		struct pollfd polls[] = {{stop_fd, POLLIN, 0}, {t->events_fd, POLLIN, 0}};

		poll(polls, 2, (int)((t->until_ns - now_ns) / NS_PER_MS) + 1);
		if (polls[0].revents)
			break;
		if (polls[1].revents)
			result = relay(t->events_fd, put, put_arg);
	}
	/* What was told before the end. */
	for (int i = 0; result >= 0 && i < DRAIN_MAX; i++) {
		result = relay(t->events_fd, put, put_arg);
		if (result == 0)
			break;
	}
	return result < 0 ? result : 0;
}

static void close_trace(void *handle)
{
	close_fds(handle);
}

const struct tap_ops trace_ops = {
	.open = open_trace, .run = run_trace, .close = close_trace};
