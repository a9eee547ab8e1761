/* Which chains and rules a packet can come to at all: by hooks, jumps and gotos. Follows
 * no packet. Pure. */
#ifndef CORE_FIREWALL_REACH_H
#define CORE_FIREWALL_REACH_H

#include "core/firewall/box/box.h"

/*
 * For each chain (n_chains of them) the hooks from which it can be reached, as bits of enum
 * fw_hook; 0: nothing leads to it. A chain that a verdict map or a set which was not read
 * may lead to counts as reached. 0 or -ENOMEM.
 */
int reach_hooks(const struct ruleset *r, uint8_t *hooks);
/*
 * For each rule (n_rules of them) whether a packet within the box can meet it: its chain
 * can be come to, and its conditions meet the box. The box is that of the packet as it
 * comes in; what a translation makes of it is not followed. 0 or -ENOMEM.
 */
int reach_rules(const struct ruleset *r, const struct box *packet, bool *wanted);
/* The chains that a rule may lead to, as calls; also those of a verdict map. */
void reach_targets(const struct ruleset *r, const struct fw_rule *rule,
		   void (*take)(void *arg, uint32_t chain), void *arg);

#endif
