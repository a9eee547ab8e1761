/* Which rules keep packets from connection tracking. Evaluates nothing. */
#include "core/firewall/notrack.h"

#include <string.h>
#include <linux/netfilter/xt_CT.h>

static bool is_target(const struct fw_expr *x)
{
	uint16_t flags;

	if (text_equals_str(x->name, "NOTRACK"))
		return true;
	if (!text_equals_str(x->name, "CT") || x->value.len < sizeof(flags))
		return false;
	memcpy(&flags, x->value.bytes, sizeof(flags));
	return flags & XT_CT_NOTRACK;
}

bool fw_rule_untracks(const struct fw_rule *rule)
{
	for (uint32_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *x = rule->exprs[i];

		if (x->kind == FW_EXPR_NOTRACK ||
		    (x->kind == FW_EXPR_XT_TARGET && is_target(x)))
			return true;
	}
	return false;
}
