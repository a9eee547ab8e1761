/*
 * The live attempts: chunks of rows that never move, an open hash table over them with
 * backward-shift deletion, and lists through them. Grows as it is needed; does not know
 * rules.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/tracker_impl.h"

enum { SLOTS_MIN = 1024 };

static void *tracked_calloc(struct tracker *t, size_t n, size_t size)
{
	void *memory = calloc(n, size);

	if (memory)
		t->bytes += n * size;
	return memory;
}

int table_open(struct tracker *t)
{
	t->max_chunks = (t->options.max_attempts >> CHUNK_BITS) + 1;
	t->n_slots = SLOTS_MIN;
	t->n_rows = 1;
	t->slots = tracked_calloc(t, t->n_slots, sizeof(*t->slots));
	t->chunks = tracked_calloc(t, t->max_chunks, sizeof(struct chunk *));
	return t->slots && t->chunks ? 0 : -ENOMEM;
}

void table_close(struct tracker *t)
{
	for (size_t i = 0; i < t->n_chunks; i++) {
		free(t->chunks[i]->ladders);
		free(t->chunks[i]);
	}
	free(t->chunks);
	free(t->slots);
}

/* ---- Finding ----------------------------------------------------------------------------
 */

static uint64_t end_hash(const struct addr *a, uint16_t port, uint64_t seed)
{
	uint64_t low, high;

	memcpy(&low, a->bytes, sizeof(low));
	memcpy(&high, a->bytes + sizeof(low), sizeof(high));
	low = (low ^ seed) * UINT64_C(0x9e3779b97f4a7c15);
	low ^= (high + seed) * UINT64_C(0xc2b2ae3d27d4eb4f) + port;
	low ^= low >> 32;
	low *= UINT64_C(0xd6e8feb86659fd93);
	return low ^ low >> 32;
}

