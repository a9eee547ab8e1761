/*
 * What each rule compares first: by it a packet passes over the rules that miss for sure,
 * of tens of thousands nearly all. Never says that a rule matches.
 */
#ifndef CORE_FIREWALL_GUARDS_H
#define CORE_FIREWALL_GUARDS_H

#include "core/firewall/ruleset.h"

enum { GUARDS_MAX = 4, GUARD_LOADS_MAX = 64, GUARD_BYTES = 8 };

/* A part of the packet as rules load it, and how many bytes of it they compare. */
struct fw_guard_load {
	struct fw_expr *const *exprs; /* of the first rule that has it */
	size_t n_exprs;               /* 1: the load; 2: a mask behind it */
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
	/* Rules whose guard_key() falls into one place, in their order: the first of each
	 * place, and behind each rule the next one; FW_NONE: none. NULL: what passed rules
	 * leave in the registers counts, so they are gone through one by one. */
	uint32_t *firsts, *nexts;
	uint32_t first_open; /* rules that no guard finds */
	size_t n_places;     /* a power of two */
	/* Loads by which rules are found, and those that must be known for it. */
	bool is_key[GUARD_LOADS_MAX], is_needed[GUARD_LOADS_MAX];
};

/* The first GUARD_BYTES of them as a number. */
uint64_t guard_value(const void *bytes, size_t len);
/* The place of the rules that ask this of the load (a row of loads). */
size_t guard_place(const struct fw_guards *g, size_t load, uint64_t value);
/* Of all rules, into the arena of the ruleset. 0 or -ENOMEM. */
int ruleset_guard(struct ruleset *r);

#endif
