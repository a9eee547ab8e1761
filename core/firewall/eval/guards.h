/*
 * What each rule compares first: by it a packet passes over the rules that miss for sure,
 * of tens of thousands nearly all. Never says that a rule matches.
 */
#ifndef CORE_FIREWALL_GUARDS_H
#define CORE_FIREWALL_GUARDS_H

#include "core/firewall/ruleset.h"

enum { GUARDS_MAX = 3, GUARD_LOADS_MAX = 64, GUARD_BYTES = 8 };

/* A part of the packet as rules load it, and how many bytes of it they compare. */
struct fw_guard_load {
	const struct fw_expr *exprs; /* of the first rule that has it */
	size_t n_exprs;              /* 1: the load; 2: a mask behind it */
	uint32_t len;
};

/* The rule's first expressions, as long as they are no more than loads and their
 * comparisons. */
struct fw_guard {
	uint64_t values[GUARDS_MAX];  /* as guard_value() */
	uint8_t loads[GUARDS_MAX];    /* rows of fw_guards.loads */
	uint8_t compares[GUARDS_MAX]; /* expressions of the rule */
	uint8_t n;
	uint8_t negated; /* bit i: != */
};

struct fw_guards {
	struct fw_guard_load loads[GUARD_LOADS_MAX];
	size_t n_loads;
	struct fw_guard *rows; /* one for each rule */
};

/* The first GUARD_BYTES of them as a number. */
uint64_t guard_value(const void *bytes, size_t len);
/* Of all rules, into the arena of the ruleset. 0 or -ENOMEM. */
int ruleset_guard(struct ruleset *r);

#endif
