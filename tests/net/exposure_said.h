/*
 * What exposure says of one source and one packet: a listener's ways, looked through. For
 * many sources in their order a list of spans that is gone through once.
 */
#ifndef TESTS_NET_EXPOSURE_SAID_H
#define TESTS_NET_EXPOSURE_SAID_H

#include <stdlib.h>

#include "core/path/exposure.h"
#include "tests/net/exposure_brute.h"

enum said { SAID_CLOSED, SAID_OPEN, SAID_UNSURE };

static inline bool is_in(const struct exposure_span *s, const struct addr *a)
{
	return s->low.family == a->family && addr_compare(a, &s->low) >= 0 &&
	       addr_compare(a, &s->high) <= 0;
}

static inline bool is_way(const struct exposure_way *way, const struct endpoint *e,
			  const struct asked *a)
{
	bool has_device = false;

	for (size_t i = 0; i < way->devices.n; i++)
		has_device |= *(uint32_t *)vec_at(&way->devices, i) == a->ifindex;
	if (!has_device || a->port < way->port || a->port > way->port_high)
		return false;
	if (way->asked.family)
		return addr_equals(&way->asked, &a->to);
	return way->is_translated || e->scope != SCOPE_ADDRESS ||
	       addr_equals(&e->address, &a->to);
}

static inline enum said look_up(const struct exposure_listener *l, const struct asked *a,
				const struct addr *from)
{
	enum said said = SAID_CLOSED;

	for (size_t i = 0; i < l->ways.n; i++) {
		const struct exposure_way *way = vec_at(&l->ways, i);

		if (!is_way(way, l->endpoint, a))
			continue;
		for (size_t k = 0; k < way->open.n && said == SAID_CLOSED; k++)
			if (is_in(vec_at(&way->open, k), from))
				said = SAID_OPEN;
		for (size_t k = 0; k < way->doubts.n; k++)
			if (is_in(&((struct exposure_doubt *)vec_at(&way->doubts, k))->span,
				  from))
				said = SAID_UNSURE;
	}
	return said;
}

/* ---- many sources of IPv4, one behind the other ---- */

struct said_span {
	uint32_t low, high;
};

struct said_list {
	struct vec open, doubts; /* struct said_span, by their first address */
	size_t at_open, at_doubt;
};

static inline uint32_t said_number(const struct addr *a)
{
	return (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 |
	       (uint32_t)a->bytes[2] << 8 | a->bytes[3];
}

static inline void said_add(struct vec *to, const struct exposure_span *s)
{
	struct said_span *new = s->low.family == AF_INET ? vec_push(to) : NULL;

	if (new)
		*new = (struct said_span){said_number(&s->low), said_number(&s->high)};
}

static inline int said_compare(const void *a, const void *b)
{
	const struct said_span *x = a, *y = b;

	return x->low < y->low ? -1 : x->low > y->low;
}

static inline void said_sort(struct vec *v)
{
	if (v->n)
		qsort(v->data, v->n, v->size, said_compare);
}

/* The ways of this packet to the listener. */
static inline struct said_list said_list_of(const struct exposure_listener *l,
					    const struct asked *a)
{
	struct said_list list = {.open = VEC_OF(struct said_span),
				 .doubts = VEC_OF(struct said_span)};

	for (size_t i = 0; i < l->ways.n; i++) {
		const struct exposure_way *way = vec_at(&l->ways, i);

		if (!is_way(way, l->endpoint, a))
			continue;
		for (size_t k = 0; k < way->open.n; k++)
			said_add(&list.open, vec_at(&way->open, k));
		for (size_t k = 0; k < way->doubts.n; k++)
			said_add(&list.doubts,
				 &((struct exposure_doubt *)vec_at(&way->doubts, k))->span);
	}
	said_sort(&list.open);
	said_sort(&list.doubts);
	return list;
}

static inline void said_list_release(struct said_list *list)
{
	vec_release(&list->open);
	vec_release(&list->doubts);
}

static inline bool said_has(const struct vec *spans, size_t *at, uint32_t source)
{
	const struct said_span *rows = spans->data;

	while (*at < spans->n && rows[*at].high < source)
		(*at)++;
	return *at < spans->n && rows[*at].low <= source;
}

/* Sources come in their order. */
static inline enum said said_next(struct said_list *list, uint32_t source)
{
	bool is_open = said_has(&list->open, &list->at_open, source);

	if (said_has(&list->doubts, &list->at_doubt, source))
		return SAID_UNSURE;
	return is_open ? SAID_OPEN : SAID_CLOSED;
}

#endif
