/*
 * Which unknown value an expression gives: the same expression of the same packet gives the
 * same one, any other another one. Knows no values.
 */
#include "core/firewall/eval/eval_run.h"

static uint32_t stir_octets(struct eval *e, uint32_t name, uint8_t word, size_t n)
{
	const struct octet *o = n <= REGS_BYTES ? regs_at(&e->regs, word, n) : NULL;
	uint64_t question = o ? octets_question(o, n, NULL, 0) : 0;

	return name_stir(name, &question, sizeof(question));
}

static uint32_t stir_expr(uint32_t name, const struct fw_expr *x)
{
	const uint32_t numbers[] = {(uint32_t)x->kind, x->key, x->offset, x->len, x->flags};
	bool has_amounts = fw_expr_rest(x) == FW_REST_AMOUNTS;
	const uint64_t amounts[] = {has_amounts ? x->amount : 0,
				    has_amounts ? x->amount2 : 0};
	const uint8_t codes[] = {x->op, x->base, x->code, x->direction};

	name = name_stir(name, numbers, sizeof(numbers));
	name = name_stir(name, amounts, sizeof(amounts));
	return name_stir(name, codes, sizeof(codes));
}

/* What it is made of. */
static uint32_t stir_inputs(struct eval *e, uint32_t name, const struct fw_expr *x)
{
	const struct fw_packet *p = e->packet;

	switch ((int)x->kind) {
	case FW_EXPR_HASH:
		return stir_octets(e, name, x->sreg, x->len);
	case FW_EXPR_LOOKUP:
		if (x->set >= e->ruleset->n_sets)
			return name;
		name = name_stir(name, &x->set, sizeof(x->set));
		return stir_octets(e, name, x->sreg, e->ruleset->sets[x->set].key_len);
	case FW_EXPR_FIB:
		name = name_stir(name, p->saddr.bytes, sizeof(p->saddr.bytes));
		name = name_stir(name, p->daddr.bytes, sizeof(p->daddr.bytes));
		return name_stir(name, &p->mark, sizeof(p->mark));
	default:
		return name;
	}
}

uint32_t eval_name(struct eval *e)
{
	const struct fw_expr *x = e->expr;
	const struct fw_packet *p = e->packet;
	bool is_mark = x && (x->kind == FW_EXPR_META || x->kind == FW_EXPR_CT);
	uint32_t name = is_mark ? p->n_marked : p->n_rewritten;

	return x ? stir_inputs(e, stir_expr(name, x), x) : name;
}
