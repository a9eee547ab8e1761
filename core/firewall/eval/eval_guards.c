/*
 * Passes over the rules whose first comparisons fail, and leaves the registers as if each
 * had been run. Only what is wholly known of the packet decides here; everything else is
 * left to the rule.
 */
#include <netinet/in.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "core/firewall/eval/exprs.h"
#include "core/firewall/eval/guards.h"

enum { RUNS_MAX = 8, NOT_MISSED = -1, NEAR_RULES = 16 };

/* The last of the rules that loaded the same and missed at the same comparison. */
struct run {
	uint32_t rule, n_exprs;
	uint64_t key;
};

struct runs {
	struct run rows[RUNS_MAX];
	size_t n;
};

/* Behind the end of the header a load asks. */
static bool has_header(const struct eval *e, const struct fw_expr *x)
{
	if (x->kind != FW_EXPR_PAYLOAD || x->base != NFT_PAYLOAD_TRANSPORT_HEADER)
		return true;
	switch (e->packet->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return true;
	default:
		return false;
	}
}

/* No address and, where ports matter, no port is in it. */
static bool is_of_cell(struct eval *e, const struct fw_expr *x)
{
	const struct fw_cell *cell = e->lookups ? e->lookups->cell : NULL;
	size_t n = x->kind == FW_EXPR_META ? 1 : x->len;
	const struct octet *o = regs_at(&e->regs, x->dreg, n);

	for (size_t i = 0; o && cell && i < n; i++)
		if (o[i].origin ||
		    (!cell->is_of_one_port &&
		     (o[i].field == FW_FIELD_PORT || o[i].field == FW_FIELD_SOURCE_PORT)))
			return false;
	return o && cell;
}

static void try_load(struct eval *e, const struct fw_guard_load *load,
		     struct eval_loaded *out)
{
	const struct octet *o;
	uint8_t bytes[REGS_BYTES];

	out->state = EVAL_LOADED_UNKNOWN;
	if (!has_header(e, load->exprs[0]))
		return;
	out->is_of_cell = true;
	for (size_t i = 0; i < load->n_exprs; i++) {
		if (expr_eval(e, load->exprs[i]) != EVAL_NEXT)
			return;
		out->is_of_cell = out->is_of_cell && is_of_cell(e, load->exprs[i]);
	}
	o = regs_at(&e->regs, load->exprs[0]->dreg, load->len);
	if (!o || octets_doubt(o, load->len) != FW_DOUBT_NOTHING)
		return;
	octets_values(o, load->len, bytes);
	out->value = guard_value(bytes, load->len);
	out->state = EVAL_LOADED_KNOWN;
}

/* NULL: not all of it is known. */
static const struct eval_loaded *loaded(struct eval *e, size_t load)
{
	struct eval_loaded *l = &e->loaded[load];

	if (l->state == EVAL_LOADED_NOT_TRIED)
		try_load(e, &e->ruleset->guards->loads[load], l);
	return l->state == EVAL_LOADED_KNOWN ? l : NULL;
}

/* The comparison that the packet fails. */
static int missed_guard(struct eval *e, const struct fw_guard *guard)
{
	for (int i = 0; i < guard->n; i++) {
		const struct eval_loaded *l = loaded(e, guard->loads[i]);
		bool is_negated = guard->negated >> i & 1, is_equal;

		if (!l)
			return NOT_MISSED;
		is_equal = l->value == guard->values[i];
		if (!is_equal && !is_negated)
			return i;
		/* The first bytes are the same, no more is known here. */
		if (is_equal &&
		    e->ruleset->guards->loads[guard->loads[i]].len > GUARD_BYTES)
			return NOT_MISSED;
		if (is_equal && is_negated)
			return i;
	}
	return NOT_MISSED;
}

/* What the rules would have loaded, in their order; what the last one leaves counts. */
static void load_again(struct eval *e, struct runs *runs)
{
	for (size_t i = 0; i < runs->n; i++) {
		const struct fw_rule *rule = &e->ruleset->rules[runs->rows[i].rule];

		for (size_t k = 0; k < runs->rows[i].n_exprs; k++)
			if (rule->exprs[k]->kind != FW_EXPR_CMP)
				expr_eval(e, rule->exprs[k]);
	}
	runs->n = 0;
}

static uint64_t key_of(const struct fw_guard *guard, int missed)
{
	uint64_t key = (uint64_t)missed << 32;

	for (int i = 0; i <= missed; i++)
		key |= (uint64_t)guard->loads[i] << (8 * i);
	return key;
}

