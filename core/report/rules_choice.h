/* Which rules a question about a port is about. Prints nothing. */
#ifndef CORE_REPORT_RULES_CHOICE_H
#define CORE_REPORT_RULES_CHOICE_H

#include "core/base/addr.h"
#include "core/firewall/ruleset.h"

/*
 * Marks in wanted (n_rules of them; marks that are there stay) the rules that a packet to
 * this port, from anywhere, can meet; address none: to any. 0 or -ENOMEM.
 */
int rules_choose(const struct ruleset *r, uint8_t proto, uint16_t port,
		 const struct addr *address, bool *wanted);

#endif
