/* Rules as a person would type them, in the syntax of the program that made them, and who
 * manages them. nft(8), iptables(8). Pure. */
#ifndef CORE_FIREWALL_RULE_TEXT_H
#define CORE_FIREWALL_RULE_TEXT_H

#include "core/firewall/ruleset.h"

/*
 * Appends "ip saddr 198.51.100.0/24 tcp dport 443 drop": implied dependencies (meta
 * nfproto, l4proto) left out as nft does, counters left out, anonymous sets spelled out up
 * to 8 elements, names and comments through text_show() in ASCII; what is opaque as "xt
 * match recent" or "(expression name)". Of iptables' tables as `iptables -S` prints it,
 * "-A INPUT -s 198.51.100.0/24 -p tcp -m tcp --dport 443 -j DROP", where it has that form.
 * 0 or -ENOMEM.
 */
int rule_text(struct str *out, const struct ruleset *r, const struct fw_rule *rule);
/* "inet filter input handle 27"; "iptables filter INPUT rule 3" */
int rule_place(struct str *out, const struct ruleset *r, const struct fw_rule *rule);
/* "inet filter input policy drop"; "iptables filter INPUT policy DROP" */
int policy_place(struct str *out, const struct ruleset *r, const struct fw_chain *chain);
/* What its owner types for this table: "nft", "iptables", "ip6tables-legacy", ... */
const char *fw_program(const struct fw_table *t);
/*
 * The command that shows a rule by its place in the chain, from 1, or with 0 the chain:
 * "nft -a list chain inet filter input", "iptables -t nat -S POSTROUTING 2". 0 or -ENOMEM.
 */
int rule_show_command(struct str *out, const struct ruleset *r,
		      const struct fw_chain *chain, uint32_t index);

/* By names of tables, chains and sets and by comments, as these tools make them: "ufw",
 * "firewalld", "docker", "fail2ban", "kube-proxy", "libvirt", "cni", "lxd", "podman",
 * "crowdsec", "calico", "tailscale", ...; else "iptables-nft", "iptables-legacy"; NULL:
 * nobody known. */
const char *rule_manager(const struct ruleset *r, const struct fw_rule *rule);
/* Of a chain and its policy: one that drops is ufw's or docker's where theirs are the
 * chains that it leads into. */
const char *chain_manager(const struct ruleset *r, const struct fw_chain *chain);
/* Finds out what chain_manager() looks for in all rules of a base chain, once. */
void ruleset_note_setters(struct ruleset *r);
/* Of the first set or ipset that the rule asks, "f2b-sshd"; none: it asks none, or it is
 * not told. */
struct text rule_set_name(const struct ruleset *r, const struct fw_rule *rule);

#endif
