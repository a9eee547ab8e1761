/*
 * Matches and targets of ebtables as nf_tables runs them in chains of the family bridge,
 * from their own bytes. What changes the addresses of a frame, and frames that are not of
 * IP, are not modelled. linux/netfilter_bridge/ebt_*.h, net/bridge/netfilter/ebt_*.c.
 */
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_bridge/ebt_ip.h>
#include <linux/netfilter_bridge/ebt_ip6.h>
#include <linux/netfilter_bridge/ebt_mark_m.h>
#include <linux/netfilter_bridge/ebt_mark_t.h>
#include <linux/netfilter_bridge/ebt_pkttype.h>
#include <linux/rtnetlink.h>

#include "core/firewall/eval/eval_xt.h"
#include "core/firewall/eval/exprs.h"

/* linux/netfilter_bridge/ebtables.h: what a target says in its lowest bits */
enum { TARGET_VERDICT_BITS = 0x0f };
enum { EBT_SAYS_ACCEPT = -1, EBT_SAYS_DROP = -2, EBT_SAYS_CONTINUE = -3 };
enum { FLAGS_OF_PORTS = EBT_IP_SPORT | EBT_IP_DPORT };

/* One condition of several: does it hold with what of it is inverted? */
struct conditions {
	struct eval *e;
	uint8_t wanted, inverted; /* EBT_IP_... */
	enum tri all;
};

static void add(struct conditions *c, uint8_t flag, enum tri holds, enum fw_field field,
		enum fw_doubt doubt)
{
	if (!(c->wanted & flag))
		return;
	if (c->inverted & flag)
		holds = tri_not(holds);
	if (holds == TRI_NO && c->all != TRI_NO)
		c->e->xt_field = field;
	if (holds == TRI_UNSURE && !c->e->xt_doubt)
		c->e->xt_doubt = doubt;
	c->all = tri_and(c->all, holds);
}

static enum xt_answer answer_of(const struct conditions *c)
{
	return c->all == TRI_YES ? XT_YES : c->all == TRI_NO ? XT_NO : XT_UNSURE;
}

static enum tri masked(const struct eval *e, bool is_source, size_t n, const void *want,
		       const void *mask)
{
	static const uint8_t zeros[16];
	struct octet o[16];
	uint8_t bytes[16], bits[16];

	eval_address_octets(e->packet, is_source, o);
	memcpy(bytes, want, n);
	memcpy(bits, mask, n);
	octets_mask(o, bits, zeros, n);
	eval_see(e, o, n, bytes, bytes);
	return octets_equal(o, bytes, n);
}

static enum tri port_between(const struct eval *e, bool is_source, const uint16_t range[2])
{
	uint8_t from[2] = {(uint8_t)(range[0] >> 8), (uint8_t)range[0]};
	uint8_t to[2] = {(uint8_t)(range[1] >> 8), (uint8_t)range[1]};
	struct octet port[2];

	eval_port_octets(e->packet, is_source, port);
	eval_see(e, port, 2, from, to);
	return tri_and(tri_not(octets_below(port, from, 2)), octets_not_above(port, to, 2));
}

static enum tri tri_of(bool holds)
{
	return holds ? TRI_YES : TRI_NO;
}

static void add_ports(struct conditions *c, const uint16_t source[2],
		      const uint16_t destination[2])
{
	if ((c->wanted & FLAGS_OF_PORTS) && !eval_has_ports(c->e->packet)) {
		c->all = TRI_NO;
		return;
	}
	add(c, EBT_IP_SPORT, port_between(c->e, true, source), FW_FIELD_SOURCE_PORT,
	    FW_DOUBT_SOURCE_PORT);
	add(c, EBT_IP_DPORT, port_between(c->e, false, destination), FW_FIELD_PORT,
	    FW_DOUBT_PORT);
}

enum xt_answer xt_ebt_ip(struct eval *e, struct text info)
{
	struct conditions c = {.e = e, .all = TRI_YES};
	struct ebt_ip_info m;

	if (!xt_read(info, &m, sizeof(m)) || (m.bitmask & (EBT_IP_ICMP | EBT_IP_IGMP)))
		return XT_OPAQUE;
	if (e->packet->saddr.family != AF_INET)
		return XT_NO;
	c.wanted = m.bitmask;
	c.inverted = m.invflags;
	add(&c, EBT_IP_TOS, TRI_UNSURE, FW_FIELD_OTHER, FW_DOUBT_DSCP);
	add(&c, EBT_IP_SOURCE, masked(e, true, 4, &m.saddr, &m.smsk), FW_FIELD_SOURCE,
	    FW_DOUBT_SOURCE);
	add(&c, EBT_IP_DEST, masked(e, false, 4, &m.daddr, &m.dmsk), FW_FIELD_DESTINATION,
	    FW_DOUBT_DESTINATION);
	add(&c, EBT_IP_PROTO, tri_of(m.protocol == e->packet->proto), FW_FIELD_PROTOCOL,
	    FW_DOUBT_NOTHING);
	add_ports(&c, m.sport, m.dport);
	return answer_of(&c);
}

