/* A small hash of processes by pid. Does not know the items that fill them. */
#include "core/sockets/owner_candidates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 256

void candidates_release(struct candidates *c)
{
	vec_release(&c->rows);
	free(c->slots);
	*c = (struct candidates){0};
}

void candidates_reset(struct candidates *c)
{
	vec_reset(&c->rows);
	if (c->slots)
		memset(c->slots, 0, c->n_slots * sizeof(*c->slots));
	c->last = 0;
}

struct candidate *candidates_at(const struct candidates *c, size_t i)
{
	return vec_at(&c->rows, i);
}

/* The slot that has the pid, or the free one where it belongs. */
static uint32_t *find_slot(const struct candidates *c, int32_t pid)
{
	size_t i = ((uint32_t)pid * UINT32_C(2654435761)) >> 7;

	for (;; i++) {
		uint32_t *slot = &c->slots[i & (c->n_slots - 1)];

		if (!*slot || candidates_at(c, *slot - 1)->row.pid == pid)
			return slot;
	}
}

static int grow_slots(struct candidates *c)
{
	size_t n = c->n_slots ? c->n_slots * 2 : SLOTS_MIN;
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	free(c->slots);
	c->slots = slots;
	c->n_slots = n;
	for (size_t i = 0; i < c->rows.n; i++)
		*find_slot(c, candidates_at(c, i)->row.pid) = (uint32_t)i + 1;
	return 0;
}

static int add(struct candidates *c, int32_t pid, uint32_t *slot)
{
	struct candidate *row;

	c->rows.size = sizeof(*row);
	row = vec_push(&c->rows);
	if (!row)
		return -ENOMEM;
	row->row.pid = pid;
	row->row.uid = UINT32_MAX;
	*slot = (uint32_t)c->rows.n;
	return 0;
}

int candidates_find(struct candidates *c, int32_t pid, size_t *index)
{
	uint32_t *slot;

	if (c->last < c->rows.n && candidates_at(c, c->last)->row.pid == pid) {
		*index = c->last;
		return 0;
	}
	if (c->rows.n >= UINT32_MAX - 1 ||
	    (c->rows.n * 2 >= c->n_slots && grow_slots(c) < 0))
		return -ENOMEM;
	slot = find_slot(c, pid);
	if (!*slot && add(c, pid, slot) < 0)
		return -ENOMEM;
	*index = c->last = *slot - 1;
	return 0;
}
