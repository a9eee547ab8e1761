/* Rows sorted and copied into an arena. */
#include "core/base/rows.h"

#include <stdlib.h>
#include <string.h>

void *rows_freeze(struct arena *a, const struct vec *v,
		  int (*compare)(const void *, const void *), size_t *n)
{
	void *rows = arena_alloc(a, v->n ? v->n * v->size : 1);

	if (!rows)
		return NULL;
	*n = v->n;
	if (!v->n)
		return rows;
	memcpy(rows, v->data, v->n * v->size);
	qsort(rows, v->n, v->size, compare);
	return rows;
}

void *rows_freeze_once(struct arena *a, const struct vec *v,
		       int (*compare)(const void *, const void *), size_t *n)
{
	char *rows = rows_freeze(a, v, compare, n);
	size_t kept = 0;

	if (!rows)
		return NULL;
	for (size_t i = 0; i < *n; i++) {
		const char *row = rows + i * v->size;

		if (kept && !compare(rows + (kept - 1) * v->size, row))
			continue;
		memmove(rows + kept++ * v->size, row, v->size);
	}
	*n = kept;
	return rows;
}
