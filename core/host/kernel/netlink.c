/* Netlink dumps as answers. Does not look into what the messages say. */
#include "core/host/kernel/netlink.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/inet_diag.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/host/broker/protocol.h"

#define MAX_TRIES    4     /* the first and three more */
#define DATAGRAM_MAX 32768 /* the kernel makes none that is longer */

int netlink_init(struct netlink *nl)
{
	*nl = (struct netlink){.home = {.fd = -1}};
	nl->datagram = malloc(BLOB_PART_MAX);
	if (!nl->datagram)
		return -ENOMEM;
	netns_home_open(&nl->home);
	return 0;
}

void netlink_release(struct netlink *nl)
{
	for (size_t i = 0; i < 2; i++)
		nl_socket_free(nl->own[i]);
	netns_home_close(&nl->home);
	free(nl->datagram);
}

static int bus_of(const struct request *r)
{
	return r->kind == REQUEST_SOCK_DIAG ? NETLINK_SOCK_DIAG : NETLINK_ROUTE;
}

/* Without it a kernel ignores the filter of a route dump and sends every table. */
static void ask_strict(struct nl_sock *s)
{
	int on = 1;

	setsockopt(nl_socket_get_fd(s), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
		   sizeof(on));
}

static int open_socket(int bus, struct nl_sock **out)
{
	struct nl_sock *s = nl_socket_alloc();
	int error;

	if (!s)
		return -ENOMEM;
	errno = 0;
	error = nl_connect(s, bus);
	if (!error)
		error = nl_socket_set_nonblocking(s);
	if (error) {
		error = errno ? -errno : -EIO;
		nl_socket_free(s);
		return error;
	}
	if (bus == NETLINK_ROUTE)
		ask_strict(s);
	*out = s;
	return 0;
}

/* A socket belongs to the namespace it was opened in: only the opening happens there. */
static int open_there(struct netlink *nl, struct dump *d)
{
	struct netns_ref *ref = &d->request.netns;
	struct nl_sock **own = &nl->own[bus_of(&d->request) == NETLINK_ROUTE];
	int error = netns_enter(&nl->home, ref, &d->part.netns);

	if (error)
		return error;
	d->is_own_socket = ref->kind == NETNS_OWN;
	if (!d->is_own_socket)
		error = open_socket(bus_of(&d->request), &d->socket);
	else if (!*own)
		error = open_socket(bus_of(&d->request), own);
	if (d->is_own_socket)
		d->socket = *own;
	if (netns_leave(&nl->home, ref))
		abort(); /* we would serve from a foreign namespace from now on */
	return error;
}

/*
 * The kernel leaves sockets of other local ports out: a run of tests, each with the way to
 * go on if it holds (yes) and if not (no, past the end: refused). inet_diag.h.
 */
static int put_ports(struct nl_msg *msg, const struct request *r)
{
	enum { OP = sizeof(struct inet_diag_bc_op), ALL = 4 * OP };
	const struct inet_diag_bc_op ports[4] = {
		{INET_DIAG_BC_S_GE, 2 * OP, ALL + 4},
		{0, 0, r->sock_diag.port_low},
		{INET_DIAG_BC_S_LE, 2 * OP, ALL - 2 * OP + 4},
		{0, 0, r->sock_diag.port_high},
	};

	if (!r->sock_diag.port_high)
		return 0;
	return nla_put(msg, INET_DIAG_REQ_BYTECODE, sizeof(ports), ports);
}

/* All families in one walk: the older request, which only knows TCP. */
static int put_tcp_diag(struct nl_msg *msg, const struct request *r)
{
	struct inet_diag_req body = {
		.idiag_ext = r->sock_diag.extensions,
		.idiag_states = r->sock_diag.states,
	};

	int error = nlmsg_append(msg, &body, sizeof(body), NLMSG_ALIGNTO);

	return error ? error : put_ports(msg, r);
}

