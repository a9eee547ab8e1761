/*
 * The tracker from outside: batches of packets with the memory that they need fetched ahead
 * of them, and their time. The rules are in tracker_tcp.c, tracker_udp.c, tracker_icmp.c.
 */
#include "capture/tracker.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "capture/tracker_impl.h"

enum { ATTEMPTS_MAX = (1 << SLOT_INDEX_BITS) - 2 };

enum { LINE = 64, STRIDE = 16 };

/* Later than any real capture; sums with waits do not overflow. */
#define TIME_MAX_NS (INT64_MAX / 2)
/* More than disorder: the clock was set back, or another capture begins. */
#define SET_BACK_NS (10 * NS_PER_S)

struct tracker *tracker_new(const struct tracker_options *o)
{
	struct tracker *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->bytes = sizeof(*t);
	t->options = *o;
	if (o->max_attempts < 1)
		t->options.max_attempts = 1;
	if (o->max_attempts > ATTEMPTS_MAX)
		t->options.max_attempts = ATTEMPTS_MAX;
	if (table_open(t)) {
		tracker_free(t);
		return NULL;
	}
	return t;
}

void tracker_free(struct tracker *t)
{
	if (!t)
		return;
	table_close(t);
	free(t);
}

static int64_t sane_time(int64_t at_ns)
{
	if (at_ns < 0)
		return 0;
	return at_ns < TIME_MAX_NS ? at_ns : TIME_MAX_NS;
}

static __attribute__((noinline)) void move_time(struct tracker *t, int64_t at_ns)
{
	t->at_ns = sane_time(at_ns);
	if (t->at_ns > t->now_ns)
		t->now_ns = t->at_ns;
	else if (t->at_ns < t->now_ns - SET_BACK_NS)
		time_set_back(t);
	if (t->now_ns >> TICK_BITS != t->tick)
		time_advance(t);
}

/* Nearly always on, within the tick. */
static inline void set_time(struct tracker *t, int64_t at_ns)
{
	if (at_ns >= t->now_ns && at_ns >> TICK_BITS == t->tick && at_ns < TIME_MAX_NS)
		t->at_ns = t->now_ns = at_ns;
	else
		move_time(t, at_ns);
}

/* ---- Finding ----------------------------------------------------------------------------
 */

/* Both halves of the product: every bit of a and b reaches every other. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The seed stands on both sides of a product: who does not know it finds no two ends that
 * meet. */
static inline uint64_t end_hash(const struct addr *a, uint16_t port, uint64_t seed)
{
	uint64_t low, high;

	memcpy(&low, a->bytes, sizeof(low));
	memcpy(&high, a->bytes + sizeof(low), sizeof(high));
	low ^= (port + seed) * UINT64_C(0x9e3779b97f4a7c15);
	return fold(low, high ^ UINT64_C(0xd6e8feb86659fd93) ^ seed << 1);
}

/* The same for both directions of a flow. */
static inline uint32_t flow_hash(uint64_t seed, const struct flow *f)
{
	uint64_t hash = end_hash(&f->source, f->source_port, seed) +
			end_hash(&f->target, f->target_port, seed) + f->proto;

	return (uint32_t)(hash ^ hash >> 32);
}

/* 0: the same. Without branches, here and below: which end sent a packet is a coin's toss,
 * which no processor foresees. */
static inline uint64_t differ(const struct addr *a, const struct addr *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->bytes, sizeof(x)); /* of IPv4 the rest is zero */
	memcpy(y, b->bytes, sizeof(y));
	return (x[0] ^ y[0]) | (x[1] ^ y[1]) | (uint64_t)(a->family ^ b->family);
}

/* Is the row of this flow? *is_from_server: f->source is its server. */
static inline bool is_of(const struct live *e, const struct flow *f, bool *is_from_server)
{
	uint64_t client = differ(&e->client, &f->source) | differ(&e->server, &f->target) |
			  (uint64_t)(e->client_port ^ f->source_port) |
			  (uint64_t)(e->server_port ^ f->target_port);
	uint64_t server = differ(&e->server, &f->source) | differ(&e->client, &f->target) |
			  (uint64_t)(e->server_port ^ f->source_port) |
			  (uint64_t)(e->client_port ^ f->target_port);

	*is_from_server = client != 0;
	return ((client == 0) | (server == 0)) & (e->proto == f->proto);
}

/* NULL: none. */
static inline struct live *find(const struct tracker *t, uint32_t hash,
				const struct flow *f, bool *is_from_server)
{
	const uint32_t *slots = t->slots;
	size_t mask = t->n_slots - 1;

	for (size_t at = hash & mask; slots[at]; at = (at + 1) & mask) {
		struct live *e = live_at(t, slot_index(slots[at]));

		if (slot_may_be_of(slots[at], hash) && is_of(e, f, is_from_server))
			return e;
	}
	return NULL;
}

