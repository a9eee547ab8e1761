/* Expressions over registers alone: immediate, verdict, cmp, range, bitwise, byteorder. */
#include "core/firewall/eval/exprs.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

static const uint8_t *bytes_of(struct text t)
{
	return (const uint8_t *)t.bytes;
}

enum eval_next eval_immediate(struct eval *e, const struct fw_expr *x)
{
	return eval_store(e, x->dreg, x->value.bytes, x->value.len, FW_FIELD_OTHER);
}

enum eval_next eval_verdict(struct eval *e, const struct fw_expr *x)
{
	e->target = x->chain;
	switch (x->verdict) {
	case NFT_CONTINUE:
		return EVAL_NEXT;
	case NFT_BREAK:
		return EVAL_BREAK;
	case NFT_JUMP:
	case NFT_GOTO:
		return x->chain == FW_NONE ? eval_opaque(e, x) : eval_done(e, x->verdict);
	default:
		return eval_done(e, x->verdict);
	}
}

static enum tri holds_order(uint32_t op, const struct octet *o, struct text value)
{
	const uint8_t *bytes = bytes_of(value);

	switch (op) {
	case NFT_CMP_LT:
		return octets_below(o, bytes, value.len);
	case NFT_CMP_LTE:
		return octets_not_above(o, bytes, value.len);
	case NFT_CMP_GT:
		return tri_not(octets_not_above(o, bytes, value.len));
	case NFT_CMP_GTE:
		return tri_not(octets_below(o, bytes, value.len));
	default:
		return octets_equal(o, bytes, value.len);
	}
}

/* The question of == and != is one. */
enum eval_next eval_cmp(struct eval *e, const struct fw_expr *x)
{
	const struct octet *o = regs_at(&e->regs, x->sreg, x->value.len);
	bool is_equality = x->op == NFT_CMP_EQ || x->op == NFT_CMP_NEQ;
	uint8_t data[REGS_BYTES + 1] = {0};
	struct compared c;

	if (!o || x->op > NFT_CMP_GTE)
		return eval_opaque(e, x);
	data[0] = is_equality ? 0 : x->op;
	if (x->value.len)
		memcpy(data + 1, x->value.bytes, x->value.len);
	eval_see(e, o, x->value.len, data + 1, data + 1);
	c = (struct compared){
		.octets = o,
		.n = x->value.len,
		.holds = holds_order(x->op, o, x->value),
		.is_negated = x->op == NFT_CMP_NEQ,
		.equals = is_equality ? bytes_of(x->value) : NULL,
		.data = data,
		.data_len = x->value.len + 1,
	};
	return eval_compared(e, &c);
}

enum eval_next eval_range(struct eval *e, const struct fw_expr *x)
{
	size_t n = x->value.len;
	const struct octet *o = regs_at(&e->regs, x->sreg, n);
	uint8_t data[2 * REGS_BYTES];
	struct compared c;

	if (!o || !n || x->value2.len != n)
		return eval_opaque(e, x);
	memcpy(data, x->value.bytes, n);
	memcpy(data + n, x->value2.bytes, n);
	eval_see(e, o, n, data, data + n);
	c = (struct compared){
		.octets = o,
		.n = n,
		.holds = tri_and(tri_not(octets_below(o, bytes_of(x->value), n)),
				 octets_not_above(o, bytes_of(x->value2), n)),
		.is_negated = x->op == NFT_RANGE_NEQ,
		.data = data,
		.data_len = 2 * n,
	};
	return eval_compared(e, &c);
}

static uint32_t number_of(struct text t)
{
	uint32_t number = 0;

	if (t.len == sizeof(number))
		memcpy(&number, t.bytes, sizeof(number));
	return number;
}

/* Of two unknown values, or of one and a known one that is no mask. */
static void name_combined(struct octet *o, uint32_t op, const struct octet *with)
{
	const uint8_t how[] = {(uint8_t)op, with->value, with->origin};

	if (op == 3 && !with->unknown)
		return;
	o->name = name_stir(o->name, how, sizeof(how));
	o->name = name_stir(o->name, &with->name, sizeof(with->name));
}

