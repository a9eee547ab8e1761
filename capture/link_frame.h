/*
 * One frame as it passed an interface -> what it tells of link addresses, tags and
 * checksums: TCP handshakes and resets, datagrams, ARP (RFC 826), ND (RFC 4861). Pure;
 * every byte is checked. packet(7).
 */
#ifndef CAPTURE_LINK_FRAME_H
#define CAPTURE_LINK_FRAME_H

#include "capture/packet.h"

/* A frame as packet(7) gives it, with its link header; bytes are borrowed. */
struct link_frame_in {
	int64_t at_ns; /* CLOCK_REALTIME */
	const uint8_t *bytes;
	uint32_t len, wire_len; /* captured; on the wire */
	uint32_t device;
	uint16_t hardware; /* ARPHRD_... */
	bool is_outgoing, is_to_other_mac;
	bool has_tag; /* taken out of the frame: the outermost */
	uint16_t tag;
	bool is_vouched; /* the kernel knows the checksum right, or it is yet to be made */
};

enum link_frame_kind {
	FRAME_SYN,
	FRAME_SYN_ACK,
	FRAME_RST,
	FRAME_DATAGRAM,
	FRAME_TELLS, /* the address flow.source is at source_mac, it says */
};

struct link_frame {
	const struct link_frame_in *in;
	enum link_frame_kind kind;
	struct flow flow;
	bool has_macs, is_to_group;
	uint8_t source_mac[6], target_mac[6];
	bool has_tag;
	uint16_t vlan;
	bool is_bad_checksum, is_bad_head; /* of TCP or UDP; of the IPv4 header */
};

/* False: it is none of these, or too short for them; *out is then not to be read. */
bool link_frame_read(struct link_frame *out, const struct link_frame_in *in);

#endif
