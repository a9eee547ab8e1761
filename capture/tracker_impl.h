/*
 * What the files of the tracker share: one live attempt, the tables it stands in, and who
 * does what. tracker.c: batches and packets' time. tracker_table.c: memory, finding by
 * flow, lists. tracker_time.c: what silence decides. tracker_tcp.c, tracker_udp.c,
 * tracker_icmp.c: the rules. tracker_seen.c: one packet on several devices. tracker_tell.c:
 * the attempt as others see it. Not for others.
 */
#ifndef CAPTURE_TRACKER_IMPL_H
#define CAPTURE_TRACKER_IMPL_H

#include "capture/tracker.h"

#define SECOND_NS INT64_C(1000000000)

enum {
	VANTAGES_MAX = 6,
	SIGHTINGS_MAX = 8,
	CHUNK_BITS = 10,
	CHUNK_ROWS = 1 << CHUNK_BITS,
	TICK_BITS = 24,    /* 2^24 ns: 17 ms */
	WHEEL_TICKS = 256, /* 4.3 s: more than any wait for an outcome */
	LIST_LINGER = WHEEL_TICKS,
	LIST_FREE,
	N_LISTS
};

/* The latest packet of its kind, and from where it was seen: see tracker_seen.c. */
struct sighting {
	int64_t at_ns;
	uint32_t signature;
	uint16_t vantages[VANTAGES_MAX]; /* 0: no more */
};

enum live_flags {
	LIVE_DECIDED = 1,
	LIVE_SYN_ACK = 2, /* or what shows that there was one */
	LIVE_CROSSED = 4, /* both ends sent a SYN */
	LIVE_BARE_ACK = 8,
	LIVE_OTHER_MAC = 16,
	LIVE_ICMP_REJECTS = 32, /* the kept ICMP error is one that decides */
};

/* One attempt that may yet change. Its first line of memory (64 bytes) is what a lookup
 * needs, and all that most packets need. */
struct live {
	_Alignas(64) struct addr client;
	struct addr server;
	uint16_t client_port, server_port;
	uint8_t proto, outcome;
	uint8_t flags; /* enum live_flags */
	uint8_t n_devices;
	uint16_t syn_data; /* payload bytes of the SYN (RFC 7413) */
	uint32_t sequence, server_sequence;
	uint32_t hash;
	uint32_t next, previous; /* in its list */
	uint16_t list;
	uint16_t http_status;
	/* When silence decides; lingering: when it may be forgotten. */
	int64_t deadline_ns;
	int64_t first_ns, last_ns, answered_ns, rtt_ns;
	int64_t active_ns;      /* of any of its packets that count */
	int64_t reset_until_ns; /* an RST of the server until then is reset-later */
	uint32_t n_syns, n_syn_acks, n_client_resets, n_icmp;
	uint32_t n_client_bytes, n_server_bytes;
	uint32_t next_client, next_server; /* sequence numbers behind the last bytes seen */
	uint32_t devices[ATTEMPT_DEVICES_MAX];
	uint16_t syn_mss;
	uint8_t syn_ttl, syn_ack_ttl, rst_ttl, syn_flags;
	uint8_t icmp_type, icmp_code;
	uint8_t client_bytes, server_bytes;
	uint8_t client_mac[6], server_mac[6];
	struct addr icmp_from;
	uint8_t next_sighting;
	struct sighting seen; /* without events */
	uint32_t index;       /* its own */
};

/* Kept with_events only, one per live attempt. */
struct ladder {
	struct sighting seen[SIGHTINGS_MAX];
	struct attempt_event events[ATTEMPT_EVENTS_MAX];
	char sni[ATTEMPT_SNI_MAX];
	uint8_t n_events;
};

/* Live attempts never move. */
struct chunk {
	struct live rows[CHUNK_ROWS];
	uint64_t changed[CHUNK_ROWS / 64]; /* not yet told so: one bit each */
	struct ladder *ladders;
};

/* Open addressing; index 0: empty. */
struct slot {
	uint32_t hash, index;
};

struct list {
	uint32_t first, last; /* indexes; 0: none */
};

