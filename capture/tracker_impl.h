/*
 * What the files of the tracker share: one live attempt, the tables it stands in, and who
 * does what. tracker.c: batches, finding by flow, packets' time. tracker_table.c: memory.
 * tracker_lists.c: orders. tracker_time.c: what silence decides. tracker_tcp.c,
 * tracker_udp.c, tracker_icmp.c: the rules. tracker_seen.c: one packet on several devices.
 * tracker_stream.c: the conversation behind the handshake. tracker_tell.c: the attempt as
 * others see it. Not for others.
 */
#ifndef CAPTURE_TRACKER_IMPL_H
#define CAPTURE_TRACKER_IMPL_H

#include "capture/payload.h"
#include "capture/tracker.h"
#include "core/base/time.h"

/* For an answer to a SYN or datagram, and for the ACK of a SYN-ACK. */
#define ANSWER_WAIT_NS (3 * NS_PER_S)

/* Of a function that does nothing but prefetch: gcc takes it for one without effect, and
 * leaves its calls out. */
#define PREFETCHES inline __attribute__((always_inline))

enum {
	BATCH = 64,
	VANTAGES_MAX = 6,
	SIGHTINGS_MAX = 8,
	EVENTS_EARLY = 4,  /* a handshake has three */
	TICK_BITS = 24,    /* 2^24 ns: 17 ms */
	WHEEL_TICKS = 256, /* 4.3 s: more than any wait for an outcome */
	LIST_LINGER = WHEEL_TICKS,
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
	LIVE_SYN_ACK_AGAIN = 64,
	LIVE_CLIENT_RESET = 128, /* after a SYN-ACK */
};

/*
 * One attempt that may yet change: what the rules need of it, in two neighbouring lines of
 * memory. Finding it, and most packets of a conversation, need the first only.
 */
struct live {
	_Alignas(128) struct addr client;
	struct addr server;
	uint16_t client_port, server_port;
	uint8_t proto, outcome;
	uint8_t flags; /* enum live_flags */
	uint8_t next_sighting;
	uint16_t syn_data; /* payload bytes of the SYN (RFC 7413) */
	uint32_t index;    /* its own */
	uint32_t place; /* where its list has it, see tracker_lists.c; free: the next one */
	/* When silence decides; lingering: when it may be forgotten. */
	int64_t deadline_ns;

	uint32_t sequence, server_sequence;
	int64_t last_ns;        /* of its SYNs (UDP: of the client's datagrams) */
	int64_t active_ns;      /* of any of its packets that count */
	int64_t reset_until_ns; /* an RST of the server until then is reset-later */
	struct sighting seen;   /* without events */
};

_Static_assert(sizeof(struct live) == 128, "two lines of memory");

/* What is only told. */
struct detail {
	int64_t first_ns, answered_ns, rtt_ns;
	uint32_t n_syns, n_syn_acks, n_client_resets, n_icmp;
	uint32_t n_client_bytes, n_server_bytes;
	uint32_t next_client, next_server; /* sequence numbers behind the last bytes seen */
	uint32_t devices[ATTEMPT_DEVICES_MAX];
	uint8_t n_devices;
	uint8_t syn_ttl, syn_ack_ttl, rst_ttl, syn_flags;
	uint8_t icmp_type, icmp_code;
	uint8_t client_bytes, server_bytes;
	uint8_t client_mac[6], server_mac[6];
	uint16_t syn_mss;
	uint16_t http_status;
	struct addr icmp_from;
};

/* What following one direction of a conversation needs; see tracker_stream.c. */
struct strand {
	uint32_t again_at;    /* sequence number: of the segment sent again last */
	uint32_t hole_at;     /* of the first byte that is missing */
	uint32_t large_end;   /* behind the largest segment that may yet be acknowledged */
	uint32_t record_left; /* bytes of the TLS record in hand, its head included */
	uint16_t large_bytes; /* 0: no such segment is under way */
	bool is_lost;         /* it is not TLS, or it is not known where a record begins */
	bool is_sealed;       /* a record of encrypted data was seen */
};

