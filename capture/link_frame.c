/*
 * Frames as an interface saw them. Knows the places of what it needs alone: what a packet
 * is, packet.c says. Keeps and counts nothing.
 */
#include "capture/link_frame.h"

#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>

#include "capture/packet_layers.h"

enum {
	ETHER_ARP = 0x0806,
	ETHER_VLAN = 0x8100,
	ETHER_QINQ = 0x88a8,
	LINK_RAW = 101,
	VLAN_MASK = 0x0fff,
	TAGS_MAX = 4
};
enum { ND_SOLICIT = 135, ND_ADVERTISE = 136, ND_SOURCE_MAC = 1, ND_TARGET_MAC = 2 };

static bool is_ethernet(const struct link_frame_in *in)
{
	return in->hardware == ARPHRD_ETHER || in->hardware == ARPHRD_LOOPBACK;
}

/* ---- the link header ---- */

/* Up to the network header; *ether_type of what follows. False: it is cut. */
static bool skip_ethernet(struct link_frame *out, struct cursor *c, uint16_t *ether_type)
{
	const uint8_t *macs = cursor_bytes(c, 12);

	*ether_type = cursor_be16(c);
	for (int n = 0; *ether_type == ETHER_VLAN || *ether_type == ETHER_QINQ; n++) {
		uint16_t tag = cursor_be16(c);

		*ether_type = cursor_be16(c);
		if (c->short_read || n == TAGS_MAX)
			return false;
		if (out->has_tag)
			continue;
		out->has_tag = true;
		out->vlan = tag & VLAN_MASK;
	}
	if (c->short_read)
		return false;
	/* Loopback's are zeros that say nothing. */
	out->has_macs = out->in->hardware == ARPHRD_ETHER;
	memcpy(out->target_mac, macs, 6);
	memcpy(out->source_mac, macs + 6, 6);
	out->is_to_group = macs[0] & 1;
	return true;
}

static bool skip_link(struct link_frame *out, struct cursor *c, uint16_t *ether_type)
{
	if (is_ethernet(out->in))
		return skip_ethernet(out, c, ether_type);
	if (!cursor_left(c))
		return false;
	*ether_type = *c->at >> 4 == 6 ? ETHER_IPV6 : ETHER_IPV4;
	return true;
}

/* ---- who says that it has an address ---- */

static bool tell(struct link_frame *out, const struct addr *address, const uint8_t *mac)
{
	static const uint8_t none[6];

	if (!mac || !memcmp(mac, none, sizeof(none)) || mac[0] & 1)
		return false;
	out->kind = FRAME_TELLS;
	out->flow = (struct flow){.source = *address};
	out->has_macs = true;
	memcpy(out->source_mac, mac, sizeof(out->source_mac));
	/* Whom it tells is no part of it. */
	memset(out->target_mac, 0, sizeof(out->target_mac));
	return true;
}

/* RFC 826: Ethernet and IPv4, a question or an answer; a probe (RFC 5227) claims nothing.
 */
static bool read_arp(struct link_frame *out, struct cursor *c)
{
	uint16_t hardware = cursor_be16(c), protocol = cursor_be16(c);
	uint16_t lengths = cursor_be16(c), operation = cursor_be16(c);
	const uint8_t *mac = cursor_bytes(c, 6), *ip = cursor_bytes(c, 4);
	struct addr address;

	if (c->short_read || hardware != ARPHRD_ETHER || protocol != ETHER_IPV4 ||
	    lengths != 0x0604 || (operation != 1 && operation != 2))
		return false;
	address = addr_from(AF_INET, ip);
	return !addr_is_any(&address) && tell(out, &address, mac);
}

/* The link address of an option of this type; NULL: none. RFC 4861, 4.6. */
static const uint8_t *nd_option(struct cursor *c, unsigned wanted)
{
	while (cursor_left(c) >= 8) {
		unsigned type = cursor_u8(c), words = cursor_u8(c);
		const uint8_t *value = cursor_bytes(c, words ? words * 8 - 2 : 0);

		if (!words || !value)
			return NULL;
		if (type == wanted)
			return value;
	}
	return NULL;
}

/* c stands at the IPv6 header. */
static bool read_nd(struct link_frame *out, struct cursor *c)
{
	const uint8_t *head = cursor_bytes(c, 40), *icmp = cursor_bytes(c, 24);
	struct addr address;

	if (c->short_read || head[6] != IPPROTO_ICMPV6)
		return false;
	if (icmp[0] == ND_SOLICIT) {
		address = addr_from(AF_INET6, head + 8);
		return !addr_is_any(&address) &&
		       tell(out, &address, nd_option(c, ND_SOURCE_MAC));
	}
	if (icmp[0] != ND_ADVERTISE)
		return false;
	address = addr_from(AF_INET6, icmp + 8);
	return tell(out, &address, nd_option(c, ND_TARGET_MAC));
}