struct tracker {
	struct tracker_options options;
	int64_t at_ns;  /* of the packet in hand, made sane */
	int64_t now_ns; /* the latest seen */
	int64_t tick;   /* now_ns >> TICK_BITS, as far as the wheel has turned */
	struct slot *slots;
	size_t n_slots; /* a power of two */
	size_t n_live;
	struct chunk **chunks;
	size_t n_chunks, max_chunks;
	uint32_t n_rows; /* ever handed out, row 0 included, which is not used */
	size_t bytes;
	struct list lists[N_LISTS];
	uint64_t n_attempts, n_evicted, n_outcomes[N_OUTCOMES];
	struct attempt told; /* filled anew for every telling */
};

/* ---- tracker_table.c */

int table_open(struct tracker *t);
void table_close(struct tracker *t);
/* The same for both directions of a flow. */
uint32_t table_hash(const struct tracker *t, const struct flow *f);
/* NULL: none. *is_from_server: f->source is its server. */
struct live *table_find(const struct tracker *t, uint32_t hash, const struct flow *f,
			bool *is_from_server);
/* A zeroed row, findable once its flow is filled in, in no list. NULL: no room. A row
 * without proto is not in use. */
struct live *table_add(struct tracker *t, uint32_t hash);
void table_remove(struct tracker *t, struct live *e);
/* No row is in use then; memory is kept. */
void table_clear(struct tracker *t);
/* The last of `list`; from whatever list it was in. */
void table_enlist(struct tracker *t, struct live *e, unsigned list);
/* The first of a list, or NULL. */
struct live *table_first(const struct tracker *t, unsigned list);

static inline struct live *live_at(const struct tracker *t, uint32_t index)
{
	return &t->chunks[index >> CHUNK_BITS]->rows[index & (CHUNK_ROWS - 1)];
}

/* NULL without events. */
static inline struct ladder *live_ladder(const struct tracker *t, const struct live *e)
{
	struct ladder *all = t->chunks[e->index >> CHUNK_BITS]->ladders;

	return all ? &all[e->index & (CHUNK_ROWS - 1)] : NULL;
}

static inline bool live_is(const struct live *e, enum live_flags flag)
{
	return e->flags & flag;
}

/* Sequence numbers a and b (RFC 9293, 3.4): is a at b or behind it? */
static inline bool is_at_or_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

/* ---- tracker_time.c */

/* Has it looked at when its deadline is over. */
void time_watch(struct tracker *t, struct live *e, int64_t deadline_ns);
/* now_ns has moved on: decides what silence decides, forgets what is old. */
void time_advance(struct tracker *t);
/* The clock was set back: what waits can no more be decided by it. */
void time_set_back(struct tracker *t);

/* ---- tracker_tell.c */

/* A new attempt of p's sender; makes room. NULL: no memory. */
struct live *live_new(struct tracker *t, const struct packet *p, uint32_t hash);
/* Tells what was not told, and drops it. */
void live_forget(struct tracker *t, struct live *e);
/* Sets the outcome, decided, and tells it. */
void live_decide(struct tracker *t, struct live *e, enum outcome outcome);
/* Takes the outcome back: it is open until the deadline. */
void live_reopen(struct tracker *t, struct live *e, int64_t deadline_ns);
void live_tell(struct tracker *t, struct live *e);
/* It is to be told when asked for. */
void live_changed(struct tracker *t, const struct live *e);
/* The first answer: its time and the round trip. */
void live_answered(struct tracker *t, struct live *e);
void live_event(struct tracker *t, struct live *e, const struct packet *p,
		enum packet_kind kind, bool is_from_server, bool is_repeated);

/* ---- tracker_seen.c */

/*
 * Notes the device. True: the packet was seen a moment ago from another place, and is not
 * to be counted again.
 */
bool seen_elsewhere(struct tracker *t, struct live *e, const struct packet *p,
		    bool is_from_server);
/* Payload of a TCP packet: counts, first bytes, events. Only with events. */
void seen_data(struct tracker *t, struct live *e, const struct packet *p,
	       bool is_from_server, bool is_elsewhere);
/* The class of the first bytes of one direction; told when it is new. */
void seen_first_bytes(struct tracker *t, struct live *e, const struct packet *p,
		      bool is_from_server, bool is_beginning);

/* ---- the rules; e: NULL if the flow is not known */

void tcp_take(struct tracker *t, struct live *e, const struct packet *p, uint32_t hash,
	      bool is_from_server);
void udp_take(struct tracker *t, struct live *e, const struct packet *p, uint32_t hash,
	      bool is_from_server);
void icmp_take(struct tracker *t, struct live *e, const struct packet *p,
	       bool quotes_server);

#endif
