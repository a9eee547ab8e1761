/*
 * The headers that the packet would have, byte by byte, with what nobody can know of them
 * left unknown; and the payload expression. RFC 791, 8200, 9293, 768. No fragments, no IPv4
 * options, no IPv6 extension headers: a first packet of a client has none.
 */
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/eval/exprs.h"

enum { V4_BYTES = 20, V6_BYTES = 40, TCP_BYTES = 20, UDP_BYTES = 8, ICMP_BYTES = 8 };
enum { ETHER_V4 = 0x0800, ETHER_V6 = 0x86dd };
/* Bits of a length field that a first packet may have: it is below 2048 bytes. */
enum { LENGTH_HIGH = 0x07 };
enum { V4_DO_NOT_FRAGMENT = 0x40 };

static size_t address_bytes(const struct fw_packet *p)
{
	return p->saddr.family == AF_INET6 ? 16 : 4;
}

/* Never 0. Once rewritten it is another unknown. */
static uint32_t name_of_end(const struct fw_packet *p)
{
	return 1U + p->n_readdressed;
}

void eval_address_octets(const struct fw_packet *p, bool is_source, struct octet out[16])
{
	const struct addr *a = is_source ? &p->saddr : &p->daddr;
	const uint8_t *known = is_source ? p->saddr_known : p->daddr_known;
	bool is_unknown = is_source ? p->is_source_unknown : p->is_destination_unknown;
	size_t origin = is_source ? OCTETS_SOURCE : OCTETS_DESTINATION;

	octets_set(out, a->bytes, 16, is_source ? FW_FIELD_SOURCE : FW_FIELD_DESTINATION);
	for (size_t i = 0; i < 16; i++) {
		out[i].origin = (uint8_t)(origin + i);
		out[i].unknown = is_unknown ? (uint8_t)~known[i] : 0;
		out[i].doubt = is_source ? FW_DOUBT_SOURCE : FW_DOUBT_DESTINATION;
		out[i].name = name_of_end(p);
	}
}

bool eval_is_address_known(const struct fw_packet *p, bool is_source)
{
	struct octet octets[16];

	eval_address_octets(p, is_source, octets);
	return octets_doubt(octets, address_bytes(p)) == FW_DOUBT_NOTHING;
}

bool eval_has_ports(const struct fw_packet *p)
{
	return p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP ||
	       p->proto == IPPROTO_SCTP || p->proto == IPPROTO_DCCP ||
	       p->proto == IPPROTO_UDPLITE;
}

void eval_port_octets(const struct fw_packet *p, bool is_source, struct octet out[2])
{
	uint16_t port = is_source ? p->sport : p->dport;
	uint8_t bytes[2] = {(uint8_t)(port >> 8), (uint8_t)port};

	octets_set(out, bytes, 2, is_source ? FW_FIELD_SOURCE_PORT : FW_FIELD_PORT);
	if (is_source ? p->is_sport_unknown : p->is_dport_unknown)
		octets_hide(out, 2, is_source ? FW_DOUBT_SOURCE_PORT : FW_DOUBT_PORT);
	octets_name(out, 2, name_of_end(p));
}

static void set_byte(struct octet *o, uint8_t value, uint8_t unknown, enum fw_doubt why)
{
	*o = (struct octet){
		.value = value, .unknown = unknown, .kept = 0xff, .doubt = (uint8_t)why};
}

static void hide(struct octet *o, size_t from, size_t n, enum fw_doubt why)
{
	memset(o + from, 0, n * sizeof(*o));
	octets_hide(o + from, n, why);
}

/* A frame of a bridge, and what is about to leave a device, has its header. */
static bool has_link(const struct eval *e)
{
	if (e->packet->is_at_bridge || e->hook == FW_EGRESS)
		return true;
	return e->hook != FW_OUTPUT && eval_has_iif(e);
}

/* ARPHRD_ of the device whose header it is; 0: not known. */
static uint16_t link_type(const struct eval *e)
{
	const struct fw_packet *p = e->packet;

	if (p->is_at_bridge)
		return ARPHRD_ETHER;
	return e->hook == FW_EGRESS ? p->oif_type : p->iif_type;
}

