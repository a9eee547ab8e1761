/*
 * Rows in an order: lists of their indexes in blocks of one line of memory, so that what
 * comes next is known early enough to fetch it, and no row has to be touched for another's
 * sake. A row knows its place; an entry whose row has left for another place stays behind
 * and is passed over. Does not know what the lists are for.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "capture/tracker_impl.h"

enum { ENTRIES = 15, PLACE_BITS = 4, SLOTS_AHEAD = 7 };

struct list_block {
	_Alignas(64) uint32_t next; /* block; 0: none */
	uint32_t rows[ENTRIES];
};

_Static_assert(ENTRIES < 1 << PLACE_BITS, "an entry's number fits beside its block's");

/*
 * Blocks for so many rows. A row has one entry that counts; three times as many may be left
 * behind before all lists are gone through, so that this is rare. And every list may begin
 * and end within a block.
 */
static uint32_t blocks_for(size_t n_rows)
{
	return (uint32_t)(n_rows * 4 / ENTRIES) + 4 * N_LISTS;
}

size_t lists_bytes(size_t n_rows)
{
	return blocks_for(n_rows) * sizeof(struct list_block);
}

int lists_open(struct tracker *t)
{
	size_t bytes = lists_bytes(t->options.max_attempts) + sizeof(*t->blocks);

	t->n_blocks = 1;
	t->blocks = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (t->blocks == MAP_FAILED) {
		t->blocks = NULL;
		return -ENOMEM;
	}
	return 0;
}

void lists_close(struct tracker *t)
{
	if (t->blocks)
		munmap(t->blocks,
		       lists_bytes(t->options.max_attempts) + sizeof(*t->blocks));
}

void lists_clear(struct tracker *t)
{
	memset(t->lists, 0, sizeof(t->lists));
	memset(t->used_lists, 0, sizeof(t->used_lists));
	t->n_blocks = 1;
	t->free_block = 0;
	t->n_used_blocks = 0;
}

static uint32_t place_of(uint32_t block, uint32_t entry)
{
	return block << PLACE_BITS | (entry + 1);
}

static uint32_t take_block(struct tracker *t)
{
	uint32_t block = t->free_block;

	if (block)
		t->free_block = t->blocks[block].next;
	else
		block = t->n_blocks++;
	t->blocks[block].next = 0;
	t->n_used_blocks++;
	return block;
}

static void free_block(struct tracker *t, uint32_t block)
{
	t->blocks[block].next = t->free_block;
	t->free_block = block;
	t->n_used_blocks--;
}

static void begin(struct tracker *t, struct list *list, uint32_t block)
{
	size_t number = (size_t)(list - t->lists);

	list->first = block;
	t->used_lists[number / 64] |= UINT64_C(1) << number % 64;
}

static bool needs_block(const struct list *list)
{
	return !list->last || list->tail == ENTRIES;
}

static void append(struct tracker *t, struct list *list, struct live *e)
{
	if (needs_block(list)) {
		uint32_t block = take_block(t);

		if (list->last)
			t->blocks[list->last].next = block;
		else
			begin(t, list, block);
		list->last = block;
		list->tail = 0;
	}
	t->blocks[list->last].rows[list->tail] = e->index;
	e->place = place_of(list->last, list->tail++);
}

/* While a block is gone through, the rows of the next are on their way. */
static PREFETCHES void prefetch_block(const struct tracker *t, uint32_t block)
{
	for (uint32_t i = 0; block && i < ENTRIES; i++)
		__builtin_prefetch(live_at(t, t->blocks[block].rows[i]));
	__builtin_prefetch(&t->blocks[t->blocks[block].next]);
}

/* Passes the first entry. */
static void pass(struct tracker *t, struct list *list)
{
	uint32_t block = list->first;

	list->head++;
	if (block == list->last && list->head == list->tail) {
		free_block(t, block);
		*list = (struct list){0};
	} else if (list->head == ENTRIES) {
		list->first = t->blocks[block].next;
		list->head = 0;
		free_block(t, block);
		prefetch_block(t, t->blocks[list->first].next);
	}
}

/* What is first in a list is often dropped: of a row soon to come, which is here by now. */
static PREFETCHES void prefetch_slot(const struct tracker *t, const struct list *list)
{
	uint32_t soon = list->head + SLOTS_AHEAD, block = list->first;
	uint32_t index;

	if (soon >= ENTRIES) {
		block = t->blocks[block].next;
		soon -= ENTRIES;
	}
	index = block ? t->blocks[block].rows[soon] : 0;
	__builtin_prefetch(&t->slots[t->hashes[index] & (t->n_slots - 1)]);
	for (size_t i = 0; t->ladders && i < sizeof(struct ladder); i += 64)
		__builtin_prefetch((const char *)&t->ladders[index] + i, 1);
}

/* Noticed when it is looked at, not when its last row leaves. */
static void mark_empty(struct tracker *t, unsigned number)
{
	t->used_lists[number / 64] &= ~(UINT64_C(1) << number % 64);
}

struct live *list_first(struct tracker *t, unsigned number)
{
	struct list *list = &t->lists[number];

	while (list->first) {
		struct live *e = live_at(t, t->blocks[list->first].rows[list->head]);

		if (e->proto && e->place == place_of(list->first, list->head)) {
			prefetch_slot(t, list);
			return e;
		}
		pass(t, list);
	}
	mark_empty(t, number);
	return NULL;
}

/* The number of the first in use from `from` on, to the wheel's end; WHEEL_TICKS: none. */
static unsigned next_used(const struct tracker *t, unsigned from)
{
	while (from < WHEEL_TICKS) {
		uint64_t bits = t->used_lists[from / 64] >> from % 64;

		if (bits)
			return from + (unsigned)__builtin_ctzll(bits);
		from = (from / 64 + 1) * 64;
	}
	return WHEEL_TICKS;
}

struct live *list_first_of_wheel(struct tracker *t, int64_t from)
{
	unsigned at = (unsigned)(from % WHEEL_TICKS);
	struct live *e;

	/* To the end, and once more from the beginning. */
	for (int turn = 0; turn < 2; turn++, at = 0)
		while ((at = next_used(t, at)) < WHEEL_TICKS) {
			e = list_first(t, at);
			if (e)
				return e;
		}
	return NULL;
}

/* What was left behind goes; the order stays. */
static void sweep(struct tracker *t)
{
	for (unsigned i = 0; i < N_LISTS; i++) {
		struct list old = t->lists[i];
		struct live *e;

		t->lists[i] = (struct list){0};
		/* Never more blocks than before: one is freed before the next is taken. */
		for (struct list *left = &old; left->first; pass(t, left)) {
			e = live_at(t, t->blocks[left->first].rows[left->head]);
			if (e->proto && e->place == place_of(left->first, left->head))
				append(t, &t->lists[i], e);
		}
	}
}

void list_add(struct tracker *t, struct live *e, unsigned list)
{
	struct list *l = &t->lists[list];

	if (needs_block(l) && t->n_used_blocks + 2 > blocks_for(t->n_rows))
		sweep(t);
	append(t, l, e);
}
