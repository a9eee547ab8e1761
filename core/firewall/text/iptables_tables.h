/* Which tables of nf_tables are iptables'. For ruleset_finish.c only. */
#ifndef CORE_FIREWALL_IPTABLES_TABLES_H
#define CORE_FIREWALL_IPTABLES_TABLES_H

#include "core/firewall/ruleset.h"

/*
 * Sets the backend of every table that iptables-nft made: families ip and ip6, its names,
 * its chains at its hooks and priorities, and only rules that iptables could have made
 * (each with a counter, none with a set). The rows are in their places by then.
 */
void ruleset_mark_iptables(struct ruleset *r);

#endif
