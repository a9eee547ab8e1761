/* Netlink questions of a worker. Does not look into what the messages say. netlink(7). */
#include "core/host/kernel/netlink_query.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/netlink.h>
#include <string.h>
#include <sys/socket.h>

#define RECEIVE_BUFFER (4 << 20)
#define DATAGRAM_MAX   65536 /* the kernel fills 32 KiB of a dump's at most */

int netlink_query_open(struct netlink_query *q, int bus)
{
	int size = RECEIVE_BUFFER, error;

	*q = (struct netlink_query){.socket = nl_socket_alloc()};
	if (!q->socket)
		return -ENOMEM;
	errno = 0;
	error = nl_connect(q->socket, bus);
	if (error) {
		error = errno ? -errno : -EIO;
		netlink_query_close(q);
		return error;
	}
	/* Beyond the host's limit where we may; what does not work costs another try. */
	if (setsockopt(nl_socket_get_fd(q->socket), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)))
		nl_socket_set_buffer_size(q->socket, size, 0);
	return 0;
}

void netlink_query_close(struct netlink_query *q)
{
	nl_socket_free(q->socket);
	q->socket = NULL;
}

/* An ACK is asked for where there is no DONE: either way we know the end. */
static int send_message(struct netlink_query *q, struct nl_msg *msg, uint32_t *seq)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct nlmsghdr *head = nlmsg_hdr(msg);

	*seq = nl_socket_use_seq(q->socket);
	head->nlmsg_seq = *seq;
	head->nlmsg_flags |= NLM_F_REQUEST;
	if ((head->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		head->nlmsg_flags |= NLM_F_ACK;
	if (sendto(nl_socket_get_fd(q->socket), head, head->nlmsg_len, 0,
		   (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	return 0;
}

/* The next datagram of the kernel: its size or -errno. */
static ssize_t receive(struct netlink_query *q, void *bytes)
{
	struct sockaddr_nl from = {0};
	struct iovec iov = {bytes, DATAGRAM_MAX};
	struct msghdr m = {.msg_name = &from,
			   .msg_namelen = sizeof(from),
			   .msg_iov = &iov,
			   .msg_iovlen = 1};

	for (;;) {
		ssize_t got = recvmsg(nl_socket_get_fd(q->socket), &m, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (m.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		if (from.nl_pid == 0)
			return got;
	}
}

/* The code at the start of DONE or ERROR. */
static int32_t end_code(const struct nlmsghdr *h)
{
	int32_t code = 0;

	if (nlmsg_datalen(h) >= (int)sizeof(code))
		memcpy(&code, nlmsg_data(h), sizeof(code));
	return code;
}

struct reading {
	uint32_t seq;
	bool is_done;
	int (*take)(void *context, const struct nlmsghdr *h);
	void *context;
};

static int read_datagram(struct netlink_query *q, struct reading *r, const void *bytes,
			 int len)
{
	struct nlmsghdr *h = (struct nlmsghdr *)bytes;

	for (; nlmsg_ok(h, len); h = nlmsg_next(h, &len)) {
		int error;

		if (h->nlmsg_seq != r->seq)
			continue;
		q->was_changed |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
			r->is_done = true;
			q->code = end_code(h);
			/* A count above zero is no error, nor are subsystems' own codes. */
			return q->code < 0 && q->code > -4096 ? q->code : 0;
		}
		if (h->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		error = r->take(r->context, h);
		if (error < 0)
			return error;
	}
	return len >= (int)sizeof(struct nlmsghdr) ? -EBADMSG : 0;
}

int netlink_query_run(struct netlink_query *q, struct nl_msg *msg,
		      int (*take)(void *context, const struct nlmsghdr *h), void *context)
{
	static uint8_t bytes[DATAGRAM_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct reading r = {.take = take, .context = context};
	int error = msg ? send_message(q, msg, &r.seq) : -ENOMEM;

	nlmsg_free(msg);
	while (!error && !r.is_done) {
		ssize_t got = receive(q, bytes);

		error = got < 0 ? (int)got : read_datagram(q, &r, bytes, (int)got);
	}
	return error;
}

struct nl_msg *netlink_query_netfilter(uint8_t subsystem, uint8_t type, uint8_t family,
				       int flags)
{
	struct nfgenmsg head = {.nfgen_family = family, .version = NFNETLINK_V0};
	struct nl_msg *msg = nlmsg_alloc_simple(subsystem << 8 | type, flags);

	if (msg && nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

int netlink_parts_put(struct bundle_out *out, const struct nlmsghdr *h)
{
	size_t len = h->nlmsg_len, whole = NLMSG_ALIGN(len);

	if (whole > BLOB_PART_MAX)
		return -EMSGSIZE;
	if (out->len + whole > BLOB_PART_MAX && bundle_out_end(out, BLOB_MORE, 0))
		return out->error;
	memcpy(out->bytes + out->len, h, len);
	memset(out->bytes + out->len + len, 0, whole - len);
	out->len += whole;
	return out->error;
}

void netlink_parts_restart(struct bundle_out *out)
{
	out->len = 0;
	out->part.part = 0;
}
