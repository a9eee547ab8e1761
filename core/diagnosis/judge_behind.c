/*
 * What stands behind the cause: the next fault that was found beside it, or that the packet
 * and its answer would meet if the rule to blame were not there; else that nothing does.
 */
#include <errno.h>

#include "core/diagnosis/judge_impl.h"
#include "core/path/otherwise.h"
#include "core/path/served.h"

bool judge_is_way_open(const struct path *p)
{
	return p->request.verdict == PATH_ACCEPT && p->is_served == TRI_YES &&
	       (!p->reply.is_walked || p->reply.verdict == PATH_ACCEPT);
}

/* ---- the walk ---- */

/* Below its bound; named objects as most of them are meant. */
static int walk_below(const struct judging *j, const struct path_world *w, struct path *out)
{
	return path_walk_bounded(w, &j->walk->path.ask, false, false, out);
}

/* As if the rule or policy to blame accepted; NULL: that is not known. */
static const struct path *walk_behind(struct judging *j)
{
	struct path_world world = evidence_world(j->e);
	struct path *behind;
	int error;

	if (!j->walk || !j->d->has_rule || judge_has_unread_rules(j))
		return NULL;
	behind = arena_alloc(j->arena, sizeof(*behind));
	if (!behind) {
		j->error = -ENOMEM;
		return NULL;
	}
	if (j->d->findings[0].fault == FAULT_RATE_LIMITED)
		error = walk_below(j, &world, behind);
	else
		error = path_walk_behind(&world, &j->walk->path.ask, &j->walk->path,
					 behind);
	return error || behind->n_needs ? NULL : behind;
}

/* As if somebody listened: the way back was not asked for, so what hangs on it stays open.
 * NULL: the cause is another one, or that is not known. */
static const struct path *walk_served(struct judging *j)
{
	const struct path *p = j->walk ? &j->walk->path : NULL;
	struct path_world world = evidence_world(j->e);
	struct path *served;

	if (!p || !p->is_local || p->request.verdict != PATH_ACCEPT ||
	    p->request.decided_by != DECIDER_SOCKET || p->is_served != TRI_NO ||
	    !j->walk->client.family || judge_has_unread_rules(j) ||
	    j->d->findings[0].position != AT_SOCKET)
		return NULL;
	served = arena_alloc(j->arena, sizeof(*served));
	if (!served) {
		j->error = -ENOMEM;
		return NULL;
	}
	return path_walk_served(&world, &p->ask, served) ? NULL : served;
}

/* ---- the second fault ---- */

/* Of these the cause is a rule or a policy that this very walk met. */
static bool is_lifted(const struct judging *j)
{
	const struct path *p = &j->walk->path;
	const struct path_leg *leg =
		p->request.verdict == PATH_DROP || p->request.verdict == PATH_REJECT
			? &p->request
			: &p->reply;

	return leg->is_walked && leg->chain == j->d->chain && leg->rule == j->d->rule &&
	       j->d->findings[0].fault != FAULT_RATE_LIMITED &&
	       j->d->findings[0].fault != FAULT_UNTRACKED;
}

/* They conclude from the way alone. What asks the wire has nothing to ask: no packet came
 * so far. */
static const struct check on_the_way[] = {
	{FAULT_NETDEV_DROP, check_netdev_drop, {FAULT_NONE}},
	{FAULT_BLOCKLISTED, check_blocklisted, {FAULT_NONE}},
	{FAULT_SHADOWED_ALLOW, check_shadowed_allow, {FAULT_NONE}},
	{FAULT_DROP, check_drop, {FAULT_NONE}},
	{FAULT_REJECT, check_reject, {FAULT_NONE}},
	{FAULT_POLICY_DROP, check_policy_drop, {FAULT_NONE}},
	{FAULT_REPLY_DROP, check_reply_drop, {FAULT_NONE}},
	{FAULT_NO_ROUTE_BACK, check_no_route_back, {FAULT_NONE}},
	{FAULT_ROUTE_REJECTS, check_route_rejects, {FAULT_NONE}},
};

/* Between the other faults in the order of the way; suspicions stay behind it. */
static void take(struct diagnosis *d, const struct finding *f)
{
	size_t at = d->n_findings;

	if (at == FINDINGS_MAX)
		return;
	while (at > 1 && (d->findings[at - 1].certainty < CERTAINTY_LIKELY ||
			  d->findings[at - 1].position > f->position)) {
		d->findings[at] = d->findings[at - 1];
		at--;
	}
	d->findings[at] = *f;
	d->n_findings++;
}

static bool is_told(const struct diagnosis *d, const struct finding *f)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].fault == f->fault && d->findings[i].chain == f->chain &&
		    d->findings[i].rule == f->rule)
			return true;
	return false;
}

/* True: it was found, or there is no memory. */
static bool try_check(struct judging *j, const struct check *c, const struct check_view *v)
{
	struct finding f = {.fault = c->fault,
			    .step = fault_step(c->fault),
			    .certainty = CERTAINTY_LIKELY,
			    .chain = UINT32_MAX,
			    .rule = UINT32_MAX,
			    .client = v->walk->client,
			    .server = v->walk->server};
	int got = c->run(v, &f);

	if (got >= CERTAINTY_LIKELY && !is_told(j->d, &f)) {
		got = finding_prove(&f, j->arena, "path", false, NULL,
				    "concluded as if the first fault were gone: nothing "
				    "came so far that could be seen");
		if (!got)
			take(j->d, &f);
		if (!got)
			return true;
	}
	if (got < 0)
		j->error = got;
	return got < 0;
}

