/* Messages of IPCTNL_MSG_CT_NEW -> entries. Knows no rules and no other protocol's state.
 */
#include "core/nat/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdlib.h>

#include "core/base/messages.h"
#include "core/base/rows.h"

#define MESSAGE_TYPE (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW)

struct conntrack_decoder {
	struct vec rows;
};

struct conntrack_decoder *conntrack_new(void)
{
	struct conntrack_decoder *d = calloc(1, sizeof(*d));

	if (d)
		vec_init(&d->rows, sizeof(struct conntrack_row));
	return d;
}

void conntrack_free(struct conntrack_decoder *d)
{
	if (d)
		vec_release(&d->rows);
	free(d);
}

/* The attributes inside a: attr[0 .. max]. 0 or -EBADMSG. */
static int open_nest(const struct nlattr *a, struct nlattr **attr, int max,
		     const unsigned char *min_sizes)
{
	if (nla_parse(attr, max, nla_data(a), nla_len(a), NULL) < 0)
		return -EBADMSG;
	for (int type = 0; type <= max; type++) {
		if (attr[type] && nla_len(attr[type]) < min_sizes[type])
			return -EBADMSG;
	}
	return 0;
}

static int read_ips(const struct nlattr *a, struct ct_tuple *out)
{
	static const unsigned char sizes[CTA_IP_MAX + 1] = {[CTA_IP_V4_SRC] = 4,
							    [CTA_IP_V4_DST] = 4,
							    [CTA_IP_V6_SRC] = 16,
							    [CTA_IP_V6_DST] = 16};
	struct nlattr *attr[CTA_IP_MAX + 1];
	int error = open_nest(a, attr, CTA_IP_MAX, sizes);

	if (error)
		return error;
	if (attr[CTA_IP_V4_SRC] && attr[CTA_IP_V4_DST]) {
		out->saddr = addr_v4(nla_data(attr[CTA_IP_V4_SRC]));
		out->daddr = addr_v4(nla_data(attr[CTA_IP_V4_DST]));
		return 0;
	}
	if (!attr[CTA_IP_V6_SRC] || !attr[CTA_IP_V6_DST])
		return -EBADMSG;
	out->saddr = addr_v6(nla_data(attr[CTA_IP_V6_SRC]));
	out->daddr = addr_v6(nla_data(attr[CTA_IP_V6_DST]));
	return 0;
}

/* Of ICMP there are no ports: they stay 0. */
static int read_ports(const struct nlattr *a, struct ct_tuple *out, uint8_t *proto)
{
	static const unsigned char sizes[CTA_PROTO_MAX + 1] = {
		[CTA_PROTO_NUM] = 1, [CTA_PROTO_SRC_PORT] = 2, [CTA_PROTO_DST_PORT] = 2};
	struct nlattr *attr[CTA_PROTO_MAX + 1];
	int error = open_nest(a, attr, CTA_PROTO_MAX, sizes);

	if (error)
		return error;
	if (!attr[CTA_PROTO_NUM])
		return -EBADMSG;
	*proto = nla_get_u8(attr[CTA_PROTO_NUM]);
	if (attr[CTA_PROTO_SRC_PORT])
		out->sport = ntohs(nla_get_u16(attr[CTA_PROTO_SRC_PORT]));
	if (attr[CTA_PROTO_DST_PORT])
		out->dport = ntohs(nla_get_u16(attr[CTA_PROTO_DST_PORT]));
	return 0;
}

static int read_tuple(const struct nlattr *a, struct ct_tuple *out, uint8_t *proto)
{
	static const unsigned char sizes[CTA_TUPLE_MAX + 1] = {0};
	struct nlattr *attr[CTA_TUPLE_MAX + 1];
	int error = a ? open_nest(a, attr, CTA_TUPLE_MAX, sizes) : -EBADMSG;

	if (error)
		return error;
	if (!attr[CTA_TUPLE_IP] || !attr[CTA_TUPLE_PROTO])
		return -EBADMSG;
	error = read_ips(attr[CTA_TUPLE_IP], out);
	return error ? error : read_ports(attr[CTA_TUPLE_PROTO], out, proto);
}

static int read_tcp_state(const struct nlattr *a, uint8_t *out)
{
	static const unsigned char none[CTA_PROTOINFO_MAX + 1] = {0};
	static const unsigned char sizes[CTA_PROTOINFO_TCP_MAX + 1] = {
		[CTA_PROTOINFO_TCP_STATE] = 1};
	struct nlattr *info[CTA_PROTOINFO_MAX + 1], *tcp[CTA_PROTOINFO_TCP_MAX + 1];
	int error;

	if (!a)
		return 0;
	error = open_nest(a, info, CTA_PROTOINFO_MAX, none);
	if (error || !info[CTA_PROTOINFO_TCP])
		return error;
	error = open_nest(info[CTA_PROTOINFO_TCP], tcp, CTA_PROTOINFO_TCP_MAX, sizes);
	if (!error && tcp[CTA_PROTOINFO_TCP_STATE])
		*out = nla_get_u8(tcp[CTA_PROTOINFO_TCP_STATE]);
	return error;
}

static uint32_t read_be32(const struct nlattr *a)
{
	return a ? ntohl(nla_get_u32(a)) : 0;
}