uint32_t table_hash(const struct tracker *t, const struct flow *f)
{
	uint64_t hash = end_hash(&f->source, f->source_port, t->options.seed) +
			end_hash(&f->target, f->target_port, t->options.seed) + f->proto;

	return (uint32_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static bool is_same(const struct addr *a, const struct addr *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->bytes, sizeof(x)); /* of IPv4 the rest is zero */
	memcpy(y, b->bytes, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0 && a->family == b->family;
}

static bool is_of_client(const struct live *e, const struct flow *f)
{
	return e->client_port == f->source_port && e->server_port == f->target_port &&
	       is_same(&e->client, &f->source) && is_same(&e->server, &f->target);
}

static bool is_of_server(const struct live *e, const struct flow *f)
{
	return e->server_port == f->source_port && e->client_port == f->target_port &&
	       is_same(&e->server, &f->source) && is_same(&e->client, &f->target);
}

struct live *table_find(const struct tracker *t, uint32_t hash, const struct flow *f,
			bool *is_from_server)
{
	size_t mask = t->n_slots - 1;

	for (size_t at = hash & mask; t->slots[at].index; at = (at + 1) & mask) {
		struct live *e;

		if (t->slots[at].hash != hash)
			continue;
		e = live_at(t, t->slots[at].index);
		if (e->proto != f->proto)
			continue;
		*is_from_server = !is_of_client(e, f);
		if (!*is_from_server || is_of_server(e, f))
			return e;
	}
	return NULL;
}

static void put_slot(struct slot *slots, size_t n_slots, struct slot s)
{
	size_t at = s.hash & (n_slots - 1);

	while (slots[at].index)
		at = (at + 1) & (n_slots - 1);
	slots[at] = s;
}

/* At most half of the slots are taken. */
static int make_slots(struct tracker *t)
{
	struct slot *slots;
	size_t n = t->n_slots * 2;

	if (t->n_live * 2 < t->n_slots)
		return 0;
	slots = tracked_calloc(t, n, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i].index)
			put_slot(slots, n, t->slots[i]);
	t->bytes -= t->n_slots * sizeof(*slots);
	free(t->slots);
	t->slots = slots;
	t->n_slots = n;
	return 0;
}

/* What follows moves up to its own place or to the gap, so that no chain is cut. */
static void remove_slot(struct tracker *t, const struct live *e)
{
	size_t mask = t->n_slots - 1, gap = e->hash & mask;

	while (t->slots[gap].index != e->index)
		gap = (gap + 1) & mask;
	for (size_t at = (gap + 1) & mask; t->slots[at].index; at = (at + 1) & mask) {
		size_t home = t->slots[at].hash & mask;

		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		t->slots[gap] = t->slots[at];
		gap = at;
	}
	t->slots[gap].index = 0;
}

/* ---- Lists ------------------------------------------------------------------------------
 */

struct live *table_first(const struct tracker *t, unsigned list)
{
	return t->lists[list].first ? live_at(t, t->lists[list].first) : NULL;
}

static void delist(struct tracker *t, struct live *e)
{
	struct list *list = &t->lists[e->list];

	if (e->previous)
		live_at(t, e->previous)->next = e->next;
	else if (list->first == e->index)
		list->first = e->next;
	else
		return; /* in none */
	if (e->next)
		live_at(t, e->next)->previous = e->previous;
	else
		list->last = e->previous;
	e->next = e->previous = 0;
}

void table_enlist(struct tracker *t, struct live *e, unsigned number)
{
	struct list *list = &t->lists[number];

	delist(t, e);
	e->list = (uint16_t)number;
	e->previous = list->last;
	if (list->last)
		live_at(t, list->last)->next = e->index;
	else
		list->first = e->index;
	list->last = e->index;
}

/* ---- Rows -------------------------------------------------------------------------------
 */

static int make_chunk(struct tracker *t)
{
	struct chunk *c;

	if (t->n_rows >> CHUNK_BITS < t->n_chunks)
		return 0;
	c = aligned_alloc(_Alignof(struct chunk), sizeof(*c));
	if (!c)
		return -ENOMEM;
	memset(c, 0, sizeof(*c));
	t->bytes += sizeof(*c);
	if (t->options.with_events) {
		c->ladders = tracked_calloc(t, CHUNK_ROWS, sizeof(*c->ladders));
		if (!c->ladders) {
			t->bytes -= sizeof(*c);
			free(c);
			return -ENOMEM;
		}
	}
	t->chunks[t->n_chunks++] = c;
	return 0;
}

/* The row that was freed last is the one still in the processor's caches. */
static struct live *take_row(struct tracker *t)
{
	uint32_t index = t->lists[LIST_FREE].last;
	struct live *e;

	if (index) {
		e = live_at(t, index);
		delist(t, e);
		return e;
	}
	if (t->n_rows > t->options.max_attempts || make_chunk(t))
		return NULL;
	e = live_at(t, t->n_rows);
	e->index = t->n_rows++;
	return e;
}

struct live *table_add(struct tracker *t, uint32_t hash)
{
	struct live *e;
	uint32_t index;

	if (make_slots(t))
		return NULL;
	e = take_row(t);
	if (!e)
		return NULL;
	index = e->index;
	memset(e, 0, sizeof(*e));

	if (live_ladder(t, e))
		memset(live_ladder(t, e), 0, sizeof(struct ladder));
	e->index = index;
	e->hash = hash;
	put_slot(t->slots, t->n_slots, (struct slot){hash, index});
	t->n_live++;
	return e;
}

void table_remove(struct tracker *t, struct live *e)
{
	remove_slot(t, e);
	table_enlist(t, e, LIST_FREE);
	e->proto = 0;
	t->n_live--;
}

void table_clear(struct tracker *t)
{
	for (uint32_t i = 1; i < t->n_rows; i++)
		live_at(t, i)->proto = 0;
	memset(t->slots, 0, t->n_slots * sizeof(*t->slots));
	memset(t->lists, 0, sizeof(t->lists));
	t->n_rows = 1;
	t->n_live = 0;
}
