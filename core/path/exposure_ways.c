/*
 * Rows of single tries as ways that a person would name: interfaces that come to the same
 * stand together, an address that makes no difference is left out.
 */
#include "core/path/exposure_impl.h"

#include <errno.h>
#include <string.h>

/* ---- how many addresses were tried ---- */

static size_t count_entries(const struct exposure_row *row, uint32_t ifindex)
{
	size_t n = 0;

	for (size_t i = 0; i < row->entries.n; i++)
		n += ((const struct exposure_entry *)vec_at(&row->entries, i))->ifindex ==
		     ifindex;
	return n;
}

/* Addresses of the family at which somebody takes what comes in there for this listener. */
static size_t count_asked(const struct exposure_scan *s, const struct endpoint *e,
			  uint32_t ifindex, int family)
{
	size_t n = 0;

	for (size_t i = 0; i < s->rows.n; i++) {
		const struct exposure_row *row = vec_at(&s->rows, i);

		if (row->endpoint == e && !row->is_translated && row->family == family)
			n += count_entries(row, ifindex);
	}
	return n;
}

static size_t count_addresses(const struct exposure_scan *s, uint32_t ifindex, int family)
{
	const struct address_table *t = s->world->space->addresses;
	size_t n = 0;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct address_row *row = &t->rows[i];
		bool is_linked =
			row->local.family == AF_INET6 && addr_is_link_local(&row->local);

		n += row->local.family == family && !addr_is_loopback(&row->local) &&
		     (!is_linked || row->ifindex == ifindex) &&
		     (!i || !addr_equals(&row->local, &t->rows[i - 1].local));
	}
	return n;
}

static bool is_of_all_addresses(const struct exposure_scan *s,
				const struct exposure_row *row, uint32_t ifindex)
{
	size_t n = count_entries(row, ifindex);

	if (row->is_translated)
		return n >= count_addresses(s, ifindex, row->family);
	return n >= count_asked(s, row->endpoint, ifindex, row->family);
}

/* ---- ways ---- */

static struct exposure_way *new_way(struct exposure_listener *l,
				    const struct exposure_row *row,
				    const struct addr *asked)
{
	struct exposure_way *way = vec_push(&l->ways);

	if (!way)
		return NULL;
	*way = (struct exposure_way){.devices = VEC_OF(uint32_t),
				     .asked = *asked,
				     .port = row->port,
				     .port_high = row->port_high,
				     .is_translated = row->is_translated,
				     .open = VEC_OF(struct exposure_span),
				     .doubts = VEC_OF(struct exposure_doubt)};
	return way;
}

static int append(struct vec *to, const struct vec *from)
{
	for (size_t i = 0; i < from->n; i++) {
		void *new = vec_push(to);

		if (!new)
			return -ENOMEM;
		memcpy(new, vec_at(from, i), from->size);
	}
	return 0;
}

/* Ways of this row begin at `first`. */
static struct exposure_way *way_to(struct exposure_listener *l, size_t first,
				   const struct addr *asked)
{
	for (size_t i = first; i < l->ways.n; i++) {
		struct exposure_way *way = vec_at(&l->ways, i);

		if (addr_equals(&way->asked, asked))
			return way;
	}
	return NULL;
}

static int add_device(struct exposure_way *way, uint32_t ifindex)
{
	uint32_t *new;

	for (size_t i = 0; i < way->devices.n; i++)
		if (*(uint32_t *)vec_at(&way->devices, i) == ifindex)
			return 0;
	new = vec_push(&way->devices);
	if (!new)
		return -ENOMEM;
	*new = ifindex;
	return 0;
}

static int add_row(const struct exposure_scan *s, struct exposure_listener *l,
		   const struct exposure_row *row)
{
	size_t first = l->ways.n;
	int error = 0;

	for (size_t i = 0; i < row->entries.n && !error; i++) {
		const struct exposure_entry *entry = vec_at(&row->entries, i);
		struct addr asked = is_of_all_addresses(s, row, entry->ifindex)
					    ? (struct addr){0}
					    : entry->to;
		struct exposure_way *way = way_to(l, first, &asked);

		if (!way) {
			way = new_way(l, row, &asked);
			if (!way || append(&way->open, &row->open) ||
			    append(&way->doubts, &row->doubts))
				return -ENOMEM;
		}
		error = add_device(way, entry->ifindex);
	}
	return error;
}

static bool is_same_devices(const struct vec *a, const struct vec *b)
{
	return a->n == b->n && !memcmp(a->data, b->data, a->n * a->size);
}

static int family_of(const struct exposure_way *way)
{
	if (way->open.n)
		return ((const struct exposure_span *)vec_at(&way->open, 0))->low.family;
	if (way->doubts.n)
		return ((const struct exposure_doubt *)vec_at(&way->doubts, 0))
			->span.low.family;
	return 0;
}

/* Ways of the two families become one where they are alike. */
static bool can_join(const struct exposure_way *a, const struct exposure_way *b)
{
	return !a->asked.family && !b->asked.family && a->port == b->port &&
	       a->port_high == b->port_high && a->is_translated == b->is_translated &&
	       a->devices.n && is_same_devices(&a->devices, &b->devices) &&
	       (!family_of(a) || family_of(a) != family_of(b));
}

static int join_families(struct exposure_listener *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->ways.n; i++) {
		struct exposure_way *way = vec_at(&l->ways, i), *with = NULL;

		for (size_t j = 0; j < n && !with; j++)
			if (can_join(vec_at(&l->ways, j), way))
				with = vec_at(&l->ways, j);
		if (!with) {
			*(struct exposure_way *)vec_at(&l->ways, n++) = *way;
			continue;
		}
		if (append(&with->open, &way->open) || append(&with->doubts, &way->doubts))
			return -ENOMEM;
		vec_release(&way->devices);
		vec_release(&way->open);
		vec_release(&way->doubts);
	}
	vec_truncate(&l->ways, n);
	return 0;
}

int exposure_make_ways(struct exposure_scan *s, struct exposure_listener *l)
{
	int error = 0;

	for (size_t i = 0; i < s->rows.n && !error; i++) {
		const struct exposure_row *row = vec_at(&s->rows, i);

		if (row->endpoint == l->endpoint)
			error = add_row(s, l, row);
	}
	return error ? error : join_families(l);
}
