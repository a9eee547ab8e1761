/*
 * What is told in the bytes of an expression before, or in the same but for a value or what
 * a counter has counted, is not taken apart again: of a host's rules that is nearly all.
 * Decodes no expression for the first time.
 */
#ifndef CORE_FIREWALL_NFT_TOLD_H
#define CORE_FIREWALL_NFT_TOLD_H

#include <netlink/attr.h>

#include "core/firewall/expr_pool.h"

/* What a counter has counted; set where the expression is one. */
struct nft_counts {
	uint64_t packets, bytes;
};

/*
 * The rule's at-th expression {NAME, DATA} out of what the pool remembers. 1; 0: nothing
 * like it is remembered; -ENOMEM. arena: the pool's.
 */
int nft_told_again(struct expr_pool *pool, struct arena *arena, size_t at,
		   const struct nlattr *nest, struct nft_counts *counts,
		   struct fw_expr **out);
/* For the next time. e: free (expr_is_free), its texts borrowed of nest; kept: as the pool
 * keeps it. */
void nft_told_note(struct expr_pool *pool, size_t at, const struct nlattr *nest,
		   const struct fw_expr *e, struct fw_expr *kept,
		   struct nft_counts *counts);

#endif