static bool is_stopped(const struct path_leg *leg)
{
	return leg->is_walked && (leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT);
}

/* The walk behind, with no sight of anything, and no trace of the packet that was stopped
 * before it. */
static void find_second(struct judging *j, const struct path *behind)
{
	struct evidence *e = arena_alloc(j->arena, sizeof(*e));
	struct walk *walk = arena_alloc(j->arena, sizeof(*walk));
	struct check_view v = {.e = e, .walk = walk, .arena = j->arena};

	if (!e || !walk) {
		j->error = -ENOMEM;
		return;
	}
	*e = *j->e;
	e->trace = NULL;
	e->drops = NULL;
	*walk = *j->walk;
	walk->path = *behind;
	for (size_t i = 0; i < sizeof(on_the_way) / sizeof(on_the_way[0]); i++)
		if (try_check(j, &on_the_way[i], &v))
			return;
}

/* ---- who else holds the port ---- */

static bool share_owner(const struct endpoint *a, const struct endpoint *b)
{
	for (size_t i = 0; i < a->n_owners; i++)
		for (size_t k = 0; k < b->n_owners; k++)
			if (a->owners[i]->pid == b->owners[k]->pid)
				return true;
	return false;
}

/* Of another process, which a bind to all addresses of the family would meet; NULL: none is
 * known. */
static const struct endpoint *other_holder(const struct judging *j,
					   const struct endpoint *own)
{
	const struct endpoint *serving[32];
	size_t n = evidence_serving(j->e, serving, 32);

	for (size_t i = 0; i < n; i++)
		if (serving[i] != own && serving[i]->n_owners &&
		    serving[i]->address.family == j->walk->server.family &&
		    own->address.family == j->walk->server.family &&
		    !share_owner(serving[i], own))
			return serving[i];
	return NULL;
}

static int tell_holder(struct judging *j, const struct check_view *v, struct finding *f,
		       const struct endpoint *own, const struct endpoint *holder)
{
	int error = finding_say(f, j->arena,
				"%s holds %s on %s: %s cannot take all addresses beside it",
				view_owner(v, holder), view_port(v),
				view_listens_on(v, holder), view_owner(v, own));

	if (!error)
		error = finding_prove(f, j->arena, "sock_diag", true, "ss -tlpn",
				      "two processes listen on this port: a bind to all "
				      "addresses fails with \"Address already in use\"");
	if (!error)
		error = finding_advise(f, j->arena, NULL, NULL, NULL,
				       "let it listen on the one address that clients use, "
				       "not on all, or end the other listener");
	return error;
}

/* What is on loopback only is meant to listen on all addresses next. Datagram sockets may
 * well share a port. */
static void find_holder(struct judging *j)
{
	const struct finding *cause = &j->d->findings[0];
	struct check_view v = {.e = j->e, .walk = j->walk, .arena = j->arena};
	const struct endpoint *holder;
	struct finding f = {.fault = FAULT_ADDRESS_IN_USE,
			    .step = fault_step(FAULT_ADDRESS_IN_USE),
			    .certainty = CERTAINTY_LIKELY,
			    .chain = UINT32_MAX,
			    .rule = UINT32_MAX,
			    .position = AT_SOCKET + 1,
			    .client = cause->client,
			    .server = cause->server};

	if (cause->fault != FAULT_LOOPBACK_ONLY || !j->walk || !cause->endpoint ||
	    !cause->endpoint->n_owners || !endpoint_is_stream(cause->endpoint))
		return;
	holder = other_holder(j, cause->endpoint);
	if (!holder)
		return;
	f.endpoint = holder;
	j->error = tell_holder(j, &v, &f, cause->endpoint, holder);
	if (!j->error)
		take(j->d, &f);
}

void judge_behind(struct judging *j)
{
	struct diagnosis *d = j->d;
	const struct path *behind, *served;

	if (d->verdict != VERDICT_FAULT)
		return;
	behind = walk_behind(j);
	served = walk_served(j);
	if (behind && is_lifted(j) &&
	    (is_stopped(&behind->request) || is_stopped(&behind->reply)))
		find_second(j, behind);
	if (served && is_stopped(&served->reply))
		find_second(j, served);
	find_holder(j);
	for (size_t i = 1; i < d->n_findings; i++) {
		if (d->findings[i].certainty < CERTAINTY_LIKELY)
			continue;
		d->has_if_fixed = true;
		d->if_fixed = VERDICT_FAULT;
		d->if_fixed_cause = d->findings[i].fault;
		return;
	}
	/* A suspicion is left: nothing is promised. */
	if (d->n_findings > 1 || !behind || !behind->reply.is_walked ||
	    !judge_is_way_open(behind))
		return;
	d->has_if_fixed = true;
	d->if_fixed = VERDICT_HEALTHY;
}
