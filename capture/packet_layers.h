/*
 * What the files of the packet decoder share: the place in a frame, and one function per
 * layer. Not for others.
 */
#ifndef CAPTURE_PACKET_LAYERS_H
#define CAPTURE_PACKET_LAYERS_H

#include "capture/packet.h"
#include "core/base/cursor.h"

enum { LINK_ETHERNET = 1, ETHER_IPV4 = 0x0800, ETHER_IPV6 = 0x86dd };
enum { TCP_HEAD = 20, OPTION_MSS = 2 };

struct layers {
	struct cursor c;    /* what was captured and not yet read */
	uint32_t wire_left; /* what was on the wire from there on */
	bool is_fragment;   /* the first one: its packet goes on elsewhere */
	uint8_t proto;      /* of what follows the IP headers */
	struct packet *out;
};

/* The next n bytes, in both counts; NULL: not so many were captured. cursor_bytes() without
 * its call: it is done three times per packet. */
static inline const uint8_t *layers_take(struct layers *l, uint32_t n)
{
	const uint8_t *at = l->c.at;

	l->wire_left = l->wire_left > n ? l->wire_left - n : 0;
	if (n > (size_t)(l->c.end - at))
		return cursor_bytes(&l->c, n);
	l->c.at = at + n;
	return at;
}

/* What lies beyond n bytes of wire (padding) is no more part of the frame. */
static inline void layers_limit(struct layers *l, uint32_t n)
{
	if (l->wire_left > n)
		l->wire_left = n;
	if (cursor_left(&l->c) > n)
		l->c.end = l->c.at + n;
}

/* Numbers within bytes that layers_take() has given. */
static inline uint16_t be16_at(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t be32_at(const uint8_t *at)
{
	return (uint32_t)be16_at(at) << 16 | be16_at(at + 2);
}

/* TCP_HEAD bytes */
static inline void layers_take_tcp(struct packet *out, const uint8_t *head)
{
	out->flow.source_port = be16_at(head);
	out->flow.target_port = be16_at(head + 2);
	out->sequence = be32_at(head + 4);
	out->acknowledged = be32_at(head + 8);
	out->tcp_flags = head[13];
	out->window = be16_at(head + 14);
}

/* Among these TCP options; 0: it is not there. */
uint16_t layers_search_mss(const uint8_t *at, size_t len);

/* It stands first in nearly every SYN. */
static inline uint16_t layers_mss(const uint8_t *at, size_t len)
{
	if (len >= 4 && at[0] == OPTION_MSS && at[1] == 4)
		return be16_at(at + 2);
	return layers_search_mss(at, len);
}

/* Reads the link header and its tags; *ether_type says what follows. */
enum packet_result link_read(struct layers *l, int link_type, uint16_t *ether_type);
/*
 * Reads the IP headers up to l->proto, into the flow's addresses. is_quoted: within an ICMP
 * error, where lengths tell of more than is there.
 */
enum packet_result ip_read(struct layers *l, uint16_t ether_type, bool is_quoted);
/* packet_read() without its short way, into an *out that is empty but for time and device:
 * for packet.c, and for the fuzz target, which holds both ways beside each other. */
enum packet_result packet_read_layers(struct packet *out, const struct frame_in *f);

#endif