/* Kept with_events only, one per live attempt. */
struct ladder {
	struct sighting seen[SIGHTINGS_MAX];
	struct attempt_event events[EVENTS_EARLY]; /* the others: in its rest */
	uint8_t n_events;
	bool has_sni;
	bool has_clock;
	uint32_t clock; /* the client's latest timestamp (RFC 7323) */
	struct strand strands[N_STREAM_ENDS];
	struct stream stream;
};

/* What attempts without a conversation have not: apart, so that it takes no memory of them.
 * Only what the ladder counts in it is filled. */
struct ladder_rest {
	struct attempt_event events[ATTEMPT_EVENTS_MAX - EVENTS_EARLY];
	char sni[ATTEMPT_SNI_MAX];
};

/*
 * Of an open hash table: a row's index, and above it as many bits of its hash as there is
 * room for; index 0: empty. So small because most slots are looked at in vain, and each
 * look is a line of memory.
 */
enum { SLOT_INDEX_BITS = 24 };

/* A list of rows in their order: its blocks, and places in the first and the last. */
struct list {
	uint32_t first, last; /* blocks; 0: none */
	uint32_t head, tail;  /* the next to come out of the first, to go into the last */
};

struct tracker {
	struct tracker_options options;
	int64_t at_ns;  /* of the packet in hand, made sane */
	int64_t now_ns; /* the latest seen */
	int64_t tick;   /* now_ns >> TICK_BITS, as far as the wheel has turned */
	uint32_t *slots;
	size_t n_slots; /* a power of two */
	size_t n_live;
	/* By index, with room for all of them; memory comes when it is touched. */
	struct live *rows;
	uint32_t *hashes; /* of their flows: side by side, as neighbours in slots are not */
	struct detail *details; /* NULL: nothing is told */
	struct ladder *ladders; /* NULL: without events */
	struct ladder_rest *rests;
	uint64_t *changed; /* not yet told so: one bit each; NULL: nothing is told */
	uint32_t n_rows;   /* ever handed out, row 0 included, which is not used */
	uint32_t free_row; /* through `next` */
	size_t bytes;
	struct list lists[N_LISTS];
	uint64_t used_lists[N_LISTS / 64 + 1]; /* a bit each: it has entries */
	struct list_block *blocks;
	uint32_t n_blocks; /* ever handed out, block 0 included, which is not used */
	uint32_t free_block;
	uint32_t n_used_blocks;
	uint64_t n_attempts, n_evicted, n_presumed, n_outcomes[N_OUTCOMES];
	struct attempt told;  /* filled anew for every telling */
	struct detail untold; /* stands in for all details where nothing is told */
};

/* ---- tracker_table.c */

int table_open(struct tracker *t);
void table_close(struct tracker *t);
/* A zeroed row, findable once its flow is filled in, of no list. NULL: no room. A row
 * without proto is not in use. */
struct live *table_add(struct tracker *t, uint32_t hash);
void table_remove(struct tracker *t, struct live *e);
/* No row is in use then; memory is kept. */
void table_clear(struct tracker *t);

/* ---- tracker_lists.c */

/* What they take for so many rows, at most. */
size_t lists_bytes(size_t n_rows);
/* 0 or -ENOMEM. */
int lists_open(struct tracker *t);
void lists_close(struct tracker *t);
/* The last of `list`, and of no other. */
void list_add(struct tracker *t, struct live *e, unsigned list);
/* The first of a list, or NULL. */
struct live *list_first(struct tracker *t, unsigned list);
/* The first row of the wheel's lists, the one of tick `from` before those behind it. */
struct live *list_first_of_wheel(struct tracker *t, int64_t from);
/* All lists are empty then. */
void lists_clear(struct tracker *t);

