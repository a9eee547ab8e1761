/*
 * Trace messages -> events and packets. A packet's id is made of its memory and used again
 * soon, and addresses change by translation: events that bring headers are joined by TCP's
 * sequence numbers, the others by the newest id.
 */
#include "core/firewall/trace.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "core/base/asks.h"
#include "core/base/cursor.h"
#include "core/base/messages.h"
#include "core/base/time.h"
#include "core/firewall/nft/nft_attributes.h"

/* So long one packet is on its way at most; one that is sent again comes later. */
#define SAME_PACKET_NS (150 * NS_PER_MS)
#define NAME_MAX_LEN   256

/* What one message is put into. */
struct taking {
	struct fw_trace *trace;
	int64_t wall_ns;
};

bool trace_is_own_table(uint8_t family, struct text name)
{
	size_t len = strlen(TRACE_TABLE_START);

	return (family == NFPROTO_INET || family == NFPROTO_NETDEV ||
		family == NFPROTO_BRIDGE) &&
	       name.len > len && !memcmp(name.bytes, TRACE_TABLE_START, len);
}

void fw_trace_init(struct fw_trace *t)
{
	*t = (struct fw_trace){.packets = VEC_OF(struct fw_trace_packet),
			       .events = VEC_OF(struct fw_trace_event)};
}

void fw_trace_release(struct fw_trace *t)
{
	vec_release(&t->packets);
	vec_release(&t->events);
	arena_release(&t->arena);
	fw_trace_init(t);
}

const struct fw_trace_packet *fw_trace_packet(const struct fw_trace *t, size_t i)
{
	return vec_at(&t->packets, i);
}

const struct fw_trace_event *fw_trace_event(const struct fw_trace *t, size_t i)
{
	return vec_at(&t->events, i);
}

/* ---- headers ---- */

static struct cursor cursor_over(const struct nlattr *a)
{
	return cursor_of(a ? nla_data(a) : NULL, a ? (size_t)nla_len(a) : 0);
}

static bool read_network(const struct nlattr *a, struct fw_trace_packet *p)
{
	struct cursor c = cursor_over(a);
	const uint8_t *bytes = cursor_bytes(&c, 20);

	if (!bytes)
		return false;
	if (bytes[0] >> 4 == 4) {
		p->proto = bytes[9];
		p->from = addr_v4(bytes + 12);
		p->to = addr_v4(bytes + 16);
		return true;
	}
	c = cursor_over(a);
	bytes = cursor_bytes(&c, 40);
	if (!bytes || bytes[0] >> 4 != 6)
		return false;
	p->proto = bytes[6];
	p->from = addr_v6(bytes + 8);
	p->to = addr_v6(bytes + 24);
	return true;
}

static void read_transport(const struct nlattr *a, struct fw_trace_packet *p)
{
	struct cursor c = cursor_over(a);

	if (p->proto != IPPROTO_TCP && p->proto != IPPROTO_UDP)
		return;
	p->from_port = cursor_be16(&c);
	p->to_port = cursor_be16(&c);
	if (p->proto != IPPROTO_TCP)
		return;
	p->sequence = cursor_be32(&c);
	p->acknowledged = cursor_be32(&c);
	cursor_u8(&c);
	p->tcp_flags = cursor_u8(&c);
}

/* ---- packets ---- */

static bool is_same_packet(const struct fw_trace_packet *a, const struct fw_trace_packet *b)
{
	if (a->proto != b->proto || a->from.family != b->from.family)
		return false;
	if (a->proto == IPPROTO_TCP)
		return a->sequence == b->sequence && a->acknowledged == b->acknowledged &&
		       a->tcp_flags == b->tcp_flags;
	return a->id == b->id ||
	       (addr_equals(&a->from, &b->from) && addr_equals(&a->to, &b->to) &&
		a->from_port == b->from_port && a->to_port == b->to_port);
}

/* The newest that it can be; has_headers: of those that look like it. packets.n: none. */
static size_t find_packet(const struct fw_trace *t, const struct fw_trace_packet *like,
			  bool has_headers)
{
	for (size_t i = t->packets.n; i-- > 0;) {
		const struct fw_trace_packet *p = vec_at(&t->packets, i);

		if (like->wall_ns - p->wall_ns > SAME_PACKET_NS)
			break;
		if (has_headers ? is_same_packet(p, like) : p->id == like->id)
			return i;
	}
	return t->packets.n;
}

/* The row of the event's packet, a new one where its headers say so. -ENOENT: there is
 * none; -ENOMEM. */
static int packet_of(struct fw_trace *t, const struct nft_attributes *a, int64_t wall_ns,
		     size_t *row)
{
	struct fw_trace_packet like = {.wall_ns = wall_ns,
				       .id = nft_u32(a->at[NFTA_TRACE_ID])};
	bool has_headers = read_network(a->at[NFTA_TRACE_NETWORK_HEADER], &like);
	struct fw_trace_packet *p;

	if (has_headers)
		read_transport(a->at[NFTA_TRACE_TRANSPORT_HEADER], &like);
	*row = find_packet(t, &like, has_headers);
	if (*row < t->packets.n) {
		p = vec_at(&t->packets, *row);
		p->id = like.id;
		return 0;
	}
	if (!has_headers || t->packets.n == FW_TRACE_PACKETS_MAX)
		return -ENOENT;
	p = vec_push(&t->packets);
	if (!p)
		return -ENOMEM;
	*p = like;
	return 0;
}