/* The rows stay in the order of the rules. */
static void note(struct eval *e, struct runs *runs, const struct run *run)
{
	size_t i = 0;

	while (i < runs->n && runs->rows[i].key != run->key)
		i++;
	if (i == RUNS_MAX)
		load_again(e, runs);
	else if (i < runs->n)
		memmove(&runs->rows[i], &runs->rows[i + 1],
			(--runs->n - i) * sizeof(*runs->rows));
	runs->rows[runs->n++] = *run;
}

static void forget_changed(struct eval *e)
{
	if (!e->headers.is_stale && e->loaded_version == e->headers.version)
		return;
	memset(e->loaded, 0, sizeof(e->loaded));
	memset(e->found, 0, sizeof(e->found));
	e->loaded_version = e->headers.version;
}

/* The first rule from there on in the list; the lists are gone through once, not from
 * their beginning for each rule. */
static uint32_t find_from(const struct fw_guards *g, struct eval_found *found,
			  uint32_t first, uint32_t from)
{
	uint32_t rule = found->is_set && found->from <= from ? found->rule : first;

	while (rule < from) /* FW_NONE is behind all rules */
		rule = g->nexts[rule];
	*found = (struct eval_found){.is_set = true, .from = from, .rule = rule};
	return rule;
}

/* The first one that may match by the guard that it is found by, or has something to ask;
 * FW_NONE: none. */
static uint32_t find_rule(struct eval *e, uint32_t from)
{
	const struct fw_guards *g = e->ruleset->guards;
	uint32_t best = find_from(g, &e->found[GUARD_LOADS_MAX], g->first_open, from);

	for (size_t i = 0; i < g->n_loads && best > from; i++) {
		const struct eval_loaded *l = g->is_needed[i] ? loaded(e, i) : NULL;
		uint32_t rule;

		if (g->is_needed[i] && !l)
			return from;
		if (!g->is_key[i])
			continue;
		rule = find_from(g, &e->found[i], g->firsts[guard_place(g, i, l->value)],
				 from);
		best = rule < best ? rule : best;
	}
	return best;
}

/* A few rules are looked at where they are. */
static uint32_t pass_by_index(struct eval *e, uint32_t rule, uint32_t end)
{
	const struct fw_guards *g = e->ruleset->guards;

	for (uint32_t i = 0; rule < end; rule++, i++) {
		if (i >= NEAR_RULES)
			rule = find_rule(e, rule);
		if (rule >= end)
			return end;
		if (missed_guard(e, &g->rows[rule]) == NOT_MISSED)
			return rule;
	}
	return end;
}

/* Fails for all packets of the cell, whatever else of the rule they meet. */
static bool misses_cell(struct eval *e, const struct fw_guard *guard)
{
	for (int i = 0; i < guard->n; i++) {
		const struct eval_loaded *l = loaded(e, guard->loads[i]);
		bool is_negated = guard->negated >> i & 1;

		if (!l || !l->is_of_cell)
			continue;
		if (l->value != guard->values[i] && !is_negated)
			return true;
		if (l->value == guard->values[i] && is_negated &&
		    e->ruleset->guards->loads[guard->loads[i]].len <= GUARD_BYTES)
			return true;
	}
	return false;
}

/* A rule that none of them can match makes the cell no smaller. */
static uint32_t pass_in_cell(struct eval *e, uint32_t rule, uint32_t end)
{
	const struct fw_guards *g = e->ruleset->guards;

	while (g->nexts && rule < end && misses_cell(e, &g->rows[rule]))
		rule++;
	return rule;
}

uint32_t eval_pass_over(struct eval *e, uint32_t rule, uint32_t end)
{
	const struct fw_guards *g = e->ruleset->guards;
	struct runs runs = {.n = 0};

	if (!g || e->is_near)
		return rule;
	forget_changed(e);
	if (e->lookups && e->lookups->cell)
		return pass_in_cell(e, rule, end);
	if (g->nexts)
		return pass_by_index(e, rule, end);
	for (; rule < end; rule++) {
		const struct fw_guard *guard = &g->rows[rule];
		int missed = missed_guard(e, guard);
		struct run run = {.rule = rule};

		if (missed == NOT_MISSED)
			break;
		run.n_exprs = guard->compares[missed];
		run.key = key_of(guard, missed);
		if (runs.n && runs.rows[runs.n - 1].key == run.key)
			runs.rows[runs.n - 1] = run;
		else
			note(e, &runs, &run);
	}
	load_again(e, &runs);
	return rule;
}
