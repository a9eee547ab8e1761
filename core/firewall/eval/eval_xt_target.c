/*
 * Targets of xtables (iptables-nft and -legacy), from their own bytes: verdicts, marks,
 * translations. A target that is not understood may drop. linux/netfilter/xt_*.h.
 */
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_set.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>

#include "core/firewall/eval/eval_xt.h"
#include "core/firewall/eval/exprs.h"

#define PORT_OFFSET 0x20 /* NF_NAT_RANGE_PROTO_OFFSET: the range is shifted */

static const char not_known[] = "the target's effect is not known";

static enum eval_next unsure(struct eval *e)
{
	return eval_anything(e, not_known);
}

static enum eval_next reject_v4(struct eval *e, struct text info)
{
	static const uint8_t codes[] = {
		[IPT_ICMP_NET_UNREACHABLE] = ICMP_NET_UNREACH,
		[IPT_ICMP_HOST_UNREACHABLE] = ICMP_HOST_UNREACH,
		[IPT_ICMP_PROT_UNREACHABLE] = ICMP_PROT_UNREACH,
		[IPT_ICMP_PORT_UNREACHABLE] = ICMP_PORT_UNREACH,
		[IPT_ICMP_NET_PROHIBITED] = ICMP_NET_ANO,
		[IPT_ICMP_HOST_PROHIBITED] = ICMP_HOST_ANO,
		[IPT_ICMP_ADMIN_PROHIBITED] = ICMP_PKT_FILTERED,
	};
	struct ipt_reject_info m;

	if (!xt_read(info, &m, sizeof(m)))
		return unsure(e);
	if (m.with == IPT_TCP_RESET)
		return eval_rejected(e, true, 0, 0);
	if (m.with >= sizeof(codes) || m.with == IPT_ICMP_ECHOREPLY)
		return unsure(e);
	return eval_rejected(e, false, ICMP_DEST_UNREACH, codes[m.with]);
}

static enum eval_next reject_v6(struct eval *e, struct text info)
{
	static const uint8_t codes[] = {
		[IP6T_ICMP6_NO_ROUTE] = ICMP6_DST_UNREACH_NOROUTE,
		[IP6T_ICMP6_ADM_PROHIBITED] = ICMP6_DST_UNREACH_ADMIN,
		[IP6T_ICMP6_NOT_NEIGHBOUR] = ICMP6_DST_UNREACH_BEYONDSCOPE,
		[IP6T_ICMP6_ADDR_UNREACH] = ICMP6_DST_UNREACH_ADDR,
		[IP6T_ICMP6_PORT_UNREACH] = ICMP6_DST_UNREACH_NOPORT,
		[IP6T_ICMP6_POLICY_FAIL] = 5,
		[IP6T_ICMP6_REJECT_ROUTE] = 6,
	};
	struct ip6t_reject_info m;

	if (!xt_read(info, &m, sizeof(m)))
		return unsure(e);
	if (m.with == IP6T_TCP_RESET)
		return eval_rejected(e, true, 0, 0);
	if (m.with >= sizeof(codes) || m.with == IP6T_ICMP6_ECHOREPLY)
		return unsure(e);
	return eval_rejected(e, false, ICMP6_DST_UNREACH, codes[m.with]);
}

static enum eval_next reject(struct eval *e, const struct fw_expr *x)
{
	return e->packet->saddr.family == AF_INET6 ? reject_v6(e, x->value)
						   : reject_v4(e, x->value);
}

static enum eval_next mark(struct eval *e, const struct fw_expr *x)
{
	struct xt_mark_tginfo2 m;
	struct fw_packet *p = e->packet;

	if (!xt_read(x->value, &m, sizeof(m)))
		return unsure(e);
	if (e->is_near)
		return EVAL_NEXT;
	p->n_marked++;
	p->is_mark_known |= m.mask == UINT32_MAX;
	p->mark = (p->mark & ~m.mask) ^ m.mark;
	return EVAL_NEXT;
}

static void apply_connmark(struct fw_packet *p, const struct xt_connmark_tginfo2 *m)
{
	struct fw_conntrack *ct = &p->ct;

	switch (m->mode) {
	case XT_CONNMARK_SET:
		ct->is_mark_known |= m->ctmask == UINT32_MAX;
		ct->mark = (ct->mark & ~m->ctmask) ^ m->ctmark;
		break;
	case XT_CONNMARK_SAVE:
		ct->is_mark_known =
			p->is_mark_known && (ct->is_mark_known || m->ctmask == UINT32_MAX);
		ct->mark = (ct->mark & ~m->ctmask) ^ (p->mark & m->nfmask);
		break;
	default:
		p->is_mark_known =
			ct->is_mark_known && (p->is_mark_known || m->nfmask == UINT32_MAX);
		p->mark = (p->mark & ~m->nfmask) ^ (ct->mark & m->ctmask);
	}
}