/* ---- events ---- */

/* False: it is none that is known. */
static bool read_event(struct fw_trace_event *e, const struct nft_attributes *a)
{
	struct nft_attributes verdict = nft_nested(a->at[NFTA_TRACE_VERDICT]);
	uint32_t kind = nft_u32(a->at[NFTA_TRACE_TYPE]);

	if (kind < FW_TRACE_POLICY || kind > FW_TRACE_RULE)
		return false;
	e->kind = (enum fw_trace_kind)kind;
	e->table = nft_name(a->at[NFTA_TRACE_TABLE]);
	e->chain = nft_name(a->at[NFTA_TRACE_CHAIN]);
	e->handle = nft_integer(a->at[NFTA_TRACE_RULE_HANDLE]);
	e->verdict = e->kind == FW_TRACE_POLICY
			     ? (int32_t)nft_u32(a->at[NFTA_TRACE_POLICY])
			     : (int32_t)nft_u32(verdict.at[NFTA_VERDICT_CODE]);
	if (e->kind != FW_TRACE_POLICY && !verdict.at[NFTA_VERDICT_CODE])
		e->verdict = NFT_CONTINUE;
	return !text_is_empty(e->table) && e->table.len <= NAME_MAX_LEN &&
	       !text_is_empty(e->chain) && e->chain.len <= NAME_MAX_LEN;
}

static int keep_event(struct fw_trace *t, struct fw_trace_event *e)
{
	struct fw_trace_event *kept;

	if (t->events.n == FW_TRACE_EVENTS_MAX) {
		t->n_left_out++;
		return 0;
	}
	e->table = arena_text(&t->arena, e->table);
	e->chain = arena_text(&t->arena, e->chain);
	kept = e->table.bytes && e->chain.bytes ? vec_push(&t->events) : NULL;
	if (!kept)
		return -ENOMEM;
	*kept = *e;
	return 0;
}

static int take_trace(struct taking *taking, const struct nlmsghdr *h)
{
	const struct nfgenmsg *m = nlmsg_data(h);
	struct nft_attributes a = nft_attributes_of(nlmsg_attrdata(h, sizeof(*m)),
						    nlmsg_attrlen(h, sizeof(*m)));
	struct fw_trace_event e = {.family = m->nfgen_family};
	size_t row;
	int error;

	if (a.is_damaged || !read_event(&e, &a))
		return -EBADMSG;
	error = packet_of(taking->trace, &a, taking->wall_ns, &row);
	if (error == -ENOENT) {
		taking->trace->n_left_out++;
		return 0;
	}
	/* The rule that marked it is ours; its event brings the headers. */
	if (error || trace_is_own_table(e.family, e.table))
		return error;
	e.packet = (uint32_t)row;
	return keep_event(taking->trace, &e);
}

static int take_message(void *context, const struct nlmsghdr *h)
{
	struct taking *taking = context;

	if (h->nlmsg_type == NLMSG_OVERRUN) {
		taking->trace->has_lost = true;
		return 0;
	}
	/* Others of the group are not ours. */
	if (h->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE))
		return 0;
	if (nlmsg_datalen(h) < (int)sizeof(struct nfgenmsg))
		return -EBADMSG;
	return take_trace(taking, h);
}

int fw_trace_take(struct fw_trace *t, const void *bytes, size_t len, int64_t wall_ns)
{
	struct taking taking = {t, wall_ns};

	t->is_ready = true;
	return messages_each(bytes, len, 0, 0, take_message, &taking);
}

/* ---- what became of a packet ---- */

static bool is_end(const struct fw_trace_event *e)
{
	/* The upper half of a drop or queue is its number. */
	int32_t code = e->verdict < 0 ? e->verdict : e->verdict & NF_VERDICT_MASK;

	/* Past a queue that nobody reads it may go on. */
	if (code == NF_QUEUE)
		return !((uint32_t)e->verdict & NF_VERDICT_FLAG_QUEUE_BYPASS);
	return code == NF_DROP || code == NF_STOLEN;
}

const struct fw_trace_event *fw_trace_denier(const struct fw_trace *t, size_t packet,
					     const struct fw_trace_event **passed)
{
	const struct fw_trace_event *denier = NULL;

	*passed = NULL;
	for (size_t i = 0; i < t->events.n; i++) {
		const struct fw_trace_event *e = vec_at(&t->events, i);

		if (e->packet != packet)
			continue;
		if (is_end(e))
			denier = e;
		else if (e->verdict == NF_ACCEPT)
			*passed = e;
	}
	return denier;
}

const char *fw_trace_verdict_word(int32_t verdict)
{
	switch (verdict) {
	case NFT_CONTINUE:
		return "continue";
	case NFT_BREAK:
		return "break";
	case NFT_JUMP:
		return "jump";
	case NFT_GOTO:
		return "goto";
	case NFT_RETURN:
		return "return";
	default: /* codes of the kernel, no enum of ours */
		break;
	}
	switch (verdict & NF_VERDICT_MASK) {
	case NF_DROP:
		return "drop";
	case NF_ACCEPT:
		return "accept";
	case NF_STOLEN:
		return "taken";
	case NF_QUEUE:
		return "queue";
	default:
		break;
	}
	return "unknown";
}
