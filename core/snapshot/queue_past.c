/* Rings of queue lengths, one for each endpoint. Draws no conclusion. */
#include "core/snapshot/queue_past.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/time.h"

void queue_past_init(struct queue_past *p)
{
	*p = (struct queue_past){.rows = VEC_OF(struct queue_past_row)};
}

void queue_past_release(struct queue_past *p)
{
	vec_release(&p->rows);
}

static int compare_ids(const void *a, const void *b)
{
	const struct queue_past_row *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static struct queue_past_row *find(const struct queue_past *p, uint64_t id)
{
	struct queue_past_row key = {.id = id};

	if (!p->rows.n)
		return NULL;
	return bsearch(&key, p->rows.data, p->rows.n, sizeof(key), compare_ids);
}

static uint32_t *length_at(struct queue_past_row *row, int64_t slot)
{
	int64_t at = slot % QUEUE_PAST_SLOTS;

	return &row->lengths[at < 0 ? at + QUEUE_PAST_SLOTS : at];
}

/* Slots that nobody looked in are not known. */
static void note(struct queue_past_row *row, int64_t slot, uint32_t length)
{
	int64_t from = row->slot + 1;
	uint32_t *now;

	if (slot - row->slot > QUEUE_PAST_SLOTS)
		from = slot - QUEUE_PAST_SLOTS + 1;
	for (int64_t s = from; s <= slot; s++)
		*length_at(row, s) = QUEUE_UNKNOWN;
	row->slot = slot;
	now = length_at(row, slot);
	if (length != QUEUE_UNKNOWN && (*now == QUEUE_UNKNOWN || length > *now))
		*now = length;
}

static bool is_forgotten(const struct queue_past *p, const struct queue_past_row *row)
{
	return p->slot - row->slot >= QUEUE_PAST_SLOTS;
}

static void forget_old(struct queue_past *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->rows.n; i++) {
		const struct queue_past_row *row = vec_at(&p->rows, i);

		if (!is_forgotten(p, row))
			*(struct queue_past_row *)vec_at(&p->rows, kept++) = *row;
	}
	vec_truncate(&p->rows, kept);
}

/* Behind the others: they are sorted afterwards. */
static int add(struct queue_past *p, const struct endpoint *e)
{
	struct queue_past_row *row;

	if (p->rows.n >= QUEUE_PAST_ENDPOINTS_MAX) {
		p->n_left_out++;
		return 0;
	}
	row = vec_push(&p->rows);
	if (!row)
		return -ENOMEM;
	row->id = e->id;
	row->slot = p->slot - QUEUE_PAST_SLOTS;
	note(row, p->slot, e->queue.length);
	return 0;
}

/* Endpoints that have no row yet. */
static int add_new(struct queue_past *p, const struct snapshot *s)
{
	size_t n_before = p->rows.n;
	struct queue_past before = *p;
	int r = 0;

	for (size_t i = 0; i < s->n_endpoints && !r; i++) {
		before.rows.data = p->rows.data;
		before.rows.n = n_before;
		if (!find(&before, s->endpoints[i].id))
			r = add(p, &s->endpoints[i]);
	}
	if (p->rows.n > n_before)
		qsort(p->rows.data, p->rows.n, sizeof(struct queue_past_row), compare_ids);
	return r;
}

int queue_past_take(struct queue_past *p, const struct snapshot *s)
{
	int64_t slot = s->boot_ns / (QUEUE_PAST_SLOT_S * NS_PER_S);
	size_t n_found = 0;

	if (slot < p->slot) /* another recording, or a clock that was set back */
		vec_reset(&p->rows);
	p->slot = slot;
	p->n_left_out = 0;
	forget_old(p);
	for (size_t i = 0; i < s->n_endpoints; i++) {
		struct queue_past_row *row = find(p, s->endpoints[i].id);

		if (!row)
			continue;
		note(row, slot, s->endpoints[i].queue.length);
		n_found++;
	}
	return n_found < s->n_endpoints ? add_new(p, s) : 0;
}

size_t queue_past_of(const struct queue_past *p, uint64_t id,
		     uint32_t out[QUEUE_PAST_SLOTS])
{
	struct queue_past_row *row = find(p, id);
	int64_t first = p->slot - QUEUE_PAST_SLOTS + 1;
	size_t n = 0;

	for (int64_t slot = first; row && slot <= p->slot; slot++) {
		bool is_kept = slot <= row->slot && slot > row->slot - QUEUE_PAST_SLOTS;
		uint32_t length = is_kept ? *length_at(row, slot) : QUEUE_UNKNOWN;

		if (n || length != QUEUE_UNKNOWN)
			out[n++] = length;
	}
	return n;
}