/* The newer and, or, xor with a value or a second register. */
static void combine(struct octet *o, uint32_t op, const struct octet *with, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t a = o[i].value, b = with[i].value;
		uint8_t unknown = o[i].unknown | with[i].unknown;

		if (with[i].unknown && !o[i].unknown)
			o[i].doubt = with[i].doubt;
		if (op == 3) {
			o[i].value = a & b;
			unknown &= (uint8_t)((a | o[i].unknown) & (b | with[i].unknown));
			o[i].kept &= b;
		} else if (op == 4) {
			o[i].value = a | b;
			unknown &=
				(uint8_t) ~((a & ~o[i].unknown) | (b & ~with[i].unknown));
		} else {
			o[i].value = a ^ b;
		}
		if (op != 3 || with[i].origin || with[i].unknown)
			o[i].origin = 0;
		name_combined(&o[i], op, &with[i]);
		o[i].unknown = unknown;
	}
}

static bool bitwise_other(struct eval *e, const struct fw_expr *x, struct octet *o)
{
	struct octet with[REGS_BYTES];
	const struct octet *second;

	if (x->value.len) {
		if (x->value.len < x->len)
			return false;
		octets_set(with, x->value.bytes, x->len, FW_FIELD_OTHER);
		combine(o, x->op, with, x->len);
		return true;
	}
	second = regs_at(&e->regs, x->sreg2, x->len);
	if (!second)
		return false;
	combine(o, x->op, second, x->len);
	return true;
}

static bool bitwise(struct eval *e, const struct fw_expr *x, struct octet *o, size_t full)
{
	uint32_t bits = number_of(x->value);

	switch (x->op) {
	case NFT_BITWISE_BOOL:
		if (x->value.len < x->len || x->value2.len < x->len)
			return false;
		octets_mask(o, bytes_of(x->value), bytes_of(x->value2), x->len);
		return true;
	case NFT_BITWISE_LSHIFT:
		octets_shift_left(o, full, bits & 31);
		return true;
	case NFT_BITWISE_RSHIFT:
		octets_shift_right(o, full, bits & 31);
		return true;
	case 3:
	case 4:
	case 5:
		return bitwise_other(e, x, o);
	default:
		return false;
	}
}

/* What it leaves is still seen as the bytes that came in. */
static bool is_plain_mask(const struct fw_expr *x)
{
	for (size_t i = 0; i < x->value2.len; i++) {
		if (x->value2.bytes[i])
			return false;
	}
	return x->op == NFT_BITWISE_BOOL;
}

enum eval_next eval_bitwise(struct eval *e, const struct fw_expr *x)
{
	size_t full = (x->len + REGS_WORD - 1U) & ~(REGS_WORD - 1U);
	struct octet octets[REGS_BYTES];
	const struct octet *from;

	if (x->len > REGS_BYTES)
		return eval_opaque(e, x);
	from = regs_at(&e->regs, x->sreg, full);
	if (!from)
		return eval_opaque(e, x);
	memcpy(octets, from, full * sizeof(*from));
	if (!is_plain_mask(x))
		eval_pin(e, octets, full);
	if (!bitwise(e, x, octets, full))
		return eval_opaque(e, x);
	regs_store(&e->regs, x->dreg, octets, x->op == NFT_BITWISE_BOOL ? x->len : full);
	return EVAL_NEXT;
}

enum eval_next eval_byteorder(struct eval *e, const struct fw_expr *x)
{
	struct octet octets[REGS_BYTES];
	const struct octet *from =
		x->len <= REGS_BYTES ? regs_at(&e->regs, x->sreg, x->len) : NULL;

	if (!from)
		return eval_opaque(e, x);
	memcpy(octets, from, x->len * sizeof(*from));
	eval_pin(e, octets, x->len);
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		octets_swap(octets, x->len, x->key);
	regs_store(&e->regs, x->dreg, octets, x->len);
	return EVAL_NEXT;
}

/* Numbers that nobody can know beforehand. */
enum eval_next eval_random_value(struct eval *e, const struct fw_expr *x)
{
	static const struct {
		enum fw_expr_kind kind;
		enum fw_doubt why;
		size_t len;
	} rows[] = {
		{FW_EXPR_NUMGEN, FW_DOUBT_NUMGEN, 4}, {FW_EXPR_HASH, FW_DOUBT_HASH, 4},
		{FW_EXPR_OSF, FW_DOUBT_OSF, 16},      {FW_EXPR_RT, FW_DOUBT_RT, 16},
		{FW_EXPR_XFRM, FW_DOUBT_IPSEC, 16},   {FW_EXPR_TUNNEL, FW_DOUBT_TUNNEL, 4},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].kind == x->kind)
			return eval_store_unknown(e, x->dreg, rows[i].len, rows[i].why,
						  FW_FIELD_OTHER);
	}
	return eval_opaque(e, x);
}
