/* Rules that keep packets from connection tracking. */
#ifndef CORE_FIREWALL_NOTRACK_H
#define CORE_FIREWALL_NOTRACK_H

#include "core/firewall/ruleset.h"

/* "notrack", -j NOTRACK, -j CT --notrack. Whether it meets a packet is not asked. */
bool fw_rule_untracks(const struct fw_rule *rule);

#endif
