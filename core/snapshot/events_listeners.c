/*
 * Which listeners came and which went: by their sockets, as the rows of a picture are
 * folded another way when their owners become known. What a look may have missed stays
 * remembered.
 */
#include "core/snapshot/events_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_LISTENER UINT32_MAX

/* Of one listener, old or new, during a comparison. */
struct tally {
	uint32_t n, n_kept; /* its sockets; those that are in the other picture too */
	uint32_t other;     /* a listener of the other picture with one of them */
	bool is_open;       /* others of it may be there and were not told */
	bool is_taken;      /* told of as what it was before a restart */
	bool is_gone;       /* told of as gone */
	uint64_t n_drops;
};

struct comparison {
	struct events *v;
	const struct snapshot *s;
	struct moment at;
	struct vec listeners, sockets; /* that are remembered from now on */
	struct tally *of_new, *of_old;
	size_t n_new;    /* listeners of the picture; behind them what is remembered */
	size_t n_unseen; /* sockets that are not in it */
	size_t n_gone;
};

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_sockets(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	int order = compare_u64(x->space, y->space);

	if (!order)
		order = compare_u64(x->port, y->port);
	if (!order)
		order = compare_u64(x->identity, y->identity);
	return order ? order : compare_u64(x->table, y->table);
}

static enum table_kind table_of(enum socket_proto p)
{
	return p == PROTO_UDP || p == PROTO_UDPLITE ? TABLE_UDP : TABLE_TCP;
}

static struct listener *new_at(const struct comparison *c, size_t i)
{
	return vec_at(&c->listeners, i);
}

static struct listener *old_at(const struct comparison *c, size_t i)
{
	return vec_at(&c->v->listeners, i);
}

/* ---- what is in the picture ---- */

static int add_socket(struct comparison *c, const struct socket_row *row, uint32_t listener)
{
	const struct listener *l = new_at(c, listener);
	struct known *k = vec_push(&c->sockets);

	if (!k)
		return -ENOMEM;
	*k = (struct known){.space = l->space,
			    .identity = row->inode ? row->inode : row->cookie << 32 | 1,
			    .table = table_of(row->proto),
			    .port = row->port,
			    .drops = row->drops,
			    .listener = listener,
			    .place = socket_place(l->space, row)};
	if (!row->inode && !row->cookie)
		k->identity = k->place;
	return 0;
}

static int add_listener(struct comparison *c, const struct endpoint *e)
{
	uint32_t at = (uint32_t)c->listeners.n;
	struct listener *l = vec_push(&c->listeners);

	if (!l)
		return -ENOMEM;
	listener_fill(l, e);
	for (size_t i = 0; i < e->n_sockets; i++)
		if (add_socket(c, e->sockets[i], at))
			return -ENOMEM;
	return 0;
}

static void sort_sockets(struct vec *sockets)
{
	size_t n = 0;

	if (sockets->n)
		qsort(sockets->data, sockets->n, sizeof(struct known), compare_sockets);
	/* An MPTCP listener is told twice. */
	for (size_t i = 0; i < sockets->n; i++) {
		struct known *k = vec_at(sockets, i);

		if (n && !compare_sockets(vec_at(sockets, n - 1), k))
			continue;
		*(struct known *)vec_at(sockets, n++) = *k;
	}
	vec_truncate(sockets, n);
}

static int read_picture(struct comparison *c)
{
	for (size_t i = 0; i < c->s->n_endpoints; i++)
		if (add_listener(c, &c->s->endpoints[i]))
			return -ENOMEM;
	c->n_new = c->listeners.n;
	sort_sockets(&c->sockets);
	c->of_new = calloc(c->n_new + 1, sizeof(*c->of_new));
	c->of_old = calloc(c->v->listeners.n + 1, sizeof(*c->of_old));
	return c->of_new && c->of_old ? 0 : -ENOMEM;
}

/* ---- which are the same ---- */

static const struct space *space_of(const struct snapshot *s, uint64_t key)
{
	for (size_t i = 0; i < s->n_spaces; i++)
		if (space_key(&s->spaces[i]) == key)
			return &s->spaces[i];
	return NULL;
}

/* It would have been told, were it still there. */
static bool is_looked_at(const struct comparison *c, const struct known *k)
{
	const struct space *space = space_of(c->s, k->space);

	return space && space_is_whole(c->s, space, k->table);
}

static void note_same(struct comparison *c, const struct known *new,
		      const struct known *old)
{
	struct tally *of_new = &c->of_new[new->listener];
	struct tally *of_old = &c->of_old[old->listener];

	if (!of_new->n_kept++)
		of_new->other = old->listener;
	if (!of_old->n_kept++)
		of_old->other = new->listener;
	if (new->drops != QUEUE_UNKNOWN &&
	    old->drops != QUEUE_UNKNOWN &&new->drops > old->drops)
		of_new->n_drops += new->drops - old->drops;
}

