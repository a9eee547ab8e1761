/*
 * What is asked for and nobody serves: ports that clients mean, and scan noise. By the
 * contract's rule a client means a port if it also uses one that is served here, or comes
 * back in three separate minutes; who asks for many, only those that it insists on.
 */
#include <errno.h>
#include <stdlib.h>

#include "core/services/siblings.h"
#include "core/snapshot/traffic_impl.h"

#define OTHER_ID UINT64_C(0xa5ced00000000000)

static int compare_lanes(const void *a, const void *b)
{
	const struct lane *x = *(const struct lane *const *)a;
	const struct lane *y = *(const struct lane *const *)b;

	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return addr_compare(&x->server, &y->server);
}

static int compare_visits(const void *a, const void *b)
{
	const struct visit *x = *(const struct visit *const *)a;
	const struct visit *y = *(const struct visit *const *)b;

	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return addr_compare(&x->client, &y->client);
}

static int compare_addresses(const void *a, const void *b)
{
	return addr_compare(a, b);
}

static void sort(struct vec *v, int (*compare)(const void *a, const void *b))
{
	if (v->n)
		qsort(v->data, v->n, v->size, compare);
}

static int push_pointer(struct vec *v, const void *p)
{
	const void **slot = vec_push(v);

	if (!slot)
		return -ENOMEM;
	*slot = p;
	return 0;
}

int look_sort_out(struct look *k)
{
	int error = 0;

	for (size_t i = 0; !error && i < LANES_MAX; i++) {
		struct lane *l = &k->t->lanes[i];

		if (!l->is_used || look_give(k, l) || !k->t->has_served)
			continue;
		if (address_is_here(k->t->addresses, k->t->routes, &l->server) == TRI_YES)
			error = push_pointer(&k->lanes, l);
	}
	sort(&k->lanes, compare_lanes);
	return error;
}

static int collect_visits(struct look *k)
{
	const struct visit *v = &k->t->visits[0][0];
	int error = 0;

	for (size_t i = 0; !error && i < VISIT_SETS * SETS_WAYS; i++)
		if (v[i].client.family && v[i].last_slot + REMEMBER_SLOTS >= k->t->slot)
			error = push_pointer(&k->visits, &v[i]);
	sort(&k->visits, compare_visits);
	return error;
}

/* A listener that the clients of an unserved port perhaps mean. */
static void relate(const struct look *k, struct traffic_other *o)
{
	for (size_t i = 0; i < k->s->n_endpoints; i++) {
		const struct endpoint *e = &k->s->endpoints[i];

		if (!look_has(k, e))
			continue;
		if (e->port == o->port) {
			o->relation = RELATED_SAME_PORT;
			o->related = i;
			return;
		}
		if (o->relation == RELATED_NOT && e->scope != SCOPE_LOOPBACK &&
		    ports_are_siblings(e->port, o->port)) {
			o->relation = RELATED_SIBLING;
			o->related = i;
		}
	}
}

/* The lanes and visits of one port: [first, end) of the sorted arrays. */
struct group {
	size_t lane, lane_end, visit, visit_end;
};

static const struct lane *lane_at(const struct look *k, size_t i)
{
	return *(const struct lane *const *)vec_at(&k->lanes, i);
}

static const struct visit *visit_at(const struct look *k, size_t i)
{
	return *(const struct visit *const *)vec_at(&k->visits, i);
}

static void next_group(const struct look *k, struct group *g)
{
	uint16_t port;

	g->lane = g->lane_end;
	if (g->lane >= k->lanes.n)
		return;
	port = lane_at(k, g->lane)->port;
	while (g->lane_end < k->lanes.n && lane_at(k, g->lane_end)->port == port)
		g->lane_end++;
	for (g->visit = g->visit_end; g->visit < k->visits.n; g->visit++)
		if (visit_at(k, g->visit)->port >= port)
			break;
	g->visit_end = g->visit;
	while (g->visit_end < k->visits.n && visit_at(k, g->visit_end)->port == port)
		g->visit_end++;
}

static bool is_in_sight(const struct traffic *t, uint64_t last_slot)
{
	return last_slot + TRAFFIC_SLOTS > t->slot;
}

static int add_noise(struct look *k, const struct group *g)
{
	struct traffic_scan *scan = &k->out->scan;
	bool is_seen = false;

	for (size_t i = g->lane; i < g->lane_end; i++) {
		if (!is_in_sight(k->t, lane_at(k, i)->last_slot))
			continue;
		is_seen = true;
		scan->is_more = scan->is_more || lane_at(k, i)->has_more_clients;
	}
	scan->n_ports += is_seen;
	for (size_t i = g->visit; is_seen && i < g->visit_end; i++) {
		struct addr *a;

		if (!is_in_sight(k->t, visit_at(k, i)->last_slot))
			continue;
		a = vec_push(&k->noise);
		if (!a)
			return -ENOMEM;
		*a = visit_at(k, i)->client;
	}
	return 0;
}

static void count_noise(struct look *k)
{
	struct traffic_scan *scan = &k->out->scan;
	uint64_t left_out = k->t->left_out_slot;

	sort(&k->noise, compare_addresses);
	for (size_t i = 0; i < k->noise.n; i++)
		scan->n_clients += i == 0 || !addr_equals(vec_at(&k->noise, i),
							  vec_at(&k->noise, i - 1));
	if (left_out && is_in_sight(k->t, left_out))
		scan->is_more = true;
}

static void add_other(struct look *k, const struct group *g, uint32_t n_meant)
{
	struct traffic_other *o = &k->out->others[k->out->n_others++];
	const struct lane *newest = lane_at(k, g->lane);
	const struct visit *last = NULL;

	for (size_t i = g->lane; i < g->lane_end; i++) {
		struct lane *l = *(struct lane **)vec_at(&k->lanes, i);

		newest = l->last_slot > newest->last_slot ? l : newest;
		row_add(k->t, &o->counts, l);
	}
	for (size_t i = g->visit; i < g->visit_end; i++) {
		const struct visit *v = visit_at(k, i);

		if (visit_is_meant(k->t, v) && (!last || v->last_slot > last->last_slot))
			last = v;
	}
	o->port = newest->port;
	o->server = newest->server;
	o->client = last->client;
	o->id = OTHER_ID | o->port;
	o->n_clients = n_meant;
	row_finish(k->t, &o->counts);
	relate(k, o);
}

static int sort_out_ports(struct look *k)
{
	struct group g = {0};
	int error = 0;

	for (next_group(k, &g); !error && g.lane < k->lanes.n; next_group(k, &g)) {
		uint32_t n_meant = 0;

		for (size_t i = g.visit; i < g.visit_end; i++)
			n_meant += visit_is_meant(k->t, visit_at(k, i));
		if (n_meant)
			add_other(k, &g, n_meant);
		else
			error = add_noise(k, &g);
	}
	count_noise(k);
	return error;
}

int look_others(struct look *k)
{
	struct arena *arena = &k->out->head.arena;
	int error = collect_visits(k);
	size_t n = 1;

	if (error)
		return error;
	for (size_t i = 0; i < k->visits.n; i++)
		n += visit_is_meant(k->t, visit_at(k, i));
	k->out->others = arena_alloc(arena, n * sizeof(*k->out->others));
	return k->out->others ? sort_out_ports(k) : -ENOMEM;
}
