/*
 * RTM_NEWTFILTER messages: matchall, flower, u32, bpf and their actions. What is not read
 * here is never taken for harmless: such a filter may drop.
 */
#include "core/network/filters.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <string.h>

#include "core/base/cursor.h"
#include "core/base/messages.h"

enum { TERMS_MAX = TCA_FLOWER_MAX, ACTIONS_MAX = 32 };
enum { GACT_VERDICT_AT = 8, MIRRED_ACTION_AT = 20, QUEUE_DROPS_AT = 8 };

/* ---- actions ---- */

struct outcome {
	enum program_effect effect;
	bool is_settled; /* nothing behind it is done */
	bool has_drops;
	uint64_t drops;
};

static uint32_t number_at(const struct nlattr *a, size_t at)
{
	struct cursor c = cursor_of(nla_data(a), (size_t)nla_len(a));
	const uint8_t *bytes;
	uint32_t value = 0;

	cursor_bytes(&c, at);
	bytes = cursor_bytes(&c, sizeof(value));
	if (bytes)
		memcpy(&value, bytes, sizeof(value));
	return value;
}

/* Of the kernel's verdicts: linux/pkt_cls.h. */
static void take_verdict(struct outcome *o, int32_t verdict)
{
	switch (verdict) {
	case TC_ACT_PIPE:
		return;
	case TC_ACT_OK:
		o->effect = PROGRAM_PASSES;
		break;
	case TC_ACT_SHOT:
		o->effect = PROGRAM_DROPS;
		break;
	case TC_ACT_UNSPEC:
		o->effect = PROGRAM_DOES_NOTHING;
		break;
	default:
		o->effect = PROGRAM_MAY_DROP;
		break;
	}
	o->is_settled = true;
}

static void doubt(struct outcome *o)
{
	o->effect = PROGRAM_MAY_DROP;
	o->is_settled = true;
}

static void take_gact(struct outcome *o, struct nlattr **of)
{
	if (!of[TCA_GACT_PARMS] || nla_len(of[TCA_GACT_PARMS]) < GACT_VERDICT_AT + 4 ||
	    of[TCA_GACT_PROB]) {
		doubt(o);
		return;
	}
	take_verdict(o, (int32_t)number_at(of[TCA_GACT_PARMS], GACT_VERDICT_AT));
}

/* A mirrored packet goes on, one that is sent elsewhere does not. */
static void take_mirred(struct outcome *o, struct nlattr **of)
{
	uint32_t action;

	if (!of[TCA_MIRRED_PARMS] || nla_len(of[TCA_MIRRED_PARMS]) < MIRRED_ACTION_AT + 4) {
		doubt(o);
		return;
	}
	action = number_at(of[TCA_MIRRED_PARMS], MIRRED_ACTION_AT);
	if (action != TCA_EGRESS_MIRROR && action != TCA_INGRESS_MIRROR) {
		doubt(o);
		return;
	}
	take_verdict(o, (int32_t)number_at(of[TCA_MIRRED_PARMS], GACT_VERDICT_AT));
}

/* struct gnet_stats_queue: qlen, backlog, drops, requeues, overlimits */
static void add_drops(struct outcome *o, struct nlattr *stats)
{
	struct nlattr *queue =
		stats ? nla_find(nla_data(stats), nla_len(stats), TCA_STATS_QUEUE) : NULL;

	if (!queue || nla_len(queue) < QUEUE_DROPS_AT + 4)
		return;
	o->has_drops = true;
	o->drops += number_at(queue, QUEUE_DROPS_AT);
}

static void take_action(struct outcome *o, struct nlattr *action)
{
	struct nlattr *attr[TCA_ACT_MAX + 1], *of[8];
	const char *kind;

	if (nla_parse(attr, TCA_ACT_MAX, nla_data(action), nla_len(action), NULL) < 0 ||
	    !attr[TCA_ACT_KIND] || nla_len(attr[TCA_ACT_KIND]) < 1 ||
	    !attr[TCA_ACT_OPTIONS] ||
	    nla_parse(of, 7, nla_data(attr[TCA_ACT_OPTIONS]),
		      nla_len(attr[TCA_ACT_OPTIONS]), NULL) < 0) {
		doubt(o);
		return;
	}
	add_drops(o, attr[TCA_ACT_STATS]);
	kind = nla_data(attr[TCA_ACT_KIND]);
	if (nla_len(attr[TCA_ACT_KIND]) == 5 && !memcmp(kind, "gact", 5))
		take_gact(o, of);
	else if (nla_len(attr[TCA_ACT_KIND]) == 7 && !memcmp(kind, "mirred", 7))
		take_mirred(o, of);
	else
		doubt(o);
}

/* A filter without an action classifies, which ends the search and lets it pass. */
static struct outcome outcome_of(struct nlattr *actions)
{
	struct outcome o = {.effect = PROGRAM_PASSES};
	struct nlattr *action;
	int left, n = 0;

	if (!actions)
		return o;
	nla_for_each_nested(action, actions, left)
	{
		if (o.is_settled || n++ == ACTIONS_MAX)
			break;
		take_action(&o, action);
	}
	return o;
}

