/* Rows by endpoint. What makes a word stale is told by two numbers. */
#include "tui/state/reach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reach_release(struct reach *r)
{
	vec_release(&r->rows);
	str_release(&r->sets);
}

static int compare_ids(const void *a, const void *b)
{
	const struct reach_row *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

struct reach_row *reach_find(const struct reach *r, uint64_t id)
{
	struct reach_row key = {.id = id};

	if (!r->rows.n)
		return NULL;
	return bsearch(&key, r->rows.data, r->rows.n, sizeof(key), compare_ids);
}

/* The endpoints of a snapshot are sorted by port: a group is a run of them. Their sum does
 * not depend on the order. */
static uint64_t group_of(const struct snapshot *s, size_t at)
{
	const struct endpoint *e = &s->endpoints[at];
	uint64_t sum = 0;
	size_t i = at;

	while (i && s->endpoints[i - 1].space == e->space &&
	       s->endpoints[i - 1].port == e->port)
		i--;
	for (; i < s->n_endpoints && s->endpoints[i].space == e->space &&
	       s->endpoints[i].port == e->port;
	     i++)
		sum += s->endpoints[i].id * UINT64_C(0x9e3779b97f4a7c15) + 1;
	return sum;
}

static int take_rows(struct vec *rows, const struct snapshot *s, const struct space *space)
{
	for (size_t i = 0; i < s->n_endpoints; i++) {
		struct reach_row *row;

		if (s->endpoints[i].space != space)
			continue;
		row = vec_push(rows);
		if (!row)
			return -ENOMEM;
		row->id = s->endpoints[i].id;
		row->group = group_of(s, i);
	}
	return 0;
}

int reach_follow(struct reach *r, const struct snapshot *s, const struct space *space)
{
	struct vec rows = VEC_OF(struct reach_row);

	if (take_rows(&rows, s, space)) {
		vec_release(&rows);
		return -ENOMEM;
	}
	for (size_t i = 0; i < rows.n; i++) {
		struct reach_row *row = vec_at(&rows, i);
		const struct reach_row *before = reach_find(r, row->id);
		uint64_t group = row->group;

		if (before)
			*row = *before;
		row->group = group;
	}
	if (rows.n)
		qsort(rows.data, rows.n, sizeof(struct reach_row), compare_ids);
	vec_release(&r->rows);
	r->rows = rows;
	r->is_followed = true;
	return 0;
}

bool reach_is_fresh(const struct reach *r, const struct reach_row *row)
{
	return row->has_word && row->epoch == r->epoch && row->found_group == row->group;
}

bool reach_tell(struct reach *r, uint64_t id, uint64_t group, uint64_t epoch,
		const char *word)
{
	struct reach_row *row = reach_find(r, id);
	bool is_new;

	if (!row)
		return false;
	is_new = !row->has_word || strcmp(row->word, word) != 0;
	row->has_word = true;
	row->found_group = group;
	row->epoch = epoch;
	snprintf(row->word, sizeof(row->word), "%s", word);
	return is_new;
}

const char *reach_word(const struct reach *r, const struct endpoint *e)
{
	const struct reach_row *row = reach_find(r, e->id);

	return row && row->has_word ? row->word : NULL;
}

bool reach_is_elsewhere(const struct reach *r, const struct endpoint *e)
{
	if (r->is_wanted_behind && r->sets_wanted == e->id)
		return false;
	return r->is_followed && !reach_find(r, e->id);
}
