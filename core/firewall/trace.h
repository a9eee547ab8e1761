/*
 * What the kernel told of packets that were marked for tracing: the rules that each met, in
 * order, up to the one that ended its way. Decoded and grouped into packets; compares
 * nothing. linux/netfilter/nf_tables.h (NFT_MSG_TRACE), net/netfilter/nf_tables_trace.c.
 */
#ifndef CORE_FIREWALL_TRACE_H
#define CORE_FIREWALL_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/arena.h"
#include "core/base/vec.h"

enum fw_trace_kind { FW_TRACE_POLICY = 1, FW_TRACE_RETURN, FW_TRACE_RULE };

/* A rule that matched, a base chain's policy, or a chain's end. */
struct fw_trace_event {
	enum fw_trace_kind kind;
	uint32_t packet; /* row */
	uint8_t family;  /* NFPROTO_ of the table */
	struct text table, chain;
	uint64_t handle; /* 0: the end of a chain */
	int32_t verdict; /* NF_ or NFT_ code; of a policy event the policy */
};

/* One packet on all of its way through this host, with its addresses as they were first
 * seen: before any translation. */
struct fw_trace_packet {
	int64_t wall_ns;      /* when its first event was read */
	uint32_t id;          /* as told last: it changes on the way, and is used again */
	struct addr from, to; /* none: not told */
	uint8_t proto;        /* IPPROTO_ */
	uint16_t from_port, to_port;
	uint32_t sequence, acknowledged; /* of TCP */
	uint8_t tcp_flags;
};

enum { FW_TRACE_EVENTS_MAX = 20000, FW_TRACE_PACKETS_MAX = 4096 };

/* All of one trace; grows by its parts. Zeroed memory is not one: fw_trace_init(). */
struct fw_trace {
	struct arena arena;
	struct vec packets, events;
	bool is_ready;       /* packets are marked from now on */
	bool has_lost;       /* the kernel had more to tell than was read: ENOBUFS */
	uint64_t n_left_out; /* events over the bound, or of packets that are not known */
};

void fw_trace_init(struct fw_trace *t);
void fw_trace_release(struct fw_trace *t);
/* One part, as core/host/kernel/trace.c hands it on; wall_ns: when it was read. 0, -EBADMSG
 * (what was before the damage is kept), -ENOMEM. */
int fw_trace_take(struct fw_trace *t, const void *bytes, size_t len, int64_t wall_ns);

const struct fw_trace_packet *fw_trace_packet(const struct fw_trace *t, size_t i);
const struct fw_trace_event *fw_trace_event(const struct fw_trace *t, size_t i);
/*
 * The event that ended a packet's way (drop, reject, queue, a policy that drops); if
 * nothing did, NULL, and *passed is the last that let it on (NULL: none was told).
 */
const struct fw_trace_event *fw_trace_denier(const struct fw_trace *t, size_t packet,
					     const struct fw_trace_event **passed);
/* "accept", "drop", "jump", ... */
const char *fw_trace_verdict_word(int32_t verdict);

/* The name of a table that dport itself adds for a trace. */
bool trace_is_own_table(uint8_t family, struct text name);

#endif
