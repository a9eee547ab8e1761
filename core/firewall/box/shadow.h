/*
 * Rules that no packet is decided by, because an earlier rule of the chain always is, or
 * because nothing can come to them. Said only where it is certain: never on the strength of
 * a limit, a set that changes by itself, or what is not understood. Pure.
 */
#ifndef CORE_FIREWALL_SHADOW_H
#define CORE_FIREWALL_SHADOW_H

#include "core/firewall/ruleset.h"

/* X(name, words; behind some stands the rule) */
#define SHADOWS(X)                                                                 \
	X(NONE, "")                                                                \
	X(SHADOWED, "shadowed by")               /* of another effect */           \
	X(DUPLICATE, "duplicate of")             /* the same packets and effect */ \
	X(SAME_EFFECT, "already done by")        /* more packets, same effect */   \
	X(NEVER_REACHED, "never reached behind") /* left the chain before */       \
	X(UNREACHABLE, "in a chain that nothing leads to")                         \
	X(CONTRADICTORY, "matches no packet at all")

/* clang-format off */
enum shadow_kind {
#define X(name, words) SHADOW_##name,
	SHADOWS(X)
#undef X
	N_SHADOW_KINDS
};
/* clang-format on */
const char *shadow_words(enum shadow_kind k);

struct shadow {
	enum shadow_kind kind;
	uint32_t by;   /* the rule, of several the first; UINT32_MAX: none */
	uint32_t n_by; /* how many rules together */
};

/* For each rule of the ruleset (n_rules of them). 0 or -ENOMEM. */
int shadow_find(const struct ruleset *r, struct shadow *out);

#endif