static size_t build_link(struct eval *e, struct octet *o)
{
	const struct fw_packet *p = e->packet;
	uint16_t type = p->saddr.family == AF_INET6 ? ETHER_V6 : ETHER_V4;
	uint16_t device = link_type(e);
	bool is_loopback = device == ARPHRD_LOOPBACK;

	e->headers.is_link_unsure = !device;
	if (!has_link(e))
		return 0;
	if (device && device != ARPHRD_ETHER && !is_loopback)
		return 0;
	for (size_t i = 0; i < 12; i++)
		set_byte(o + i, 0, is_loopback ? 0 : 0xff, FW_DOUBT_MAC);
	if (p->has_mac_to)
		octets_set(o, p->mac_to, 6, FW_FIELD_OTHER);
	if (p->has_mac_from)
		octets_set(o + 6, p->mac_from, 6, FW_FIELD_OTHER);
	set_byte(o + 12, (uint8_t)(type >> 8), 0, FW_DOUBT_NOTHING);
	set_byte(o + 13, (uint8_t)type, 0, FW_DOUBT_NOTHING);
	return HEADER_LINK;
}

static void set_ttl(struct octet *o, const struct fw_packet *p)
{
	set_byte(o, p->ttl, p->is_ttl_known ? 0 : 0xff, FW_DOUBT_TTL);
}

static size_t build_v4(const struct fw_packet *p, struct octet *o)
{
	struct octet address[16];

	set_byte(o, 0x45, 0, FW_DOUBT_NOTHING);
	set_byte(o + 1, 0, 0xff, FW_DOUBT_DSCP);
	set_byte(o + 2, 0, LENGTH_HIGH, FW_DOUBT_LENGTH);
	set_byte(o + 3, 0, 0xff, FW_DOUBT_LENGTH);
	hide(o, 4, 2, FW_DOUBT_HEADER);
	set_byte(o + 6, 0, V4_DO_NOT_FRAGMENT, FW_DOUBT_HEADER);
	set_byte(o + 7, 0, 0, FW_DOUBT_NOTHING);
	set_ttl(o + 8, p);
	octets_set(o + 9, &p->proto, 1, FW_FIELD_PROTOCOL);
	hide(o, 10, 2, FW_DOUBT_HEADER);
	eval_address_octets(p, true, address);
	memcpy(o + 12, address, 4 * sizeof(*o));
	eval_address_octets(p, false, address);
	memcpy(o + 16, address, 4 * sizeof(*o));
	return V4_BYTES;
}

static size_t build_v6(const struct fw_packet *p, struct octet *o)
{
	set_byte(o, 0x60, 0x0f, FW_DOUBT_DSCP);
	hide(o, 1, 3, FW_DOUBT_DSCP);
	set_byte(o + 4, 0, LENGTH_HIGH, FW_DOUBT_LENGTH);
	set_byte(o + 5, 0, 0xff, FW_DOUBT_LENGTH);
	octets_set(o + 6, &p->proto, 1, FW_FIELD_PROTOCOL);
	set_ttl(o + 7, p);
	eval_address_octets(p, true, o + 8);
	eval_address_octets(p, false, o + 24);
	return V6_BYTES;
}

/* 0: a protocol whose header is not known here. */
static size_t build_transport(const struct fw_packet *p, struct octet *o)
{
	switch (p->proto) {
	case IPPROTO_TCP:
		hide(o, 4, 16, FW_DOUBT_HEADER);
		set_byte(o + 12, 0x50, 0xf0, FW_DOUBT_OPTIONS);
		set_byte(o + 13, p->tcp_flags, 0, FW_DOUBT_NOTHING);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		set_byte(o + 4, 0, LENGTH_HIGH, FW_DOUBT_LENGTH);
		set_byte(o + 5, 0, 0xff, FW_DOUBT_LENGTH);
		hide(o, 6, 2, FW_DOUBT_HEADER);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		set_byte(o, p->icmp_type, 0, FW_DOUBT_NOTHING);
		set_byte(o + 1, p->icmp_code, 0, FW_DOUBT_NOTHING);
		hide(o, 2, 6, FW_DOUBT_HEADER);
		return ICMP_BYTES;
	default:
		return 0;
	}
	eval_port_octets(p, true, o);
	eval_port_octets(p, false, o + 2);
	return p->proto == IPPROTO_TCP ? TCP_BYTES : UDP_BYTES;
}

/* Where they stand tells them apart, by whichever offset they are loaded. */
static void name_headers(struct headers *h, uint8_t n_rewritten)
{
	for (size_t i = 0; i < h->end; i++) {
		size_t place = i < h->network ? SIZE_MAX - i : i - h->network;
		uint32_t name = name_stir(n_rewritten, &place, sizeof(place));

		if (!h->octets[i].name)
			h->octets[i].name = name;
	}
}

