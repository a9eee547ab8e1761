/* Headings over rows. Knows no keys and no screen. */
#include "tui/state/groups.h"

#include <errno.h>
#include <string.h>

#include "core/snapshot/filter.h"

/* FNV-1a */
#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

static const struct {
	const char *word, *nameless;
} groupings[N_GROUPINGS] = {
#define X(name, by_word, without) \
	[GROUP_BY_##name] = {.word = (by_word), .nameless = (without)},
	GROUPINGS(X)
#undef X
};

void groups_init(struct groups *g)
{
	*g = (struct groups){.all = VEC_OF(struct group),
			     .members = VEC_OF(uint32_t),
			     .closed = VEC_OF(uint64_t)};
}

void groups_release(struct groups *g)
{
	vec_release(&g->all);
	vec_release(&g->members);
	vec_release(&g->closed);
}

const char *group_by_word(enum group_by by)
{
	return groupings[by].word;
}

bool group_by_find(struct text word, enum group_by *out)
{
	for (int i = 0; i < N_GROUPINGS; i++)
		if (text_equals_str(word, groupings[i].word)) {
			*out = (enum group_by)i;
			return true;
		}
	return false;
}

const char *group_nameless(enum group_by by)
{
	return groupings[by].nameless;
}

static struct text name_of(enum group_by by, const struct endpoint *e)
{
	switch (by) {
	case GROUP_BY_SERVICE:
		return e->service;
	case GROUP_BY_PROCESS:
		return e->n_owners ? e->owners[0]->comm : TEXT_NONE;
	case GROUP_BY_UNIT:
		return text_is_empty(e->unit) ? e->container : e->unit;
	case GROUP_BY_NAMESPACE:
		return e->space->is_own ? TEXT_NONE : e->space->name;
	case GROUP_BY_NONE:
	case N_GROUPINGS:
		break;
	}
	return TEXT_NONE;
}

int groups_compare(enum group_by by, const struct endpoint *a, const struct endpoint *b)
{
	struct text x = name_of(by, a), y = name_of(by, b);
	int nameless = by == GROUP_BY_NAMESPACE ? -1 : 1;

	if (text_is_empty(x) != text_is_empty(y))
		return text_is_empty(x) ? nameless : -nameless;
	return text_is_empty(x) ? 0 : text_compare(x, y);
}

static uint64_t id_of(enum group_by by, struct text name)
{
	uint64_t id = HASH_START ^ (uint64_t)by;

	for (size_t i = 0; i < name.len; i++)
		id = (id ^ (uint8_t)name.bytes[i]) * HASH_PRIME;
	return id;
}

static uint64_t *closed_id(const struct groups *g, uint64_t id)
{
	for (size_t i = 0; i < g->closed.n; i++) {
		uint64_t *other = vec_at(&g->closed, i);

		if (*other == id)
			return other;
	}
	return NULL;
}

void groups_close(struct groups *g, uint64_t id, bool is_closed)
{
	uint64_t *known = closed_id(g, id);

	if (is_closed && !known) {
		known = vec_push(&g->closed);
		if (known)
			*known = id;
	} else if (!is_closed && known) {
		*known = *(uint64_t *)vec_at(&g->closed, g->closed.n - 1);
		vec_truncate(&g->closed, g->closed.n - 1);
	}
}

static const struct endpoint *member(const struct snapshot *s, const struct vec *rows,
				     size_t i)
{
	return &s->endpoints[*(const uint32_t *)vec_at(rows, i)];
}

/* The group that begins with row `first`. NULL: no memory. */
static struct group *push_group(struct groups *g, struct vec *all, const struct snapshot *s,
				const struct vec *rows, size_t first)
{
	struct group *group = vec_push(all);
	const struct endpoint *e = member(s, rows, first);

	if (!group)
		return NULL;
	*group = (struct group){.name = name_of(g->by, e), .first = first};
	group->id = id_of(g->by, group->name);
	group->is_closed = closed_id(g, group->id) != NULL;
	return group;
}

static bool has_needle(const struct snapshot *s, const struct vec *rows,
		       const struct group *group, struct text needle)
{
	for (size_t i = 0; needle.len && i < group->n; i++)
		if (endpoint_has_text(member(s, rows, group->first + i), needle))
			return true;
	return false;
}

static int find_groups(struct groups *g, const struct snapshot *s, const struct vec *rows,
		       struct text needle, struct vec *all)
{
	struct group *group = NULL;

	for (size_t i = 0; i < rows->n; i++) {
		if (!group || groups_compare(g->by, member(s, rows, group->first),
					     member(s, rows, i)) != 0)
			group = push_group(g, all, s, rows, i);
		if (!group)
			return -ENOMEM;
		group->n++;
	}
	for (size_t i = 0; i < all->n; i++) {
		group = vec_at(all, i);
		if (group->is_closed && has_needle(s, rows, group, needle))
			group->is_closed = false;
	}
	return 0;
}

static int push_row(struct vec *rows, uint32_t row)
{
	uint32_t *new = vec_push(rows);

	if (!new)
		return -ENOMEM;
	*new = row;
	return 0;
}

static int put_headings(const struct vec *all, const struct vec *members, struct vec *out)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct group *group = vec_at(all, i);
		size_t n = group->is_closed ? 0 : group->n;
		int r = push_row(out, ROW_IS_GROUP | (uint32_t)i);

		for (size_t k = 0; !r && k < n; k++)
			r = push_row(out, *(uint32_t *)vec_at(members, group->first + k));
		if (r)
			return r;
	}
	return 0;
}

int groups_make(struct groups *g, const struct snapshot *s, struct vec *rows,
		struct text needle)
{
	struct vec all = VEC_OF(struct group), headed = VEC_OF(uint32_t);
	int r = find_groups(g, s, rows, needle, &all);

	if (!r)
		r = put_headings(&all, rows, &headed);
	if (r) {
		vec_release(&all);
		vec_release(&headed);
		return r;
	}
	vec_release(&g->all);
	vec_release(&g->members);
	g->all = all;
	g->members = *rows;
	*rows = headed;
	return 0;
}