static bool read_connmark(const struct fw_expr *x, struct xt_connmark_tginfo2 *m)
{
	struct xt_connmark_tginfo1 old;

	if (x->revision == 2)
		return xt_read(x->value, m, sizeof(*m));
	if (x->revision != 1 || !xt_read(x->value, &old, sizeof(old)))
		return false;
	*m = (struct xt_connmark_tginfo2){.ctmark = old.ctmark,
					  .ctmask = old.ctmask,
					  .nfmask = old.nfmask,
					  .mode = old.mode};
	return true;
}

/* Shifted marks are not followed: after one no mark is known. */
static enum eval_next connmark(struct eval *e, const struct fw_expr *x)
{
	struct xt_connmark_tginfo2 m;

	if (e->is_near || !eval_has_ct(e))
		return EVAL_NEXT;
	e->packet->n_marked++;
	if (read_connmark(x, &m) && !m.shift_bits)
		apply_connmark(e->packet, &m);
	else
		e->packet->is_mark_known = e->packet->ct.is_mark_known = false;
	return EVAL_NEXT;
}

static enum eval_next ct_target(struct eval *e, const struct fw_expr *x)
{
	uint16_t flags;

	if (!xt_read(x->value, &flags, sizeof(flags)))
		return unsure(e);
	if (flags & XT_CT_NOTRACK)
		eval_notrack(e);
	return EVAL_NEXT;
}

static void set_target(struct eval *e, struct nat_target *t, uint32_t flags,
		       const struct addr *low, const struct addr *high)
{
	t->flags = flags & ~(uint32_t)(NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED);
	t->has_ports = flags & NF_NAT_RANGE_PROTO_SPECIFIED;
	if (!(flags & NF_NAT_RANGE_MAP_IPS) || t->is_redirect || t->is_masquerade)
		return;
	t->address = *low;
	t->address_max = *high;
	t->is_unsure |= !addr_equals(low, high);
	(void)e;
}

static uint16_t host_port(const void *two_bytes)
{
	uint8_t b[2];

	memcpy(b, two_bytes, sizeof(b));
	return (uint16_t)(b[0] << 8 | b[1]);
}

/* Revision 0 for IPv4: at most one range. */
static bool read_compat(struct eval *e, struct text info, struct nat_target *t)
{
	struct nf_nat_ipv4_multi_range_compat m;
	struct addr low, high;

	if (!xt_read(info, &m, sizeof(m)))
		return false;
	low = addr_v4(&m.range[0].min_ip);
	high = addr_v4(&m.range[0].max_ip);
	set_target(e, t, m.range[0].flags, &low, &high);
	t->port = host_port(&m.range[0].min);
	t->port_max = host_port(&m.range[0].max);
	return true;
}

static bool read_range(struct eval *e, struct text info, struct nat_target *t)
{
	int family = e->packet->saddr.family;
	struct nf_nat_range m;
	struct addr low, high;

	if (!xt_read(info, &m, sizeof(m)))
		return false;
	low = addr_from(family, &m.min_addr);
	high = addr_from(family, &m.max_addr);
	set_target(e, t, m.flags, &low, &high);
	t->port = host_port(&m.min_proto);
	t->port_max = host_port(&m.max_proto);
	return true;
}

/* Revision 2 may shift a range of ports by the distance to a base. */
static bool read_range2(struct eval *e, struct text info, struct nat_target *t)
{
	struct nf_nat_range2 m;
	struct fw_packet *p = e->packet;
	struct octet port[2];

	if (!xt_read(info, &m, sizeof(m)) || !read_range(e, info, t))
		return false;
	if (!(m.flags & PORT_OFFSET))
		return true;
	t->is_unsure |= p->is_dport_unknown;
	eval_port_octets(p, false, port);
	eval_pin(e, port, sizeof(port) / sizeof(*port));
	t->port = (uint16_t)(t->port + p->dport - host_port(&m.base_proto));
	t->port_max = t->port;
	return true;
}

static enum eval_next translate(struct eval *e, const struct fw_expr *x,
				struct nat_target *t)
{
	bool is_v6 = e->packet->saddr.family == AF_INET6, is_read;

	if (!e->is_in_nat_slot && !e->is_near)
		return unsure(e);
	if (x->revision == 2)
		is_read = read_range2(e, x->value, t);
	else if (x->revision == 1 || is_v6)
		is_read = read_range(e, x->value, t);
	else
		is_read = read_compat(e, x->value, t);
	return is_read ? eval_nat_set(e, t) : unsure(e);
}

static enum eval_next dnat(struct eval *e, const struct fw_expr *x)
{
	return translate(e, x, &(struct nat_target){0});
}

static enum eval_next snat(struct eval *e, const struct fw_expr *x)
{
	return translate(e, x, &(struct nat_target){.is_snat = true});
}

static enum eval_next redirect(struct eval *e, const struct fw_expr *x)
{
	return translate(e, x, &(struct nat_target){.is_redirect = true});
}

