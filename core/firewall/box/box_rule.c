/* One rule from left to right: conditions narrow the boxes, the rest says what it does.
 * Decides nothing about a packet. */
#include "core/firewall/box/box_build.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

static uint8_t families_of(uint8_t family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return BOX_V4;
	case NFPROTO_IPV6:
		return BOX_V6;
	case NFPROTO_INET:
		return BOX_V4 | BOX_V6;
	default:
		return BOX_FAMILIES;
	}
}

static void take_verdict(struct build *b, const struct fw_expr *x)
{
	static const struct {
		int32_t verdict;
		enum box_effect effect;
	} rows[] = {
		{NF_ACCEPT, BOX_DOES_ACCEPT},  {NF_DROP, BOX_DOES_DROP},
		{NF_QUEUE, BOX_DOES_QUEUE},    {NFT_RETURN, BOX_DOES_RETURN},
		{NFT_JUMP, BOX_DOES_JUMP},     {NFT_GOTO, BOX_DOES_GOTO},
		{NFT_CONTINUE, BOX_DOES_NONE},
	};

	if (x->verdict == NFT_BREAK) {
		b->out->n = 0;
		return;
	}
	build_effect(b, BOX_DOES_UNKNOWN);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].verdict == (x->verdict < 0 ? x->verdict : x->verdict & 0xff))
			build_effect(b, rows[i].effect);
	if (b->out->effect == BOX_DOES_JUMP || b->out->effect == BOX_DOES_GOTO)
		b->out->target = x->chain;
}

static void take_lookup(struct build *b, const struct fw_expr *x)
{
	build_lookup(b, x);
	if (x->dreg == FW_VERDICT) {
		build_effect(b, BOX_DOES_UNKNOWN);
		build_lose(b);
	} else if (x->dreg != FW_NO_REG) {
		build_forget(b, x->dreg);
	}
}

/* What the rule does, and whether later rules see another packet. */
static void take_statement(struct build *b, const struct fw_expr *x)
{
	switch ((int)x->kind) {
	case FW_EXPR_VERDICT:
		take_verdict(b, x);
		break;
	case FW_EXPR_REJECT:
		build_effect(b, BOX_DOES_REJECT);
		break;
	case FW_EXPR_NAT:
	case FW_EXPR_REDIR:
	case FW_EXPR_MASQ:
		build_effect(b, BOX_DOES_NAT);
		break;
	case FW_EXPR_QUEUE:
		build_effect(b, BOX_DOES_QUEUE);
		break;
	case FW_EXPR_XT_TARGET:
		build_xt_target(b, x);
		break;
	case FW_EXPR_COUNTER:
	case FW_EXPR_LOG:
	case FW_EXPR_LAST:
	case FW_EXPR_DUP:
		break;
	case FW_EXPR_NOTRACK:
		b->out->changes = true;
		break;
	case FW_EXPR_OPAQUE:
		/* It may have written to any register. */
		for (uint8_t word = 0; word < FW_N_WORDS; word++)
			build_forget(b, word);
		build_lack(b, x->name);
		/* fall through */
	default: /* forwarded, proxied, ... */
		build_effect(b, BOX_DOES_UNKNOWN);
		build_lose(b);
		b->out->changes = true;
	}
}

/* Writes of marks change nothing that a box knows; those of the packet do. */
static void take_write(struct build *b, const struct fw_expr *x)
{
	if (x->kind == FW_EXPR_PAYLOAD || x->kind == FW_EXPR_EXTHDR) {
		b->out->changes = true;
		build_lose(b);
	}
}

/* Loads something that is no field; what cannot be loaded does not match. */
static bool is_other_load(enum fw_expr_kind kind)
{
	switch ((int)kind) {
	case FW_EXPR_BYTEORDER:
	case FW_EXPR_FIB:
	case FW_EXPR_EXTHDR:
	case FW_EXPR_SOCKET:
	case FW_EXPR_RT:
	case FW_EXPR_XFRM:
	case FW_EXPR_TUNNEL:
	case FW_EXPR_NUMGEN:
	case FW_EXPR_HASH:
	case FW_EXPR_OSF:
	case FW_EXPR_INNER:
		return true;
	default:
		return false;
	}
}

static void take(struct build *b, const struct fw_expr *x)
{
	if (x->writes) {
		take_write(b, x);
		return;
	}
	if (is_other_load(x->kind)) {
		build_forget(b, x->dreg);
		build_lose(b);
		return;
	}
	switch ((int)x->kind) {
	case FW_EXPR_META:
	case FW_EXPR_PAYLOAD:
	case FW_EXPR_CT:
		build_load(b, x);
		break;
	case FW_EXPR_BITWISE:
		build_mask(b, x);
		break;
	case FW_EXPR_CMP:
		build_cmp(b, x);
		break;
	case FW_EXPR_RANGE:
		build_range(b, x);
		break;
	case FW_EXPR_LOOKUP:
		take_lookup(b, x);
		break;
	case FW_EXPR_XT_MATCH:
		build_xt_match(b, x);
		break;
	case FW_EXPR_IMMEDIATE:
		build_forget(b, x->dreg);
		break;
	case FW_EXPR_LIMIT:
	case FW_EXPR_QUOTA:
	case FW_EXPR_CONNLIMIT:
		b->out->has_limit = true;
		build_lose(b);
		break;
	case FW_EXPR_DYNSET:
	case FW_EXPR_OBJREF:
		build_lose(b);
		break;
	default:
		take_statement(b, x);
	}
}

void box_rule(const struct ruleset *r, const struct fw_rule *rule, enum box_time time,
	      struct rule_boxes *out)
{
	struct build b = {.ruleset = r, .out = out, .time = time};

	b.family = ruleset_table_of(r, ruleset_chain(r, rule))->family;
	out->rows[0] = box_all(families_of(b.family));
	out->n = 1;
	out->is_exact = true;
	out->effect = BOX_DOES_NONE;
	out->target = FW_NONE;
	out->changes = out->has_limit = out->names_set = false;
	out->lack = TEXT_NONE;
	for (size_t i = 0; i < rule->n_exprs; i++)
		take(&b, rule->exprs[i]);
}
