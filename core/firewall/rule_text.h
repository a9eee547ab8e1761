/* Rules as a person would type them, in nft's syntax, and who manages them. nft(8). Pure.
 */
#ifndef CORE_FIREWALL_RULE_TEXT_H
#define CORE_FIREWALL_RULE_TEXT_H

#include "core/firewall/ruleset.h"

/*
 * Appends "ip saddr 198.51.100.0/24 tcp dport 443 drop": implied dependencies (meta
 * nfproto, l4proto) left out as nft does, counters left out, anonymous sets spelled out up
 * to 8 elements, names and comments through text_show() in ASCII; what is opaque as "xt
 * match recent" or "(expression name)". 0 or -ENOMEM.
 */
int rule_text(struct str *out, const struct ruleset *r, const struct fw_rule *rule);
/* "inet filter input handle 27" */
int rule_place(struct str *out, const struct ruleset *r, const struct fw_rule *rule);
/* "inet filter input policy drop" */
int policy_place(struct str *out, const struct ruleset *r, const struct fw_chain *chain);
/* An element's key as nft prints it, "198.51.100.7" or "10.0.0.0/8 . 443". */
int element_text(struct str *out, const struct fw_set *set, size_t element);

/* By names of tables and chains and by comments, as these tools make them: "ufw",
 * "firewalld", "docker", "fail2ban", "kube-proxy", "libvirt", "cni", "lxd", "podman",
 * "iptables-nft"; NULL: nobody known. */
const char *rule_manager(const struct ruleset *r, const struct fw_rule *rule);
const char *chain_manager(const struct ruleset *r, const struct fw_chain *chain);

#endif