static inline uint32_t slot_of(uint32_t hash, uint32_t index)
{
	return hash >> SLOT_INDEX_BITS << SLOT_INDEX_BITS | index;
}

static inline uint32_t slot_index(uint32_t slot)
{
	return slot & ((UINT32_C(1) << SLOT_INDEX_BITS) - 1);
}

static inline bool slot_may_be_of(uint32_t slot, uint32_t hash)
{
	return (slot ^ hash) >> SLOT_INDEX_BITS == 0;
}

static inline struct live *live_at(const struct tracker *t, uint32_t index)
{
	return &t->rows[index];
}

static inline struct detail *live_detail(struct tracker *t, const struct live *e)
{
	return t->details ? &t->details[e->index] : &t->untold;
}

/* NULL without events. */
static inline struct ladder *live_ladder(const struct tracker *t, const struct live *e)
{
	return t->ladders ? &t->ladders[e->index] : NULL;
}

/* With events: its packets are told one by one, and what becomes of it. */
static inline bool is_followed(const struct tracker *t)
{
	return t->ladders;
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

/* For counts of bytes: what does not fit stays at the most. */
static inline void add_saturating(uint32_t *sum, uint32_t n)
{
	*sum = n > UINT32_MAX - *sum ? UINT32_MAX : *sum + n;
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
/* What is decided has changed: it is told, at once if not once only. */
void live_news(struct tracker *t, struct live *e);
/* It is to be told when asked for. */
void live_changed(struct tracker *t, const struct live *e);
/* Its client sent the SYN or another datagram again. */
void live_asked_again(struct tracker *t, struct live *e, const struct packet *p);
/* The first answer: its time and the round trip. */
void live_answered(struct tracker *t, struct live *e);
/* Its TLS server name, of ATTEMPT_SNI_MAX bytes. Only with events. */
void live_named(struct tracker *t, const struct live *e, const char *sni);
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

/* ---- tracker_stream.c: only with events */

/* What is left of the tuple's conversation before, when a SYN begins another. */
struct stream_before {
	bool is_known, has_clock;
	uint32_t clock;
};
/* e: NULL, or what stood under the tuple; is_from_server: the SYN is of its server. */
struct stream_before stream_before(const struct tracker *t, const struct live *e,
				   bool is_from_server);
void stream_begin(struct tracker *t, struct live *e, const struct packet *p,
		  const struct stream_before *before);
/* A packet that is no RST, seen the first time; before its payload is counted. */
void stream_take(struct tracker *t, struct live *e, const struct packet *p,
		 bool is_from_server);
void stream_reset(struct tracker *t, struct live *e, const struct packet *p,
		  bool is_from_server);
/* Something happened that a handshake alone has not. */
bool stream_has_news(const struct stream *s);
void stream_bare_ack(struct tracker *t, struct live *e);
/* An ICMP error: a packet is too big for the next link. */
void stream_too_big(struct tracker *t, struct live *e, const struct packet *p);
void stream_first_bytes(struct tracker *t, struct live *e, const struct payload *first,
			bool is_from_server);

/* ---- the rules; e: NULL if the flow is not known */

/* Does only an RST, or another SYN, change it, or what is known of it? */
static inline bool tcp_is_over(const struct tracker *t, const struct live *e)
{
	const unsigned answered = 1U << OUTCOME_ANSWERED | 1U << OUTCOME_RESET_LATER;
	unsigned over = 1U << OUTCOME_REFUSED | (t->options.with_events ? 0 : answered);

	return over >> e->outcome & 1;
}

void tcp_take(struct tracker *t, struct live *e, const struct packet *p, uint32_t hash,
	      bool is_from_server);
void udp_take(struct tracker *t, struct live *e, const struct packet *p, uint32_t hash,
	      bool is_from_server);
void icmp_take(struct tracker *t, struct live *e, const struct packet *p,
	       bool quotes_server);

#endif
