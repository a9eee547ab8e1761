/* The walk as if the blocker were gone: a copy of the rules in which it accepts. */
#include "core/path/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/path/walking.h"

enum { ACCEPT = 1 /* NF_ACCEPT */ };

/* A ruleset that shares everything with the real one but what is lifted. */
struct lifted {
	struct ruleset r;
	struct fw_rule *rules;
	struct fw_chain *chains;
	struct fw_expr **exprs; /* of the lifted rule */
	struct fw_expr accepts, looked_up;
};

static const struct path_leg *blocked_leg(const struct path *p)
{
	const struct path_leg *leg = &p->request;

	if (leg->verdict != PATH_DROP && leg->verdict != PATH_REJECT)
		leg = &p->reply;
	if (!leg->is_walked || (leg->verdict != PATH_DROP && leg->verdict != PATH_REJECT))
		return NULL;
	if (leg->decided_by != DECIDER_RULE && leg->decided_by != DECIDER_POLICY)
		return NULL;
	return leg;
}

/* What of a rule says the verdict. */
static bool is_final(const struct fw_expr *x)
{
	switch ((int)x->kind) {
	case FW_EXPR_VERDICT:
	case FW_EXPR_REJECT:
	case FW_EXPR_XT_TARGET:
		return true;
	case FW_EXPR_LOOKUP:
		return x->dreg == FW_VERDICT;
	default:
		return false;
	}
}

static const struct fw_expr accepts = {
	.kind = FW_EXPR_VERDICT, .verdict = ACCEPT, .set = FW_NONE, .chain = FW_NONE};

/* The rule's tests stay as they are: elsewhere it may not match. */
static int lift_rule(struct lifted *l, const struct ruleset *from, uint32_t rule)
{
	const struct fw_rule *old = &from->rules[rule];
	size_t n = 0;

	l->rules = calloc(from->n_rules, sizeof(*l->rules));
	l->exprs = calloc(old->n_exprs + 2, sizeof(*l->exprs));
	if (!l->rules || !l->exprs)
		return -ENOMEM;
	memcpy(l->rules, from->rules, from->n_rules * sizeof(*l->rules));
	for (size_t i = 0; i < old->n_exprs && !is_final(old->exprs[i]); i++)
		l->exprs[n++] = old->exprs[i];
	/* Of a verdict map: what is in it. */
	if (n < old->n_exprs && old->exprs[n]->kind == FW_EXPR_LOOKUP) {
		l->looked_up = *old->exprs[n];
		l->looked_up.dreg = FW_NO_REG;
		l->exprs[n++] = &l->looked_up;
	}
	l->accepts = accepts;
	l->exprs[n++] = &l->accepts;
	l->rules[rule].exprs = l->exprs;
	l->rules[rule].n_exprs = (uint32_t)n;
	l->r.rules = l->rules;
	return 0;
}

static int lift_policy(struct lifted *l, const struct ruleset *from, uint32_t chain)
{
	l->chains = calloc(from->n_chains, sizeof(*l->chains));
	if (!l->chains)
		return -ENOMEM;
	memcpy(l->chains, from->chains, from->n_chains * sizeof(*l->chains));
	l->chains[chain].policy_drops = false;
	l->r.chains = l->chains;
	return 0;
}

static int lift(struct lifted *l, const struct ruleset *from, const struct path_leg *leg)
{
	l->r = *from;
	if (leg->decided_by == DECIDER_RULE && leg->rule < from->n_rules)
		return lift_rule(l, from, leg->rule);
	if (leg->decided_by == DECIDER_POLICY && leg->chain < from->n_chains)
		return lift_policy(l, from, leg->chain);
	return -ENOENT;
}

int path_walk_behind(const struct path_world *w, const struct path_ask *ask,
		     const struct path *blocked, struct path *out)
{
	const struct path_leg *leg = blocked_leg(blocked);
	struct path_world world = *w;
	struct lifted l = {0};
	int error;

	if (!leg || !w->rules)
		return -ENOENT;
	error = lift(&l, w->rules, leg);
	world.rules = &l.r;
	if (!error)
		error = walk_all(&world, ask, out);
	free(l.rules);
	free(l.chains);
	free(l.exprs);
	return error;
}
