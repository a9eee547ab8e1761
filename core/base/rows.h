/* The rows that a decoder collected, as its table keeps them: in the arena, sorted. Knows
 * no row. */
#ifndef CORE_BASE_ROWS_H
#define CORE_BASE_ROWS_H

#include "core/base/arena.h"
#include "core/base/vec.h"

/* Copies v's elements into the arena in that order; *n tells how many. NULL: no memory. */
void *rows_freeze(struct arena *a, const struct vec *v,
		  int (*compare)(const void *, const void *), size_t *n);
/* The same, but of equal ones only one is kept. */
void *rows_freeze_once(struct arena *a, const struct vec *v,
		       int (*compare)(const void *, const void *), size_t *n);

#endif
