/*
 * The search for who can reach what, step by step: tries (exposure_tries.c), each from all
 * sources (exposure_scan.c), then the list of listeners.
 */
#include "core/path/exposure_impl.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

/* Rules that are looked at in all: what takes longer stays unsure. */
enum { EFFORT = 150000000, EFFORT_OF_A_WALK = 100, WALKS_MIN = 4096 };

struct exposure_search {
	struct exposure_scan scan;
	struct exposure_tries tries;
	struct exposure_sources sources; /* of the try that is walked */
	bool has_sources, is_tried;
	size_t listed; /* endpoints of the snapshot that were looked at for the list */
};

/* ---- from this host ---- */

static int try_from_host(struct exposure_scan *s, const struct exposure_agains *agains,
			 struct exposure_listener *l)
{
	static const struct addr loopback[] = {{AF_INET, {127, 0, 0, 1}},
					       {AF_INET6, {[15] = 1}}};
	const struct endpoint *e = l->endpoint;
	struct addr own = addr_unmapped(&e->address);
	struct exposure_try t = {.world = s->world,
				 .proto = exposure_proto(e->proto),
				 .port = e->port,
				 .ifindex = device_loopback(s->world),
				 .is_from_here = true,
				 .agains = agains};
	struct exposure_answer a;
	int error;

	t.to = !addr_is_any(&own) ? own : loopback[e->scope == SCOPE_ANY_V6];
	t.from = t.to;
	error = exposure_walk(s->out, &t, NULL, &a);
	if (error)
		return error;
	l->from_host = a.end == EXPOSURE_CLOSED ? TRI_NO : TRI_YES;
	if (a.end == EXPOSURE_OPEN)
		return 0;
	if (a.end == EXPOSURE_UNSURE)
		l->from_host = TRI_UNSURE;
	l->host_doubt = (struct exposure_doubt){{t.from, t.from}, a.rule, a.why};
	return 0;
}

/* ---- listeners ---- */

/* It is asked for by another port, or from another namespace. */
static bool is_reached(const struct exposure_search *r, const struct endpoint *e)
{
	for (size_t i = 0; i < r->scan.rows.n; i++) {
		const struct exposure_row *row = vec_at(&r->scan.rows, i);

		if (row->endpoint == e && row->is_translated &&
		    exposure_is_wished(&r->tries.wish, exposure_proto(e->proto), row->port,
				       row->port_high))
			return true;
	}
	return false;
}

static bool is_listed(const struct exposure_search *r, const struct endpoint *e)
{
	if (!exposure_proto(e->proto))
		return false;
	return (e->space == r->scan.world->space &&
		exposure_is_endpoint_wished(&r->tries.wish, e)) ||
	       is_reached(r, e);
}

static int list(struct exposure_search *r, const struct endpoint *e)
{
	struct exposure_listener *l = vec_push(&r->scan.out->listeners);
	int error;

	if (!l)
		return -ENOMEM;
	*l = (struct exposure_listener){
		.endpoint = e, .ways = VEC_OF(struct exposure_way), .from_host = TRI_NO};
	error = exposure_make_ways(&r->scan, l);
	if (!error && e->space == r->scan.world->space)
		error = try_from_host(&r->scan, &r->tries.agains, l);
	return error;
}

/* ---- step by step ---- */

static int step_list(struct exposure_search *r)
{
	const struct snapshot *s = r->scan.world->snapshot;

	while (r->listed < s->n_endpoints) {
		const struct endpoint *e = &s->endpoints[r->listed++];

		if (is_listed(r, e))
			return list(r, e);
	}
	return 1;
}

static int step_sources(struct exposure_search *r)
{
	int got = exposure_sources_step(&r->scan, &r->sources);

	if (got != 1)
		return got;
	exposure_tries_done(&r->tries, r->sources.port_high);
	exposure_sources_release(&r->sources);
	r->has_sources = false;
	return 0;
}

static int step_tries(struct exposure_search *r)
{
	struct exposure_next next;
	int got = exposure_tries_next(&r->tries, r->scan.out, &next);

	if (got == -ENOENT)
		r->is_tried = true;
	if (got != 1)
		return got == -ENOENT ? 0 : got;
	r->has_sources = true;
	return exposure_sources_start(&r->sources, &next.try, next.direct, next.port_high);
}

int exposure_step(struct exposure_search *r)
{
	if (r->has_sources)
		return step_sources(r);
	return r->is_tried ? step_list(r) : step_tries(r);
}

static size_t walks_for(const struct ruleset *rules)
{
	size_t n_rules = rules ? rules->n_rules : 0;
	size_t n = EFFORT / (EFFORT_OF_A_WALK + n_rules);

	return n < WALKS_MIN ? WALKS_MIN : n;
}

struct exposure_search *exposure_start(const struct path_world *w,
				       const struct exposure_wish *wish,
				       struct exposure *out)
{
	struct exposure_search *r = calloc(1, sizeof(*r));

	*out = (struct exposure){.listeners = VEC_OF(struct exposure_listener),
				 .excluded = VEC_OF(struct exposure_span),
				 .is_blind = !w->rules};
	if (!r)
		return NULL;
	r->tries = (struct exposure_tries){.world = w, .wish = *wish};
	exposure_compare_rules(&r->tries.agains, w, wish);
	r->scan = (struct exposure_scan){.world = w,
					 .wish = &r->tries.wish,
					 .out = out,
					 .rows = VEC_OF(struct exposure_row),
					 .special = VEC_OF(struct exposure_span),
					 .walks_left = walks_for(w->rules)};
	if (!exposure_note_special(&r->scan))
		return r;
	exposure_stop(r);
	return NULL;
}

void exposure_stop(struct exposure_search *r)
{
	if (!r)
		return;
	if (r->has_sources)
		exposure_sources_release(&r->sources);
	for (size_t i = 0; i < r->scan.rows.n; i++)
		exposure_row_release(vec_at(&r->scan.rows, i));
	vec_release(&r->scan.rows);
	vec_release(&r->scan.special);
	free(r);
}

int exposure_find(const struct path_world *w, const struct exposure_wish *wish,
		  struct exposure *out)
{
	struct exposure_search *r = exposure_start(w, wish, out);
	int got = r ? 0 : -ENOMEM;

	while (!got)
		got = exposure_step(r);
	exposure_stop(r);
	return got == 1 ? 0 : got;
}

static void release_way(struct exposure_way *way)
{
	vec_release(&way->devices);
	vec_release(&way->open);
	vec_release(&way->doubts);
}

void exposure_release(struct exposure *x)
{
	for (size_t i = 0; i < x->listeners.n; i++) {
		struct exposure_listener *l = vec_at(&x->listeners, i);

		for (size_t j = 0; j < l->ways.n; j++)
			release_way(vec_at(&l->ways, j));
		vec_release(&l->ways);
	}
	vec_release(&x->listeners);
	vec_release(&x->excluded);
}
