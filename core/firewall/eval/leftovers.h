/* Whether a rule reads registers that only an earlier rule can have filled. The usual tools
 * write none such. */
#ifndef CORE_FIREWALL_LEFTOVERS_H
#define CORE_FIREWALL_LEFTOVERS_H

#include "core/firewall/ruleset.h"

/* True in doubt. rule: of r. */
bool rule_reads_leftovers(const struct ruleset *r, const struct fw_rule *rule);

#endif
