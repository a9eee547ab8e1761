/*
 * What was seen of a flow, or of link addresses, at one interface: frames of one kind,
 * direction and link addresses, counted. Plain values without pointers: what capture tells
 * and core reads. Knows no packets and judges nothing.
 */
#ifndef CORE_WIRE_LINK_SIGHT_H
#define CORE_WIRE_LINK_SIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"

/* Frames are not looked at. */
#define LINK_LOST_ALL UINT32_MAX

enum link_kind {
	LINK_STATE,  /* n: how many frames could not be looked at, or LINK_LOST_ALL */
	LINK_ASK,    /* a SYN, or a datagram of the client */
	LINK_ANSWER, /* a SYN-ACK, or a datagram of the server */
	LINK_RESET,  /* an RST of the server */
	LINK_STRAY,  /* a datagram to who asked `server`, from another address: `from` */
	LINK_TELLS,  /* ARP or ND: the address `from` is at source_mac, it says */
	N_LINK_KINDS
};

struct link_sight {
	uint8_t kind;         /* enum link_kind */
	uint8_t proto;        /* IPPROTO_TCP, IPPROTO_UDP; 0: STATE, TELLS */
	uint32_t device;      /* ifindex */
	bool is_outgoing;     /* sent by this host there, else received */
	bool is_to_other_mac; /* the frame was for another host (PACKET_OTHERHOST) */
	bool has_macs;        /* source_mac and target_mac are known */
	bool is_source_own;   /* source_mac is of an interface here, or may be */
	bool has_tag;
	uint16_t vlan; /* with has_tag: its number; 0: a priority alone */
	struct addr client, server, from;
	uint16_t server_port;
	uint8_t source_mac[6], target_mac[6];
	uint32_t n; /* frames, those sent again too */
	/* Of them, with a wrong checksum of TCP or UDP, and of the IPv4 header. Only what
	 * was received, whole, and not vouched for by the kernel, is looked at. */
	uint32_t n_bad_checksums, n_bad_heads;
	int64_t first_ns, last_ns; /* CLOCK_REALTIME */
};

/* Do they count together? All but the counts and times is the same. */
bool link_sight_is_same(const struct link_sight *a, const struct link_sight *b);

#endif
