/* The table of control group ids and paths. Does not know units: cgroup_names.c reads those
 * out of a path. */
#include "core/sockets/cgroups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/vec.h"

struct cgroup_decoder {
	struct cgroup_table
		*table;  /* its arena takes the paths; NULL before the first part */
	struct vec rows; /* struct cgroup_row */
};

struct cgroup_decoder *cgroups_new(void)
{
	struct cgroup_decoder *d = calloc(1, sizeof(*d));

	if (d)
		d->rows = VEC_OF(struct cgroup_row);
	return d;
}

void cgroups_reset(struct cgroup_decoder *d)
{
	table_unref(d->table);
	d->table = NULL;
	vec_reset(&d->rows);
}

void cgroups_free(struct cgroup_decoder *d)
{
	if (!d)
		return;
	table_unref(d->table);
	vec_release(&d->rows);
	free(d);
}

static bool has_table(struct cgroup_decoder *d)
{
	if (!d->table)
		d->table = table_new(sizeof(*d->table), NULL);
	return d->table != NULL;
}

/* Directories that vanished or could not be looked at (no inode) leave no row. */
static int take_item(void *decoder, const struct bundle_item *item)
{
	struct cgroup_decoder *d = decoder;
	struct text digits = piece_strip(item->data);
	struct cgroup_row *row;
	uint64_t id;
	char *path;

	if (item->error)
		return 0;
	if (!piece_number(&digits, UINT64_MAX, &id) || digits.len)
		return -EBADMSG;
	if (!id)
		return 0;
	path = arena_alloc(&d->table->head.arena, item->name.len + 2);
	row = path ? vec_push(&d->rows) : NULL;
	if (!row)
		return -ENOMEM;
	path[0] = '/';
	if (item->name.len)
		memcpy(path + 1, item->name.bytes, item->name.len);
	row->id = id;
	row->path = (struct text){path, item->name.len + 1};
	return 0;
}

int cgroups_decode(struct cgroup_decoder *d, const void *bytes, size_t len)
{
	return has_table(d) ? bundle_each(bytes, len, take_item, d) : -ENOMEM;
}

static int compare_rows(const void *a, const void *b)
{
	const struct cgroup_row *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return text_compare(x->path, y->path);
}

struct cgroup_table *cgroups_finish(struct cgroup_decoder *d)
{
	struct cgroup_table *t = has_table(d) ? d->table : NULL;

	if (t)
		t->rows = arena_alloc(&t->head.arena, (d->rows.n + 1) * sizeof(*t->rows));
	if (!t || !t->rows) {
		cgroups_reset(d);
		return NULL;
	}
	t->n = d->rows.n;
	if (t->n) {
		memcpy(t->rows, d->rows.data, t->n * sizeof(*t->rows));
		qsort(t->rows, t->n, sizeof(*t->rows), compare_rows);
	}
	d->table = NULL;
	cgroups_reset(d);
	return t;
}

struct text cgroups_path(const struct cgroup_table *t, uint64_t id)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->rows[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->n && t->rows[low].id == id ? t->rows[low].path : TEXT_NONE;
}
