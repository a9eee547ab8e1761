/*
 * Whether the rest of a rule can match at all, tried before a set that is not read is asked
 * for: of thousands of sets a packet then needs a few. Changes nothing of the walk.
 */
#include "core/firewall/eval/exprs.h"

/* What only looks, and never asks the host. */
static bool only_looks(const struct fw_expr *x)
{
	switch ((int)x->kind) {
	case FW_EXPR_PAYLOAD:
	case FW_EXPR_META:
	case FW_EXPR_CT:
	case FW_EXPR_EXTHDR:
		return !x->writes;
	case FW_EXPR_CMP:
	case FW_EXPR_RANGE:
	case FW_EXPR_BITWISE:
	case FW_EXPR_BYTEORDER:
	case FW_EXPR_COUNTER:
		return true;
	case FW_EXPR_LOOKUP:
		return x->dreg == FW_NO_REG;
	default:
		return false;
	}
}

static bool is_read(const struct eval *e, const struct fw_expr *x)
{
	return x->set < e->ruleset->n_sets && e->ruleset->sets[x->set].is_read;
}

/* Every expression as if the packet were to match; what it misses for sure is noted. */
static bool run_on(struct eval *e, const struct fw_rule *rule, uint32_t from)
{
	for (uint32_t i = from; i < rule->n_exprs && only_looks(rule->exprs[i]); i++) {
		const struct fw_expr *x = rule->exprs[i];

		if (x->kind == FW_EXPR_LOOKUP && !is_read(e, x))
			continue;
		if (expr_eval(e, x) != EVAL_NEXT || e->missed)
			return false;
	}
	return true;
}

/* What the map would give is not known yet. */
static void hide_result(struct eval *e, const struct fw_expr *x)
{
	uint32_t len = x->set < e->ruleset->n_sets ? e->ruleset->sets[x->set].data_len : 0;

	if (x->dreg != FW_NO_REG && x->dreg != FW_VERDICT)
		eval_store_unknown(e, x->dreg, len < REGS_BYTES ? len : REGS_BYTES,
				   FW_DOUBT_MAP, FW_FIELD_OTHER);
}

bool eval_rest_may_match(struct eval *e, const struct fw_expr *x)
{
	const struct fw_rule *rule = eval_rule_at(e, x);
	const struct regs regs = e->regs;
	const struct eval_hold hold = e->hold;
	bool may_match;

	if (e->is_near || !rule)
		return true;
	e->is_near = true;
	e->missed = 0;
	hide_result(e, x);
	may_match = run_on(e, rule, e->at + 1);
	e->is_near = false;
	e->missed = 0;
	e->regs = regs;
	e->hold = hold;
	return may_match;
}