/* ---- Packets ----------------------------------------------------------------------------
 */

/* What begins nothing and ends nothing: nearly all of a capture. */
static inline unsigned is_segment(const struct packet *p)
{
	return (p->flow.proto == IPPROTO_TCP) & !(p->tcp_flags & (TH_SYN_ | TH_RST_)) &
	       !p->is_icmp;
}

/*
 * One branch for all that matters not, as nothing foretells what a packet is: a segment of
 * no flow, or of one that it cannot change.
 */
static inline void take(struct tracker *t, const struct packet *p, uint32_t hash)
{
	unsigned is_idle = is_segment(p);
	bool is_from_server = false;
	struct live *e;

	set_time(t, p->at_ns);
	if (is_idle & !t->slots[hash & (t->n_slots - 1)])
		return;
	e = find(t, hash, &p->flow, &is_from_server);
	if (is_idle && (!e || tcp_is_over(t, e)))
		return;
	if (p->is_icmp)
		icmp_take(t, e, p, is_from_server);
	else if (p->flow.proto == IPPROTO_TCP)
		tcp_take(t, e, p, hash, is_from_server);
	else if (p->flow.proto == IPPROTO_UDP)
		udp_take(t, e, p, hash, is_from_server);
}

/* What decides needs the second line too, and what is told of it. */
static PREFETCHES void prefetch_row(const struct tracker *t, uint32_t index,
				    const struct packet *p)
{
	const char *e = (const char *)live_at(t, index);

	__builtin_prefetch(e);
	__builtin_prefetch(e + LINE);
	if (!t->details || p->payload_wire_len)
		return;
	__builtin_prefetch(&t->details[index]);
	__builtin_prefetch((const char *)&t->details[index] + LINE);
}

/* Of the next STRIDE of them. */
static PREFETCHES void fetch_rows(const struct tracker *t, const struct packet *packets,
				  const uint32_t *hashes, size_t from, size_t n)
{
	const uint32_t *slots = t->slots;
	size_t mask = t->n_slots - 1, end = from + STRIDE < n ? from + STRIDE : n;

	for (size_t i = from; i < end; i++)
		prefetch_row(t, slot_index(slots[hashes[i] & mask]), &packets[i]);
}

/*
 * The slot, then what it points to, are on their way while the packets before are taken. It
 * may point to another flow's row: to be wrong costs less than to look.
 */
static void take_batch(struct tracker *t, const struct packet *packets, size_t n)
{
	const uint32_t *slots = t->slots;
	uint64_t seed = t->options.seed;
	size_t mask = t->n_slots - 1;
	uint32_t hashes[BATCH];

	for (size_t i = 0; i < n; i++) {
		hashes[i] = flow_hash(seed, &packets[i].flow);
		__builtin_prefetch(&slots[hashes[i] & mask]);
	}
	fetch_rows(t, packets, hashes, 0, n);
	for (size_t from = 0; from < n; from += STRIDE) {
		size_t end = from + STRIDE < n ? from + STRIDE : n;

		fetch_rows(t, packets, hashes, end, n);
		for (size_t i = from; i < end; i++)
			take(t, &packets[i], hashes[i]);
	}
}

void tracker_packets(struct tracker *t, const struct packet *packets, size_t n)
{
	for (size_t at = 0; at < n; at += BATCH)
		take_batch(t, packets + at, n - at < BATCH ? n - at : BATCH);
}

void tracker_tick(struct tracker *t, int64_t now_ns)
{
	if (sane_time(now_ns) > t->now_ns)
		set_time(t, now_ns);
}

bool tracker_is_waiting(struct tracker *t)
{
	return list_first_of_wheel(t, t->tick + 1) != NULL;
}

void tracker_tell(struct tracker *t)
{
	for (uint32_t word = 0; t->changed && word <= t->n_rows / 64; word++)
		while (t->changed[word])
			live_tell(t, live_at(t, word * 64 + (uint32_t)__builtin_ctzll(
								    t->changed[word])));
}

void tracker_finish(struct tracker *t)
{
	for (uint32_t i = 1; t->changed && i < t->n_rows; i++)
		if (live_at(t, i)->proto && !live_is(live_at(t, i), LIVE_DECIDED))
			live_changed(t, live_at(t, i));
	tracker_tell(t);
	table_clear(t);
}

void tracker_state(const struct tracker *t, struct capture_state *state)
{
	state->n_attempts = t->n_attempts;
	state->n_evicted = t->n_evicted;
	memcpy(state->n_outcomes, t->n_outcomes, sizeof(state->n_outcomes));
}

uint64_t tracker_n_presumed(const struct tracker *t)
{
	return t->n_presumed;
}

size_t tracker_bytes(const struct tracker *t)
{
	return t->bytes;
}
