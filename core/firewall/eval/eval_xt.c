/*
 * Matches of xtables (iptables-nft and -legacy), from their own bytes. A row per name and
 * revision that is understood, a word for those that are not. linux/netfilter/xt_*.h,
 * net/netfilter/xt_*.c.
 */
#include <stddef.h>
#include <string.h>
#include <linux/netfilter/xt_connlimit.h>
#include <linux/netfilter/xt_hashlimit.h>

#include "core/firewall/eval/eval_xt.h"
#include "core/firewall/eval/exprs.h"

bool xt_read(struct text info, void *out, size_t size)
{
	if (info.len < size)
		return false;
	memcpy(out, info.bytes, size);
	return true;
}

static enum xt_answer comment(struct eval *e, struct text info)
{
	(void)e;
	(void)info;
	return XT_YES;
}

/* What was before decides: "not over the limit" comes first. */
static enum xt_answer limit(struct eval *e, struct text info)
{
	(void)info;
	e->xt_prefers = true;
	return XT_HISTORY;
}

static enum xt_answer hashlimit(struct eval *e, struct text info)
{
	struct xt_hashlimit_mtinfo3 m;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	e->xt_prefers = !(m.cfg.mode & XT_HASHLIMIT_INVERT);
	return XT_HISTORY;
}

static enum xt_answer connlimit(struct eval *e, struct text info)
{
	struct xt_connlimit_info m;

	if (info.len < offsetof(struct xt_connlimit_info, data))
		return XT_OPAQUE;
	memset(&m, 0, sizeof(m));
	memcpy(&m, info.bytes, offsetof(struct xt_connlimit_info, data));
	e->xt_prefers = m.flags & XT_CONNLIMIT_INVERT;
	return XT_HISTORY;
}

/* ebtables has another one of this name. */
static enum xt_answer pkttype(struct eval *e, struct text info)
{
	return e->packet->is_at_bridge ? xt_ebt_pkttype(e, info) : xt_pkttype(e, info);
}

struct xt_row {
	const char *name;
	const char *why;
	uint8_t revision;
	enum xt_answer (*eval)(struct eval *e, struct text info);
};

/* A row without a function is not understood and gives its word only. */
#define UNKNOWN(name)                           \
	{                                       \
		name, "xt match " name, 0, NULL \
	}
static const struct xt_row rows[] = {
	{"comment", "", 0, comment},
	{"multiport", "xt match multiport", 1, xt_multiport},
	{"conntrack", "xt match conntrack", 3, xt_conntrack},
	{"addrtype", "xt match addrtype", 1, xt_addrtype},
	{"mark", "xt match mark", 1, xt_mark},
	{"tcp", "xt match tcp", 0, xt_tcp},
	{"udp", "xt match udp", 0, xt_udp},
	{"icmp", "xt match icmp", 0, xt_icmp},
	{"icmp6", "xt match icmp6", 0, xt_icmp6},
	{"iprange", "xt match iprange", 1, xt_iprange},
	{"pkttype", "xt match pkttype", 0, pkttype},
	{"ip", "ebtables match ip", 0, xt_ebt_ip},
	{"ip6", "ebtables match ip6", 0, xt_ebt_ip6},
	{"mark_m", "ebtables match mark", 0, xt_ebt_mark},
	{"connmark", "xt match connmark", 1, xt_connmark},
	{"ttl", "xt match ttl", 0, xt_ttl},
	{"hl", "xt match hl", 0, xt_hl},
	{"length", "xt match length", 0, xt_length},
	{"rpfilter", "xt match rpfilter", 0, xt_rpfilter},
	{"set", "xt match set", 1, xt_set},
	{"set", "xt match set", 2, xt_set},
	{"set", "xt match set", 3, xt_set_v3},
	{"set", "xt match set", 4, xt_set_v4},
	{"socket", "xt match socket", 0, xt_socket},
	{"socket", "xt match socket", 1, xt_socket},
	{"socket", "xt match socket", 2, xt_socket},
	{"socket", "xt match socket", 3, xt_socket},
	{"limit", "xt match limit", 0, limit},
	{"hashlimit", "xt match hashlimit", 3, hashlimit},
	{"connlimit", "xt match connlimit", 1, connlimit},
	UNKNOWN("802_3"),
	UNKNOWN("ah"),
	UNKNOWN("among"),
	UNKNOWN("arp"),
	UNKNOWN("bpf"),
	UNKNOWN("cgroup"),
	UNKNOWN("cluster"),
	UNKNOWN("connbytes"),
	UNKNOWN("connlabel"),
	UNKNOWN("cpu"),
	UNKNOWN("devgroup"),
	UNKNOWN("dscp"),
	UNKNOWN("ecn"),
	UNKNOWN("esp"),
	UNKNOWN("helper"),
	UNKNOWN("ipvs"),
	UNKNOWN("mac"),
	UNKNOWN("nfacct"),
	UNKNOWN("osf"),
	UNKNOWN("owner"),
	UNKNOWN("physdev"),
	UNKNOWN("policy"),
	UNKNOWN("quota"),
	UNKNOWN("rateest"),
	UNKNOWN("realm"),
	UNKNOWN("recent"),
	UNKNOWN("sctp"),
	UNKNOWN("state"),
	UNKNOWN("statistic"),
	UNKNOWN("stp"),
	UNKNOWN("string"),
	UNKNOWN("tcpmss"),
	UNKNOWN("time"),
	UNKNOWN("tos"),
	UNKNOWN("u32"),
	UNKNOWN("vlan"),
};

/* The row of its revision, or else one that has its words. */
static const struct xt_row *find_row(const struct fw_expr *x)
{
	const struct xt_row *found = NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!text_equals_str(x->name, rows[i].name))
			continue;
		found = &rows[i];
		if (rows[i].revision == x->revision)
			break;
	}
	return found;
}

static enum eval_next near_match(struct eval *e, enum xt_answer answer)
{
	switch (answer) {
	case XT_YES:
		e->hit |= 1U << e->xt_field;
		return EVAL_NEXT;
	case XT_NO:
		e->missed |= 1U << e->xt_field;
		return EVAL_NEXT;
	case XT_UNSURE:
	case XT_HISTORY:
		e->unsure |= 1U << e->xt_field;
		return EVAL_NEXT;
	case XT_OPAQUE:
		break;
	}
	return EVAL_BREAK;
}

enum eval_next eval_xt_match(struct eval *e, const struct fw_expr *x)
{
	const struct xt_row *row = find_row(x);
	const char *why = row ? row->why : "xt match";
	enum xt_answer answer = XT_OPAQUE;

	e->xt_field = FW_FIELD_OTHER;
	e->xt_doubt = FW_DOUBT_NOTHING;
	e->xt_prefers = false;
	if (row && row->eval && row->revision == x->revision)
		answer = row->eval(e, x->value);
	if (e->is_near)
		return near_match(e, answer);
	switch (answer) {
	case XT_YES:
		return EVAL_NEXT;
	case XT_NO:
		return EVAL_BREAK;
	case XT_UNSURE:
		return eval_unsure(e, e->xt_doubt ? doubt_words(e->xt_doubt) : why, false);
	case XT_HISTORY:
	case XT_OPAQUE:
		break;
	}
	return eval_unsure(e, why, e->xt_prefers);
}
