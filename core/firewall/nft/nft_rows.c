/*
 * A row per kind of expression: which attribute goes into which field, and the bounds that
 * the kernel keeps. linux/netfilter/nf_tables.h. Does not walk attributes.
 */
#include "core/firewall/nft/nft_rows.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <stddef.h>

#include "core/firewall/nft/nft_exprs.h"

enum {
	REGISTER_BYTES = FW_N_WORDS * 4,
	/* Newer than the header. */
	BITWISE_SREG2 = 8,
	INNER_NUM = 1,
	INNER_TYPE,
	INNER_FLAGS,
	INNER_HDRSIZE,
	INNER_EXPR
};

#define FIELD(attribute_, how_, member)                       \
	{                                                     \
		.attribute = (attribute_), .how = (how_),     \
		.offset = offsetof(struct fw_expr, member),   \
		.size = sizeof(((struct fw_expr *)0)->member) \
	}
#define SKIPPED(attribute_)                                   \
	{                                                     \
		.attribute = (attribute_), .how = NFT_IGNORED \
	}

/* Whether len bytes fit behind this word. */
static bool fits(uint8_t word, size_t len)
{
	return word < FW_N_WORDS && len && len <= REGISTER_BYTES - (size_t)word * 4;
}

static bool is_word(uint8_t word)
{
	return word < FW_N_WORDS;
}

static bool is_word_or_none(uint8_t word)
{
	return word < FW_N_WORDS || word == FW_NO_REG;
}

static bool finish_immediate(struct fw_expr *e, const struct nft_attributes *a)
{
	struct nft_data data = nft_data_of(a->at[NFTA_IMMEDIATE_DATA]);

	if (!data.is_known)
		return false;
	if (e->dreg != FW_VERDICT)
		return !data.is_verdict && fits(e->dreg, e->value.len);
	e->kind = FW_EXPR_VERDICT;
	e->verdict = data.verdict;
	return data.is_verdict;
}

static bool finish_payload(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	e->writes = e->sreg != FW_NO_REG;
	return e->base <= 3 && fits(e->writes ? e->sreg : e->dreg, e->len);
}

static bool finish_cmp(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	return e->op <= NFT_CMP_GTE && fits(e->sreg, e->value.len);
}

static bool finish_range(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	return e->op <= NFT_RANGE_NEQ && fits(e->sreg, e->value.len) &&
	       e->value.len == e->value2.len;
}

static bool finish_bitwise(struct fw_expr *e, const struct nft_attributes *a)
{
	struct nft_data data = nft_data_of(a->at[NFTA_BITWISE_DATA]);

	if (!fits(e->sreg, e->len) || !fits(e->dreg, e->len))
		return false;
	if (e->op == NFT_BITWISE_BOOL)
		return e->value.len == e->len && e->value2.len == e->len &&
		       !a->at[NFTA_BITWISE_DATA] && !a->at[BITWISE_SREG2];
	e->value2 = TEXT_NONE;
	if (e->op <= NFT_BITWISE_RSHIFT)
		return data.is_known && e->value.len == 4;
	if (e->op > 5)
		return false;
	return data.is_known ? e->value.len == e->len : fits(e->sreg2, e->len);
}

static bool finish_byteorder(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	return e->op <= NFT_BYTEORDER_HTON && fits(e->sreg, e->len) &&
	       fits(e->dreg, e->len) && (e->key == 2 || e->key == 4 || e->key == 8);
}

static bool finish_lookup(struct fw_expr *e, const struct nft_attributes *a)
{
	e->is_inverted = nft_u32(a->at[NFTA_LOOKUP_FLAGS]) & NFT_LOOKUP_F_INV;
	return is_word(e->sreg) && (e->flags & ~1U) == 0 &&
	       (e->dreg == FW_VERDICT || is_word_or_none(e->dreg));
}

/* A key into a register, or a register into what the key names. */
static bool finish_key(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	e->writes = e->sreg != FW_NO_REG;
	return is_word(e->writes ? e->sreg : e->dreg);
}

static bool finish_ct(struct fw_expr *e, const struct nft_attributes *a)
{
	if (!a->at[NFTA_CT_DIRECTION])
		e->direction = 2;
	return e->direction <= 2 && finish_key(e, a);
}

static bool finish_load(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	return is_word(e->dreg);
}

static bool finish_exthdr(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	e->writes = e->sreg != FW_NO_REG;
	if (e->writes)
		return fits(e->sreg, e->len);
	/* Without either register it strips a TCP option. */
	return e->dreg != FW_NO_REG && fits(e->dreg, e->len);
}

