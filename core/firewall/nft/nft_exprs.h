/* The expressions of a rule from the kernel's attributes. Resolves no names. */
#ifndef CORE_FIREWALL_NFT_EXPRS_H
#define CORE_FIREWALL_NFT_EXPRS_H

#include <netlink/attr.h>

#include "core/base/arena.h"
#include "core/firewall/expr_pool.h"

struct nft_rule_facts {
	struct fw_expr **exprs; /* in the arena, the list too */
	size_t n;
	uint64_t packets, bytes;
	bool has_counter;
	bool has_names;      /* one of them is not free (expr_pool.h) */
	struct text comment; /* of xt's comment match */
};

/*
 * A list of expressions {NAME, DATA}. What is not understood is OPAQUE under its name.
 * Pool: of this arena. 0 or -ENOMEM.
 */
int nft_exprs_decode(struct arena *arena, struct expr_pool *pool, const struct nlattr *list,
		     struct nft_rule_facts *out);

/* The value or the verdict of a NFTA_..._DATA nest. Borrowed. */
struct nft_data {
	struct text value; /* of a verdict: the chain's name */
	int32_t verdict;
	bool is_verdict, is_known;
};
struct nft_data nft_data_of(const struct nlattr *a);

/* True if an expression of an element or a dynset decides by its history. */
bool nft_is_unsure(const struct fw_expr *e);

#endif
