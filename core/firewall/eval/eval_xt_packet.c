/* Matches of xtables that look at the packet: ports, addresses, marks, types.
 * linux/netfilter/xt_*.h, net/netfilter/xt_*.c. */
#include <netinet/in.h>
#include <string.h>
#include <linux/if_packet.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/rtnetlink.h>

#include "core/firewall/eval/eval_xt.h"

static enum xt_answer answer_of(enum tri t)
{
	return t == TRI_YES ? XT_YES : t == TRI_NO ? XT_NO : XT_UNSURE;
}

static enum tri port_between(const struct eval *e, const struct octet port[2], uint16_t low,
			     uint16_t high)
{
	uint8_t from[2] = {(uint8_t)(low >> 8), (uint8_t)low};
	uint8_t to[2] = {(uint8_t)(high >> 8), (uint8_t)high};

	eval_see(e, port, 2, from, to);
	return tri_and(tri_not(octets_below(port, from, 2)), octets_not_above(port, to, 2));
}

static enum tri turned(enum tri t, bool is_inverted)
{
	return is_inverted ? tri_not(t) : t;
}

/* Which port it is that nobody knows: of a request the source, of an answer the other. */
static enum fw_doubt port_doubt(const struct fw_packet *p)
{
	return p->is_sport_unknown ? FW_DOUBT_SOURCE_PORT : FW_DOUBT_PORT;
}

static enum tri multiport_one(const struct eval *e, const struct xt_multiport_v1 *m,
			      const struct octet port[2])
{
	enum tri found = TRI_NO;

	for (size_t i = 0; i < m->count && i < XT_MULTI_PORTS; i++) {
		uint16_t low = m->ports[i], high = low;

		if (m->pflags[i] && i + 1 < XT_MULTI_PORTS)
			high = m->ports[++i];
		found = tri_or(found, port_between(e, port, low, high));
	}
	return found;
}

enum xt_answer xt_multiport(struct eval *e, struct text info)
{
	struct xt_multiport_v1 m;
	struct octet source[2], destination[2];
	enum tri found = TRI_NO;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	if (!eval_has_ports(e->packet))
		return XT_NO;
	eval_port_octets(e->packet, true, source);
	eval_port_octets(e->packet, false, destination);
	if (m.flags != XT_MULTIPORT_DESTINATION)
		found = multiport_one(e, &m, source);
	if (m.flags != XT_MULTIPORT_SOURCE)
		found = tri_or(found, multiport_one(e, &m, destination));
	e->xt_field = m.flags == XT_MULTIPORT_SOURCE ? FW_FIELD_SOURCE_PORT : FW_FIELD_PORT;
	e->xt_doubt = port_doubt(e->packet);
	return answer_of(turned(found, m.invert));
}

/* Of the tcp and of the udp match: each port lies from the lowest to the highest. The field
 * is the one that alone does not hold. */
static enum tri ports_hold(struct eval *e, const uint16_t source[2],
			   const uint16_t destination[2], bool is_not_source,
			   bool is_not_destination)
{
	struct octet octets[2];
	enum tri from, to;

	eval_port_octets(e->packet, true, octets);
	from = turned(port_between(e, octets, source[0], source[1]), is_not_source);
	eval_port_octets(e->packet, false, octets);
	to = turned(port_between(e, octets, destination[0], destination[1]),
		    is_not_destination);
	if (from == TRI_NO || to == TRI_NO)
		e->xt_field = to != TRI_NO     ? FW_FIELD_SOURCE_PORT
			      : from != TRI_NO ? FW_FIELD_PORT
					       : FW_FIELD_OTHER;
	e->xt_doubt = port_doubt(e->packet);
	return tri_and(from, to);
}

/* Another protocol: that is all that misses if the ports are right. */
static enum xt_answer other_protocol(struct eval *e, enum tri ports)
{
	if (eval_has_ports(e->packet) && ports != TRI_NO)
		e->xt_field = FW_FIELD_PROTOCOL;
	else
		e->xt_field = FW_FIELD_OTHER;
	return XT_NO;
}

