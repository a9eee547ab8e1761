/* Memory that is freed together: the rows of one table and their texts. Not for long-lived,
 * changing things. */
#ifndef CORE_BASE_ARENA_H
#define CORE_BASE_ARENA_H

#include <stddef.h>

#include "core/base/text.h"

struct arena_block;

/* Zeroed memory is a valid empty arena. */
struct arena {
	struct arena_block *blocks;
	size_t bytes; /* handed out so far */
};

void arena_init(struct arena *a);
void arena_release(struct arena *a);
/* Zeroed, aligned for any type; NULL for want of memory. Lives until arena_release. */
void *arena_alloc(struct arena *a, size_t size);
/* A copy of n bytes, NUL added (not counted); NULL for want of memory. */
char *arena_copy(struct arena *a, const void *bytes, size_t n);
/* A copy of a text from outside; {NULL, 0} for want of memory or for an empty one. */
struct text arena_text(struct arena *a, struct text t);

#endif
