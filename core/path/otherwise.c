/* Walks over a copy of the rules in which some match for sure, or never. What lifts the one
 * that decided is behind.c. */
#include "core/path/otherwise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/firewall/bounds.h"
#include "core/path/walking.h"

/* A ruleset that shares everything with the real one but its list of rules. */
struct altered {
	struct ruleset r;
	struct fw_rule *rules;
	struct arena arena;
};

static int alter(struct altered *a, const struct ruleset *from)
{
	*a = (struct altered){.r = *from};
	arena_init(&a->arena);
	a->rules = calloc(from->n_rules, sizeof(*a->rules));
	if (!a->rules)
		return -ENOMEM;
	memcpy(a->rules, from->rules, from->n_rules * sizeof(*a->rules));
	a->r.rules = a->rules;
	return 0;
}

static int walk_altered(struct altered *a, const struct path_world *w,
			const struct path_ask *ask, struct path *out)
{
	struct path_world world = *w;
	int error;

	world.rules = &a->r;
	error = walk_all(&world, ask, out);
	free(a->rules);
	arena_release(&a->arena);
	return error;
}

/* What counts is taken out of it: the rest of the rule decides. */
static int settle(struct altered *a, struct fw_rule *rule)
{
	struct fw_expr **kept = arena_alloc(&a->arena, rule->n_exprs * sizeof(*kept));
	const char *what;
	uint32_t n = 0;

	if (!kept)
		return -ENOMEM;
	for (uint32_t i = 0; i < rule->n_exprs; i++)
		if (fw_expr_bound(rule->exprs[i], &what) == FW_BOUND_NONE)
			kept[n++] = rule->exprs[i];
	rule->exprs = kept;
	rule->n_exprs = n;
	return 0;
}

static int settle_all(struct altered *a, bool is_beyond, bool is_object_over)
{
	int error = 0;

	for (size_t i = 0; !error && i < a->r.n_rules; i++) {
		struct fw_rule *rule = &a->rules[i];
		const char *what;
		enum fw_bound bound = fw_rule_bound(rule, &what);
		bool is_over = bound == FW_BOUND_BEYOND ||
			       (bound == FW_BOUND_EITHER && is_object_over);

		if (bound == FW_BOUND_NONE)
			continue;
		if (is_over == is_beyond)
			error = settle(a, rule);
		else
			rule->n_exprs = 0;
	}
	return error;
}

int path_walk_bounded(const struct path_world *w, const struct path_ask *ask,
		      bool is_beyond, bool is_object_over, struct path *out)
{
	struct altered a;
	int error;

	if (!w->rules || !w->rules->n_rules)
		return -ENOENT;
	error = alter(&a, w->rules);
	if (error)
		return error;
	error = settle_all(&a, is_beyond, is_object_over);
	if (!error)
		return walk_altered(&a, w, ask, out);
	free(a.rules);
	arena_release(&a.arena);
	return error;
}

int path_walk_without(const struct path_world *w, const struct path_ask *ask, uint32_t rule,
		      struct path *out)
{
	struct altered a;
	int error;

	if (!w->rules || rule >= w->rules->n_rules)
		return -ENOENT;
	error = alter(&a, w->rules);
	if (error)
		return error;
	a.rules[rule].n_exprs = 0;
	return walk_altered(&a, w, ask, out);
}
