/*
 * The set match of xtables: what of the packet an ipset would be asked for, and what it
 * answered. Knows no element. linux/netfilter/xt_set.h, net/netfilter/xt_set.c,
 * net/netfilter/ipset/.
 */
#include <linux/netfilter/xt_set.h>
#include <netinet/in.h>
#include <string.h>

#include "core/firewall/eval/eval_xt.h"
#include "core/firewall/ipsets.h"

static bool is_source(uint8_t flags, size_t dim)
{
	return flags & (1U << (dim + 1));
}

static enum tri fill_address(struct eval *e, bool from_source, struct ipset_key *k)
{
	const struct fw_packet *p = e->packet;
	struct addr *to = k->address.family ? &k->address2 : &k->address;

	*to = from_source ? p->saddr : p->daddr;
	return eval_is_address_known(p, from_source) ? TRI_YES : TRI_UNSURE;
}

/* ip_set_get_ip4_port(): what has no ports has a zero, ICMP its type and code. */
static enum tri fill_port(struct eval *e, bool from_source, bool has_proto,
			  struct ipset_key *k)
{
	const struct fw_packet *p = e->packet;
	bool is_icmp =
		p->proto == (p->saddr.family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);

	/* ip_set_get_ip_port() */
	if (!has_proto && p->proto != IPPROTO_TCP && p->proto != IPPROTO_UDP)
		return TRI_NO;
	k->has_port = true;
	k->has_proto = has_proto;
	k->proto = has_proto ? p->proto : 0;
	if (is_icmp)
		k->port = (uint16_t)(p->icmp_type << 8 | p->icmp_code);
	else if (eval_has_ports(p) && p->proto != IPPROTO_DCCP)
		k->port = from_source ? p->sport : p->dport;
	else
		return TRI_YES;
	if (is_icmp)
		return TRI_YES;
	return (from_source ? p->is_sport_unknown : p->is_dport_unknown) ? TRI_UNSURE
									 : TRI_YES;
}

static enum tri fill_device(struct eval *e, bool is_in, struct ipset_key *k)
{
	const struct fw_packet *p = e->packet;
	struct text name = is_in ? p->iif : p->oif;

	if (is_in && p->is_iif_unknown)
		return TRI_UNSURE;
	if (text_is_empty(name))
		return TRI_NO;
	if (name.len >= sizeof(k->device))
		return TRI_UNSURE;
	memcpy(k->device, name.bytes, name.len);
	return TRI_YES;
}

static enum tri fill_dim(struct eval *e, const struct fw_ipset *s, size_t i,
			 bool from_source, struct ipset_key *k)
{
	switch (s->dims[i]) {
	case IPSET_DIM_IP:
	case IPSET_DIM_NET:
		k->is_net |= i == 0 && s->dims[i] == IPSET_DIM_NET;
		return fill_address(e, from_source, k);
	case IPSET_DIM_PORT:
		return fill_port(e, from_source, i > 0, k);
	case IPSET_DIM_IFACE:
		return fill_device(e, from_source, k);
	case IPSET_DIM_MARK:
		k->has_mark = true;
		k->mark = e->packet->mark;
		return e->packet->is_mark_known ? TRI_YES : TRI_UNSURE;
	case IPSET_DIM_MAC:
	case IPSET_DIM_SET:
	case IPSET_DIM_OTHER:
	case N_IPSET_DIMS:
		break;
	}
	return TRI_UNSURE;
}

/* TRI_NO: the packet has nothing that the set could hold. */
static enum tri fill_key(struct eval *e, const struct fw_ipset *s,
			 const struct xt_set_info *info, struct ipset_key *k)
{
	enum tri all = TRI_YES;

	memset(k, 0, sizeof(*k));
	if (info->dim < s->n_dims || (s->family && s->family != e->packet->saddr.family))
		return TRI_NO;
	for (size_t i = 0; i < s->n_dims; i++)
		all = tri_and(all, fill_dim(e, s, i, is_source(info->flags, i), k));
	return s->n_dims ? all : TRI_UNSURE;
}

/* One set that is no list. */
static enum tri ask_set(struct eval *e, uint32_t row, const struct xt_set_info *info,
			const struct fw_member **member)
{
	const struct fw_ipset *s = &e->ruleset->ipsets[row];
	struct ipset_key k;
	enum tri is_known = fill_key(e, s, info, &k);
	bool is_awaited = false;

	if (is_known != TRI_YES)
		return is_known;
	/* How far an answer holds, who is asked minds itself: it has the cell. */
	if (!e->lookups || !e->lookups->ipset_member)
		return TRI_UNSURE;
	*member = e->lookups->ipset_member(e->lookups->arg, row, &k, &is_awaited);
	if (is_awaited)
		return TRI_NO;
	return *member ? (*member)->is_in : TRI_UNSURE;
}

