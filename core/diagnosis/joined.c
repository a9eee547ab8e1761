/* A client's view held beside this host's: which attempt, which time, which address. */
#include "core/diagnosis/joined.h"

#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/sight.h"

#define CLOCK_NS (2 * NS_PER_S)    /* between two hosts' clocks, and what a login takes */
#define OLD_NS   (3600 * NS_PER_S) /* a text of before that is about another time */

static size_t n_of(const struct client_table *t)
{
	return t ? t->n : 0;
}

size_t joined_n(const struct evidence *e)
{
	return n_of(e->remote) + n_of(e->joined);
}

const struct client_view *joined_at(const struct evidence *e, size_t i)
{
	size_t n = n_of(e->remote);

	return i < n ? &e->remote->views[i] : &e->joined->views[i - n];
}

/* Of our own script, which got the port from us, none is said. */
static bool is_at_port(const struct evidence *e, const struct client_try *t)
{
	return e->target.proto == IPPROTO_TCP && (!t->port || t->port == e->target.port);
}

const struct client_try *joined_try(const struct evidence *e, const struct client_view *v,
				    const struct addr *server)
{
	const struct client_try *found = NULL;

	for (size_t i = 0; i < v->n_tries; i++) {
		const struct client_try *t = &v->tries[i];

		if (!is_at_port(e, t))
			continue;
		if (server->family && addr_equals(&t->target, server))
			return t;
		if (!found && (!server->family || !t->target.family))
			found = t;
	}
	return found;
}

bool joined_is_now(const struct evidence *e, const struct client_view *v)
{
	int64_t end_ns = e->has_window_ended ? e->window_end_ns : e->now_ns;

	if (!v->start_ns || !(v->is_remote || v->has_own_time))
		return false;
	return v->end_ns + CLOCK_NS >= e->window_start_ns &&
	       v->start_ns <= end_ns + CLOCK_NS;
}

enum certainty joined_limit(const struct evidence *e, const struct client_view *v)
{
	if (joined_is_now(e, v))
		return CERTAINTY_PROVEN;
	if (!v->start_ns || e->window_start_ns - v->end_ns > OLD_NS)
		return CERTAINTY_POSSIBLE;
	return CERTAINTY_LIKELY;
}

static bool is_within(const struct client_view *v, const struct attempt *a)
{
	return a->last_ns >= v->start_ns - CLOCK_NS && a->first_ns <= v->end_ns + CLOCK_NS;
}

/* Would a client that saw this call it so? */
static bool fits(const struct evidence *e, const struct attempt *a,
		 const struct client_try *t)
{
	if (client_result_is_open(t->result) || t->result == CLIENT_RESET)
		return sight_is_open(a);
	if (t->result == CLIENT_REFUSED)
		return a->outcome == OUTCOME_REFUSED || attempt_is_port_unreachable(a);
	return !sight_is_open(a) && sight_has_failed(e, a);
}

static void count_other(const struct evidence *e, const struct attempt *a,
			const struct client_try *t, struct joined_sight *out)
{
	bool is_fitting = fits(e, a, t);

	out->n_others++;
	out->n_others_open += sight_is_open(a);
	out->n_others_failed += sight_has_failed(e, a);
	if (!out->other.family || (is_fitting && !out->n_fitting))
		out->other = addr_unmapped(&a->client);
	out->n_fitting += is_fitting;
}

struct joined_sight joined_sight(const struct evidence *e, const struct client_view *v,
				 const struct client_try *t)
{
	struct joined_sight out = {0};
	bool is_now = joined_is_now(e, v);

	for (size_t i = 0; i < attempts_n(e->attempts); i++) {
		const struct attempt *a = attempts_at(e->attempts, i);
		struct addr client = addr_unmapped(&a->client);

		if (!sight_is_at_port(e, a))
			continue;
		if (t->source.family && addr_equals(&client, &t->source)) {
			out.n_own++;
			out.n_own_open += sight_is_open(a);
			out.n_own_silent += !a->n_syn_acks && sight_has_failed(e, a) &&
					    a->outcome != OUTCOME_REFUSED && !a->n_icmp;
		} else if (!is_now || is_within(v, a)) {
			count_other(e, a, t, &out);
		}
	}
	return out;
}

static enum tri is_here(const struct evidence *e, const struct addr *a)
{
	return address_is_here(e->space->addresses, e->space->local_routes, a);
}

/* What this host calls itself is no address that a client of elsewhere can use. */
static enum tri is_none_of_ours(const struct evidence *e, const struct addr *a)
{
	switch (is_here(e, a)) {
	case TRI_YES:
		return TRI_NO;
	case TRI_NO:
		return TRI_YES;
	case TRI_UNSURE:
		break;
	}
	return TRI_UNSURE;
}

enum tri joined_is_elsewhere(const struct evidence *e, const struct client_view *v,
			     const struct client_try *t)
{
	enum tri all = t && t->target.family ? is_none_of_ours(e, &t->target) : TRI_UNSURE;

	if (all == TRI_NO || !v->n_addresses)
		return all;
	for (size_t i = 0; i < v->n_addresses; i++) {
		enum tri one = is_none_of_ours(e, &v->addresses[i]);

		if (one != TRI_YES)
			return one;
	}
	return TRI_YES;
}

/* ---- who it is ---- */

/* Those who fail are asked about first. */
static const struct client_try *best_try(const struct evidence *e,
					 const struct client_view **view)
{
	const struct client_try *found = NULL;

	for (size_t i = 0; i < joined_n(e); i++) {
		const struct client_view *v = joined_at(e, i);
		const struct client_try *t = joined_try(e, v, &e->target.address);
		bool is_better = t && (!found || client_result_is_open(found->result)) &&
				 !client_result_is_open(t->result);

		if (!t || !t->source.family || addr_is_loopback(&t->source) ||
		    addr_is_any(&t->source) || !joined_is_now(e, v) ||
		    (found && !is_better))
			continue;
		found = t;
		*view = v;
	}
	return found;
}

void joined_name_client(struct evidence *e, const struct aim *asked)
{
	const struct client_view *v = NULL;
	const struct client_try *t;
	struct joined_sight s;

	if (asked->client.family || e->target.role != AIM_SERVER || !joined_n(e) ||
	    !e->window_start_ns || !e->space)
		return;
	e->target.client = asked->client;
	e->target.is_client_named = asked->is_client_named;
	t = best_try(e, &v);
	if (!t)
		return;
	s = joined_sight(e, v, t);
	if (!s.n_own && s.n_fitting)
		return;
	e->target.client = t->source;
	e->target.is_client_named = true;
}
