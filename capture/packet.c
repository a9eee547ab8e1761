/*
 * From a frame to TCP, UDP and the ICMP errors that quote them, layer by layer. Link
 * headers are read in packet_links.c, IP headers in packet_ip.c; what most frames are, in
 * packet_plain.c. Does not interpret: that is the tracker's.
 */
#include "capture/packet.h"

#include <netinet/in.h>
#include <string.h>

#include "capture/packet_layers.h"

enum { OPTION_END = 0, OPTION_NOTHING = 1, OPTION_TIMESTAMP = 8 };

/* RFC 9293, 3.1: kind, and but for the first two a length, with these two. Its value; NULL:
 * there is none. Stops at what is cut. */
static const uint8_t *search_option(const uint8_t *at, size_t len, unsigned wanted,
				    unsigned wanted_len)
{
	struct cursor c = cursor_of(at, len);

	while (cursor_left(&c)) {
		unsigned kind = cursor_u8(&c), option_len;

		if (kind == OPTION_END)
			break;
		if (kind == OPTION_NOTHING)
			continue;
		option_len = cursor_u8(&c);
		if (option_len < 2)
			break;
		if (kind == wanted && option_len == wanted_len)
			return cursor_bytes(&c, option_len - 2);
		cursor_bytes(&c, option_len - 2);
	}
	return NULL;
}

uint16_t layers_search_mss(const uint8_t *at, size_t len)
{
	const uint8_t *value = search_option(at, len, OPTION_MSS, 4);

	return value ? be16_at(value) : 0;
}

bool packet_timestamp(const struct packet *p, uint32_t *value)
{
	const uint8_t *at = NULL;

	if (p->options_len)
		at = search_option(p->payload - p->options_len, p->options_len,
				   OPTION_TIMESTAMP, 10);
	if (at)
		*value = be32_at(at);
	return at != NULL;
}

static void take_payload(struct layers *l)
{
	l->out->payload = l->c.at;
	l->out->payload_len = (uint32_t)cursor_left(&l->c);
	l->out->payload_wire_len = l->wire_left;
}

/* Options that were not captured are no reason to refuse the packet. */
static enum packet_result read_tcp(struct layers *l)
{
	const uint8_t *head = layers_take(l, TCP_HEAD);
	struct packet *out = l->out;
	uint32_t options, captured;

	if (!head)
		return PACKET_CUT;
	options = (head[12] >> 4) * 4U;
	if (options < TCP_HEAD || options - TCP_HEAD > l->wire_left)
		return PACKET_MALFORMED;
	options -= TCP_HEAD;
	captured = (uint32_t)cursor_left(&l->c) < options ? (uint32_t)cursor_left(&l->c)
							  : options;
	layers_take_tcp(out, head);
	if (head[13] & TH_SYN_)
		out->mss = layers_mss(l->c.at, captured);
	out->options_len = (uint8_t)captured;
	cursor_bytes(&l->c, captured);
	l->wire_left -= options;
	take_payload(l);
	return PACKET_TAKEN;
}

static enum packet_result read_udp(struct layers *l)
{
	const uint8_t *head = layers_take(l, 8);
	uint32_t len;

	if (!head)
		return PACKET_CUT;
	len = be16_at(head + 4);
	if ((len && len < 8) || (len > l->wire_left + 8 && !l->is_fragment))
		return PACKET_MALFORMED;
	l->out->flow.source_port = be16_at(head);
	l->out->flow.target_port = be16_at(head + 2);
	if (len)
		layers_limit(l, len - 8);
	take_payload(l);
	return PACKET_TAKEN;
}

static bool is_error(uint16_t ether_type, uint8_t type)
{
	if (ether_type == ETHER_IPV6)
		return type >= 1 && type <= 4;
	return (type >= 3 && type <= 5) || type == 11 || type == 12;
}

/* At least 8 bytes of the transport header are quoted (RFC 792): ports and sequence. */
static enum packet_result read_quoted(struct layers *l)
{
	const uint8_t *head = layers_take(l, 8);
	struct packet *out = l->out;

	if (!head)
		return PACKET_CUT;
	out->flow.proto = l->proto;
	out->flow.source_port = be16_at(head);
	out->flow.target_port = be16_at(head + 2);
	if (l->proto == IPPROTO_UDP)
		return PACKET_TAKEN;
	out->sequence = be32_at(head + 4);
	head = layers_take(l, 6);
	if (head)
		out->tcp_flags = head[5];
	return PACKET_TAKEN;
}

/* Of the link that it does not fit: RFC 1191, 4; RFC 4443, 3.2. */
static uint16_t read_mtu(uint16_t ether_type, const uint8_t *head)
{
	uint32_t mtu;

	if (ether_type == ETHER_IPV4)
		return head[0] == 3 && head[1] == 4 ? be16_at(head + 6) : 0;
	mtu = head[0] == 2 ? be32_at(head + 4) : 0;
	return mtu > UINT16_MAX ? UINT16_MAX : (uint16_t)mtu;
}

static enum packet_result read_icmp(struct layers *l, uint16_t ether_type)
{
	const uint8_t *head = layers_take(l, 8);
	struct packet *out = l->out;
	enum packet_result result;
	uint8_t ttl = out->ttl;
	uint16_t ip_id = out->ip_id;

	if (!head)
		return PACKET_CUT;
	if (!is_error(ether_type, head[0]))
		return PACKET_OTHER;
	out->is_icmp = true;
	out->icmp_type = head[0];
	out->icmp_code = head[1];
	out->icmp_from = out->flow.source;
	out->icmp_mtu = read_mtu(ether_type, head);
	result = ip_read(l, ether_type, true);
	out->ttl = ttl;
	out->ip_id = ip_id;
	if (result != PACKET_TAKEN)
		return result;
	if (l->proto != IPPROTO_TCP && l->proto != IPPROTO_UDP)
		return PACKET_OTHER;
	return read_quoted(l);
}

static enum packet_result read_transport(struct layers *l, uint16_t ether_type)
{
	l->out->flow.proto = l->proto;
	switch (l->proto) {
	case IPPROTO_TCP:
		return read_tcp(l);
	case IPPROTO_UDP:
		return read_udp(l);
	case IPPROTO_ICMP:
		return ether_type == ETHER_IPV4 ? read_icmp(l, ether_type) : PACKET_OTHER;
	case IPPROTO_ICMPV6:
		return ether_type == ETHER_IPV6 ? read_icmp(l, ether_type) : PACKET_OTHER;
	default:
		return PACKET_OTHER;
	}
}

enum packet_result packet_read_layers(struct packet *out, const struct frame_in *f)
{
	struct layers l = {
		.c = cursor_of(f->bytes, f->len),
		.wire_left = f->wire_len > f->len ? f->wire_len : f->len,
		.out = out,
	};
	uint16_t ether_type = 0;
	enum packet_result result = link_read(&l, f->link_type, &ether_type);

	if (result != PACKET_TAKEN)
		return result;
	result = ip_read(&l, ether_type, false);
	if (result != PACKET_TAKEN)
		return result;
	return read_transport(&l, ether_type);
}