enum xt_answer xt_tcp(struct eval *e, struct text info)
{
	struct xt_tcp t;
	enum tri holds;
	bool has_flags;

	if (!xt_read(info, &t, sizeof(t)))
		return XT_OPAQUE;
	holds = ports_hold(e, t.spts, t.dpts, t.invflags & XT_TCP_INV_SRCPT,
			   t.invflags & XT_TCP_INV_DSTPT);
	if (e->packet->proto != IPPROTO_TCP)
		return other_protocol(e, holds);
	has_flags = (e->packet->tcp_flags & t.flg_mask) == t.flg_cmp;
	if (has_flags == (bool)(t.invflags & XT_TCP_INV_FLAGS)) {
		e->xt_field = FW_FIELD_OTHER;
		return XT_NO;
	}
	if (t.option) {
		holds = tri_and(holds, TRI_UNSURE);
		e->xt_doubt = FW_DOUBT_OPTIONS;
	}
	return answer_of(holds);
}

enum xt_answer xt_udp(struct eval *e, struct text info)
{
	struct xt_udp u;
	enum tri holds;

	if (!xt_read(info, &u, sizeof(u)))
		return XT_OPAQUE;
	holds = ports_hold(e, u.spts, u.dpts, u.invflags & XT_UDP_INV_SRCPT,
			   u.invflags & XT_UDP_INV_DSTPT);
	if (e->packet->proto != IPPROTO_UDP && e->packet->proto != IPPROTO_UDPLITE)
		return other_protocol(e, holds);
	return answer_of(holds);
}

/* struct ipt_icmp and ip6t_icmp are one. Only of IPv4 is there a type that means any. */
static enum xt_answer icmp(struct eval *e, struct text info, uint8_t proto, bool has_any)
{
	const struct fw_packet *p = e->packet;
	struct ipt_icmp m;
	bool holds;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	if (p->proto != proto)
		return XT_NO;
	holds = (has_any && m.type == UINT8_MAX) ||
		(p->icmp_type == m.type && p->icmp_code >= m.code[0] &&
		 p->icmp_code <= m.code[1]);
	return holds != (bool)(m.invflags & IPT_ICMP_INV) ? XT_YES : XT_NO;
}

enum xt_answer xt_icmp(struct eval *e, struct text info)
{
	return icmp(e, info, IPPROTO_ICMP, true);
}

enum xt_answer xt_icmp6(struct eval *e, struct text info)
{
	return icmp(e, info, IPPROTO_ICMPV6, false);
}

enum xt_answer xt_mark(struct eval *e, struct text info)
{
	struct xt_mark_mtinfo1 m;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	e->xt_field = FW_FIELD_MARK;
	e->xt_doubt = FW_DOUBT_MARK;
	if (!e->packet->is_mark_known && m.mask)
		return XT_UNSURE;
	return ((e->packet->mark & m.mask) == m.mark) != (bool)m.invert ? XT_YES : XT_NO;
}

static enum tri address_between(const struct eval *e, bool is_source,
				const union nf_inet_addr *low,
				const union nf_inet_addr *high)
{
	size_t n = e->packet->saddr.family == AF_INET6 ? 16 : 4;
	uint8_t from[16], to[16];
	struct octet octets[16];

	memcpy(from, low, sizeof(from));
	memcpy(to, high, sizeof(to));
	eval_address_octets(e->packet, is_source, octets);
	eval_see(e, octets, n, from, to);
	return tri_and(tri_not(octets_below(octets, from, n)),
		       octets_not_above(octets, to, n));
}

enum xt_answer xt_iprange(struct eval *e, struct text info)
{
	struct xt_iprange_mtinfo m;
	enum tri holds = TRI_YES;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	e->xt_field = m.flags & IPRANGE_SRC ? FW_FIELD_SOURCE : FW_FIELD_DESTINATION;
	e->xt_doubt = e->packet->is_source_unknown ? FW_DOUBT_SOURCE : FW_DOUBT_DESTINATION;
	if (m.flags & IPRANGE_SRC)
		holds = turned(address_between(e, true, &m.src_min, &m.src_max),
			       m.flags & IPRANGE_SRC_INV);
	if (m.flags & IPRANGE_DST)
		holds = tri_and(holds,
				turned(address_between(e, false, &m.dst_min, &m.dst_max),
				       m.flags & IPRANGE_DST_INV));
	if (holds == TRI_YES && (m.flags & IPRANGE_SRC) && !(m.flags & IPRANGE_SRC_INV))
		e->hold.names_source = true;
	return answer_of(holds);
}