static int read_entry(struct nlattr **attr, struct conntrack_row *row)
{
	uint8_t reply_proto;
	int error = read_tuple(attr[CTA_TUPLE_ORIG], &row->original, &row->proto);

	if (!error)
		error = read_tuple(attr[CTA_TUPLE_REPLY], &row->reply, &reply_proto);
	if (!error)
		error = read_tcp_state(attr[CTA_PROTOINFO], &row->tcp_state);
	row->status = read_be32(attr[CTA_STATUS]);
	row->timeout_s = read_be32(attr[CTA_TIMEOUT]);
	row->mark = read_be32(attr[CTA_MARK]);
	row->id = read_be32(attr[CTA_ID]);
	row->zone = attr[CTA_ZONE] ? ntohs(nla_get_u16(attr[CTA_ZONE])) : 0;
	return error;
}

static int decode_entry(void *context, const struct nlmsghdr *h)
{
	static const unsigned char sizes[CTA_MAX + 1] = {
		[CTA_STATUS] = 4, [CTA_TIMEOUT] = 4, [CTA_MARK] = 4,
		[CTA_ID] = 4,     [CTA_ZONE] = 2,
	};
	struct conntrack_decoder *d = context;
	struct nlattr *attr[CTA_MAX + 1];
	struct conntrack_row row = {0};
	struct conntrack_row *kept;
	int error = messages_attributes(h, sizeof(struct nfgenmsg), attr, CTA_MAX, sizes);

	if (!error)
		error = read_entry(attr, &row);
	if (error)
		return error;
	kept = vec_push(&d->rows);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

int conntrack_decode(struct conntrack_decoder *d, const void *bytes, size_t len)
{
	return messages_into(&d->rows, bytes, len, MESSAGE_TYPE, sizeof(struct nfgenmsg),
			     decode_entry, d);
}

static int compare_tuples(const struct ct_tuple *x, const struct ct_tuple *y)
{
	int order = addr_compare(&x->saddr, &y->saddr);

	if (!order)
		order = addr_compare(&x->daddr, &y->daddr);
	if (!order)
		order = (int)x->sport - (int)y->sport;
	return order ? order : (int)x->dport - (int)y->dport;
}

static int compare_flows(const struct conntrack_row *row, uint8_t proto,
			 const struct ct_tuple *tuple)
{
	int order = compare_tuples(&row->original, tuple);

	return order ? order : (int)row->proto - (int)proto;
}

static int compare_rows(const void *a, const void *b)
{
	const struct conntrack_row *x = a, *y = b;
	int order = compare_flows(x, y->proto, &y->original);

	if (!order)
		order = (int)x->zone - (int)y->zone;
	return order ? order : (x->id > y->id) - (x->id < y->id);
}

static int fill(struct conntrack_table *t, const struct vec *rows)
{
	t->rows = rows_freeze(&t->head.arena, rows, compare_rows, &t->n);
	return t->rows ? 0 : -ENOMEM;
}

struct conntrack_table *conntrack_finish(struct conntrack_decoder *d)
{
	struct conntrack_table *t = table_new(sizeof(*t), NULL);

	if (t && fill(t, &d->rows) < 0) {
		table_unref(t);
		t = NULL;
	}
	vec_reset(&d->rows);
	return t;
}

static const struct conntrack_row *
find_original(const struct conntrack_table *t, uint8_t proto, const struct ct_tuple *tuple)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_flows(&t->rows[middle], proto, tuple) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < t->n && !compare_flows(&t->rows[low], proto, tuple))
		return &t->rows[low];
	return NULL;
}

const struct conntrack_row *conntrack_find(const struct conntrack_table *t, uint8_t proto,
					   const struct ct_tuple *tuple, bool is_reply)
{
	if (!is_reply)
		return find_original(t, proto, tuple);
	for (size_t i = 0; i < t->n; i++) {
		if (t->rows[i].proto == proto && !compare_tuples(&t->rows[i].reply, tuple))
			return &t->rows[i];
	}
	return NULL;
}

static bool is_end(const struct addr *a, uint16_t port, const struct addr *b,
		   uint16_t other_port)
{
	return port == other_port && addr_equals(a, b);
}

bool conntrack_is_dnat(const struct conntrack_row *row)
{
	return !is_end(&row->original.daddr, row->original.dport, &row->reply.saddr,
		       row->reply.sport);
}

bool conntrack_is_translated(const struct conntrack_row *row)
{
	return conntrack_is_dnat(row) || !is_end(&row->original.saddr, row->original.sport,
						 &row->reply.daddr, row->reply.dport);
}

bool conntrack_is_unreplied(const struct conntrack_row *row)
{
	return !(row->status & IPS_SEEN_REPLY);
}

const char *conntrack_tcp_state_word(uint8_t state)
{
	static const char *const words[] = {
		[TCP_CONNTRACK_NONE] = "",
		[TCP_CONNTRACK_SYN_SENT] = "SYN_SENT",
		[TCP_CONNTRACK_SYN_RECV] = "SYN_RECV",
		[TCP_CONNTRACK_ESTABLISHED] = "ESTABLISHED",
		[TCP_CONNTRACK_FIN_WAIT] = "FIN_WAIT",
		[TCP_CONNTRACK_CLOSE_WAIT] = "CLOSE_WAIT",
		[TCP_CONNTRACK_LAST_ACK] = "LAST_ACK",
		[TCP_CONNTRACK_TIME_WAIT] = "TIME_WAIT",
		[TCP_CONNTRACK_CLOSE] = "CLOSE",
		[TCP_CONNTRACK_SYN_SENT2] = "SYN_SENT2",
	};

	return state < sizeof(words) / sizeof(*words) ? words[state] : "";
}
