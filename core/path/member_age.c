/* Generations as numbers. Compares no rules. */
#include "core/path/member_age.h"

bool member_is_of(const struct fw_member *m, const struct ruleset *rules)
{
	return !m->has_generation || !rules->generation ||
	       (!m->is_changing && m->generation == (uint16_t)rules->generation);
}

/* Counted on from the one before; they are 16 bits of it. */
bool member_is_between(const struct fw_member *m, const struct ruleset *rules,
		       const struct ruleset *again)
{
	uint16_t after = (uint16_t)(m->generation - rules->generation);

	return !m->is_changing && !again->is_changing &&
	       after <= (uint16_t)(again->generation - rules->generation);
}
