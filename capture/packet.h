/*
 * One captured frame -> the few facts that the tracker needs. Pure; every byte is checked.
 * RFC 791, 8200, 9293, 768, 792, 4443; pcap-linktype(7); IEEE 802.1Q.
 */
#ifndef CAPTURE_PACKET_H
#define CAPTURE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/addr.h"

/* A frame as it was captured; bytes are borrowed. */
struct frame_in {
	int64_t at_ns; /* CLOCK_REALTIME */
	const uint8_t *bytes;
	uint32_t len;      /* captured */
	uint32_t wire_len; /* on the wire */
	int link_type;     /* DLT_... / LINKTYPE_... number */
	uint32_t device;   /* of the file or handle; a cooked v2 header overrides it */
};

enum {
	TH_FIN_ = 1,
	TH_SYN_ = 2,
	TH_RST_ = 4,
	TH_PUSH_ = 8,
	TH_ACK_ = 16,
	TH_URG_ = 32,
	TH_ECE_ = 64,
	TH_CWR_ = 128
};

/* Ends of the packet, or of the packet that an ICMP error quotes. */
struct flow {
	struct addr source, target;
	uint16_t source_port, target_port;
	uint8_t proto; /* IPPROTO_TCP or UDP */
};

struct packet {
	int64_t at_ns;
	uint32_t device; /* ifindex; 0: not known */
	struct flow flow;
	uint8_t ttl;
	uint8_t tcp_flags;
	uint8_t options_len; /* captured bytes of TCP options: right before the payload */
	uint32_t sequence, acknowledged;
	uint16_t window, mss;      /* mss 0: no such option */
	uint16_t ip_id;            /* IPv4; IPv6: 0 */
	uint16_t icmp_mtu;         /* of "too big" errors, saturating; 0: not told */
	const uint8_t *payload;    /* borrowed; what was captured of it */
	uint32_t payload_len;      /* captured */
	uint32_t payload_wire_len; /* as the headers tell it */
	bool is_icmp;              /* an ICMP error; flow is what it quotes */
	uint8_t icmp_type, icmp_code;
	struct addr icmp_from;
	bool has_macs, is_to_other_mac, is_outgoing;
	uint8_t source_mac[6], target_mac[6];
};

enum packet_result {
	PACKET_TAKEN, /* *out is filled */
	PACKET_OTHER, /* well-formed, but nothing for the tracker: ARP, a later fragment,
			 other protocols, ICMP that is no error */
	PACKET_CUT,   /* it ends before its headers do */
	PACKET_MALFORMED, /* lengths that contradict each other */
	PACKET_UNKNOWN_LINK,
};

/* It cannot be said what it was. */
static inline bool packet_is_undecoded(enum packet_result result)
{
	return result > PACKET_OTHER;
}

enum packet_result packet_read(struct packet *out, const struct frame_in *f);
/* Those of n_frames that are taken, in their order: at most n_frames. Returns how many;
 * *n_undecoded of the others are so. */
size_t packet_read_all(struct packet *out, const struct frame_in *frames, size_t n_frames,
		       size_t *n_undecoded);

/* The sender's clock of RFC 7323, if the packet has one. Reads options anew: not for every
 * packet. */
bool packet_timestamp(const struct packet *p, uint32_t *value);

/* True for link types that packet_read() knows. */
bool packet_knows_link(int link_type);

#endif
