/*
 * Expressions of which one stands for all that say the same: the rules of a host load,
 * mask and compare the same few things. Remembers the latest only; what it has forgotten is
 * kept once more, which is no harm. Resolves no names.
 */
#ifndef CORE_FIREWALL_EXPR_POOL_H
#define CORE_FIREWALL_EXPR_POOL_H

#include "core/base/arena.h"
#include "core/firewall/expr.h"

enum {
	EXPR_POOL_TOLD = 256,
	EXPR_POOL_KEPT = 1024,
	EXPR_POOL_SHAPES = 64,
	EXPR_TOLD_MAX = 94,
	EXPR_GAPS_MAX = 2
};

/* The bytes that an expression was made of. */
struct expr_told {
	struct fw_expr *expr; /* NULL: none yet */
	uint16_t len;
	uint8_t bytes[EXPR_TOLD_MAX];
};

/* Some of the bytes, which may be others: the expression means the same but for them. */
struct expr_gap {
	uint16_t at, len;
};

/* How the latest expression was told that stood at about this place of a rule. */
struct expr_shape {
	struct expr_told told;
	struct expr_gap gaps[EXPR_GAPS_MAX]; /* in their order */
	size_t n_gaps;
};

struct expr_kept {
	struct fw_expr *expr; /* NULL: none yet */
	uint64_t sum;         /* of what it says: others need not be looked at */
};

/* Zeroed is empty. Everything in it is of one arena: empty it before that goes. */
struct expr_pool {
	struct expr_told told[EXPR_POOL_TOLD];
	struct expr_shape shapes[EXPR_POOL_SHAPES];
	struct expr_kept kept[EXPR_POOL_KEPT];
};

/* What these bytes were made into before; NULL: forgotten, or never told. */
struct fw_expr *expr_pool_told(const struct expr_pool *p, const void *bytes, size_t len);
/* For the next time. Too many bytes are not remembered. */
void expr_pool_note(struct expr_pool *p, const void *bytes, size_t len, struct fw_expr *e);
/* One that these bytes, the rule's at-th expression, are like but for its gaps; NULL. */
const struct expr_shape *expr_pool_like(const struct expr_pool *p, size_t at,
					const void *bytes, size_t len);
/* For the next time. Gaps do not overlap. Too many bytes are not remembered. */
void expr_pool_note_shape(struct expr_pool *p, size_t at, const void *bytes, size_t len,
			  struct fw_expr *e, const struct expr_gap *gaps, size_t n_gaps);
/*
 * One in the arena that says the same as e, whose texts are borrowed and copied where it is
 * the first; e's inner ones are in the arena already. NULL: no memory.
 */
struct fw_expr *expr_pool_keep(struct expr_pool *p, struct arena *arena,
			       const struct fw_expr *e);
/* True where it means the same in every table: it leads to no chain and names no set. */
bool expr_is_free(const struct fw_expr *e);

#endif
