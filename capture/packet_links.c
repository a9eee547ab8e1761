/* Link headers and VLAN tags: one row per link type. Does not look into IP. */
#include <string.h>

#include "capture/packet_layers.h"

enum {
	ETHER_VLAN = 0x8100,
	ETHER_QINQ = 0x88a8,
	ETHER_QINQ_OLD = 0x9100,
	VLAN_TAGS_MAX = 4,
	ARPHRD_ETHER_ = 1
};

/* sll_pkttype of packet(7) */
enum { COOKED_OTHER_HOST = 3, COOKED_OUTGOING = 4 };

struct link_type {
	int number;
	enum packet_result (*read)(struct layers *l, uint16_t *ether_type);
};

static enum packet_result read_ethernet(struct layers *l, uint16_t *ether_type)
{
	const uint8_t *head = layers_take(l, 14);

	if (!head)
		return PACKET_CUT;
	l->out->has_macs = true;
	memcpy(l->out->target_mac, head, 6);
	memcpy(l->out->source_mac, head + 6, 6);
	*ether_type = be16_at(head + 12);
	return PACKET_TAKEN;
}

static void take_cooked_type(struct packet *out, unsigned type)
{
	out->is_outgoing = type == COOKED_OUTGOING;
	out->is_to_other_mac = type == COOKED_OTHER_HOST;
}

/* A cooked header knows the sender's link address only. */
static void take_cooked_source(struct packet *out, unsigned arphrd, unsigned len,
			       const uint8_t *mac)
{
	if (arphrd == ARPHRD_ETHER_ && len == 6)
		memcpy(out->source_mac, mac, 6);
}

/* LINKTYPE_LINUX_SLL: type, ARPHRD, length of the address, address[8], protocol */
static enum packet_result read_cooked(struct layers *l, uint16_t *ether_type)
{
	const uint8_t *head = layers_take(l, 16);

	if (!head)
		return PACKET_CUT;
	take_cooked_type(l->out, be16_at(head));
	take_cooked_source(l->out, be16_at(head + 2), be16_at(head + 4), head + 6);
	*ether_type = be16_at(head + 14);
	return PACKET_TAKEN;
}

/* LINKTYPE_LINUX_SLL2: protocol, 0[2], ifindex[4], ARPHRD, type[1], length[1], address[8]
 */
static enum packet_result read_cooked2(struct layers *l, uint16_t *ether_type)
{
	const uint8_t *head = layers_take(l, 20);

	if (!head)
		return PACKET_CUT;
	l->out->device = be32_at(head + 4);
	take_cooked_type(l->out, head[10]);
	take_cooked_source(l->out, be16_at(head + 8), head[11], head + 12);
	*ether_type = be16_at(head);
	return PACKET_TAKEN;
}

/* An IP header tells its version itself. */
static enum packet_result read_raw(struct layers *l, uint16_t *ether_type)
{
	if (!cursor_left(&l->c))
		return PACKET_CUT;
	switch (*l->c.at >> 4) {
	case 4:
		*ether_type = ETHER_IPV4;
		return PACKET_TAKEN;
	case 6:
		*ether_type = ETHER_IPV6;
		return PACKET_TAKEN;
	default:
		return PACKET_MALFORMED;
	}
}

static enum packet_result read_ipv4(struct layers *l, uint16_t *ether_type)
{
	(void)l;
	*ether_type = ETHER_IPV4;
	return PACKET_TAKEN;
}

static enum packet_result read_ipv6(struct layers *l, uint16_t *ether_type)
{
	(void)l;
	*ether_type = ETHER_IPV6;
	return PACKET_TAKEN;
}

/* An address family, in the byte order of the host that captured; BSDs differ for IPv6. */
static enum packet_result read_null(struct layers *l, uint16_t *ether_type)
{
	const uint8_t *head = layers_take(l, 4);
	uint32_t family;

	if (!head)
		return PACKET_CUT;
	family = be32_at(head);
	if (family > 0xffff)
		family = head[0] | (uint32_t)head[1] << 8;
	switch (family) {
	case 2:
		*ether_type = ETHER_IPV4;
		return PACKET_TAKEN;
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* Darwin */
		*ether_type = ETHER_IPV6;
		return PACKET_TAKEN;
	default:
		return PACKET_OTHER;
	}
}

/* pcap-linktype(7). Linux calls "raw IP" 12; 14, as OpenBSD does, libpcap does not read
 * here. */
static const struct link_type link_types[] = {
	{LINK_ETHERNET, read_ethernet},
	{113, read_cooked},
	{276, read_cooked2},
	{101, read_raw},
	{12, read_raw},
	{228, read_ipv4},
	{229, read_ipv6},
	{0, read_null},
	{108, read_null},
};

static const struct link_type *find_link(int number)
{
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++)
		if (link_types[i].number == number)
			return &link_types[i];
	return NULL;
}

bool packet_knows_link(int link_type)
{
	return find_link(link_type);
}

static bool is_vlan(uint16_t ether_type)
{
	return ether_type == ETHER_VLAN || ether_type == ETHER_QINQ ||
	       ether_type == ETHER_QINQ_OLD;
}

enum packet_result link_read(struct layers *l, int link_type, uint16_t *ether_type)
{
	const struct link_type *type = find_link(link_type);
	enum packet_result result;
	const uint8_t *tag;

	if (!type)
		return PACKET_UNKNOWN_LINK;
	result = type->read(l, ether_type);
	for (int n = 0; result == PACKET_TAKEN && is_vlan(*ether_type); n++) {
		if (n == VLAN_TAGS_MAX)
			return PACKET_OTHER;
		tag = layers_take(l, 4);
		if (!tag)
			return PACKET_CUT;
		*ether_type = be16_at(tag + 2);
	}
	return result;
}
