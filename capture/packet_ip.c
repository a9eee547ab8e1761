/*
 * IPv4 and IPv6 headers with options, extension headers and fragments. Does not check
 * checksums (offloads leave them unfinished) and does not put fragments together.
 */
#include <netinet/in.h>
#include <string.h>

#include "capture/packet_layers.h"

enum { EXTENSIONS_MAX = 8 };

/* The IP header's length of the whole, 0 (left to the device): what is there. */
static enum packet_result limit_to(struct layers *l, uint32_t len, bool is_quoted)
{
	if (is_quoted)
		return PACKET_TAKEN;
	if (len > l->wire_left)
		return PACKET_MALFORMED;
	if (len)
		layers_limit(l, len);
	return PACKET_TAKEN;
}

/* Source and target stand behind each other. Twice per packet, so not by addr_from(). */
static inline void take_ends(struct packet *out, uint8_t family, const uint8_t *at,
			     size_t n)
{
	struct flow *f = &out->flow;

	f->source = (struct addr){.family = family};
	f->target = (struct addr){.family = family};
	memcpy(f->source.bytes, at, n);
	memcpy(f->target.bytes, at + n, n);
}

/* An authentication header (RFC 4302): next, length in words less two. */
static enum packet_result skip_extension(struct layers *l, bool is_authentication)
{
	const uint8_t *head = layers_take(l, 2);
	uint32_t len;

	if (!head)
		return PACKET_CUT;
	len = is_authentication ? (head[1] + 2U) * 4 : (head[1] + 1U) * 8;
	l->proto = head[0];
	if (len - 2 > l->wire_left)
		return PACKET_MALFORMED;
	return layers_take(l, len - 2) ? PACKET_TAKEN : PACKET_CUT;
}

static enum packet_result read_ipv4(struct layers *l, bool is_quoted)
{
	uint32_t wire = l->wire_left;
	const uint8_t *head = layers_take(l, 20);
	enum packet_result result;
	uint32_t head_len, total;

	if (!head)
		return PACKET_CUT;
	head_len = (head[0] & 0xfU) * 4;
	total = be16_at(head + 2);
	if (head[0] >> 4 != 4 || head_len < 20 || (total && total < head_len) ||
	    head_len > wire)
		return PACKET_MALFORMED;
	result = limit_to(l, total ? total - 20 : 0, is_quoted);
	if (result != PACKET_TAKEN)
		return result;
	if (be16_at(head + 6) & 0x1fff)
		return PACKET_OTHER;
	l->is_fragment = be16_at(head + 6) & 0x2000;
	l->out->ttl = head[8];
	l->out->ip_id = be16_at(head + 4);
	l->proto = head[9];
	take_ends(l->out, AF_INET, head + 12, 4);
	if (head_len > 20 && !layers_take(l, head_len - 20))
		return PACKET_CUT;
	return l->proto == IPPROTO_AH ? skip_extension(l, true) : PACKET_TAKEN;
}

/* Next header, 0, offset and flags, identification */
static enum packet_result read_fragment(struct layers *l)
{
	const uint8_t *head = layers_take(l, 8);

	if (!head)
		return PACKET_CUT;
	l->proto = head[0];
	l->is_fragment |= head[3] & 1;
	return be16_at(head + 2) & 0xfff8 ? PACKET_OTHER : PACKET_TAKEN;
}

static enum packet_result read_extensions(struct layers *l)
{
	enum packet_result result = PACKET_TAKEN;

	for (int n = 0; result == PACKET_TAKEN; n++) {
		if (n > EXTENSIONS_MAX)
			return PACKET_OTHER;
		switch (l->proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			result = skip_extension(l, false);
			break;
		case IPPROTO_AH:
			result = skip_extension(l, true);
			break;
		case IPPROTO_FRAGMENT:
			result = read_fragment(l);
			break;
		default:
			return PACKET_TAKEN;
		}
	}
	return result;
}

static enum packet_result read_ipv6(struct layers *l, bool is_quoted)
{
	const uint8_t *head = layers_take(l, 40);
	enum packet_result result;

	if (!head)
		return PACKET_CUT;
	if (head[0] >> 4 != 6)
		return PACKET_MALFORMED;
	result = limit_to(l, be16_at(head + 4), is_quoted);
	if (result != PACKET_TAKEN)
		return result;
	l->proto = head[6];
	l->out->ttl = head[7];
	take_ends(l->out, AF_INET6, head + 8, 16);
	return read_extensions(l);
}

enum packet_result ip_read(struct layers *l, uint16_t ether_type, bool is_quoted)
{
	switch (ether_type) {
	case ETHER_IPV4:
		return read_ipv4(l, is_quoted);
	case ETHER_IPV6:
		return read_ipv6(l, is_quoted);
	default:
		return PACKET_OTHER;
	}
}
