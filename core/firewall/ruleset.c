/* Questions to a frozen ruleset. */
#include "core/firewall/ruleset.h"

#include <netinet/in.h>
#include <linux/netfilter.h>

const char *fw_family_word(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_NETDEV:
		return "netdev";
	case NFPROTO_BRIDGE:
		return "bridge";
	case NFPROTO_ARP:
		return "arp";
	default:
		return "unknown";
	}
}

bool ruleset_has_all_legacy(const struct ruleset *r, int family)
{
	return family == AF_INET6 ? r->is_legacy_read_v6 : r->is_legacy_read_v4;
}

const char *ruleset_source(const struct ruleset *r, uint32_t chain)
{
	if (chain >= r->n_chains || r->tables[r->chains[chain].table].backend != FW_LEGACY)
		return "nf_tables";
	return "iptables";
}

const struct fw_chain *ruleset_chain(const struct ruleset *r, const struct fw_rule *rule)
{
	return &r->chains[rule->chain];
}

const struct fw_table *ruleset_table_of(const struct ruleset *r, const struct fw_chain *c)
{
	return &r->tables[c->table];
}

const struct fw_rule *ruleset_find(const struct ruleset *r, const struct fw_table *like,
				   uint64_t handle)
{
	for (size_t i = 0; i < r->n_rules; i++) {
		const struct fw_rule *rule = &r->rules[i];
		const struct fw_table *t;

		if (rule->handle != handle)
			continue;
		t = ruleset_table_of(r, ruleset_chain(r, rule));
		if (t->family == like->family && text_equals(t->name, like->name) &&
		    (t->backend == FW_LEGACY) == (like->backend == FW_LEGACY))
			return rule;
	}
	return NULL;
}
