/* What each expression reads and fills, in words: as little filled and as much read as may
 * be. Looks at no packet. */
#include "core/firewall/eval/leftovers.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

enum { WORD_BYTES = 4, ALL_WORDS = 0xffff, LONGEST = 16 };

/* The words of len bytes; those behind the last register are all of them. */
static unsigned words(uint8_t word, size_t len)
{
	size_t n = (len + WORD_BYTES - 1) / WORD_BYTES;

	if (word >= FW_N_WORDS)
		return 0;
	if (n > FW_N_WORDS - (size_t)word)
		return ALL_WORDS;
	return ((1U << n) - 1) << word;
}

static size_t key_len(const struct ruleset *r, const struct fw_expr *x)
{
	return x->set < r->n_sets ? r->sets[x->set].key_len : FW_N_WORDS * WORD_BYTES;
}

static size_t data_len(const struct ruleset *r, const struct fw_expr *x)
{
	return x->set < r->n_sets ? r->sets[x->set].data_len : 0;
}

static size_t address_len(const struct fw_expr *x)
{
	return x->family == NFPROTO_IPV4 ? 4 : LONGEST;
}

static unsigned reads_addresses(const struct fw_expr *x)
{
	return words(x->sreg, address_len(x)) | words(x->sreg2, address_len(x)) |
	       words(x->sreg3, WORD_BYTES) | words(x->sreg4, WORD_BYTES);
}

static size_t ct_len(uint32_t key)
{
	bool is_long =
		key == NFT_CT_SRC_IP6 || key == NFT_CT_DST_IP6 || key == NFT_CT_LABELS;

	return is_long ? LONGEST : WORD_BYTES;
}

static unsigned reads(const struct ruleset *r, const struct fw_expr *x)
{
	switch ((int)x->kind) {
	case FW_EXPR_CMP:
	case FW_EXPR_RANGE:
		return words(x->sreg, x->value.len);
	case FW_EXPR_BITWISE:
		return words(x->sreg, x->len) |
		       (x->value.len ? 0 : words(x->sreg2, x->len));
	case FW_EXPR_BYTEORDER:
	case FW_EXPR_HASH:
		return words(x->sreg, x->len);
	case FW_EXPR_PAYLOAD:
	case FW_EXPR_EXTHDR:
		return x->writes ? words(x->sreg, x->len) : 0;
	case FW_EXPR_LOOKUP:
	case FW_EXPR_OBJREF:
		return words(x->sreg, key_len(r, x));
	case FW_EXPR_DYNSET:
		return words(x->sreg, key_len(r, x)) | words(x->sreg2, data_len(r, x));
	case FW_EXPR_META:
		return x->writes ? words(x->sreg, WORD_BYTES) : 0;
	case FW_EXPR_CT:
		return x->writes ? words(x->sreg, ct_len(x->key)) : 0;
	case FW_EXPR_QUEUE:
		return words(x->sreg, WORD_BYTES);
	case FW_EXPR_NAT:
	case FW_EXPR_REDIR:
	case FW_EXPR_MASQ:
	case FW_EXPR_TPROXY:
	case FW_EXPR_DUP:
	case FW_EXPR_FWD:
		return reads_addresses(x);
	default:
		return 0;
	}
}

static size_t meta_len(uint32_t key)
{
	switch (key) {
	case NFT_META_IIFNAME:
	case NFT_META_OIFNAME:
	case NFT_META_BRI_IIFNAME:
	case NFT_META_BRI_OIFNAME:
		return LONGEST;
	default:
		return WORD_BYTES;
	}
}

static unsigned fills(const struct ruleset *r, const struct fw_expr *x)
{
	switch ((int)x->kind) {
	case FW_EXPR_IMMEDIATE:
		return words(x->dreg, x->value.len);
	case FW_EXPR_BITWISE:
	case FW_EXPR_BYTEORDER:
		return words(x->dreg, x->len);
	case FW_EXPR_PAYLOAD:
		return x->writes ? 0 : words(x->dreg, x->len);
	case FW_EXPR_EXTHDR:
		return x->writes
			       ? 0
			       : words(x->dreg, x->flags & NFT_EXTHDR_F_PRESENT ? WORD_BYTES
										: x->len);
	case FW_EXPR_LOOKUP:
		return words(x->dreg, data_len(r, x));
	case FW_EXPR_META:
		return x->writes ? 0 : words(x->dreg, meta_len(x->key));
	case FW_EXPR_CT:
		return x->writes ? 0 : words(x->dreg, ct_len(x->key));
	case FW_EXPR_FIB:
		return words(x->dreg,
			     x->op == NFT_FIB_RESULT_OIFNAME ? LONGEST : WORD_BYTES);
	case FW_EXPR_SOCKET:
	case FW_EXPR_NUMGEN:
	case FW_EXPR_HASH:
	case FW_EXPR_OSF:
	case FW_EXPR_RT:
	case FW_EXPR_XFRM:
	case FW_EXPR_TUNNEL:
		return words(x->dreg, WORD_BYTES);
	default:
		return 0;
	}
}

bool rule_reads_leftovers(const struct ruleset *r, const struct fw_rule *rule)
{
	unsigned filled = 0;

	for (size_t i = 0; i < rule->n_exprs; i++) {
		if (reads(r, rule->exprs[i]) & ~filled)
			return true;
		filled |= fills(r, rule->exprs[i]);
	}
	return false;
}
