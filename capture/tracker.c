/*
 * The tracker from outside: batches of packets with the memory that they need fetched ahead
 * of them, and their time. The rules are in tracker_tcp.c, tracker_udp.c, tracker_icmp.c.
 */
#include "capture/tracker.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "capture/tracker_impl.h"

enum { BATCH = 32, ATTEMPTS_MAX = 1 << 24 };

/* Later than any real capture; sums with waits do not overflow. */
#define TIME_MAX_NS (INT64_MAX / 2)
/* More than disorder: the clock was set back, or another capture begins. */
#define SET_BACK_NS (10 * SECOND_NS)

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

static void set_time(struct tracker *t, int64_t at_ns)
{
	t->at_ns = sane_time(at_ns);
	if (t->at_ns > t->now_ns)
		t->now_ns = t->at_ns;
	else if (t->at_ns < t->now_ns - SET_BACK_NS)
		time_set_back(t);
	if (t->now_ns >> TICK_BITS != t->tick)
		time_advance(t);
}

static void take(struct tracker *t, const struct packet *p, uint32_t hash)
{
	bool is_from_server = false;
	struct live *e;

	set_time(t, p->at_ns);
	e = table_find(t, hash, &p->flow, &is_from_server);
	if (p->is_icmp)
		icmp_take(t, e, p, is_from_server);
	else if (p->flow.proto == IPPROTO_TCP)
		tcp_take(t, e, p, hash, is_from_server);
	else if (p->flow.proto == IPPROTO_UDP)
		udp_take(t, e, p, hash, is_from_server);
}

/* What decides needs the whole row. */
static inline void prefetch(const struct live *e, const struct packet *p)
{
	const char *at = (const char *)e;

	__builtin_prefetch(at);
	if (!p->is_icmp && !(p->tcp_flags & (TH_SYN_ | TH_RST_)))
		return;
	__builtin_prefetch(at + 64);
	__builtin_prefetch(at + 128);
	__builtin_prefetch(at + 192);
}

/* The slot, then what it points to, are on their way while the packets before are taken. */
static void take_batch(struct tracker *t, const struct packet *packets, size_t n)
{
	uint32_t hashes[BATCH];

	for (size_t i = 0; i < n; i++) {
		hashes[i] = table_hash(t, &packets[i].flow);
		__builtin_prefetch(&t->slots[hashes[i] & (t->n_slots - 1)]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct slot *s = &t->slots[hashes[i] & (t->n_slots - 1)];

		if (!s->index || s->hash != hashes[i])
			continue;
		prefetch(live_at(t, s->index), &packets[i]);
	}
	for (size_t i = 0; i < n; i++)
		take(t, &packets[i], hashes[i]);
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

void tracker_tell(struct tracker *t)
{
	for (size_t i = 0; i < t->n_chunks; i++) {
		struct chunk *c = t->chunks[i];

		for (size_t word = 0; word < CHUNK_ROWS / 64; word++)
			while (c->changed[word])
				live_tell(t,
					  &c->rows[word * 64 + (size_t)__builtin_ctzll(
								       c->changed[word])]);
	}
}

void tracker_finish(struct tracker *t)
{
	for (uint32_t i = 1; i < t->n_rows; i++)
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

size_t tracker_bytes(const struct tracker *t)
{
	return t->bytes;
}
