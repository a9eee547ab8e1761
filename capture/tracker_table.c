/*
 * The live attempts: rows that never move, and slots of an open hash table over them with
 * backward-shift deletion. Grows as it is needed; does not know rules, nor any order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "capture/tracker_impl.h"

enum { SLOTS_MIN = 1024, ROWS_STEP = 1024 };

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

#define LARGE_PAGE ((size_t)2 << 20)
#define PAGE       ((uintptr_t)4096)

/*
 * Room for all of them, zeroed; what is never touched costs nothing. Of a large table the
 * places are random: without large pages, finding the page takes longer than reading it.
 * Its first small_bytes have none: a few rows are not to take so much memory.
 */
static void *pages_new(size_t n, size_t size, size_t small_bytes)
{
	size_t bytes = n * size;
	char *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
	if (bytes >= small_bytes + LARGE_PAGE) /* where it is not possible: as it was */
		madvise(pages + small_bytes, bytes - small_bytes, MADV_HUGEPAGE);
	return pages;
}

/* All of it at once, where one page after the other would be asked for; where that is not
 * possible they are. */
static void pages_touch(void *pages, size_t bytes)
{
	madvise(pages, bytes, MADV_POPULATE_WRITE);
}

/* Whole pages within. */
static void pages_touch_within(void *from, size_t bytes)
{
	uintptr_t first = ((uintptr_t)from + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
	uintptr_t end = ((uintptr_t)from + bytes) & ~(uintptr_t)(PAGE - 1);

	if (end > first)
		pages_touch((void *)first, end - first);
}

static void pages_free(void *pages, size_t n, size_t size)
{
	if (pages)
		munmap(pages, n * size);
}

static size_t max_rows(const struct tracker *t)
{
	return t->options.max_attempts + 1;
}

static size_t n_words(const struct tracker *t)
{
	return max_rows(t) / 64 + 1;
}

static int open_details(struct tracker *t)
{
	bool is_told = t->options.tell, with_events = t->options.with_events;

	if (is_told || with_events)
		t->details = pages_new(max_rows(t), sizeof(*t->details), LARGE_PAGE);
	if (with_events)
		t->ladders = pages_new(max_rows(t), sizeof(*t->ladders), LARGE_PAGE);
	if (with_events) /* touched here and there: never in large pages */
		t->rests = pages_new(max_rows(t), sizeof(*t->rests),
				     max_rows(t) * sizeof(*t->rests));
	if (is_told)
		t->changed = pages_new(n_words(t), sizeof(*t->changed), LARGE_PAGE);
	if (((is_told || with_events) && !t->details) ||
	    (with_events && (!t->ladders || !t->rests)) || (is_told && !t->changed))
		return -ENOMEM;
	return 0;
}

int table_open(struct tracker *t)
{
	t->n_slots = SLOTS_MIN;
	t->n_rows = 1;
	t->slots = pages_new(t->n_slots, sizeof(*t->slots), 0);
	t->rows = pages_new(max_rows(t), sizeof(*t->rows), LARGE_PAGE);
	t->hashes = pages_new(max_rows(t), sizeof(*t->hashes), 0);
	t->bytes += t->n_slots * sizeof(*t->slots) + lists_bytes(0);
	if (!t->slots || !t->rows || !t->hashes || lists_open(t))
		return -ENOMEM;
	return open_details(t);
}

void table_close(struct tracker *t)
{
	lists_close(t);
	pages_free(t->changed, n_words(t), sizeof(*t->changed));
	pages_free(t->rests, max_rows(t), sizeof(*t->rests));
	pages_free(t->ladders, max_rows(t), sizeof(*t->ladders));
	pages_free(t->details, max_rows(t), sizeof(*t->details));
	pages_free(t->hashes, max_rows(t), sizeof(*t->hashes));
	pages_free(t->rows, max_rows(t), sizeof(*t->rows));
	pages_free(t->slots, t->n_slots, sizeof(*t->slots));
}

/* ---- Slots ------------------------------------------------------------------------------
 */

static void put_slot(uint32_t *slots, size_t n_slots, uint32_t hash, uint32_t index)
{
	size_t at = hash & (n_slots - 1);

	while (slots[at])
		at = (at + 1) & (n_slots - 1);
	slots[at] = slot_of(hash, index);
}

/* At most an eighth of the slots are taken: nearly all stand in their own place, as a look
 * at the next one is a branch that nothing foretells. */
static int make_slots(struct tracker *t)
{
	size_t n = t->n_slots * 2;
	uint32_t *slots;

	if (t->n_live * 8 < t->n_slots)
		return 0;
	slots = pages_new(n, sizeof(*slots), 0);
	if (!slots)
		return -ENOMEM;
	pages_touch(slots, n * sizeof(*slots));
	for (uint32_t i = 1; i < t->n_rows; i++)
		if (live_at(t, i)->proto)
			put_slot(slots, n, t->hashes[i], i);
	pages_free(t->slots, t->n_slots, sizeof(*slots));
	t->bytes += (n - t->n_slots) * sizeof(*slots);
	t->slots = slots;
	t->n_slots = n;
	return 0;
}

/* What follows moves up to its own place or to the gap, so that no chain is cut. */
static void remove_slot(struct tracker *t, const struct live *e)
{
	size_t mask = t->n_slots - 1, gap = t->hashes[e->index] & mask;

	while (slot_index(t->slots[gap]) != e->index)
		gap = (gap + 1) & mask;
	for (size_t at = (gap + 1) & mask; t->slots[at]; at = (at + 1) & mask) {
		size_t home = t->hashes[slot_index(t->slots[at])] & mask;

		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		t->slots[gap] = t->slots[at];
		gap = at;
	}
	t->slots[gap] = 0;
}

/* ---- Rows -------------------------------------------------------------------------------
 */

/* The next ROWS_STEP rows, and their share of lists. */
static void count_rows(struct tracker *t)
{
	size_t n =
		max_rows(t) - t->n_rows < ROWS_STEP ? max_rows(t) - t->n_rows : ROWS_STEP;

	pages_touch_within(live_at(t, t->n_rows), n * sizeof(struct live));
	t->bytes += ROWS_STEP *
		    (sizeof(struct live) + sizeof(*t->hashes) +
		     (t->details ? sizeof(struct detail) : 0) +
		     (t->ladders ? sizeof(struct ladder) + sizeof(struct ladder_rest) : 0));
	t->bytes += lists_bytes(ROWS_STEP) - lists_bytes(0);
}

/* For the attempt after this one. */
static PREFETCHES void fetch_row(const struct live *e)
{
	__builtin_prefetch(e, 1);
	__builtin_prefetch((const char *)e + sizeof(*e) / 2, 1);
}

/* The row that was freed last is the one still in the processor's caches. */
static struct live *take_row(struct tracker *t)
{
	struct live *e;

	if (t->free_row) {
		e = live_at(t, t->free_row);
		t->free_row = e->place;
		fetch_row(live_at(t, t->free_row));
		return e;
	}
	if (t->n_rows % ROWS_STEP == 1)
		count_rows(t);
	e = live_at(t, t->n_rows);
	e->index = t->n_rows++;
	fetch_row(e + 2);
	return e;
}

/* In pieces, which the compiler makes plain stores of. */
static inline void clear_row(struct live *e)
{
	enum { PIECE = 32 };
	char *at = (char *)e;

#pragma GCC unroll 8
	for (size_t i = 0; i < sizeof(*e) / PIECE; i++)
		memset(at + i * PIECE, 0, PIECE);
}

struct live *table_add(struct tracker *t, uint32_t hash)
{
	struct live *e;
	uint32_t index;

	if (t->n_live == t->options.max_attempts || make_slots(t))
		return NULL;
	e = take_row(t);
	index = e->index;
	clear_row(e);
	e->index = index;
	t->hashes[index] = hash;
	if (t->details)
		t->details[index] = (struct detail){0};
	if (t->ladders)
		t->ladders[index] = (struct ladder){0};
	put_slot(t->slots, t->n_slots, hash, index);
	t->n_live++;
	return e;
}

void table_remove(struct tracker *t, struct live *e)
{
	remove_slot(t, e);
	e->place = t->free_row;
	t->free_row = e->index;
	e->proto = 0;
	t->n_live--;
}

void table_clear(struct tracker *t)
{
	for (uint32_t i = 1; i < t->n_rows; i++)
		live_at(t, i)->proto = 0;
	memset(t->slots, 0, t->n_slots * sizeof(*t->slots));
	lists_clear(t);
	t->free_row = 0;
	t->n_rows = 1;
	t->n_live = 0;
}
