/* Rules whose match hangs on how much came before: rates, quotas, numbers of connections,
 * lists of recent addresses. */
#ifndef CORE_FIREWALL_BOUNDS_H
#define CORE_FIREWALL_BOUNDS_H

#include "core/firewall/ruleset.h"

enum fw_bound {
	FW_BOUND_NONE,
	FW_BOUND_BELOW,  /* it matches as long as the bound is not reached */
	FW_BOUND_BEYOND, /* it matches what comes above it */
	FW_BOUND_EITHER, /* one of the two: a named object, whose direction is not told */
};

/* NONE also of extensions whose bytes are not understood. *what: static words, "rate
 * limit", "limit of connections", ...; untouched with NONE. */
enum fw_bound fw_expr_bound(const struct fw_expr *x, const char **what);
/* Of the first such expression of the rule. */
enum fw_bound fw_rule_bound(const struct fw_rule *rule, const char **what);

#endif