static const struct headers *headers_of(struct eval *e)
{
	struct headers *h = &e->headers;
	const struct fw_packet *p = e->packet;

	if (!h->is_stale)
		return h;
	h->network = build_link(e, h->octets);
	h->transport = h->network + (p->saddr.family == AF_INET6
					     ? build_v6(p, h->octets + h->network)
					     : build_v4(p, h->octets + h->network));
	h->end = h->transport + build_transport(p, h->octets + h->transport);
	name_headers(h, p->n_rewritten);
	h->is_stale = false;
	h->version++;
	return h;
}

static bool find_base(const struct headers *h, uint8_t base, size_t *at)
{
	switch (base) {
	case NFT_PAYLOAD_LL_HEADER:
		*at = 0;
		return h->network > 0;
	case NFT_PAYLOAD_NETWORK_HEADER:
		*at = h->network;
		return true;
	case NFT_PAYLOAD_TRANSPORT_HEADER:
		*at = h->transport;
		return true;
	default:
		*at = h->end;
		return true;
	}
}

static uint16_t port_of(const struct octet *o)
{
	return (uint16_t)(o[0].value << 8 | o[1].value);
}

static void take_address(struct addr *a, uint8_t known[16], bool *is_unknown,
			 const struct octet *o)
{
	size_t n = a->family == AF_INET6 ? 16 : 4;

	octets_values(o, n, a->bytes);
	*is_unknown = octets_doubt(o, n) != FW_DOUBT_NOTHING;
	for (size_t i = 0; i < n; i++)
		known[i] = (uint8_t)~o[i].unknown;
}

/* What a rule has written into the headers, as later rules and the route see it. */
static void take_back(struct eval *e)
{
	struct headers *h = &e->headers;
	struct fw_packet *p = e->packet;
	const struct octet *network = h->octets + h->network;
	const struct octet *transport = h->octets + h->transport;
	bool is_v6 = p->saddr.family == AF_INET6;
	const struct octet *ttl = network + (is_v6 ? 7 : 8);

	take_address(&p->saddr, p->saddr_known, &p->is_source_unknown,
		     network + (is_v6 ? 8 : 12));
	take_address(&p->daddr, p->daddr_known, &p->is_destination_unknown,
		     network + (is_v6 ? 24 : 16));
	p->is_ttl_known = !ttl->unknown;
	p->ttl = ttl->value;
	if (p->proto != IPPROTO_TCP && p->proto != IPPROTO_UDP)
		return;
	p->sport = port_of(transport);
	p->dport = port_of(transport + 2);
	p->is_sport_unknown = octets_doubt(transport, 2) != FW_DOUBT_NOTHING;
	p->is_dport_unknown = octets_doubt(transport + 2, 2) != FW_DOUBT_NOTHING;
}

static enum eval_next write_payload(struct eval *e, const struct fw_expr *x, size_t at)
{
	const struct octet *from =
		x->len <= REGS_BYTES ? regs_at(&e->regs, x->sreg, x->len) : NULL;

	if (!from)
		return eval_opaque(e, x);
	eval_pin(e, from, x->len);
	e->headers.version++;
	for (size_t i = 0; i < x->len && at + i < e->headers.end; i++) {
		struct octet *to = &e->headers.octets[at + i];

		to->value = from[i].value;
		to->unknown = from[i].unknown;
		to->doubt = from[i].doubt;
		to->name = from[i].name;
	}
	if (e->is_near)
		return EVAL_NEXT;
	e->packet->n_rewritten++;
	e->packet->n_readdressed++;
	take_back(e);
	return EVAL_NEXT;
}

/* Options and data lie behind the fixed headers, nobody knows how many. */
static enum eval_next load_behind(struct eval *e, const struct fw_expr *x)
{
	enum fw_doubt why =
		e->packet->proto == IPPROTO_TCP ? FW_DOUBT_OPTIONS : FW_DOUBT_DATA;

	if (eval_unsure(e, doubt_words(why), false) == EVAL_BREAK)
		return EVAL_BREAK;
	return eval_store_unknown(e, x->dreg, x->len, why, FW_FIELD_OTHER);
}

enum eval_next eval_payload(struct eval *e, const struct fw_expr *x)
{
	const struct headers *h = headers_of(e);
	size_t at;

	if (!find_base(h, x->base, &at) || x->len > REGS_BYTES)
		return EVAL_BREAK;
	if (x->base == NFT_PAYLOAD_LL_HEADER && h->is_link_unsure &&
	    eval_unsure(e, doubt_words(FW_DOUBT_MAC), true) == EVAL_BREAK)
		return EVAL_BREAK;
	at += x->offset;
	if (x->writes)
		return write_payload(e, x, at);
	if (at > h->end || x->len > h->end - at)
		return load_behind(e, x);
	regs_store(&e->regs, x->dreg, h->octets + at, x->len);
	return EVAL_NEXT;
}
