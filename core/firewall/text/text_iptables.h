/* A rule of iptables' tables as `iptables -S` prints it. For rule_text.c only. iptables(8),
 * iptables-extensions(8). */
#ifndef CORE_FIREWALL_TEXT_IPTABLES_H
#define CORE_FIREWALL_TEXT_IPTABLES_H

#include "core/firewall/ruleset.h"

/*
 * Appends "-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 443 -j DROP". False: something in
 * it has no such form; nothing was appended. Without memory out->failed is set.
 */
bool text_iptables(struct str *out, const struct ruleset *r, const struct fw_rule *rule);

#endif
