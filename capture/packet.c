/*
 * From a frame to TCP, UDP and the ICMP errors that quote them. Link headers are read in
 * packet_links.c, IP headers in packet_ip.c. Does not interpret: that is the tracker's.
 */
#include "capture/packet.h"

#include <netinet/in.h>
#include <string.h>

#include "capture/packet_layers.h"

enum {
	TCP_HEAD = 20,
	OPTION_END = 0,
	OPTION_NOTHING = 1,
	OPTION_MSS = 2,
	OPTION_TIMESTAMP = 8
};

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

static __attribute__((noinline)) uint16_t search_mss(const uint8_t *at, size_t len)
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

/* It stands first in nearly every SYN. */
static inline uint16_t read_mss(const uint8_t *at, size_t len)
{
	if (len >= 4 && at[0] == OPTION_MSS && at[1] == 4)
		return be16_at(at + 2);
	return search_mss(at, len);
}

static void take_payload(struct layers *l)
{
	l->out->payload = l->c.at;
	l->out->payload_len = (uint32_t)cursor_left(&l->c);
	l->out->payload_wire_len = l->wire_left;
}

/* TCP_HEAD bytes */
static inline void take_tcp_head(struct packet *out, const uint8_t *head)
{
	out->flow.source_port = be16_at(head);
	out->flow.target_port = be16_at(head + 2);
	out->sequence = be32_at(head + 4);
	out->acknowledged = be32_at(head + 8);
	out->tcp_flags = head[13];
	out->window = be16_at(head + 14);
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
	take_tcp_head(out, head);
	if (head[13] & TH_SYN_)
		out->mss = read_mss(l->c.at, captured);
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

/* ---- The plain frame -------------------------------------------------------------------
 *
 * Nearly all of a capture is TCP right behind an IP header without options, right behind
 * Ethernet: its places are known, so that all lengths are checked once, before a byte is
 * taken.
 */

enum { ETHERNET_HEAD = 14, IPV4_HEAD = 20, IPV6_HEAD = 40 };

/* Of the IP header; 0: not plain. *total: bytes from there to the end of the packet. */
static inline uint32_t plain_ip_head(const uint8_t *ip, uint32_t len, uint16_t ether_type,
				     uint32_t *total)
{
	if (ether_type == ETHER_IPV4 && len >= IPV4_HEAD + TCP_HEAD) {
		*total = be16_at(ip + 2);
		return ip[0] == 0x45 && ip[9] == IPPROTO_TCP && !(be16_at(ip + 6) & 0x3fff)
			       ? IPV4_HEAD
			       : 0;
	}
	if (ether_type == ETHER_IPV6 && len >= IPV6_HEAD + TCP_HEAD) {
		*total = be16_at(ip + 4) + (uint32_t)IPV6_HEAD;
		return ip[0] >> 4 == 6 && ip[6] == IPPROTO_TCP ? IPV6_HEAD : 0;
	}
	return 0;
}

/* With zeros behind it at once: who reads eight bytes that two stores wrote has to wait. */
static inline void put_ipv4(struct addr *out, const uint8_t *at)
{
	uint32_t word;
	uint64_t words;

	memcpy(&word, at, sizeof(word));
	words = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? (uint64_t)word
							  : (uint64_t)word << 32;
	memcpy(out->bytes, &words, sizeof(words));
}

static inline void take_plain_ip(struct packet *out, const uint8_t *ip, uint32_t head)
{
	struct flow *f = &out->flow;

	f->proto = IPPROTO_TCP;
	if (head == IPV4_HEAD) {
		out->ttl = ip[8];
		out->ip_id = be16_at(ip + 4);
		f->source.family = f->target.family = AF_INET;
		put_ipv4(&f->source, ip + 12);
		put_ipv4(&f->target, ip + 16);
		return;
	}
	out->ttl = ip[7];
	f->source.family = f->target.family = AF_INET6;
	memcpy(f->source.bytes, ip + 8, 16);
	memcpy(f->target.bytes, ip + 24, 16);
}

/* False: nothing was taken; it has to be read layer by layer. */
static bool read_plain(struct packet *out, const struct frame_in *f)
{
	uint32_t wire = f->wire_len > f->len ? f->wire_len : f->len, len = f->len;
	const uint8_t *ip = f->bytes + ETHERNET_HEAD, *tcp;
	uint32_t total, head, options, captured;

	if (f->link_type != LINK_ETHERNET || len < ETHERNET_HEAD + IPV4_HEAD + TCP_HEAD)
		return false;
	len -= ETHERNET_HEAD;
	head = plain_ip_head(ip, len, be16_at(f->bytes + 12), &total);
	if (!head || total < head + TCP_HEAD || total > wire - ETHERNET_HEAD)
		return false;
	tcp = ip + head;
	options = (tcp[12] >> 4) * 4U;
	if (options < TCP_HEAD || head + options > total)
		return false;
	len = (len < total ? len : total) - head;
	captured = options < len ? options : len;
	out->has_macs = true;
	memcpy(out->target_mac, f->bytes, 6);
	memcpy(out->source_mac, f->bytes + 6, 6);
	take_plain_ip(out, ip, head);
	take_tcp_head(out, tcp);
	if (out->tcp_flags & TH_SYN_)
		out->mss = read_mss(tcp + TCP_HEAD, captured - TCP_HEAD);
	out->options_len = (uint8_t)(captured - TCP_HEAD);
	out->payload = tcp + captured;
	out->payload_len = len - captured;
	out->payload_wire_len = total - head - options;
	return true;
}

/* ----------------------------------------------------------------------------------------
 */

__attribute__((noinline)) enum packet_result packet_read_layers(struct packet *out,
								const struct frame_in *f)
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

/* In pieces, which the compiler makes plain stores of: a "rep stos" of the whole takes
 * longer than all the rest. */
static inline void clear(struct packet *out)
{
	enum { PIECE = 32, REST = sizeof(*out) % PIECE };
	char *at = (char *)out;

#pragma GCC unroll 8
	for (size_t i = 0; i < sizeof(*out) / PIECE; i++)
		memset(at + i * PIECE, 0, PIECE);
	memset(at + sizeof(*out) - REST, 0, REST);
}

enum packet_result packet_read(struct packet *out, const struct frame_in *f)
{
	clear(out);
	out->at_ns = f->at_ns;
	out->device = f->device;
	return read_plain(out, f) ? PACKET_TAKEN : packet_read_layers(out, f);
}