static int put_sock_diag(struct nl_msg *msg, const struct request *r)
{
	struct inet_diag_req_v2 body = {
		.sdiag_family = r->sock_diag.family,
		.sdiag_protocol = (uint8_t)r->sock_diag.protocol,
		.idiag_ext = r->sock_diag.extensions,
		.idiag_states = r->sock_diag.states,
	};
	int error = nlmsg_append(msg, &body, sizeof(body), NLMSG_ALIGNTO);

	/* MPTCP's number does not fit the field. */
	if (!error && r->sock_diag.protocol > UINT8_MAX)
		error = nla_put_u32(msg, INET_DIAG_REQ_PROTOCOL, r->sock_diag.protocol);
	return error ? error : put_ports(msg, r);
}

static int put_rtnetlink(struct nl_msg *msg, const struct request *r)
{
	struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
	struct ifaddrmsg address = {.ifa_family = AF_UNSPEC};
	struct rtmsg route = {.rtm_family = AF_UNSPEC,
			      .rtm_table = RT_TABLE_LOCAL,
			      .rtm_type = RTN_LOCAL};
	struct ndmsg neighbour = {.ndm_family = AF_UNSPEC};
	struct fib_rule_hdr rule = {.family = AF_UNSPEC};

	switch (r->rtnetlink.dump) {
	case RTNL_LINKS:
		return nlmsg_append(msg, &link, sizeof(link), NLMSG_ALIGNTO);
	case RTNL_ADDRESSES:
		return nlmsg_append(msg, &address, sizeof(address), NLMSG_ALIGNTO);
	case RTNL_LOCAL_ROUTES:
		return nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO);
	case RTNL_NEIGHBOURS:
		return nlmsg_append(msg, &neighbour, sizeof(neighbour), NLMSG_ALIGNTO);
	case RTNL_RULES:
		return nlmsg_append(msg, &rule, sizeof(rule), NLMSG_ALIGNTO);
	case N_RTNETLINK_DUMPS:
		break;
	}
	return -EINVAL;
}

static int message_type_of(const struct request *r)
{
	static const int types[N_RTNETLINK_DUMPS] = {
		[RTNL_LINKS] = RTM_GETLINK,         [RTNL_ADDRESSES] = RTM_GETADDR,
		[RTNL_LOCAL_ROUTES] = RTM_GETROUTE, [RTNL_NEIGHBOURS] = RTM_GETNEIGH,
		[RTNL_RULES] = RTM_GETRULE,
	};

	if (r->kind != REQUEST_SOCK_DIAG)
		return types[r->rtnetlink.dump];
	return r->sock_diag.family == AF_UNSPEC ? TCPDIAG_GETSOCK : SOCK_DIAG_BY_FAMILY;
}

static int put_body(struct nl_msg *msg, const struct request *r)
{
	if (r->kind != REQUEST_SOCK_DIAG)
		return put_rtnetlink(msg, r);
	return r->sock_diag.family == AF_UNSPEC ? put_tcp_diag(msg, r)
						: put_sock_diag(msg, r);
}

