/* The hook once more, with a copy of the rules in which the blocker does nothing. */
#include "core/path/allow.h"

#include <stdlib.h>
#include <string.h>

#include "core/path/walking.h"

enum { WALKS_MAX = 16, BLOCKERS_MAX = 8 };

/* What comes first behind the blocker. */
enum behind { BEHIND_NOTHING, BEHIND_ACCEPT, BEHIND_STOP, BEHIND_UNSURE };

static bool hook_of(const struct path_leg *leg, enum fw_hook *hook)
{
	static const struct {
		enum place_kind place;
		enum fw_hook hook;
	} rows[] = {
		{PLACE_INGRESS, FW_INGRESS},
		{PLACE_PREROUTING, FW_PREROUTING},
		{PLACE_INPUT, FW_INPUT},
		{PLACE_FORWARD, FW_FORWARD},
		{PLACE_OUTPUT, FW_OUTPUT},
		{PLACE_POSTROUTING, FW_POSTROUTING},
		{PLACE_EGRESS, FW_EGRESS},
		{PLACE_BRIDGE_PREROUTING, FW_PREROUTING},
		{PLACE_BRIDGE_INPUT, FW_INPUT},
		{PLACE_BRIDGE_FORWARD, FW_FORWARD},
		{PLACE_BRIDGE_OUTPUT, FW_OUTPUT},
		{PLACE_BRIDGE_POSTROUTING, FW_POSTROUTING},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		*hook = rows[i].hook;
		if (rows[i].place == leg->at)
			return true;
	}
	return false;
}

/* The first step behind the blocker's that ends its base chain. */
static enum behind look_behind(const struct fw_result *out, uint32_t blocker,
			       uint32_t *rule)
{
	bool is_behind = false;

	for (size_t i = 0; i < out->steps.n; i++) {
		const struct fw_step *s = vec_at(&out->steps, i);

		if (!is_behind) {
			is_behind = s->rule == blocker;
			continue;
		}
		*rule = s->rule;
		switch (s->kind) {
		case FW_STEP_ACCEPT:
			return s->rule == NO_ROW ? BEHIND_NOTHING : BEHIND_ACCEPT;
		case FW_STEP_DROP:
		case FW_STEP_REJECT:
			return s->rule == NO_ROW ? BEHIND_NOTHING : BEHIND_STOP;
		case FW_STEP_MATCHED:
		case FW_STEP_JUMP:
		case FW_STEP_NAT:
		case FW_STEP_OTHER:
			break;
		}
	}
	return BEHIND_NOTHING;
}

/* The same in every walk, else it is not sure. */
static enum behind run(const struct path_world *w, const struct ruleset *r,
		       const struct path_leg *leg, uint32_t blocker, uint32_t *rule)
{
	struct path asked = {.n_needs = 0};
	struct walking k = {.world = w, .path = &asked};
	struct fw_lookups lookups = world_lookups(&k);
	struct fw_choices choices = {.n_given = 0};
	enum behind all = BEHIND_UNSURE;
	enum fw_hook hook;
	size_t n = 0;

	if (!hook_of(leg, &hook))
		return BEHIND_UNSURE;
	do {
		struct fw_packet packet = leg->met;
		struct fw_result out;
		enum behind one = BEHIND_UNSURE;
		uint32_t of_one = NO_ROW;

		if (n == WALKS_MAX ||
		    firewall_run(r, hook, &packet, &lookups, &choices, &out))
			return BEHIND_UNSURE;
		if (!choices.is_overfull)
			one = look_behind(&out, blocker, &of_one);
		fw_result_release(&out);
		if (one == BEHIND_UNSURE || (n && (one != all || of_one != *rule)))
			return BEHIND_UNSURE;
		all = one;
		*rule = of_one;
		n++;
	} while (fw_choices_next(&choices));
	return all;
}

/* The rule's tests stay, what it does goes: the packet goes on behind it. */
static void disarm(struct fw_rule *rule)
{
	for (size_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *x = rule->exprs[i];
		bool ends = x->kind == FW_EXPR_VERDICT || x->kind == FW_EXPR_REJECT ||
			    x->kind == FW_EXPR_XT_TARGET || x->kind == FW_EXPR_QUEUE;

		if (!ends)
			continue;
		rule->n_exprs = (uint32_t)i;
		return;
	}
	rule->n_exprs = 0; /* a verdict map: it is passed by as a whole */
}

uint32_t path_allow_behind(const struct path_world *w, const struct path_leg *leg)
{
	struct ruleset r;
	uint32_t blocker = leg->rule, next = NO_ROW;
	enum behind found = BEHIND_STOP;

	if (!w->rules || !leg->is_walked || leg->decided_by != DECIDER_RULE ||
	    leg->rule >= w->rules->n_rules)
		return NO_ROW;
	r = *w->rules;
	r.rules = malloc(r.n_rules * sizeof(*r.rules));
	if (!r.rules)
		return NO_ROW;
	memcpy(r.rules, w->rules->rules, r.n_rules * sizeof(*r.rules));
	for (int i = 0; i < BLOCKERS_MAX && found == BEHIND_STOP; i++) {
		disarm(&r.rules[blocker]);
		found = run(w, &r, leg, leg->rule, &next);
		blocker = next;
	}
	free(r.rules);
	return found == BEHIND_ACCEPT ? next : NO_ROW;
}
