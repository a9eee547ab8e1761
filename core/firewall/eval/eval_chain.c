/* One base chain and the chains that it jumps to. net/netfilter/nf_tables_core.c,
 * nft_do_chain(). */
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/eval/exprs.h"

/* The kernel refuses endless rulesets, and of nf_tables what is deeper than 16; legacy
 * tables may be. */
enum { DEPTH_MAX = 128, ENTERED_MAX = 65536 };

static const struct eval_hold nothing_held = {
	.set = FW_NONE, .element = FW_NONE, .ipset = FW_NONE};

struct frame {
	uint32_t next, end; /* rules */
	unsigned depth;     /* jumps and gotos on the way here */
};

const struct fw_rule *eval_rule_at(const struct eval *e, const struct fw_expr *x)
{
	const struct fw_rule *rule;

	if (e->rule >= e->ruleset->n_rules)
		return NULL;
	rule = &e->ruleset->rules[e->rule];
	return e->at < rule->n_exprs && rule->exprs[e->at] == x ? rule : NULL;
}

bool eval_is_last(const struct eval *e, const struct fw_expr *x)
{
	const struct fw_rule *rule = eval_rule_at(e, x);

	return rule && e->at + 1 == rule->n_exprs;
}

int32_t eval_rule(struct eval *e, uint32_t rule)
{
	const struct fw_rule *r = &e->ruleset->rules[rule];

	e->rule = rule;
	e->hold = nothing_held;
	for (uint32_t i = 0; i < r->n_exprs; i++) {
		enum eval_next next;

		e->at = i;
		next = expr_eval(e, r->exprs[i]);

		if (e->is_stuck || next == EVAL_BREAK)
			return NFT_BREAK;
		if (next == EVAL_DONE)
			return e->verdict;
	}
	return NFT_CONTINUE;
}

static enum fw_step_kind kind_of(int32_t verdict)
{
	switch (verdict) {
	case NFT_CONTINUE:
		return FW_STEP_MATCHED;
	case NF_ACCEPT:
		return FW_STEP_ACCEPT;
	case NF_DROP:
		return FW_STEP_DROP;
	case EVAL_REJECTED:
		return FW_STEP_REJECT;
	case NFT_JUMP:
	case NFT_GOTO:
		return FW_STEP_JUMP;
	default:
		return FW_STEP_OTHER;
	}
}

static void note_step(struct eval *e, uint32_t chain, uint32_t rule, enum fw_step_kind kind)
{
	struct fw_step *step = vec_push(&e->out->steps);

	if (!step) {
		e->error = -ENOMEM;
		e->is_stuck = true;
		return;
	}
	*step = (struct fw_step){.chain = chain, .rule = rule, .kind = kind};
}

static void note_rule(struct eval *e, uint32_t rule, int32_t verdict)
{
	bool is_nat = e->out->is_translated && e->out->nat_rule == rule &&
		      verdict == NF_ACCEPT && e->is_nat_done;

	note_step(e, e->ruleset->rules[rule].chain, rule,
		  is_nat ? FW_STEP_NAT : kind_of(verdict));
}

static struct frame frame_of(const struct eval *e, uint32_t chain, unsigned depth)
{
	const struct fw_chain *c = &e->ruleset->chains[chain];

	return (struct frame){c->first_rule, c->first_rule + c->n_rules, depth};
}

/* A ruleset that no kernel would take is not followed. */
static bool enter(struct eval *e, struct frame *to, unsigned depth)
{
	if (e->target >= e->ruleset->n_chains || depth > DEPTH_MAX ||
	    ++e->n_entered > ENTERED_MAX) {
		e->choices->is_overfull = true;
		e->is_stuck = true;
		return false;
	}
	*to = frame_of(e, e->target, depth);
	return true;
}

static void note_hold(struct eval *e)
{
	struct fw_result *out = e->out;

	out->set = e->hold.set;
	out->element = e->hold.element;
	out->ipset = e->hold.ipset;
	out->member = e->hold.member;
	out->is_source_in_set = e->hold.is_source_in_set;
	out->names_source = e->hold.names_source;
	out->source_prefix = e->hold.source_prefix;
}

static void decide(struct eval *e, uint32_t rule)
{
	e->out->is_by_rule = true;
	e->out->rule = rule;
	e->out->chain = e->ruleset->rules[rule].chain;
	note_hold(e);
}

static int32_t policy(struct eval *e, uint32_t chain)
{
	bool drops = e->ruleset->chains[chain].policy_drops;

	note_step(e, chain, FW_NONE, drops ? FW_STEP_DROP : FW_STEP_ACCEPT);
	if (drops || (!e->out->is_by_rule && !e->is_in_nat_slot)) {
		e->out->is_by_rule = false;
		e->out->chain = chain;
		e->out->rule = FW_NONE;
		e->hold = nothing_held;
		note_hold(e);
	}
	return drops ? NF_DROP : NF_ACCEPT;
}

/* Of a rule: true where its verdict ends the base chain. */
static bool follow(struct eval *e, struct frame *frames, size_t *n, int32_t verdict)
{
	struct frame *top = &frames[*n - 1];

	switch (verdict) {
	case NFT_CONTINUE:
		return false;
	case NFT_JUMP:
		if (enter(e, &frames[*n], top->depth + 1))
			++*n;
		return false;
	case NFT_GOTO:
		enter(e, top, top->depth + 1);
		return false;
	case NFT_RETURN:
		--*n;
		return false;
	default:
		return true;
	}
}

int32_t eval_base_chain(struct eval *e, uint32_t chain)
{
	struct frame frames[DEPTH_MAX + 2] = {frame_of(e, chain, 0)};
	size_t n = 1;

	e->chain = chain;
	e->n_entered = 0;
	while (n && !e->is_stuck) {
		uint32_t end = frames[n - 1].end;
		uint32_t rule = eval_pass_over(e, frames[n - 1].next, end);
		int32_t verdict;

		if (rule >= end) {
			n--;
			continue;
		}
		frames[n - 1].next = rule + 1;
		verdict = eval_rule(e, rule);
		if (e->is_stuck || verdict == NFT_BREAK)
			continue;
		note_rule(e, rule, verdict);
		if (!follow(e, frames, &n, verdict))
			continue;
		if (verdict != NF_ACCEPT || !e->is_in_nat_slot)
			decide(e, rule);
		return verdict;
	}
	return e->is_stuck ? NF_ACCEPT : policy(e, chain);
}
