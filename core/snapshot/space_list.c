/* The bundle of network namespaces -> rows in order. Enters none, knows no sockets. */
#include "core/snapshot/space_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/vec.h"
#include "core/snapshot/decoders.h"
#include "core/snapshot/words.h"

struct space_list_decoder {
	struct space_list
		*table;  /* its arena takes the names; NULL before the first part */
	struct vec rows; /* struct space_entry */
};

struct space_list_decoder *space_list_new(void)
{
	struct space_list_decoder *d = calloc(1, sizeof(*d));

	if (d)
		d->rows = VEC_OF(struct space_entry);
	return d;
}

void space_list_free(struct space_list_decoder *d)
{
	if (!d)
		return;
	table_unref(d->table);
	vec_release(&d->rows);
	free(d);
}

static int prepare(struct space_list_decoder *d)
{
	if (!d->table)
		d->table = table_new(sizeof(*d->table), NULL);
	return d->table ? 0 : -ENOMEM;
}

/* 1: a row; 0: no item that tells of a namespace. */
static int read_entry(struct space_list_decoder *d, const struct bundle_item *item,
		      struct space_entry *out)
{
	struct text digits = item->data, name = item->name;
	uint64_t pid = 0;

	if (piece_starts(name, "name/")) {
		name = piece_tail(name, strlen("name/"));
		out->name = arena_text(&d->table->head.arena, name);
		if (text_is_empty(out->name))
			return name.len ? -ENOMEM : -EBADMSG;
	} else if (piece_starts(name, "pid/")) {
		name = piece_tail(name, strlen("pid/"));
		if (!piece_number(&name, INT32_MAX, &pid) || name.len || !pid)
			return -EBADMSG;
	} else {
		return 0;
	}
	out->pid = (int32_t)pid;
	out->error = item->error;
	if (!item->error && (!words_number(digits, UINT64_MAX, &out->inode) || !out->inode))
		return -EBADMSG;
	return 1;
}

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct space_list_decoder *d = decoder;
	struct space_entry entry = {0};
	struct space_entry *row;
	int r;

	if (text_equals_str(item->name, "refused"))
		return decoder_lack(item->error);
	r = read_entry(d, item, &entry);
	if (r <= 0)
		return r;
	if (d->rows.n >= SPACES_MAX)
		return -EMSGSIZE;
	row = vec_push(&d->rows);
	if (!row)
		return -ENOMEM;
	*row = entry;
	return 0;
}

int space_list_decode(struct space_list_decoder *d, const void *bytes, size_t len)
{
	int r = prepare(d);

	return r ? r : bundle_each(bytes, len, take_item, d);
}

static int by_name_and_pid(const void *a, const void *b)
{
	const struct space_entry *x = a, *y = b;

	if (text_is_empty(x->name) != text_is_empty(y->name))
		return text_is_empty(x->name) ? 1 : -1;
	if (!text_is_empty(x->name))
		return text_compare(x->name, y->name);
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static bool is_listed(const struct space_list *t, uint64_t inode)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].inode == inode)
			return true;
	return false;
}

/* A namespace with two names is listed by its first one. */
static int fill(struct space_list *t, struct vec *rows)
{
	if (!rows->n)
		return 0;
	t->rows = arena_alloc(&t->head.arena, rows->n * sizeof(*t->rows));
	if (!t->rows)
		return -ENOMEM;
	qsort(rows->data, rows->n, rows->size, by_name_and_pid);
	for (size_t i = 0; i < rows->n; i++) {
		const struct space_entry *row = vec_at(rows, i);

		if (row->error || !is_listed(t, row->inode))
			t->rows[t->n++] = *row;
	}
	vec_reset(rows);
	return 0;
}

struct space_list *space_list_finish(struct space_list_decoder *d)
{
	struct space_list *t;

	if (prepare(d) || fill(d->table, &d->rows))
		return NULL;
	t = d->table;
	d->table = NULL;
	return t;
}

bool space_list_is_same(const struct space_list *a, const struct space_list *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++) {
		const struct space_entry *x = &a->rows[i], *y = &b->rows[i];

		same = x->inode == y->inode && x->pid == y->pid && x->error == y->error &&
		       text_equals(x->name, y->name);
	}
	return same;
}
