/* A blamed rule beside the trace of the very packet, and the rule that this one really met.
 * Finds no fault by itself: checks_traced.c. */
#include "core/diagnosis/check_traced.h"

#include <string.h>

#include "core/diagnosis/check_help.h"

/* ---- where it stands ---- */

static bool is_chain_of(const struct ruleset *r, const struct fw_chain *c,
			const struct fw_trace_event *event)
{
	const struct fw_table *t = ruleset_table_of(r, c);

	return t->backend != FW_LEGACY && t->family == event->family &&
	       text_equals(t->name, event->table) && text_equals(c->name, event->chain);
}

/* UINT32_MAX: not among these. */
static uint32_t find_chain(const struct ruleset *r, const struct fw_trace_event *event)
{
	for (uint32_t i = 0; r && i < r->n_chains; i++)
		if (is_chain_of(r, &r->chains[i], event))
			return i;
	return UINT32_MAX;
}

static bool find_in(const struct ruleset *r, struct traced_denial *d)
{
	uint32_t chain = find_chain(r, d->event);
	const struct fw_chain *c = chain != UINT32_MAX ? &r->chains[chain] : NULL;
	uint32_t rule = UINT32_MAX;

	if (!c)
		return false;
	for (uint32_t i = 0; d->event->kind == FW_TRACE_RULE && i < c->n_rules; i++)
		if (r->rules[c->first_rule + i].handle == d->event->handle)
			rule = c->first_rule + i;
	if (d->event->kind == FW_TRACE_RULE ? rule == UINT32_MAX : !c->is_base)
		return false;
	d->rules = r;
	d->chain = chain;
	d->rule = rule;
	return true;
}

static enum place_kind place_of(enum fw_hook hook, bool is_reply)
{
	switch (hook) {
	case FW_PREROUTING:
		return PLACE_PREROUTING;
	case FW_INPUT:
		return PLACE_INPUT;
	case FW_FORWARD:
		return PLACE_FORWARD;
	case FW_OUTPUT:
		return PLACE_OUTPUT;
	case FW_POSTROUTING:
		return PLACE_POSTROUTING;
	case FW_INGRESS:
		return PLACE_INGRESS;
	case FW_EGRESS:
		return PLACE_EGRESS;
	case N_FW_HOOKS:
		break;
	}
	return is_reply ? PLACE_OUTPUT : PLACE_INPUT;
}

/* The hook of the base chain that led there: the last one that the packet was told in. */
static enum place_kind find_place(const struct check_view *v, const struct prove *p)
{
	const struct fw_trace *t = v->e->trace;
	enum place_kind at = place_of(N_FW_HOOKS, p->is_reply);

	for (size_t i = 0; i < t->events.n; i++) {
		const struct fw_trace_event *event = fw_trace_event(t, i);
		const struct ruleset *r = v->e->rules;
		uint32_t chain = find_chain(r, event);

		if (chain == UINT32_MAX) {
			r = v->e->rules_after;
			chain = find_chain(r, event);
		}
		if (event->packet == p->event->packet && chain != UINT32_MAX &&
		    r->chains[chain].is_base)
			at = place_of(r->chains[chain].hook, p->is_reply);
		if (event == p->event)
			break;
	}
	return at;
}

/* ---- the denial ---- */

/* What is queued or taken over may yet go on. */
static bool is_drop(const struct fw_trace_event *event)
{
	return !strcmp(fw_trace_verdict_word(event->verdict), "drop");
}

static bool is_blamed(const struct check_view *v, const struct path_leg *leg,
		      const struct traced_denial *d)
{
	bool is_stopped = leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT;

	if (!is_stopped || d->rules != v->e->rules)
		return false;
	if (leg->decided_by == DECIDER_RULE)
		return d->rule != UINT32_MAX && d->rule == leg->rule;
	return leg->decided_by == DECIDER_POLICY && d->rule == UINT32_MAX &&
	       d->chain == leg->chain;
}

bool traced_denial(const struct check_view *v, const struct path_leg *leg,
		   struct traced_denial *out)
{
	struct prove p = prove_of(v->e, v->walk, leg);

	if (p.state < PROVE_OPEN || !p.is_denied || !p.event || !is_drop(p.event) ||
	    sight_was_answered(v) || sight_got_syn_ack(v))
		return false;
	*out = (struct traced_denial){
		.prove = p, .event = p.event, .chain = UINT32_MAX, .rule = UINT32_MAX};
	if (!find_in(v->e->rules, out))
		find_in(v->e->rules_after, out);
	out->at = find_place(v, &p);
	out->is_expected = is_blamed(v, leg, out);
	return true;
}

/* ---- beside a blamed rule ---- */

static int at_most(int certainty, int limit)
{
	return certainty < limit ? certainty : limit;
}

int certainty_traced(const struct check_view *v, const struct path_leg *leg, int certainty)
{
	const struct path *path = &v->walk->path;
	struct traced_denial denial;
	struct prove p;

	/* Another walk than that of the packet itself tells of packets that were not sent.
	 */
	if (leg != &path->request && leg != &path->reply)
		return certainty;
	if (traced_denial(v, leg, &denial))
		return denial.is_expected ? CERTAINTY_PROVEN
					  : at_most(certainty, CERTAINTY_POSSIBLE);
	p = prove_of(v->e, v->walk, leg);
	if (p.state == PROVE_AGREES && p.is_denied)
		return CERTAINTY_PROVEN;
	if (p.state != PROVE_DIFFERS)
		return certainty;
	return at_most(certainty, p.is_denied ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE);
}