static void hold_set(struct eval *e, uint32_t row, const struct xt_set_info *info,
		     const struct fw_member *member)
{
	const struct fw_ipset *s = &e->ruleset->ipsets[row];

	e->hold.ipset = row;
	e->hold.member = member;
	e->hold.set = e->hold.element = FW_NONE;
	e->hold.is_source_in_set = false;
	for (size_t i = 0; i < s->n_dims; i++) {
		bool is_address = s->dims[i] == IPSET_DIM_IP || s->dims[i] == IPSET_DIM_NET;

		e->hold.is_source_in_set |= is_address && is_source(info->flags, i);
	}
}

/* A list has what one of its sets has; the first one counts. */
static enum tri ask_any(struct eval *e, uint32_t row, const struct xt_set_info *info)
{
	const struct fw_ipset *s = &e->ruleset->ipsets[row];
	const struct fw_member *member = NULL;
	bool is_list = s->n_dims == 1 && s->dims[0] == IPSET_DIM_SET;
	enum tri any = TRI_NO;

	if (!is_list) {
		any = ask_set(e, row, info, &member);
		if (any == TRI_YES)
			hold_set(e, row, info, member);
		return any;
	}
	for (size_t i = 0; i < s->n_members && any != TRI_YES; i++) {
		uint32_t inner = s->members[i];
		enum tri is_in =
			inner == FW_NONE ? TRI_UNSURE : ask_set(e, inner, info, &member);

		if (is_in == TRI_YES)
			hold_set(e, inner, info, member);
		any = tri_or(any, is_in);
	}
	return any;
}

/* What a near miss is about. */
static enum fw_field field_of(const struct fw_ipset *s, uint8_t flags)
{
	if (s->n_dims != 1)
		return FW_FIELD_OTHER;
	if (s->dims[0] == IPSET_DIM_PORT)
		return is_source(flags, 0) ? FW_FIELD_SOURCE_PORT : FW_FIELD_PORT;
	return is_source(flags, 0) ? FW_FIELD_SOURCE : FW_FIELD_DESTINATION;
}

/* The same set asked for the same unknown has the same answer. */
static uint64_t question_of(struct eval *e, const struct xt_set_info *info)
{
	struct octet octets[32];
	const struct xt_set_info plain = {
		.index = info->index, .dim = info->dim, .flags = info->flags & 0xfe};

	eval_address_octets(e->packet, true, octets);
	eval_address_octets(e->packet, false, octets + 16);
	return octets_question(octets, 32, &plain, sizeof(plain));
}

/* The packet itself may have been put there, or into a set of the list. */
static bool is_touched(const struct eval *e, const struct fw_ipset *s)
{
	for (size_t i = 0; i < s->n_members; i++) {
		uint32_t row = s->members[i];

		if (row == FW_NONE ||
		    eval_is_added(e, FW_ADDED_IPSET | e->ruleset->ipsets[row].index, NULL,
				  0) != TRI_NO)
			return e->packet->n_added > 0;
	}
	return eval_is_added(e, FW_ADDED_IPSET | s->index, NULL, 0) != TRI_NO;
}

static enum xt_answer match(struct eval *e, const struct xt_set_info *info)
{
	const struct fw_ipset *s = ipsets_find(e->ruleset, info->index);
	bool is_inverted = info->flags & IPSET_INV_MATCH;
	enum tri is_in;

	if (!s)
		return XT_OPAQUE;
	e->xt_field = field_of(s, info->flags);
	if (is_touched(e, s))
		return XT_HISTORY;
	is_in = ask_any(e, (uint32_t)(s - e->ruleset->ipsets), info);
	if (is_in == TRI_UNSURE && e->is_near)
		return XT_UNSURE;
	if (is_in == TRI_UNSURE)
		is_in = eval_ask(e, s->words, false, is_inverted, question_of(e, info))
				? TRI_YES
				: TRI_NO;
	if (e->is_stuck)
		return XT_NO;
	return (is_in == TRI_YES) != is_inverted ? XT_YES : XT_NO;
}

enum xt_answer xt_set(struct eval *e, struct text info)
{
	struct xt_set_info_match_v1 m;

	return xt_read(info, &m, sizeof(m)) ? match(e, &m.match_set) : XT_OPAQUE;
}

/* Counters of the element decide too; or "nomatch" is turned round. */
enum xt_answer xt_set_v3(struct eval *e, struct text info)
{
	struct xt_set_info_match_v3 m;

	if (!xt_read(info, &m, sizeof(m)) || (m.flags & IPSET_FLAG_RETURN_NOMATCH))
		return XT_OPAQUE;
	if (m.packets.op != IPSET_COUNTER_NONE || m.bytes.op != IPSET_COUNTER_NONE)
		return XT_HISTORY;
	return match(e, &m.match_set);
}

enum xt_answer xt_set_v4(struct eval *e, struct text info)
{
	struct xt_set_info_match_v4 m;

	if (!xt_read(info, &m, sizeof(m)) || (m.flags & IPSET_FLAG_RETURN_NOMATCH))
		return XT_OPAQUE;
	if (m.packets.op != IPSET_COUNTER_NONE || m.bytes.op != IPSET_COUNTER_NONE)
		return XT_HISTORY;
	return match(e, &m.match_set);
}
