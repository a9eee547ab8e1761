/* Frames built byte by byte, layer after layer, for the tests of packets and the tracker.
 */
#ifndef TESTS_UNIT_PACKET_BUILD_H
#define TESTS_UNIT_PACKET_BUILD_H

#include <netinet/in.h>
#include <string.h>

#include "capture/packet.h"

enum { FRAME_MAX = 2048 };

/* Layers are put in front of what is there: build from the payload outwards. */
struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t start; /* bytes from here to the end are in use */
};

static inline struct frame frame_new(void)
{
	return (struct frame){.start = FRAME_MAX};
}

static inline size_t frame_len(const struct frame *f)
{
	return FRAME_MAX - f->start;
}

/* n zeroed bytes in front. */
static inline uint8_t *frame_front(struct frame *f, size_t n)
{
	f->start -= n;
	return memset(f->bytes + f->start, 0, n);
}

static inline void frame_put(struct frame *f, const void *bytes, size_t n)
{
	memcpy(frame_front(f, n), bytes, n);
}

static inline void put_be16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put_be32(uint8_t *at, uint32_t value)
{
	put_be16(at, value >> 16);
	put_be16(at + 2, value & 0xffff);
}

static inline void frame_tcp(struct frame *f, const struct packet *p)
{
	uint8_t *mss = p->mss ? frame_front(f, 4) : NULL;
	uint8_t *head;

	if (mss) {
		mss[0] = 2;
		mss[1] = 4;
		put_be16(mss + 2, p->mss);
	}
	head = frame_front(f, 20);
	put_be16(head, p->flow.source_port);
	put_be16(head + 2, p->flow.target_port);
	put_be32(head + 4, p->sequence);
	put_be32(head + 8, p->acknowledged);
	head[12] = mss ? 0x60 : 0x50;
	head[13] = p->tcp_flags;
	put_be16(head + 14, p->window);
}

static inline void frame_udp(struct frame *f, const struct packet *p)
{
	size_t len = frame_len(f) + 8;
	uint8_t *head = frame_front(f, 8);

	put_be16(head, p->flow.source_port);
	put_be16(head + 2, p->flow.target_port);
	put_be16(head + 4, (unsigned)len);
}

static inline void frame_icmp(struct frame *f, unsigned type, unsigned code)
{
	uint8_t *head = frame_front(f, 8);

	head[0] = (uint8_t)type;
	head[1] = (uint8_t)code;
}

/* An IPv4 or IPv6 header, by the family of the addresses. */
static inline void frame_ip(struct frame *f, const struct addr *source,
			    const struct addr *target, unsigned proto, unsigned ttl)
{
	size_t len = frame_len(f);
	uint8_t *head = frame_front(f, source->family == AF_INET ? 20 : 40);

	if (source->family == AF_INET) {
		head[0] = 0x45;
		put_be16(head + 2, (unsigned)len + 20);
		head[8] = (uint8_t)ttl;
		head[9] = (uint8_t)proto;
		memcpy(head + 12, source->bytes, 4);
		memcpy(head + 16, target->bytes, 4);
		return;
	}
	head[0] = 0x60;
	put_be16(head + 4, (unsigned)len);
	head[6] = (uint8_t)proto;
	head[7] = (uint8_t)ttl;
	memcpy(head + 8, source->bytes, 16);
	memcpy(head + 24, target->bytes, 16);
}

/* An IPv6 extension header of 8 bytes; the header in front is to name `kind`. */
static inline void frame_extension(struct frame *f, unsigned next, unsigned second,
				   unsigned offset_and_flags)
{
	uint8_t *head = frame_front(f, 8);

	head[0] = (uint8_t)next;
	head[1] = (uint8_t)second;
	put_be16(head + 2, offset_and_flags);
}

static inline void frame_tag(struct frame *f, unsigned ether_type_behind)
{
	uint8_t *tag = frame_front(f, 4);

	put_be16(tag, 7);
	put_be16(tag + 2, ether_type_behind);
}

static inline void frame_ethernet(struct frame *f, unsigned ether_type)
{
	static const uint8_t macs[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	uint8_t *head = frame_front(f, 14);

	memcpy(head, macs, sizeof(macs));
	put_be16(head + 12, ether_type);
}

/* TCP or UDP from p's flow, up to the IP header. */
static inline struct frame frame_of(const struct packet *p)
{
	struct frame f = frame_new();

	if (p->payload_len)
		frame_put(&f, p->payload, p->payload_len);
	if (p->flow.proto == IPPROTO_TCP)
		frame_tcp(&f, p);
	else
		frame_udp(&f, p);
	frame_ip(&f, &p->flow.source, &p->flow.target, p->flow.proto, p->ttl);
	return f;
}

static inline struct frame_in frame_in_of(const struct frame *f, int link_type)
{
	return (struct frame_in){
		.at_ns = 1000,
		.bytes = f->bytes + f->start,
		.len = (uint32_t)frame_len(f),
		.wire_len = (uint32_t)frame_len(f),
		.link_type = link_type,
		.device = 5,
	};
}

static inline struct addr text_addr(const char *text)
{
	struct addr a = {0};

	addr_parse(&a, text);
	return a;
}

/* A SYN of 10.0.0.1:40000 to 10.0.0.2:443; IPv6: 2001:db8::1 and ::2. */
static inline struct packet syn_packet(int family)
{
	bool is_v4 = family == AF_INET;

	return (struct packet){
		.flow = {.source = text_addr(is_v4 ? "10.0.0.1" : "2001:db8::1"),
			 .target = text_addr(is_v4 ? "10.0.0.2" : "2001:db8::2"),
			 .source_port = 40000,
			 .target_port = 443,
			 .proto = IPPROTO_TCP},
		.ttl = 63,
		.tcp_flags = TH_SYN_,
		.sequence = 1000,
		.window = 64240,
		.mss = 1460,
	};
}

#endif
