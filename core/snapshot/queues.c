/*
 * Queues of sockets over time: the highest length seen and the drops since watching began,
 * by socket cookie. A sorted array that each snapshot replaces: what vanished is gone with
 * the old one. Older kernels count cookies by namespace, so that is part of the key.
 * Sockets without a cookie (text tables) have no past.
 */
#include "core/snapshot/queues.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/vec.h"

struct past {
	uint64_t netns;
	uint64_t cookie;
	uint32_t high_water;
	uint32_t first_drops; /* when it was first seen; QUEUE_UNKNOWN: not told yet */
};

struct queue_history {
	struct vec pasts; /* sorted by (cookie, netns) */
};

struct queue_history *queue_history_new(void)
{
	struct queue_history *h = calloc(1, sizeof(*h));

	if (h)
		h->pasts = VEC_OF(struct past);
	return h;
}

void queue_history_free(struct queue_history *h)
{
	if (!h)
		return;
	vec_release(&h->pasts);
	free(h);
}

static int compare_pasts(const void *a, const void *b)
{
	const struct past *x = a, *y = b;

	if (x->cookie != y->cookie)
		return x->cookie < y->cookie ? -1 : 1;
	return (x->netns > y->netns) - (x->netns < y->netns);
}

static const struct past *find(const struct queue_history *h, uint64_t netns,
			       uint64_t cookie)
{
	struct past key = {.netns = netns, .cookie = cookie};

	if (!h || !cookie || !h->pasts.n)
		return NULL;
	return bsearch(&key, h->pasts.data, h->pasts.n, sizeof(key), compare_pasts);
}

/* What is remembered of a socket after this look at it. */
static struct past past_of(const struct queue_history *h, uint64_t netns,
			   const struct socket_row *s)
{
	const struct past *old = find(h, netns, s->cookie);
	struct past p = {netns, s->cookie, s->queue_length, s->drops};

	if (!old)
		return p;
	if (p.high_water == QUEUE_UNKNOWN ||
	    (old->high_water != QUEUE_UNKNOWN && old->high_water > p.high_water))
		p.high_water = old->high_water;
	if (old->first_drops != QUEUE_UNKNOWN)
		p.first_drops = old->first_drops;
	return p;
}

int queues_update(struct queue_history *h, const struct space *spaces,
		  const struct fold_member *members, size_t n)
{
	struct vec next = VEC_OF(struct past);

	if (!h)
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct past *p;

		if (!members[i].socket->cookie)
			continue;
		p = vec_push(&next);
		if (!p) {
			vec_release(&next);
			return -ENOMEM;
		}
		*p = past_of(h, spaces[members[i].space].netns, members[i].socket);
	}
	if (next.n)
		qsort(next.data, next.n, sizeof(struct past), compare_pasts);
	vec_release(&h->pasts);
	h->pasts = next;
	return 0;
}

/* Connections or bytes that fit; the largest of all where it is not known, so that it never
 * looks full. */
static uint64_t capacity(const struct socket_row *s)
{
	if (s->queue_limit == QUEUE_UNKNOWN)
		return UINT64_C(1) << 32;
	return (uint64_t)s->queue_limit + 1;
}

static bool is_fuller(const struct socket_row *a, const struct socket_row *b)
{
	uint64_t full_a, full_b;

	if (a->queue_length == QUEUE_UNKNOWN || b->queue_length == QUEUE_UNKNOWN)
		return a->queue_length != QUEUE_UNKNOWN && b->queue_length == QUEUE_UNKNOWN;
	full_a = a->queue_length * capacity(b);
	full_b = b->queue_length * capacity(a);
	if (full_a != full_b)
		return full_a > full_b;
	if (a->drops == QUEUE_UNKNOWN || b->drops == QUEUE_UNKNOWN)
		return a->drops != QUEUE_UNKNOWN && b->drops == QUEUE_UNKNOWN;
	return a->drops > b->drops;
}

struct queue queues_fullest(const struct queue_history *h, const struct space *spaces,
			    const struct fold_member *members, size_t n)
{
	const struct socket_row *s = members[0].socket;
	struct past p;
	struct queue q;

	for (size_t i = 1; i < n; i++) {
		if (is_fuller(members[i].socket, s))
			s = members[i].socket;
	}
	p = past_of(h, spaces[members[0].space].netns, s);
	q = (struct queue){s->queue_length, s->queue_limit, s->drops, p.high_water, 0};
	if (s->drops != QUEUE_UNKNOWN && s->drops > p.first_drops)
		q.new_drops = s->drops - p.first_drops;
	return q;
}