static enum eval_next masquerade(struct eval *e, const struct fw_expr *x)
{
	return translate(e, x,
			 &(struct nat_target){.is_snat = true, .is_masquerade = true});
}

/* What comes in is mapped by its destination, what goes out by its source. */
static enum eval_next netmap(struct eval *e, const struct fw_expr *x)
{
	struct nat_target t = {.is_snat = e->hook != FW_PREROUTING && e->hook != FW_OUTPUT};
	bool is_v6 = e->packet->saddr.family == AF_INET6;

	if (!e->is_in_nat_slot && !e->is_near)
		return unsure(e);
	if (!(is_v6 ? read_range(e, x->value, &t) : read_compat(e, x->value, &t)))
		return unsure(e);
	t.is_unsure = !eval_nat_map(e, &t.address_max, &t);
	return eval_nat_set(e, &t);
}

/* ---- what changes the packet ---- */

/* Fields of the header that nobody knows are others then. */
static enum eval_next rewrite(struct eval *e, const struct fw_expr *x)
{
	(void)x;
	if (e->is_near)
		return EVAL_NEXT;
	e->packet->n_rewritten++;
	e->headers.is_stale = true;
	return EVAL_NEXT;
}

static enum eval_next change_ttl(struct eval *e, const struct fw_expr *x)
{
	if (!e->is_near)
		e->packet->is_ttl_known = false;
	return rewrite(e, x);
}

static enum eval_next other_mark(struct eval *e, const struct fw_expr *x)
{
	(void)x;
	if (!e->is_near)
		e->packet->n_marked++;
	return EVAL_NEXT;
}

static enum eval_next hidden_mark(struct eval *e, const struct fw_expr *x)
{
	if (!e->is_near)
		e->packet->is_mark_known = false;
	return other_mark(e, x);
}

/* Puts the packet into an ipset, takes it out of one, or takes its mark from one. */
static enum eval_next set(struct eval *e, const struct fw_expr *x)
{
	struct xt_set_info_target_v1 m;
	struct xt_set_info_target_v3 mapped = {.map_set.index = IPSET_INVALID_ID};

	if (!x->revision || !xt_read(x->value, &m, sizeof(m)) ||
	    (x->revision == 3 && !xt_read(x->value, &mapped, sizeof(mapped))))
		return unsure(e);
	if (m.add_set.index != IPSET_INVALID_ID)
		eval_add(e, FW_ADDED_IPSET | m.add_set.index, NULL, 0, true);
	if (m.del_set.index != IPSET_INVALID_ID)
		eval_add(e, FW_ADDED_IPSET | m.del_set.index, NULL, 0, true);
	return mapped.map_set.index != IPSET_INVALID_ID ? hidden_mark(e, x) : EVAL_NEXT;
}

static const struct target_row {
	const char *name;
	uint8_t revision_max;
	enum eval_next (*eval)(struct eval *e, const struct fw_expr *x);
} rows[] = {
	{"LOG", 0, eval_nothing},
	{"log", 0, eval_nothing},
	{"nflog", 0, eval_nothing},
	{"mark", 0, eval_ebt_mark},
	{"NFLOG", 0, eval_nothing},
	{"AUDIT", 0, eval_nothing},
	{"CHECKSUM", 0, eval_nothing},
	{"CLASSIFY", 0, other_mark},
	{"CONNSECMARK", 0, eval_nothing},
	{"SECMARK", 1, eval_nothing},
	{"LED", 0, eval_nothing},
	{"RATEEST", 0, eval_nothing},
	{"DSCP", 0, rewrite},
	{"ECN", 0, rewrite},
	{"TOS", 1, rewrite},
	{"TTL", 0, change_ttl},
	{"HL", 0, change_ttl},
	{"TCPOPTSTRIP", 0, rewrite},
	{"NOTRACK", 0, eval_untracked},
	{"HMARK", 0, hidden_mark},
	{"IDLETIMER", 1, eval_nothing},
	{"TCPMSS", 0, rewrite},
	{"TEE", 1, eval_nothing},
	{"TRACE", 0, eval_nothing},
	{"SET", 3, set},
	{"CONNMARK", 2, connmark},
	{"MARK", 2, mark},
	{"REJECT", 0, reject},
	{"DNAT", 2, dnat},
	{"SNAT", 2, snat},
	{"REDIRECT", 0, redirect},
	{"MASQUERADE", 0, masquerade},
	{"NETMAP", 0, netmap},
	{"CT", 2, ct_target},
	{"NFQUEUE", 3, eval_xt_queue},
	{"SYNPROXY", 0, eval_synproxy},
	{"TPROXY", 1, eval_xt_tproxy},
};

enum eval_next eval_xt_target(struct eval *e, const struct fw_expr *x)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (text_equals_str(x->name, rows[i].name) &&
		    x->revision <= rows[i].revision_max)
			return rows[i].eval(e, x);
	}
	return unsure(e);
}