/* ---- checksums ---- */

/* RFC 1071 */
static uint32_t add_words(uint32_t sum, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += be16_at(at + i);
	if (n % 2)
		sum += (uint32_t)at[n - 1] << 8;
	return sum;
}

static bool is_whole_sum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* Of TCP or UDP behind its pseudo header; without a checksum (UDP over IPv4) it is fine. */
static bool is_bad_transport(uint8_t proto, const uint8_t *addresses, size_t n_addresses,
			     const uint8_t *at, size_t len)
{
	uint32_t sum = (uint32_t)len + proto;

	if (len < 8 || (proto == IPPROTO_UDP && !be16_at(at + 6)))
		return false;
	sum = add_words(sum, addresses, n_addresses);
	return !is_whole_sum(add_words(sum, at, len));
}

static void check_ipv4(struct link_frame *out, struct cursor *c)
{
	size_t left = cursor_left(c), head, total;
	const uint8_t *ip = cursor_bytes(c, 20);

	if (!ip)
		return;
	head = (ip[0] & 0xfU) * 4;
	total = be16_at(ip + 2);
	if (head < 20 || total < head || total > left)
		return;
	out->is_bad_head = !is_whole_sum(add_words(0, ip, head));
	if (be16_at(ip + 6) & 0x3fff || (ip[9] != IPPROTO_TCP && ip[9] != IPPROTO_UDP))
		return;
	out->is_bad_checksum = is_bad_transport(ip[9], ip + 12, 8, ip + head, total - head);
}

static void check_ipv6(struct link_frame *out, struct cursor *c)
{
	const uint8_t *ip = cursor_bytes(c, 40);
	size_t len;

	if (!ip || (ip[6] != IPPROTO_TCP && ip[6] != IPPROTO_UDP))
		return;
	len = be16_at(ip + 4);
	if (len <= cursor_left(c))
		out->is_bad_checksum = is_bad_transport(ip[6], ip + 8, 32, c->at, len);
}

/* c stands at the IP header. What is sent has no checksum yet, as a rule. */
static void check_sums(struct link_frame *out, struct cursor c, uint16_t ether_type)
{
	if (out->in->is_vouched || out->in->is_outgoing)
		return;
	if (ether_type == ETHER_IPV4)
		check_ipv4(out, &c);
	else
		check_ipv6(out, &c);
}

/* ---- a packet of a flow ---- */

static bool kind_of(const struct packet *p, enum link_frame_kind *kind)
{
	if (p->flow.proto == IPPROTO_UDP) {
		*kind = FRAME_DATAGRAM;
		return true;
	}
	if (p->tcp_flags & TH_RST_)
		*kind = FRAME_RST;
	else if (p->tcp_flags & TH_SYN_)
		*kind = p->tcp_flags & TH_ACK_ ? FRAME_SYN_ACK : FRAME_SYN;
	return p->tcp_flags & (TH_RST_ | TH_SYN_);
}

static bool read_flow(struct link_frame *out)
{
	const struct link_frame_in *in = out->in;
	struct frame_in f = {
		.at_ns = in->at_ns,
		.bytes = in->bytes,
		.len = in->len,
		.wire_len = in->wire_len,
		.link_type = is_ethernet(in) ? LINK_ETHERNET : LINK_RAW,
		.device = in->device,
	};
	struct packet p;

	if (packet_read(&p, &f) != PACKET_TAKEN || p.is_icmp || !kind_of(&p, &out->kind))
		return false;
	out->flow = p.flow;
	return true;
}

bool link_frame_read(struct link_frame *out, const struct link_frame_in *in)
{
	struct cursor c = cursor_of(in->bytes, in->len), start;
	uint16_t ether_type = 0;

	*out = (struct link_frame){.in = in, .has_tag = in->has_tag};
	if (in->has_tag)
		out->vlan = in->tag & VLAN_MASK;
	if (!skip_link(out, &c, &ether_type))
		return false;
	start = c;
	if (ether_type == ETHER_ARP)
		return read_arp(out, &c);
	if (ether_type != ETHER_IPV4 && ether_type != ETHER_IPV6)
		return false;
	if (ether_type == ETHER_IPV6 && read_nd(out, &c))
		return true;
	if (!read_flow(out))
		return false;
	check_sums(out, start, ether_type);
	return true;
}
