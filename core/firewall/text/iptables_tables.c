/* iptables-nft keeps its tables in nf_tables under the old names. Prints nothing. */
#include "core/firewall/text/iptables_tables.h"

#include <netinet/in.h>
#include <linux/netfilter.h>

/* iptables-nft's built-in chains: nft-shared of iptables has the same table. */
static const struct {
	const char *table, *chain;
	enum fw_chain_type type;
	enum fw_hook hook;
	int32_t priority;
} chains[] = {
	{"filter", "INPUT", FW_FILTER, FW_INPUT, 0},
	{"filter", "FORWARD", FW_FILTER, FW_FORWARD, 0},
	{"filter", "OUTPUT", FW_FILTER, FW_OUTPUT, 0},
	{"nat", "PREROUTING", FW_NAT, FW_PREROUTING, -100},
	{"nat", "INPUT", FW_NAT, FW_INPUT, 100},
	{"nat", "OUTPUT", FW_NAT, FW_OUTPUT, -100},
	{"nat", "POSTROUTING", FW_NAT, FW_POSTROUTING, 100},
	{"mangle", "PREROUTING", FW_FILTER, FW_PREROUTING, -150},
	{"mangle", "INPUT", FW_FILTER, FW_INPUT, -150},
	{"mangle", "FORWARD", FW_FILTER, FW_FORWARD, -150},
	{"mangle", "OUTPUT", FW_ROUTE, FW_OUTPUT, -150},
	{"mangle", "POSTROUTING", FW_FILTER, FW_POSTROUTING, -150},
	{"raw", "PREROUTING", FW_FILTER, FW_PREROUTING, -300},
	{"raw", "OUTPUT", FW_FILTER, FW_OUTPUT, -300},
	/* 150 before iptables 1.8.10 */
	{"security", "INPUT", FW_FILTER, FW_INPUT, 150},
	{"security", "FORWARD", FW_FILTER, FW_FORWARD, 150},
	{"security", "OUTPUT", FW_FILTER, FW_OUTPUT, 150},
	{"security", "INPUT", FW_FILTER, FW_INPUT, 50},
	{"security", "FORWARD", FW_FILTER, FW_FORWARD, 50},
	{"security", "OUTPUT", FW_FILTER, FW_OUTPUT, 50},
};

static bool is_its_table(const struct fw_table *t)
{
	if (t->backend != FW_NFT ||
	    (t->family != NFPROTO_IPV4 && t->family != NFPROTO_IPV6))
		return false;
	for (size_t i = 0; i < sizeof(chains) / sizeof(*chains); i++)
		if (text_equals_str(t->name, chains[i].table))
			return true;
	return false;
}

static bool is_its_chain(const struct fw_table *t, const struct fw_chain *c)
{
	if (!c->is_base)
		return !c->is_binding;
	for (size_t i = 0; i < sizeof(chains) / sizeof(*chains); i++) {
		if (text_equals_str(t->name, chains[i].table) &&
		    text_equals_str(c->name, chains[i].chain) &&
		    c->type == chains[i].type && c->hook == chains[i].hook &&
		    c->priority == chains[i].priority)
			return true;
	}
	return false;
}

/* Kinds that iptables-nft writes; LOOKUP, NAT, REJECT and the like are nft's. */
static bool is_its_expr(const struct fw_expr *e)
{
	switch (e->kind) {
	case FW_EXPR_COUNTER:
	case FW_EXPR_IMMEDIATE:
	case FW_EXPR_META:
	case FW_EXPR_BITWISE:
	case FW_EXPR_CMP:
	case FW_EXPR_RANGE:
	case FW_EXPR_VERDICT:
	case FW_EXPR_LIMIT:
	case FW_EXPR_XT_MATCH:
	case FW_EXPR_XT_TARGET:
		return true;
	case FW_EXPR_PAYLOAD:
		return !e->writes;
	case FW_EXPR_LOG:
		return e->op & FW_LOG_GROUP;
	default:
		return false;
	}
}

static bool is_its_rule(const struct fw_rule *rule)
{
	for (size_t i = 0; i < rule->n_exprs; i++)
		if (!is_its_expr(rule->exprs[i]))
			return false;
	return rule->has_counter;
}

/* What a table still could be, by one of its chains. */
static bool is_its(const struct ruleset *r, const struct fw_chain *c)
{
	if (!is_its_chain(&r->tables[c->table], c))
		return false;
	for (uint32_t i = 0; i < c->n_rules; i++)
		if (!is_its_rule(&r->rules[c->first_rule + i]))
			return false;
	return true;
}

void ruleset_mark_iptables(struct ruleset *r)
{
	for (size_t i = 0; i < r->n_tables; i++)
		if (is_its_table(&r->tables[i]))
			r->tables[i].backend = FW_IPTABLES_NFT;
	for (size_t i = 0; i < r->n_chains; i++) {
		struct fw_table *t = &r->tables[r->chains[i].table];

		if (t->backend == FW_IPTABLES_NFT && !is_its(r, &r->chains[i]))
			t->backend = FW_NFT;
	}
	for (size_t i = 0; i < r->n_sets; i++)
		if (r->tables[r->sets[i].table].backend == FW_IPTABLES_NFT)
			r->tables[r->sets[i].table].backend = FW_NFT;
}
