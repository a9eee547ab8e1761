/* Memory that is freed together, cut from zeroed blocks. Never frees a single piece. */
#include "core/base/arena.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN ((size_t)4 << 10)
#define BLOCK_MAX ((size_t)64 << 10)

/* The first block of the chain is the one that is cut from. */
struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t room; /* bytes in data */
	_Alignas(max_align_t) char data[];
};

#define BLOCK_HEAD offsetof(struct arena_block, data)

void arena_init(struct arena *a)
{
	*a = (struct arena){0};
}

void arena_release(struct arena *a)
{
	struct arena_block *block = a->blocks;

	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	arena_init(a);
}

static struct arena_block *block_new(size_t room)
{
	struct arena_block *block;

	if (room > PTRDIFF_MAX - BLOCK_HEAD) /* no object is larger */
		return NULL;
	block = calloc(1, BLOCK_HEAD + room);
	if (block)
		block->room = room;
	return block;
}

/* The room of the next block: twice that of the first, within the bounds. */
static size_t next_room(const struct arena *a)
{
	size_t whole = a->blocks ? (a->blocks->room + BLOCK_HEAD) * 2 : BLOCK_MIN;

	return (whole < BLOCK_MAX ? whole : BLOCK_MAX) - BLOCK_HEAD;
}

/* An empty block for size bytes. A large piece gets one of its own, behind the first. */
static struct arena_block *add_block(struct arena *a, size_t size)
{
	size_t room = next_room(a);
	struct arena_block *block = block_new(size > room ? size : room);

	if (!block)
		return NULL;
	if (size > room && a->blocks) {
		block->next = a->blocks->next;
		a->blocks->next = block;
	} else {
		block->next = a->blocks;
		a->blocks = block;
	}
	return block;
}

static void *cut(struct arena *a, size_t size, size_t align)
{
	struct arena_block *block = a->blocks;
	size_t start = block ? (block->used + align - 1) & ~(align - 1) : 0;

	if (!block || start > block->room || size > block->room - start) {
		block = add_block(a, size);
		start = 0;
	}
	if (!block)
		return NULL;
	block->used = start + size;
	a->bytes += size;
	return block->data + start;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return cut(a, size, _Alignof(max_align_t));
}

char *arena_copy(struct arena *a, const void *bytes, size_t n)
{
	char *copy = n < SIZE_MAX ? cut(a, n + 1, 1) : NULL;

	if (copy && n)
		memcpy(copy, bytes, n);
	return copy;
}

struct text arena_text(struct arena *a, struct text t)
{
	char *copy = text_is_empty(t) ? NULL : arena_copy(a, t.bytes, t.len);

	return copy ? (struct text){copy, t.len} : TEXT_NONE;
}