static bool finish_over(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	e->is_inverted = e->flags & 1;
	return (e->flags & ~1U) == 0 || e->kind == FW_EXPR_QUOTA;
}

static bool finish_hash(struct fw_expr *e, const struct nft_attributes *a)
{
	e->flags = a->at[NFTA_HASH_SEED] != NULL;
	return is_word(e->dreg) && (e->key == NFT_HASH_SYM || fits(e->sreg, e->len));
}

static bool finish_dynset(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	e->is_inverted = e->flags & NFT_DYNSET_F_INV;
	for (size_t i = 0; i < e->n_inner; i++)
		e->has_unsure_expr |= nft_is_unsure(&e->inner[i]);
	return is_word(e->sreg) && is_word_or_none(e->sreg2) && e->op <= 2;
}

static bool finish_objref(struct fw_expr *e, const struct nft_attributes *a)
{
	return a->at[NFTA_OBJREF_SET_NAME] ? is_word(e->sreg) : e->key != 0;
}

static bool finish_log(struct fw_expr *e, const struct nft_attributes *a)
{
	static const uint8_t types[] = {NFTA_LOG_GROUP, NFTA_LOG_SNAPLEN,
					NFTA_LOG_QTHRESHOLD, NFTA_LOG_LEVEL};

	for (unsigned i = 0; i < sizeof(types); i++)
		e->op = (uint8_t)(e->op | (a->at[types[i]] ? 1U << i : 0));
	return true;
}

static bool finish_nat(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	return e->key <= NFT_NAT_DNAT && is_word_or_none(e->sreg) &&
	       is_word_or_none(e->sreg2) && is_word_or_none(e->sreg3) &&
	       is_word_or_none(e->sreg4);
}

static bool finish_registers(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	return is_word_or_none(e->sreg) && is_word_or_none(e->sreg2) &&
	       is_word_or_none(e->sreg3) && is_word_or_none(e->sreg4);
}

static bool finish_xt(struct fw_expr *e, const struct nft_attributes *a)
{
	(void)a;
	return !text_is_empty(e->name);
}

