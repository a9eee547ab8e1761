/* Chains and rules that can be come to. Breadth first, each chain once. */
#include "core/firewall/box/reach.h"

#include <errno.h>
#include <stdlib.h>

/* A set that was not told may lead anywhere in its table. */
static void take_unread(const struct ruleset *r, const struct fw_rule *rule,
			void (*take)(void *arg, uint32_t chain), void *arg)
{
	uint32_t table = ruleset_chain(r, rule)->table;

	for (uint32_t i = 0; i < r->n_chains; i++)
		if (r->chains[i].table == table && !r->chains[i].is_base)
			take(arg, i);
}

static void take_map(const struct ruleset *r, const struct fw_rule *rule,
		     const struct fw_expr *x, void (*take)(void *arg, uint32_t chain),
		     void *arg)
{
	const struct fw_set *set = x->set < r->n_sets ? &r->sets[x->set] : NULL;

	if (!set || !set->is_read) {
		take_unread(r, rule, take, arg);
		return;
	}
	for (size_t i = 0; i < set->n_elements; i++)
		if (set->elements[i].verdict_chain < r->n_chains &&
		    set->elements[i].verdict < 0)
			take(arg, set->elements[i].verdict_chain);
}

void reach_targets(const struct ruleset *r, const struct fw_rule *rule,
		   void (*take)(void *arg, uint32_t chain), void *arg)
{
	for (size_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *x = rule->exprs[i];

		if (x->kind == FW_EXPR_VERDICT && x->verdict < 0 && x->chain < r->n_chains)
			take(arg, x->chain);
		else if (x->kind == FW_EXPR_LOOKUP && x->dreg == FW_VERDICT)
			take_map(r, rule, x, take, arg);
		else if (x->kind == FW_EXPR_OPAQUE)
			take_unread(r, rule, take, arg);
	}
}

/* ---- hooks ---- */

struct hooks_walk {
	uint8_t *hooks;
	uint32_t *stack; /* chains whose rules are still to be looked at; each once */
	bool *is_waiting;
	size_t n;
	uint8_t now;
};

static void take_hooks(void *arg, uint32_t chain)
{
	struct hooks_walk *w = arg;

	if (!(w->now & ~w->hooks[chain]))
		return;
	w->hooks[chain] |= w->now;
	if (w->is_waiting[chain])
		return;
	w->is_waiting[chain] = true;
	w->stack[w->n++] = chain;
}

static void walk_hooks(const struct ruleset *r, struct hooks_walk *w)
{
	while (w->n) {
		uint32_t chain = w->stack[--w->n];
		const struct fw_chain *c = &r->chains[chain];

		w->is_waiting[chain] = false;
		w->now = w->hooks[chain];
		for (uint32_t i = 0; i < c->n_rules; i++)
			reach_targets(r, &r->rules[c->first_rule + i], take_hooks, w);
	}
}

int reach_hooks(const struct ruleset *r, uint8_t *hooks)
{
	struct hooks_walk w = {.hooks = hooks};
	int error = 0;

	w.stack = calloc(r->n_chains + 1, sizeof(*w.stack));
	w.is_waiting = calloc(r->n_chains + 1, sizeof(*w.is_waiting));
	if (!w.stack || !w.is_waiting)
		error = -ENOMEM;
	for (uint32_t i = 0; i < r->n_chains; i++)
		hooks[i] = 0;
	for (uint32_t i = 0; !error && i < r->n_chains; i++) {
		w.now = (uint8_t)(1U << r->chains[i].hook);
		if (r->chains[i].is_base)
			take_hooks(&w, i);
	}
	if (!error)
		walk_hooks(r, &w);
	free(w.stack);
	free(w.is_waiting);
	return error;
}

/* ---- rules of a packet ---- */

struct rules_walk {
	uint32_t *stack;
	bool *is_seen;
	size_t n;
};

static void take_rules(void *arg, uint32_t chain)
{
	struct rules_walk *w = arg;

	if (w->is_seen[chain])
		return;
	w->is_seen[chain] = true;
	w->stack[w->n++] = chain;
}

static bool meets(const struct rule_boxes *b, const struct box *packet)
{
	for (size_t i = 0; i < b->n; i++)
		if (box_meets(&b->rows[i], packet))
			return true;
	return false;
}

static void walk_rules(const struct ruleset *r, const struct box *packet, bool *wanted,
		       struct rules_walk *w)
{
	struct rule_boxes boxes;

	while (w->n) {
		const struct fw_chain *c = &r->chains[w->stack[--w->n]];

		for (uint32_t i = c->first_rule; i < c->first_rule + c->n_rules; i++) {
			box_rule(r, &r->rules[i], BOX_NOW, &boxes);
			wanted[i] = meets(&boxes, packet);
			if (wanted[i])
				reach_targets(r, &r->rules[i], take_rules, w);
		}
	}
}

int reach_rules(const struct ruleset *r, const struct box *packet, bool *wanted)
{
	struct rules_walk w = {0};
	int error = 0;

	w.stack = calloc(r->n_chains + 1, sizeof(*w.stack));
	w.is_seen = calloc(r->n_chains + 1, sizeof(*w.is_seen));
	if (!w.stack || !w.is_seen)
		error = -ENOMEM;
	for (uint32_t i = 0; !error && i < r->n_chains; i++)
		if (r->chains[i].is_base && !ruleset_table_of(r, &r->chains[i])->is_dormant)
			take_rules(&w, i);
	if (!error)
		walk_rules(r, packet, wanted, &w);
	free(w.stack);
	free(w.is_seen);
	return error;
}
