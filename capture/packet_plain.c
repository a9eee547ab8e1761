/*
 * The plain frame: nearly all of a capture is TCP right behind an IP header without
 * options, right behind Ethernet. Its places are known, so that all lengths are checked
 * once, before a byte is taken. All other frames go to packet.c, which would say the same
 * of this one.
 */
#include "capture/packet.h"

#include <netinet/in.h>
#include <string.h>

#include "capture/packet_layers.h"

enum { ETHERNET_HEAD = 14, IPV4_HEAD = 20, IPV6_HEAD = 40 };

/* Of the IP header; 0: not plain. *total: bytes from there to the end of the packet. */
static inline uint32_t plain_ip_head(const uint8_t *ip, uint32_t len, uint16_t ether_type,
				     uint32_t *total)
{
	if (ether_type == ETHER_IPV4) {
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

/* It stands first in nearly every SYN. What is a SYN, nothing foretells: so this branches
 * for the others only. */
static inline void take_mss(struct packet *out, const uint8_t *options)
{
	unsigned is_syn = out->tcp_flags / TH_SYN_ % 2, is_first;
	uint32_t first;

	if (out->options_len < 4)
		return;
	first = be32_at(options);
	is_first = first >> 16 == (OPTION_MSS << 8 | 4);
	out->mss = (uint16_t)(first & -(is_syn & is_first));
	if (is_syn > is_first)
		out->mss = layers_search_mss(options, out->options_len);
}

/* False: nothing was taken; it has to be read layer by layer. */
static inline __attribute__((always_inline)) bool read_plain(struct packet *out,
							     const struct frame_in *f)
{
	uint32_t wire = f->wire_len > f->len ? f->wire_len : f->len, len = f->len;
	const uint8_t *ip = f->bytes + ETHERNET_HEAD, *tcp;
	uint32_t total, head, options, captured;

	if (f->link_type != LINK_ETHERNET || len < ETHERNET_HEAD + IPV4_HEAD + TCP_HEAD)
		return false;
	len -= ETHERNET_HEAD;
	head = plain_ip_head(ip, len, be16_at(f->bytes + 12), &total);
	if (!head || total > wire - ETHERNET_HEAD)
		return false;
	tcp = ip + head;
	options = head + (tcp[12] >> 4) * 4U;
	if (options < head + TCP_HEAD || options > total)
		return false;
	len = len < total ? len : total;
	captured = options < len ? options : len;
	out->has_macs = true;
	memcpy(out->target_mac, f->bytes, 6);
	memcpy(out->source_mac, f->bytes + 6, 6);
	take_plain_ip(out, ip, head);
	layers_take_tcp(out, tcp);
	out->options_len = (uint8_t)(captured - head - TCP_HEAD);
	take_mss(out, tcp + TCP_HEAD);
	out->payload = ip + captured;
	out->payload_len = len - captured;
	out->payload_wire_len = total - options;
	return true;
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

static inline __attribute__((always_inline)) enum packet_result
read_one(struct packet *out, const struct frame_in *f)
{
	clear(out);
	out->at_ns = f->at_ns;
	out->device = f->device;
	return read_plain(out, f) ? PACKET_TAKEN : packet_read_layers(out, f);
}

enum packet_result packet_read(struct packet *out, const struct frame_in *f)
{
	return read_one(out, f);
}

size_t packet_read_all(struct packet *out, const struct frame_in *frames, size_t n_frames,
		       size_t *n_undecoded)
{
	size_t n = 0;

	*n_undecoded = 0;
	for (size_t i = 0; i < n_frames; i++) {
		enum packet_result result = read_one(&out[n], &frames[i]);

		n += result == PACKET_TAKEN;
		*n_undecoded += packet_is_undecoded(result);
	}
	return n;
}
