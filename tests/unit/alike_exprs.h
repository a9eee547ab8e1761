/* A list of expressions decoded after others, beside the same list decoded alone. */
#ifndef TESTS_UNIT_ALIKE_EXPRS_H
#define TESTS_UNIT_ALIKE_EXPRS_H

#include <netlink/attr.h>
#include <string.h>

#include "core/firewall/nft/nft_exprs.h"
#include "core/firewall/ruleset.h"

static inline struct fw_rule alike_rule(const struct nft_rule_facts *f)
{
	return (struct fw_rule){.exprs = f->exprs,
				.n_exprs = (uint32_t)f->n,
				.has_counter = f->has_counter,
				.has_names = f->has_names,
				.packets = f->packets,
				.bytes = f->bytes,
				.comment = f->comment};
}

/* The same, and counted the same. */
static inline bool alike_rules(struct fw_rule a, struct fw_rule b)
{
	const struct ruleset of_a = {.rules = &a, .n_rules = 1};
	const struct ruleset of_b = {.rules = &b, .n_rules = 1};

	return ruleset_has_same_rules(&of_a, &of_b) && a.has_counter == b.has_counter &&
	       a.has_names == b.has_names && a.packets == b.packets && a.bytes == b.bytes;
}

/* Whether what the pool remembers makes no difference. *pool, of *arena, remembers more
 * afterwards. */
static inline bool alike_decoded(struct arena *arena, struct expr_pool *pool,
				 const struct nlattr *list)
{
	struct nft_rule_facts after, alone;
	struct expr_pool empty;

	memset(&empty, 0, sizeof(empty));
	if (nft_exprs_decode(arena, pool, list, &after) ||
	    nft_exprs_decode(arena, &empty, list, &alone))
		return false;
	return alike_rules(alike_rule(&after), alike_rule(&alone));
}

#endif
