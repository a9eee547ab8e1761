/*
 * The common head of every table of rows: counted references and one arena. A table is
 * built by one decoder, then frozen (nobody writes to it), shared by snapshots, and dies
 * with its last reference. The concrete table embeds it as its first member and lives in
 * memory of its own (calloc).
 */
#ifndef CORE_BASE_TABLE_H
#define CORE_BASE_TABLE_H

#include "core/base/arena.h"

struct table {
	unsigned refs;
	struct arena arena;
	/* Frees what is not in the arena; NULL: nothing is. */
	void (*release)(struct table *t);
};

/* A zeroed table of size >= sizeof(struct table) bytes with one reference, or NULL. */
void *table_new(size_t size, void (*release)(struct table *t));
/* One more reference; returns t. NULL is allowed. */
void *table_ref(void *t);
/* Gives a reference back; frees at the last. NULL is allowed. */
void table_unref(void *t);

#endif