/* clang-format off */
const struct nft_row nft_rows[N_FW_EXPRS] = {
	[FW_EXPR_IMMEDIATE] = {{
		FIELD(NFTA_IMMEDIATE_DREG, NFT_REGISTER, dreg),
		FIELD(NFTA_IMMEDIATE_DATA, NFT_DATA, value)}, finish_immediate},
	[FW_EXPR_PAYLOAD] = {{
		FIELD(NFTA_PAYLOAD_DREG, NFT_REGISTER, dreg), FIELD(NFTA_PAYLOAD_SREG, NFT_REGISTER, sreg),
		FIELD(NFTA_PAYLOAD_BASE, NFT_INTEGER, base), FIELD(NFTA_PAYLOAD_LEN, NFT_INTEGER, len),
		FIELD(NFTA_PAYLOAD_OFFSET, NFT_INTEGER, offset),
		SKIPPED(NFTA_PAYLOAD_CSUM_TYPE), SKIPPED(NFTA_PAYLOAD_CSUM_OFFSET),
		SKIPPED(NFTA_PAYLOAD_CSUM_FLAGS)}, finish_payload},
	[FW_EXPR_CMP] = {{
		FIELD(NFTA_CMP_SREG, NFT_REGISTER, sreg), FIELD(NFTA_CMP_OP, NFT_INTEGER, op),
		FIELD(NFTA_CMP_DATA, NFT_DATA, value)}, finish_cmp},
	[FW_EXPR_RANGE] = {{
		FIELD(NFTA_RANGE_SREG, NFT_REGISTER, sreg), FIELD(NFTA_RANGE_OP, NFT_INTEGER, op),
		FIELD(NFTA_RANGE_FROM_DATA, NFT_DATA, value),
		FIELD(NFTA_RANGE_TO_DATA, NFT_DATA, value2)}, finish_range},
	[FW_EXPR_BITWISE] = {{
		FIELD(NFTA_BITWISE_SREG, NFT_REGISTER, sreg), FIELD(NFTA_BITWISE_DREG, NFT_REGISTER, dreg),
		FIELD(NFTA_BITWISE_LEN, NFT_INTEGER, len), FIELD(NFTA_BITWISE_OP, NFT_INTEGER, op),
		FIELD(NFTA_BITWISE_MASK, NFT_DATA, value), FIELD(NFTA_BITWISE_XOR, NFT_DATA, value2),
		FIELD(NFTA_BITWISE_DATA, NFT_DATA, value),
		FIELD(BITWISE_SREG2, NFT_REGISTER, sreg2)}, finish_bitwise},
	[FW_EXPR_BYTEORDER] = {{
		FIELD(NFTA_BYTEORDER_SREG, NFT_REGISTER, sreg),
		FIELD(NFTA_BYTEORDER_DREG, NFT_REGISTER, dreg),
		FIELD(NFTA_BYTEORDER_OP, NFT_INTEGER, op), FIELD(NFTA_BYTEORDER_LEN, NFT_INTEGER, len),
		FIELD(NFTA_BYTEORDER_SIZE, NFT_INTEGER, key)}, finish_byteorder},
	[FW_EXPR_LOOKUP] = {{
		FIELD(NFTA_LOOKUP_SET, NFT_NAME, value), SKIPPED(NFTA_LOOKUP_SET_ID),
		FIELD(NFTA_LOOKUP_SREG, NFT_REGISTER, sreg), FIELD(NFTA_LOOKUP_DREG, NFT_REGISTER, dreg),
		FIELD(NFTA_LOOKUP_FLAGS, NFT_INTEGER, flags)}, finish_lookup},
	[FW_EXPR_META] = {{
		FIELD(NFTA_META_DREG, NFT_REGISTER, dreg), FIELD(NFTA_META_SREG, NFT_REGISTER, sreg),
		FIELD(NFTA_META_KEY, NFT_INTEGER, key)}, finish_key},
	[FW_EXPR_CT] = {{
		FIELD(NFTA_CT_DREG, NFT_REGISTER, dreg), FIELD(NFTA_CT_SREG, NFT_REGISTER, sreg),
		FIELD(NFTA_CT_KEY, NFT_INTEGER, key),
		FIELD(NFTA_CT_DIRECTION, NFT_INTEGER, direction)}, finish_ct},
	[FW_EXPR_FIB] = {{
		FIELD(NFTA_FIB_DREG, NFT_REGISTER, dreg), FIELD(NFTA_FIB_RESULT, NFT_INTEGER, op),
		FIELD(NFTA_FIB_FLAGS, NFT_INTEGER, flags)}, finish_load},
	[FW_EXPR_EXTHDR] = {{
		FIELD(NFTA_EXTHDR_DREG, NFT_REGISTER, dreg), FIELD(NFTA_EXTHDR_SREG, NFT_REGISTER, sreg),
		FIELD(NFTA_EXTHDR_TYPE, NFT_INTEGER, key), FIELD(NFTA_EXTHDR_OP, NFT_INTEGER, op),
		FIELD(NFTA_EXTHDR_OFFSET, NFT_INTEGER, offset), FIELD(NFTA_EXTHDR_LEN, NFT_INTEGER, len),
		FIELD(NFTA_EXTHDR_FLAGS, NFT_INTEGER, flags)}, finish_exthdr},
	[FW_EXPR_SOCKET] = {{
		FIELD(NFTA_SOCKET_KEY, NFT_INTEGER, key), FIELD(NFTA_SOCKET_DREG, NFT_REGISTER, dreg),
		FIELD(NFTA_SOCKET_LEVEL, NFT_INTEGER, offset)}, finish_load},
	[FW_EXPR_LIMIT] = {{
		FIELD(NFTA_LIMIT_RATE, NFT_INTEGER, amount), FIELD(NFTA_LIMIT_UNIT, NFT_INTEGER, amount2),
		FIELD(NFTA_LIMIT_BURST, NFT_INTEGER, len), FIELD(NFTA_LIMIT_TYPE, NFT_INTEGER, key),
		FIELD(NFTA_LIMIT_FLAGS, NFT_INTEGER, flags), SKIPPED(NFTA_LIMIT_PAD)}, finish_over},
	[FW_EXPR_CONNLIMIT] = {{
		FIELD(NFTA_CONNLIMIT_COUNT, NFT_INTEGER, amount),
		FIELD(NFTA_CONNLIMIT_FLAGS, NFT_INTEGER, flags)}, finish_over},
	[FW_EXPR_QUOTA] = {{
		FIELD(NFTA_QUOTA_BYTES, NFT_INTEGER, amount), FIELD(NFTA_QUOTA_FLAGS, NFT_INTEGER, flags),
		FIELD(NFTA_QUOTA_CONSUMED, NFT_INTEGER, amount2),
		SKIPPED(NFTA_QUOTA_PAD)}, finish_over},
	[FW_EXPR_LAST] = {{
		SKIPPED(NFTA_LAST_SET), SKIPPED(NFTA_LAST_MSECS), SKIPPED(NFTA_LAST_PAD)}, NULL},
	[FW_EXPR_NUMGEN] = {{
		FIELD(NFTA_NG_DREG, NFT_REGISTER, dreg), FIELD(NFTA_NG_MODULUS, NFT_INTEGER, amount),
		FIELD(NFTA_NG_TYPE, NFT_INTEGER, key),
		FIELD(NFTA_NG_OFFSET, NFT_INTEGER, offset)}, finish_load},
	[FW_EXPR_HASH] = {{
		FIELD(NFTA_HASH_SREG, NFT_REGISTER, sreg), FIELD(NFTA_HASH_DREG, NFT_REGISTER, dreg),
		FIELD(NFTA_HASH_LEN, NFT_INTEGER, len), FIELD(NFTA_HASH_MODULUS, NFT_INTEGER, amount),
		FIELD(NFTA_HASH_SEED, NFT_INTEGER, amount2), FIELD(NFTA_HASH_OFFSET, NFT_INTEGER, offset),
		FIELD(NFTA_HASH_TYPE, NFT_INTEGER, key)}, finish_hash},
	[FW_EXPR_OSF] = {{
		FIELD(NFTA_OSF_DREG, NFT_REGISTER, dreg), FIELD(NFTA_OSF_TTL, NFT_INTEGER, code),
		FIELD(NFTA_OSF_FLAGS, NFT_INTEGER, flags)}, finish_load},
	[FW_EXPR_RT] = {{
		FIELD(NFTA_RT_DREG, NFT_REGISTER, dreg), FIELD(NFTA_RT_KEY, NFT_INTEGER, key)}, finish_load},
	[FW_EXPR_XFRM] = {{
		FIELD(NFTA_XFRM_DREG, NFT_REGISTER, dreg), FIELD(NFTA_XFRM_KEY, NFT_INTEGER, key),
		FIELD(NFTA_XFRM_DIR, NFT_INTEGER, direction),
		FIELD(NFTA_XFRM_SPNUM, NFT_INTEGER, offset)}, finish_load},
	[FW_EXPR_TUNNEL] = {{
		FIELD(NFTA_TUNNEL_KEY, NFT_INTEGER, key), FIELD(NFTA_TUNNEL_DREG, NFT_REGISTER, dreg),
		FIELD(NFTA_TUNNEL_MODE, NFT_INTEGER, code)}, finish_load},
	[FW_EXPR_DYNSET] = {{
		FIELD(NFTA_DYNSET_SET_NAME, NFT_NAME, value), SKIPPED(NFTA_DYNSET_SET_ID),
		FIELD(NFTA_DYNSET_OP, NFT_INTEGER, op), FIELD(NFTA_DYNSET_SREG_KEY, NFT_REGISTER, sreg),
		FIELD(NFTA_DYNSET_SREG_DATA, NFT_REGISTER, sreg2),
		FIELD(NFTA_DYNSET_TIMEOUT, NFT_INTEGER, amount), SKIPPED(NFTA_DYNSET_PAD),
		FIELD(NFTA_DYNSET_FLAGS, NFT_INTEGER, flags), FIELD(NFTA_DYNSET_EXPR, NFT_NEST, inner),
		FIELD(NFTA_DYNSET_EXPRESSIONS, NFT_LIST, inner)}, finish_dynset},
	[FW_EXPR_OBJREF] = {{
		FIELD(NFTA_OBJREF_IMM_TYPE, NFT_INTEGER, key), FIELD(NFTA_OBJREF_IMM_NAME, NFT_NAME, value),
		FIELD(NFTA_OBJREF_SET_SREG, NFT_REGISTER, sreg),
		FIELD(NFTA_OBJREF_SET_NAME, NFT_NAME, value),
		SKIPPED(NFTA_OBJREF_SET_ID)}, finish_objref},
	[FW_EXPR_COUNTER] = {{
		SKIPPED(NFTA_COUNTER_BYTES), SKIPPED(NFTA_COUNTER_PACKETS),
		SKIPPED(NFTA_COUNTER_PAD)}, NULL},
	[FW_EXPR_LOG] = {{
		FIELD(NFTA_LOG_GROUP, NFT_INTEGER, offset), FIELD(NFTA_LOG_PREFIX, NFT_NAME, value),
		FIELD(NFTA_LOG_SNAPLEN, NFT_INTEGER, len), FIELD(NFTA_LOG_QTHRESHOLD, NFT_INTEGER, amount),
		FIELD(NFTA_LOG_LEVEL, NFT_INTEGER, key),
		FIELD(NFTA_LOG_FLAGS, NFT_INTEGER, flags)}, finish_log},
	[FW_EXPR_DUP] = {{
		FIELD(NFTA_DUP_SREG_ADDR, NFT_REGISTER, sreg),
		FIELD(NFTA_DUP_SREG_DEV, NFT_REGISTER, sreg2)}, finish_registers},
	[FW_EXPR_FWD] = {{
		FIELD(NFTA_FWD_SREG_DEV, NFT_REGISTER, sreg), FIELD(NFTA_FWD_SREG_ADDR, NFT_REGISTER, sreg2),
		FIELD(NFTA_FWD_NFPROTO, NFT_INTEGER, family)}, finish_registers},
	[FW_EXPR_NOTRACK] = {{{0}}, NULL},
	[FW_EXPR_FLOW_OFFLOAD] = {{FIELD(NFTA_FLOW_TABLE_NAME, NFT_NAME, value)}, NULL},
	[FW_EXPR_TPROXY] = {{
		FIELD(NFTA_TPROXY_FAMILY, NFT_INTEGER, family),
		FIELD(NFTA_TPROXY_REG_ADDR, NFT_REGISTER, sreg),
		FIELD(NFTA_TPROXY_REG_PORT, NFT_REGISTER, sreg3)}, finish_registers},
	[FW_EXPR_SYNPROXY] = {{
		FIELD(NFTA_SYNPROXY_MSS, NFT_INTEGER, offset), FIELD(NFTA_SYNPROXY_WSCALE, NFT_INTEGER, len),
		FIELD(NFTA_SYNPROXY_FLAGS, NFT_INTEGER, flags)}, NULL},
	[FW_EXPR_REJECT] = {{
		FIELD(NFTA_REJECT_TYPE, NFT_INTEGER, key),
		FIELD(NFTA_REJECT_ICMP_CODE, NFT_INTEGER, code)}, NULL},
	[FW_EXPR_NAT] = {{
		FIELD(NFTA_NAT_TYPE, NFT_INTEGER, key), FIELD(NFTA_NAT_FAMILY, NFT_INTEGER, family),
		FIELD(NFTA_NAT_REG_ADDR_MIN, NFT_REGISTER, sreg),
		FIELD(NFTA_NAT_REG_ADDR_MAX, NFT_REGISTER, sreg2),
		FIELD(NFTA_NAT_REG_PROTO_MIN, NFT_REGISTER, sreg3),
		FIELD(NFTA_NAT_REG_PROTO_MAX, NFT_REGISTER, sreg4),
		FIELD(NFTA_NAT_FLAGS, NFT_INTEGER, flags)}, finish_nat},
	[FW_EXPR_REDIR] = {{
		FIELD(NFTA_REDIR_REG_PROTO_MIN, NFT_REGISTER, sreg3),
		FIELD(NFTA_REDIR_REG_PROTO_MAX, NFT_REGISTER, sreg4),
		FIELD(NFTA_REDIR_FLAGS, NFT_INTEGER, flags)}, finish_registers},
	[FW_EXPR_MASQ] = {{
		FIELD(NFTA_MASQ_REG_PROTO_MIN, NFT_REGISTER, sreg3),
		FIELD(NFTA_MASQ_REG_PROTO_MAX, NFT_REGISTER, sreg4),
		FIELD(NFTA_MASQ_FLAGS, NFT_INTEGER, flags)}, finish_registers},
	[FW_EXPR_QUEUE] = {{
		FIELD(NFTA_QUEUE_NUM, NFT_INTEGER, offset), FIELD(NFTA_QUEUE_TOTAL, NFT_INTEGER, len),
		FIELD(NFTA_QUEUE_FLAGS, NFT_INTEGER, flags),
		FIELD(NFTA_QUEUE_SREG_QNUM, NFT_REGISTER, sreg)}, finish_registers},
	[FW_EXPR_INNER] = {{
		SKIPPED(INNER_NUM), SKIPPED(INNER_TYPE), SKIPPED(INNER_FLAGS),
		SKIPPED(INNER_HDRSIZE), SKIPPED(INNER_EXPR)}, NULL},
	[FW_EXPR_XT_MATCH] = {{
		FIELD(NFTA_MATCH_NAME, NFT_NAME, name), FIELD(NFTA_MATCH_REV, NFT_INTEGER, revision),
		FIELD(NFTA_MATCH_INFO, NFT_BYTES, value)}, finish_xt},
	[FW_EXPR_XT_TARGET] = {{
		FIELD(NFTA_TARGET_NAME, NFT_NAME, name), FIELD(NFTA_TARGET_REV, NFT_INTEGER, revision),
		FIELD(NFTA_TARGET_INFO, NFT_BYTES, value)}, finish_xt},
};
/* clang-format on */
