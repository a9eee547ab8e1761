/* The life of a table: counted references over one arena. Does not know any row. */
#include "core/base/table.h"

#include <assert.h>
#include <stdlib.h>

void *table_new(size_t size, void (*release)(struct table *t))
{
	struct table *t;

	assert(size >= sizeof(*t));
	t = calloc(1, size);
	if (!t)
		return NULL;
	t->refs = 1;
	t->release = release;
	arena_init(&t->arena);
	return t;
}

void *table_ref(void *t)
{
	struct table *table = t;

	if (table) {
		assert(table->refs > 0);
		table->refs++;
	}
	return t;
}

void table_unref(void *t)
{
	struct table *table = t;

	if (!table)
		return;
	assert(table->refs > 0);
	if (--table->refs)
		return;
	if (table->release)
		table->release(table);
	arena_release(&table->arena);
	free(table);
}