/* ---- what it takes ---- */

static bool is_whole_mask(const struct nlattr *mask, size_t size)
{
	const uint8_t *bytes = mask ? nla_data(mask) : NULL;

	if (!mask)
		return true;
	if ((size_t)nla_len(mask) != size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != UINT8_MAX)
			return false;
	return true;
}

/* False: its bits are not in a row. */
static bool prefix_len_of(const struct nlattr *mask, size_t size, uint8_t *len)
{
	const uint8_t *bytes = mask ? nla_data(mask) : NULL;
	bool has_ended = false;

	*len = (uint8_t)(8 * size);
	if (!mask)
		return true;
	if ((size_t)nla_len(mask) != size)
		return false;
	*len = 0;
	for (size_t i = 0; i < 8 * size; i++) {
		bool is_set = bytes[i / 8] >> (7 - i % 8) & 1;

		if (is_set && has_ended)
			return false;
		has_ended = has_ended || !is_set;
		*len = (uint8_t)(*len + is_set);
	}
	return true;
}

static bool take_addr(const struct nlattr *a, const struct nlattr *mask, int family,
		      struct addr *out, uint8_t *len)
{
	size_t size = family == AF_INET6 ? 16 : 4;

	if ((size_t)nla_len(a) != size || !prefix_len_of(mask, size, len))
		return false;
	*out = addr_from(family, nla_data(a));
	return true;
}

static bool take_port(const struct nlattr *a, const struct nlattr *mask, bool *has,
		      uint16_t range[2])
{
	struct cursor c = cursor_of(nla_data(a), (size_t)nla_len(a));

	if (!is_whole_mask(mask, 2))
		return false;
	*has = true;
	range[0] = range[1] = cursor_be16(&c);
	return !c.short_read;
}

/* False: this term is not understood. */
static bool take_term(struct program_match *m, struct nlattr **attr, int type)
{
	struct nlattr *a = attr[type];

	switch (type) {
	case TCA_FLOWER_KEY_IP_PROTO:
		m->proto = nla_len(a) == 1 ? *(const uint8_t *)nla_data(a) : 0;
		return nla_len(a) == 1;
	case TCA_FLOWER_KEY_IPV4_SRC:
		return take_addr(a, attr[TCA_FLOWER_KEY_IPV4_SRC_MASK], AF_INET, &m->source,
				 &m->source_len);
	case TCA_FLOWER_KEY_IPV4_DST:
		return take_addr(a, attr[TCA_FLOWER_KEY_IPV4_DST_MASK], AF_INET, &m->target,
				 &m->target_len);
	case TCA_FLOWER_KEY_IPV6_SRC:
		return take_addr(a, attr[TCA_FLOWER_KEY_IPV6_SRC_MASK], AF_INET6,
				 &m->source, &m->source_len);
	case TCA_FLOWER_KEY_IPV6_DST:
		return take_addr(a, attr[TCA_FLOWER_KEY_IPV6_DST_MASK], AF_INET6,
				 &m->target, &m->target_len);
	case TCA_FLOWER_KEY_TCP_SRC:
		return take_port(a, attr[TCA_FLOWER_KEY_TCP_SRC_MASK], &m->has_source_port,
				 m->source_port);
	case TCA_FLOWER_KEY_TCP_DST:
		return take_port(a, attr[TCA_FLOWER_KEY_TCP_DST_MASK], &m->has_target_port,
				 m->target_port);
	case TCA_FLOWER_KEY_UDP_SRC:
		return take_port(a, attr[TCA_FLOWER_KEY_UDP_SRC_MASK], &m->has_source_port,
				 m->source_port);
	case TCA_FLOWER_KEY_UDP_DST:
		return take_port(a, attr[TCA_FLOWER_KEY_UDP_DST_MASK], &m->has_target_port,
				 m->target_port);
	default:
		return false;
	}
}

/* Says nothing of the packet, or only how another term is meant. */
static bool is_no_term(int type)
{
	switch (type) {
	case TCA_FLOWER_CLASSID:
	case TCA_FLOWER_ACT:
	case TCA_FLOWER_FLAGS:
	case TCA_FLOWER_IN_HW_COUNT:
	case TCA_FLOWER_KEY_ETH_TYPE: /* it is the filter's protocol */
	case TCA_FLOWER_KEY_IPV4_SRC_MASK:
	case TCA_FLOWER_KEY_IPV4_DST_MASK:
	case TCA_FLOWER_KEY_IPV6_SRC_MASK:
	case TCA_FLOWER_KEY_IPV6_DST_MASK:
	case TCA_FLOWER_KEY_TCP_SRC_MASK:
	case TCA_FLOWER_KEY_TCP_DST_MASK:
	case TCA_FLOWER_KEY_UDP_SRC_MASK:
	case TCA_FLOWER_KEY_UDP_DST_MASK:
		return true;
	default:
		return false;
	}
}

/* A type beyond those that we know is a term, too. */
static bool has_foreign_term(struct nlattr *options)
{
	struct nlattr *a;
	int left;

	nla_for_each_nested(a, options, left)
	{
		if (nla_type(a) > TERMS_MAX)
			return true;
	}
	return false;
}

