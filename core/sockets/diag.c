/*
 * sock_diag answers -> listeners. Framing and attributes by libnl; what a socket means is
 * not known here.
 *
 * What Linux 6.18 was seen to answer (tests/fixtures/README):
 * - INET_DIAG_SKV6ONLY, CGROUP_ID and SOCKOPT come unasked, without rights as well; MARK
 * with CAP_NET_ADMIN only. Entries in SYN_RECV and TIME_WAIT have neither inode nor uid.
 * - MPTCP is asked for by the attribute INET_DIAG_REQ_PROTOCOL (u32 262) behind
 * inet_diag_req_v2, as sdiag_protocol has 8 bits; the answer has the same form. The first
 * subflow of an MPTCP listener is in the TCP dump too: same inode, another cookie. Its
 * INET_DIAG_ULP_INFO "mptcp" comes with the extension INET_DIAG_INFO only, which is not
 * asked for: the inode is enough to tell.
 * - Before 5.9 that attribute is not read, and 262 cut to 8 bits is TCP: the answer is the
 * TCP listeners again, cookies and all, which then fall out as sockets told twice.
 */
#include "core/sockets/diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "core/base/messages.h"

void diag_init(struct diag_decoder *d)
{
	vec_init(&d->rows, sizeof(struct socket_row));
}

void diag_release(struct diag_decoder *d)
{
	vec_release(&d->rows);
}

void diag_reset(struct diag_decoder *d)
{
	vec_reset(&d->rows);
}

static bool is_stream(enum socket_proto p)
{
	return p == PROTO_TCP || p == PROTO_MPTCP;
}

static bool is_wanted(enum socket_proto p, const struct inet_diag_msg *m)
{
	return m->id.idiag_sport &&
	       m->idiag_state == (is_stream(p) ? TCP_LISTEN : TCP_CLOSE);
}

static uint64_t cookie_of(const struct inet_diag_sockid *id)
{
	uint64_t cookie = (uint64_t)id->idiag_cookie[1] << 32 | id->idiag_cookie[0];

	return cookie == UINT64_MAX ? 0 : cookie; /* INET_DIAG_NOCOOKIE twice */
}

/* A word of the array in INET_DIAG_SKMEMINFO, which grew over the versions of Linux. */
static uint32_t memory_word(const struct nlattr *a, int word)
{
	uint32_t value;

	if (!a || nla_len(a) < (word + 1) * (int)sizeof(value))
		return QUEUE_UNKNOWN;
	memcpy(&value, (const char *)nla_data(a) + (size_t)word * sizeof(value),
	       sizeof(value));
	return value;
}

static enum tri v6only_of(int family, const struct nlattr *a)
{
	if (family == AF_INET)
		return TRI_NO;
	if (!a)
		return TRI_UNSURE;
	return nla_get_u8(a) ? TRI_YES : TRI_NO;
}

static enum tri transparent_of(const struct nlattr *options)
{
	struct inet_diag_sockopt bits;

	if (!options || nla_len(options) < (int)sizeof(bits))
		return TRI_UNSURE;
	memcpy(&bits, nla_data(options), sizeof(bits));
	return bits.transparent ? TRI_YES : TRI_NO;
}

static struct socket_row row_of(enum socket_proto p, const struct inet_diag_msg *m,
				struct nlattr *const *attr)
{
	const struct nlattr *memory = attr[INET_DIAG_SKMEMINFO];

	return (struct socket_row){
		.proto = p,
		.family = m->idiag_family,
		.local = addr_from(m->idiag_family, m->id.idiag_src),
		.port = ntohs(m->id.idiag_sport),
		.ifindex = m->id.idiag_if,
		.inode = m->idiag_inode,
		.uid = m->idiag_uid,
		.cookie = cookie_of(&m->id),
		.cgroup_id = attr[INET_DIAG_CGROUP_ID]
				     ? nla_get_u64(attr[INET_DIAG_CGROUP_ID])
				     : 0,
		.v6only = v6only_of(m->idiag_family, attr[INET_DIAG_SKV6ONLY]),
		.transparent = transparent_of(attr[INET_DIAG_SOCKOPT]),
		.queue_length = m->idiag_rqueue,
		.queue_limit = is_stream(p) ? m->idiag_wqueue
					    : memory_word(memory, SK_MEMINFO_RCVBUF),
		.send_queue = m->idiag_wqueue,
		.drops = memory_word(memory, SK_MEMINFO_DROPS),
	};
}

static bool has_room(const struct nlattr *a, size_t size)
{
	return !a || nla_len(a) >= (int)size;
}

static int decode_socket(struct diag_decoder *d, enum socket_proto p,
			 const struct nlmsghdr *h)
{
	struct nlattr *attr[INET_DIAG_MAX + 1];
	const struct inet_diag_msg *m = nlmsg_data(h);
	struct socket_row *row;

	if (m->idiag_family != AF_INET && m->idiag_family != AF_INET6)
		return -EBADMSG;
	if (!is_wanted(p, m))
		return 0;
	if (nla_parse(attr, INET_DIAG_MAX, nlmsg_attrdata(h, sizeof(*m)),
		      nlmsg_attrlen(h, sizeof(*m)), NULL) < 0)
		return -EBADMSG;
	if (!has_room(attr[INET_DIAG_SKV6ONLY], sizeof(uint8_t)) ||
	    !has_room(attr[INET_DIAG_CGROUP_ID], sizeof(uint64_t)))
		return -EBADMSG;
	row = vec_push(&d->rows);
	if (!row)
		return -ENOMEM;
	*row = row_of(p, m, attr);
	return 0;
}

/* What is decoded, and as what. */
struct walk {
	struct diag_decoder *decoder;
	enum socket_proto proto;
};

static int decode_message(void *context, const struct nlmsghdr *h)
{
	const struct walk *w = context;

	/* TCPDIAG_GETSOCK: of both families at once */
	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY && h->nlmsg_type != TCPDIAG_GETSOCK)
		return -EBADMSG;
	return decode_socket(w->decoder, w->proto, h);
}

int diag_decode(struct diag_decoder *d, enum socket_proto p, const void *bytes, size_t len)
{
	struct walk w = {d, p};

	return messages_into(&d->rows, bytes, len, 0, sizeof(struct inet_diag_msg),
			     decode_message, &w);
}

struct socket_table *diag_finish(struct diag_decoder *d)
{
	return socket_table_new(&d->rows, false);
}