enum xt_answer xt_ebt_ip6(struct eval *e, struct text info)
{
	struct conditions c = {.e = e, .all = TRI_YES};
	struct ebt_ip6_info m;

	if (!xt_read(info, &m, sizeof(m)) || (m.bitmask & EBT_IP6_ICMP6))
		return XT_OPAQUE;
	if (e->packet->saddr.family != AF_INET6)
		return XT_NO;
	c.wanted = m.bitmask;
	c.inverted = m.invflags;
	add(&c, EBT_IP6_TCLASS, TRI_UNSURE, FW_FIELD_OTHER, FW_DOUBT_DSCP);
	add(&c, EBT_IP6_SOURCE, masked(e, true, 16, &m.saddr, &m.smsk), FW_FIELD_SOURCE,
	    FW_DOUBT_SOURCE);
	add(&c, EBT_IP6_DEST, masked(e, false, 16, &m.daddr, &m.dmsk), FW_FIELD_DESTINATION,
	    FW_DOUBT_DESTINATION);
	add(&c, EBT_IP6_PROTO, tri_of(m.protocol == e->packet->proto), FW_FIELD_PROTOCOL,
	    FW_DOUBT_NOTHING);
	add_ports(&c, m.sport, m.dport);
	return answer_of(&c);
}
_Static_assert(EBT_IP6_SPORT == (int)EBT_IP_SPORT && EBT_IP6_DPORT == (int)EBT_IP_DPORT,
	       "the flags of ports are the same for both families");

enum xt_answer xt_ebt_mark(struct eval *e, struct text info)
{
	struct ebt_mark_m_info m;
	bool holds;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	e->xt_field = FW_FIELD_MARK;
	e->xt_doubt = FW_DOUBT_MARK;
	if (!e->packet->is_mark_known)
		return XT_UNSURE;
	holds = m.bitmask & EBT_MARK_OR ? (e->packet->mark & m.mask) != 0
					: (e->packet->mark & m.mask) == m.mark;
	return holds != (bool)m.invert ? XT_YES : XT_NO;
}

/* PACKET_...; -1: not known */
static int frame_type(struct eval *e)
{
	const struct addr *to = &e->packet->daddr;

	if (!eval_is_address_known(e->packet, false))
		return -1;
	if (addr_is_multicast(to))
		return PACKET_MULTICAST;
	if (to->family == AF_INET && eval_has_iif(e)) {
		uint8_t type = eval_address_type(e, false, 0);

		if (!type || type == RTN_BROADCAST)
			return type ? PACKET_BROADCAST : -1;
	}
	switch (e->packet->frame) {
	case FW_FRAME_OWN:
		return PACKET_HOST;
	case FW_FRAME_OF_OTHER:
		return PACKET_OTHERHOST;
	case FW_FRAME_OF_SOMEBODY:
		break;
	}
	return -1;
}

enum xt_answer xt_ebt_pkttype(struct eval *e, struct text info)
{
	int type = frame_type(e);
	struct ebt_pkttype_info m;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	e->xt_doubt = FW_DOUBT_ADDRESS_TYPE;
	if (type < 0)
		return XT_UNSURE;
	return (type == m.pkt_type) != (bool)m.invert ? XT_YES : XT_NO;
}

/* ---- targets ---- */

static enum eval_next say(struct eval *e, int32_t verdict)
{
	switch (verdict) {
	case EBT_SAYS_CONTINUE:
		return EVAL_NEXT;
	case EBT_SAYS_ACCEPT:
		return eval_done(e, NF_ACCEPT);
	case EBT_SAYS_DROP:
		return eval_done(e, NF_DROP);
	default:
		return eval_done(e, NFT_RETURN);
	}
}

static unsigned action_of(const struct ebt_mark_t_info *m)
{
	return (unsigned)m->target & ~(unsigned)TARGET_VERDICT_BITS;
}

static uint32_t marked(const struct ebt_mark_t_info *m, uint32_t old)
{
	uint32_t value = (uint32_t)m->mark;

	switch (action_of(m)) {
	case MARK_OR_VALUE:
		return old | value;
	case MARK_AND_VALUE:
		return old & value;
	case MARK_XOR_VALUE:
		return old ^ value;
	default:
		return value;
	}
}

enum eval_next eval_ebt_mark(struct eval *e, const struct fw_expr *x)
{
	struct fw_packet *p = e->packet;
	struct ebt_mark_t_info m;

	if (!xt_read(x->value, &m, sizeof(m)))
		return eval_anything(e, "the target's effect is not known");
	if (!e->is_near) {
		p->mark = marked(&m, p->mark);
		p->is_mark_known = p->is_mark_known || action_of(&m) == MARK_SET_VALUE;
		p->n_marked++;
	}
	return say(e, m.target | ~TARGET_VERDICT_BITS);
}