static void read_flower(struct program_match *m, struct nlattr *options,
			struct nlattr **attr)
{
	m->is_known = !has_foreign_term(options);
	for (int type = 1; type <= TERMS_MAX; type++) {
		if (!attr[type] || is_no_term(type))
			continue;
		if (!take_term(m, attr, type))
			m->is_known = false;
	}
}

/* ---- kinds ---- */

struct context {
	struct filter *filter;
	struct nlattr *options;
	struct nlattr *attr[TERMS_MAX + 1];
};

static struct outcome decode_flags(struct outcome o, const struct nlattr *flags)
{
	if (flags && nla_len(flags) >= 4 && (number_at(flags, 0) & TCA_CLS_FLAGS_SKIP_SW))
		o.effect = o.effect == PROGRAM_DROPS ? PROGRAM_MAY_DROP : o.effect;
	return o;
}

static struct outcome decode_matchall(struct context *c)
{
	c->filter->row.match.is_known = true;
	return decode_flags(outcome_of(c->attr[TCA_MATCHALL_ACT]),
			    c->attr[TCA_MATCHALL_FLAGS]);
}

static struct outcome decode_flower(struct context *c)
{
	read_flower(&c->filter->row.match, c->options, c->attr);
	return decode_flags(outcome_of(c->attr[TCA_FLOWER_ACT]), c->attr[TCA_FLOWER_FLAGS]);
}

/* Its own table of hashes, or a filter in it: which packets those are is not read. */
static struct outcome decode_u32(struct context *c)
{
	struct outcome o = outcome_of(c->attr[TCA_U32_ACT]);

	if (!c->attr[TCA_U32_SEL] || c->attr[TCA_U32_LINK])
		o.effect = PROGRAM_DOES_NOTHING;
	if (c->attr[TCA_U32_POLICE])
		o.effect = PROGRAM_MAY_DROP;
	return o;
}

static struct outcome decode_bpf(struct context *c)
{
	struct nlattr *name = c->attr[TCA_BPF_NAME], *flags = c->attr[TCA_BPF_FLAGS];
	struct outcome o = outcome_of(c->attr[TCA_BPF_ACT]);

	if (c->attr[TCA_BPF_ID] && nla_len(c->attr[TCA_BPF_ID]) >= 4)
		c->filter->row.id = number_at(c->attr[TCA_BPF_ID], 0);
	if (name && nla_len(name) > 0) {
		size_t len = strnlen(nla_data(name), (size_t)nla_len(name));

		len = len < FILTER_NAME_MAX ? len : FILTER_NAME_MAX - 1;
		memcpy(c->filter->name, nla_data(name), len);
	}
	/* Direct action: what the program returns is the verdict. */
	if ((flags && nla_len(flags) >= 4 &&
	     (number_at(flags, 0) & TCA_BPF_FLAG_ACT_DIRECT)) ||
	    c->attr[TCA_BPF_POLICE])
		o.effect = PROGRAM_MAY_DROP;
	return o;
}

static const struct {
	const char *kind;
	struct outcome (*decode)(struct context *c);
} kinds[] = {
	{"matchall", decode_matchall},
	{"flower", decode_flower},
	{"u32", decode_u32},
	{"bpf", decode_bpf},
};

static struct outcome decode_kind(struct context *c)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(c->filter->kind, kinds[i].kind))
			return kinds[i].decode(c);
	return (struct outcome){.effect = PROGRAM_MAY_DROP};
}

int filter_decode(const struct nlmsghdr *h, struct filter *out)
{
	static const unsigned char sizes[TCA_MAX + 1] = {[TCA_KIND] = 1, [TCA_CHAIN] = 4};
	const struct tcmsg *m = nlmsg_data(h);
	struct nlattr *attr[TCA_MAX + 1];
	struct context c = {.filter = out};
	struct outcome o;

	if (messages_attributes(h, sizeof(*m), attr, TCA_MAX, sizes))
		return -EBADMSG;
	/* The head of a priority, whose filters follow in messages of their own. */
	if (!attr[TCA_KIND] || !attr[TCA_OPTIONS])
		return 0;
	*out = (struct filter){.row = {.kind = PROGRAM_OF_TC,
				       .handle = m->tcm_handle,
				       .priority = (uint16_t)(m->tcm_info >> 16)}};
	out->row.match.frame = ntohs((uint16_t)m->tcm_info);
	out->row.chain = attr[TCA_CHAIN] ? nla_get_u32(attr[TCA_CHAIN]) : 0;
	nla_strlcpy(out->kind, attr[TCA_KIND], sizeof(out->kind));
	c.options = attr[TCA_OPTIONS];
	if (nla_parse(c.attr, TERMS_MAX, nla_data(c.options), nla_len(c.options), NULL) < 0)
		return -EBADMSG;
	o = decode_kind(&c);
	out->row.effect = o.effect;
	out->row.has_drops = o.has_drops;
	out->row.drops = o.drops;
	return o.effect != PROGRAM_DOES_NOTHING;
}