static void match_sockets(struct comparison *c)
{
	const struct vec *old = &c->v->sockets;

	for (size_t i = 0; i < old->n; i++)
		((struct known *)vec_at(old, i))->is_seen = false;
	for (size_t i = 0; i < c->sockets.n; i++) {
		const struct known *new = vec_at(&c->sockets, i);
		struct known *same = old->n ? bsearch(new, old->data, old->n, sizeof(*same),
						      compare_sockets)
					    : NULL;

		c->of_new[new->listener].n++;
		if (!same)
			continue;
		same->is_seen = true;
		note_same(c, new, same);
	}
	for (size_t i = 0; i < old->n; i++) {
		const struct known *k = vec_at(old, i);

		c->of_old[k->listener].n++;
		c->n_unseen += !k->is_seen;
		if (!k->is_seen && !is_looked_at(c, k))
			c->of_old[k->listener].is_open = true;
	}
}

/* ---- what is told ---- */

static bool is_told_of(const struct comparison *c, const struct listener *l)
{
	const struct known_space *space = spaces_find(c->v, l->space);

	return !l->is_passing && space && space->was_whole[table_of(l->proto)];
}

/* Nothing of it is there any more, and that was seen. */
static bool is_lost(const struct comparison *c, size_t i)
{
	return !c->of_old[i].n_kept && !c->of_old[i].is_open &&
	       spaces_find(c->v, old_at(c, i)->space);
}

/* One that had this place and went in the same picture; NO_LISTENER: none. */
static uint32_t find_lost(const struct comparison *c, uint64_t place)
{
	for (size_t i = 0; c->n_unseen && i < c->v->sockets.n; i++) {
		const struct known *k = vec_at(&c->v->sockets, i);

		if (k->place == place && is_lost(c, k->listener))
			return k->listener;
	}
	return NO_LISTENER;
}

/* By any socket of it: two of one program are one row only once it is known. */
static uint32_t lost_before(const struct comparison *c, size_t i)
{
	const struct endpoint *e = &c->s->endpoints[i];
	uint32_t found = NO_LISTENER;

	for (size_t k = 0; k < e->n_sockets && found == NO_LISTENER; k++)
		found = find_lost(c, socket_place(new_at(c, i)->space, e->sockets[k]));
	return found;
}

/* 1: it was remembered, and is not any more. */
static int take_gone(struct events *v, uint64_t place, struct gone *out)
{
	for (size_t i = 0; i < v->gone.n; i++) {
		struct gone *g = vec_at(&v->gone, i);

		if (g->place != place)
			continue;
		*out = *g;
		memmove(g, g + 1, (v->gone.n - i - 1) * sizeof(*g));
		vec_truncate(&v->gone, v->gone.n - 1);
		return 1;
	}
	return 0;
}

static void remember_place(struct comparison *c, uint64_t place, const struct listener *l)
{
	struct vec *all = &c->v->gone;
	struct gone *g;

	if (all->n == GONE_MAX) {
		memmove(all->data, vec_at(all, 1), (all->n - 1) * sizeof(*g));
		vec_truncate(all, all->n - 1);
	}
	g = vec_push(all);
	if (g)
		*g = (struct gone){place, c->at.wall_ns, l->owner};
}

static void remember_gone(struct comparison *c)
{
	for (size_t i = 0; i < c->v->sockets.n; i++) {
		const struct known *k = vec_at(&c->v->sockets, i);

		if (c->of_old[k->listener].is_gone)
			remember_place(c, k->place, old_at(c, k->listener));
	}
}

static void tell(struct comparison *c, struct listener *l, const struct event *event)
{
	uint64_t number = events_add(c->v, event, c->at);

	l->wants_owner = event->is.pid ? 0 : number;
}

static void tell_restart(struct comparison *c, struct listener *l, uint32_t lost)
{
	const struct listener *old = old_at(c, lost);
	struct event event = event_of(listener_restart_kind(&old->owner, &l->owner), l);

	event.was = old->owner;
	event.number_is = 1; /* another socket */
	l->answers = old->answers;
	l->pulse = old->pulse;
	memcpy(l->reach, old->reach, sizeof(l->reach));
	if (!l->is_passing && !c->of_old[lost].is_taken)
		tell(c, l, &event);
	c->of_old[lost].is_taken = true;
}

static void tell_come(struct comparison *c, size_t i)
{
	const struct endpoint *e = &c->s->endpoints[i];
	struct listener *l = new_at(c, i);
	struct event event = event_of(EVENT_NEW, l);
	struct gone gone;
	int n_gone = 0;

	if (!is_told_of(c, l))
		return;
	for (size_t k = 0; k < e->n_sockets; k++)
		n_gone += take_gone(c->v, socket_place(l->space, e->sockets[k]), &gone);
	if (n_gone) {
		event.kind = EVENT_BACK;
		event.was = gone.owner;
		event.number_is = c->at.wall_ns > gone.wall_ns
					  ? (uint64_t)(c->at.wall_ns - gone.wall_ns)
					  : 0;
	}
	tell(c, l, &event);
}