static int send_request(struct dump *d)
{
	struct nl_msg *msg = nlmsg_alloc_simple(message_type_of(&d->request),
						NLM_F_REQUEST | NLM_F_DUMP);
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct nlmsghdr *head;
	int error;

	if (!msg)
		return -ENOMEM;
	error = put_body(msg, &d->request);
	head = nlmsg_hdr(msg);
	head->nlmsg_seq = nl_socket_use_seq(d->socket);
	d->netlink_seq = head->nlmsg_seq;
	if (!error && sendto(nl_socket_get_fd(d->socket), head, head->nlmsg_len, 0,
			     (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		error = -errno;
	nlmsg_free(msg);
	return error;
}

int dump_start(struct netlink *nl, struct dump *d)
{
	int error = 0;

	d->part.part = 0;
	d->was_changed = false;
	d->n_tries++;
	if (!d->socket)
		error = open_there(nl, d);
	return error ? error : send_request(d);
}

int dump_fd(const struct dump *d)
{
	return nl_socket_get_fd(d->socket);
}

int dump_retry_ms(const struct dump *d)
{
	return 20 << (2 * (d->n_tries - 1));
}

/* An old answer's rest on a kept socket would be taken for this one's: the socket is thrown
 * away instead. */
static void discard_socket(struct netlink *nl, struct dump *d)
{
	if (d->is_own_socket)
		nl->own[bus_of(&d->request) == NETLINK_ROUTE] = NULL;
	nl_socket_free(d->socket);
	d->socket = NULL;
}

void dump_end(struct netlink *nl, struct dump *d, bool is_whole)
{
	if (d->socket && (!d->is_own_socket || !is_whole))
		discard_socket(nl, d);
	d->socket = NULL;
}

struct framing {
	bool is_ours, is_done, is_bad;
	int error; /* positive errno of DONE or ERROR */
};

/* The error code at the start of a DONE or ERROR message. */
static int error_code(const struct nlmsghdr *h)
{
	int32_t code = 0;

	if (nlmsg_datalen(h) >= (int)sizeof(code))
		memcpy(&code, nlmsg_data(h), sizeof(code));
	return code < 0 && code > -4096 ? -code : 0;
}

static struct framing read_framing(struct dump *d, const void *bytes, int len)
{
	struct framing f = {.is_ours = true};
	struct nlmsghdr *h = (struct nlmsghdr *)bytes;

	for (; nlmsg_ok(h, len); h = nlmsg_next(h, &len)) {
		if (h->nlmsg_seq != d->netlink_seq) {
			f.is_ours = false;
			return f;
		}
		d->was_changed |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (h->nlmsg_type != NLMSG_DONE && h->nlmsg_type != NLMSG_ERROR)
			continue;
		f.is_done = true;
		f.error = error_code(h);
		return f;
	}
	f.is_bad = len >= (int)sizeof(struct nlmsghdr);
	return f;
}

static int finish(struct netlink *nl, struct dump *d, struct blob *out, size_t len,
		  enum blob_status status, int error)
{
	*out = d->part;
	out->status = status;
	out->error = error;
	out->bytes = nl->datagram;
	out->len = len;
	blob_stamp(out);
	d->part.part++;
	return 1;
}

/* One datagram behind the first `at` bytes: its size, 0 (there is none of the kernel's) or
 * -errno. */
static ssize_t receive(struct netlink *nl, const struct dump *d, size_t at)
{
	struct sockaddr_nl from = {0};
	struct iovec iov = {nl->datagram + at, BLOB_PART_MAX - at};
	struct msghdr m = {.msg_name = &from,
			   .msg_namelen = sizeof(from),
			   .msg_iov = &iov,
			   .msg_iovlen = 1};
	ssize_t got = recvmsg(nl_socket_get_fd(d->socket), &m, MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (m.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return from.nl_pid == 0 ? got : 0;
}

static int finish_badly(struct netlink *nl, struct dump *d, struct blob *out, size_t len,
			int error)
{
	bool is_cut = error == EMSGSIZE || error == EBADMSG;

	discard_socket(nl, d);
	return finish(nl, d, out, len, is_cut ? BLOB_TRUNCATED : BLOB_LAST, error);
}

static int finish_well(struct netlink *nl, struct dump *d, struct blob *out, size_t len,
		       int error)
{
	if (d->was_changed && !error && d->n_tries < MAX_TRIES)
		return 2;
	return finish(nl, d, out, len, d->was_changed ? BLOB_INTERRUPTED : BLOB_LAST,
		      error);
}

/* As many datagrams as are there and fit: a short answer is one part with its end. */
int dump_step(struct netlink *nl, struct dump *d, struct blob *out)
{
	size_t len = 0;

	while (BLOB_PART_MAX - len >= DATAGRAM_MAX && len % NLMSG_ALIGNTO == 0) {
		ssize_t got = receive(nl, d, len);
		struct framing f;

		if (got < 0)
			return finish_badly(nl, d, out, len, (int)-got);
		f = read_framing(d, nl->datagram + len, (int)got);
		if (got == 0 || !f.is_ours)
			break;
		if (f.is_bad)
			return finish_badly(nl, d, out, len, EBADMSG);
		len += (size_t)got;
		if (f.is_done)
			return finish_well(nl, d, out, len, f.error);
	}
	return len ? finish(nl, d, out, len, BLOB_MORE, 0) : 0;
}