enum xt_answer xt_pkttype(struct eval *e, struct text info)
{
	struct xt_pkttype_info m;
	const struct addr *to = &e->packet->daddr;
	uint8_t type;
	int found = PACKET_HOST;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	e->xt_doubt = FW_DOUBT_ADDRESS_TYPE;
	if (!eval_is_address_known(e->packet, false))
		return XT_UNSURE;
	if (addr_is_multicast(to)) {
		found = PACKET_MULTICAST;
	} else if (to->family == AF_INET) {
		type = eval_address_type(e, false, 0);
		if (!type)
			return XT_UNSURE;
		found = type == RTN_BROADCAST ? PACKET_BROADCAST : PACKET_HOST;
	}
	return (found == m.pkttype) != (bool)m.invert ? XT_YES : XT_NO;
}

static enum tri is_type_v4(const struct eval *e, bool is_source, uint32_t on, uint16_t mask)
{
	uint8_t type = eval_address_type(e, is_source, on);

	if (!type)
		return TRI_UNSURE;
	return type < 16 && (mask >> type & 1) ? TRI_YES : TRI_NO;
}

/* IPv6 knows unicast and multicast by the address alone. */
static enum tri is_type_v6(const struct eval *e, bool is_source, uint32_t on, uint16_t mask)
{
	const struct addr *a = is_source ? &e->packet->saddr : &e->packet->daddr;
	const uint16_t routed =
		XT_ADDRTYPE_LOCAL | XT_ADDRTYPE_ANYCAST | XT_ADDRTYPE_UNREACHABLE;

	if (!eval_is_address_known(e->packet, is_source))
		return TRI_UNSURE;
	if ((mask & XT_ADDRTYPE_MULTICAST) && !addr_is_multicast(a))
		return TRI_NO;
	if ((mask & XT_ADDRTYPE_UNICAST) && (addr_is_multicast(a) || addr_is_any(a)))
		return TRI_NO;
	if ((mask & XT_ADDRTYPE_UNSPEC) && !addr_is_any(a))
		return TRI_NO;
	return mask & routed ? is_type_v4(e, is_source, on, mask & routed) : TRI_YES;
}

static enum tri is_type(const struct eval *e, bool is_source, uint32_t on, uint16_t mask)
{
	if (!mask)
		return TRI_YES;
	return e->packet->saddr.family == AF_INET6 ? is_type_v6(e, is_source, on, mask)
						   : is_type_v4(e, is_source, on, mask);
}

enum xt_answer xt_addrtype(struct eval *e, struct text info)
{
	struct xt_addrtype_info_v1 m;
	const struct fw_packet *p = e->packet;
	bool is_limited;
	uint32_t on;
	enum tri holds = TRI_YES;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	is_limited = m.flags & (XT_ADDRTYPE_LIMIT_IFACE_IN | XT_ADDRTYPE_LIMIT_IFACE_OUT);
	on = m.flags & XT_ADDRTYPE_LIMIT_IFACE_IN ? p->iif_index
	     : is_limited                         ? p->oif_index
						  : 0;
	e->xt_doubt =
		m.source && p->is_source_unknown ? FW_DOUBT_SOURCE : FW_DOUBT_ADDRESS_TYPE;
	e->xt_field = m.source ? FW_FIELD_SOURCE : FW_FIELD_DESTINATION;
	if (is_limited && !on)
		return XT_UNSURE;
	if (m.source)
		holds = turned(is_type(e, true, on, m.source),
			       m.flags & XT_ADDRTYPE_INVERT_SOURCE);
	if (m.dest)
		holds = tri_and(holds, turned(is_type(e, false, on, m.dest),
					      m.flags & XT_ADDRTYPE_INVERT_DEST));
	return answer_of(holds);
}