static bool is_one_address(const struct endpoint *e)
{
	return e->scope == SCOPE_ADDRESS || e->scope == SCOPE_ABSENT;
}

/* A socket of it came or went, and with it the addresses that it serves. */
static void tell_moved(struct comparison *c, const struct listener *l,
		       const struct listener *old)
{
	struct event event = event_of(EVENT_MOVED, l);

	event_keep(event.note_was, sizeof(event.note_was), text_of(old->on));
	events_add(c->v, &event, c->at);
}

static void tell_drops(struct comparison *c, const struct listener *l, uint64_t n)
{
	struct event event = event_of(EVENT_DROPS, l);

	event.number_is = n;
	if (n)
		events_add(c->v, &event, c->at);
}

static void compare_same(struct comparison *c, size_t i)
{
	const struct endpoint *e = &c->s->endpoints[i];
	const struct tally *t = &c->of_new[i], *before = &c->of_old[t->other];
	struct listener *l = new_at(c, i);
	const struct listener *old = old_at(c, t->other);
	bool has_changed =
		t->n_kept < t->n || (before->n_kept < before->n && !before->is_open);

	listener_compare(c->v, l, old, e, c->at);
	if (has_changed && !l->is_passing && !is_one_address(e) &&
	    e->owners_state != OWNERS_PENDING && strcmp(l->on, old->on) != 0)
		tell_moved(c, l, old);
	tell_drops(c, l, t->n_drops);
}

static void tell_gone(struct comparison *c, size_t i)
{
	const struct listener *l = old_at(c, i);
	struct event event = event_of(EVENT_GONE, l);

	if (l->is_passing)
		return;
	event.was = l->owner;
	event.is = (struct event_process){0};
	events_add(c->v, &event, c->at);
	c->of_old[i].is_gone = true;
	c->n_gone++;
}

static void tell_all(struct comparison *c)
{
	for (size_t i = 0; i < c->n_new; i++) {
		uint32_t lost;

		if (c->of_new[i].n_kept) {
			compare_same(c, i);
			continue;
		}
		lost = lost_before(c, i);
		if (lost != NO_LISTENER)
			tell_restart(c, new_at(c, i), lost);
		else
			tell_come(c, i);
	}
	for (size_t i = 0; i < c->v->listeners.n; i++)
		if (is_lost(c, i) && !c->of_old[i].is_taken)
			tell_gone(c, i);
	if (c->n_gone)
		remember_gone(c);
}

/* ---- what is remembered ---- */

/* The listener that a socket which was not looked at belongs to from now on. */
static uint32_t carry_listener(struct comparison *c, uint32_t old)
{
	struct tally *t = &c->of_old[old];
	struct listener *l;

	if (t->n_kept)
		return t->other;
	l = vec_push(&c->listeners);
	if (!l)
		return NO_LISTENER;
	*l = *old_at(c, old);
	t->n_kept = 1;
	t->other = (uint32_t)c->listeners.n - 1;
	return t->other;
}

/* Unless their namespace is gone: with it they are. */
static int carry_unseen(struct comparison *c)
{
	const struct vec *old = &c->v->sockets;

	for (size_t i = 0; i < old->n; i++) {
		const struct known *k = vec_at(old, i);
		struct known *kept;

		if (k->is_seen || is_looked_at(c, k) || !spaces_find(c->v, k->space))
			continue;
		kept = vec_push(&c->sockets);
		if (!kept)
			return -ENOMEM;
		*kept = *k;
		kept->listener = carry_listener(c, k->listener);
		if (kept->listener == NO_LISTENER)
			return -ENOMEM;
	}
	sort_sockets(&c->sockets);
	return 0;
}

static void note_looks(struct comparison *c)
{
	for (size_t i = 0; i < c->s->n_spaces; i++) {
		const struct space *space = &c->s->spaces[i];
		struct known_space *k = spaces_find(c->v, space_key(space));

		for (int t = 0; k && t < N_TABLE_KINDS; t++)
			if (space_is_whole(c->s, space, (enum table_kind)t))
				k->was_whole[t] = true;
	}
}

static void swap(struct vec *a, struct vec *b)
{
	struct vec c = *a;

	*a = *b;
	*b = c;
}

int listeners_compare(struct events *v, const struct snapshot *s, struct moment at)
{
	struct comparison c = {.v = v,
			       .s = s,
			       .at = at,
			       .listeners = VEC_OF(struct listener),
			       .sockets = VEC_OF(struct known)};
	int r = read_picture(&c);

	if (!r) {
		match_sockets(&c);
		tell_all(&c);
		r = carry_unseen(&c);
	}
	if (!r) {
		note_looks(&c);
		swap(&v->listeners, &c.listeners);
		swap(&v->sockets, &c.sockets);
	}
	vec_release(&c.listeners);
	vec_release(&c.sockets);
	free(c.of_new);
	free(c.of_old);
	return r;
}
