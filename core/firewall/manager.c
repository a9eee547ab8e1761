/* Who makes tables and chains with such names. Decides nothing about packets. */
#include "core/firewall/text/rule_text.h"

#include <string.h>

#include "core/firewall/ipsets.h"

struct sign {
	const char *manager;
	const char *name; /* a last '*' stands for anything, a first one as well */
};

static const struct sign tables[] = {
	{"firewalld", "firewalld"},
	{"fail2ban", "f2b-table"},
	{"podman", "netavark"},
	{"crowdsec", "crowdsec*"},
	{"lxd", "lxd"},
	{"incus", "incus"},
	{"libvirt", "libvirt_network"},
	{"kube-proxy", "kube-proxy"},
	{"docker", "docker-bridges"},
	{"calico", "calico"},
	{"tailscale", "ts-*"},
	{"cni", "cni_hostport"},
	{"sshguard", "sshguard"},
	{"nixos-firewall", "nixos-fw"},
};

static const struct sign chains[] = {
	{"ufw", "ufw-*"},
	{"ufw", "ufw6-*"},
	{"docker", "DOCKER*"},
	{"fail2ban", "f2b-*"},
	{"kube-router", "KUBE-ROUTER-*"},
	{"kube-proxy", "KUBE-*"},
	{"libvirt", "LIBVIRT_*"},
	{"cni", "CNI-*"},
	{"cni", "FLANNEL*"},
	{"podman", "NETAVARK*"},
	{"crowdsec", "CROWDSEC*"},
	{"crowdsec", "crowdsec*"},
	{"lxd", "lxd_*"},
	{"incus", "incus_*"},
	{"calico", "cali-*"},
	{"cilium", "CILIUM_*"},
	{"cilium", "OLD_CILIUM_*"},
	{"tailscale", "ts-input"},
	{"tailscale", "ts-forward"},
	{"tailscale", "ts-postrouting"},
	{"weave", "WEAVE*"},
	{"sshguard", "sshguard"},
	{"nixos-firewall", "nixos-fw*"},
	{"miniupnpd", "MINIUPNPD*"},
	{"firewalld", "IN_public*"},
	{"firewalld", "FWD_public*"},
	{"firewalld", "FWDI_*"},
	{"firewalld", "FWDO_*"},
	{"firewalld", "INPUT_ZONES*"},
	{"firewalld", "IN_*_allow"},
};

static const struct sign comments[] = {
	{"lxd", "generated for LXD *"}, {"incus", "generated for Incus *"},
	{"kube-proxy", "kubernetes *"}, {"cni", "flanneld *"},
	{"calico", "cali:*"},
};

/* Sets that a rule of somebody else's chain asks. */
static const struct sign set_names[] = {
	{"fail2ban", "f2b-*"}, {"crowdsec", "crowdsec*"}, {"calico", "cali40*"},
	{"calico", "cali60*"}, {"kube-proxy", "KUBE-*"},
};

/* One '*' in the sign at most. */
static bool is_like(struct text name, const char *sign)
{
	const char *star = strchr(sign, '*');
	size_t before = star ? (size_t)(star - sign) : strlen(sign);
	size_t after = star ? strlen(star + 1) : 0;

	if (!star)
		return text_equals_str(name, sign);
	return name.len >= before + after && !memcmp(name.bytes, sign, before) &&
	       !memcmp(name.bytes + name.len - after, star + 1, after);
}

static const char *find(const struct sign *signs, size_t n, struct text name)
{
	for (size_t i = 0; i < n && !text_is_empty(name); i++) {
		if (is_like(name, signs[i].name))
			return signs[i].manager;
	}
	return NULL;
}

#define FIND(signs, name) find(signs, sizeof(signs) / sizeof(*(signs)), name)

/* iptables-nft keeps its tables under the old names in ip and ip6, chains in capitals. */
static bool is_iptables(const struct fw_table *t, const struct fw_chain *c)
{
	static const char *const names[] = {"filter", "nat", "mangle", "raw", "security"};
	static const char *const hooks[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT",
					    "POSTROUTING"};
	bool is_table = false;

	for (size_t i = 0; i < 5; i++)
		is_table |= text_equals_str(t->name, names[i]);
	if (!is_table || (strcmp(fw_family_word(t->family), "ip") != 0 &&
			  strcmp(fw_family_word(t->family), "ip6") != 0))
		return false;
	if (!c->is_base)
		return true;
	for (size_t i = 0; i < 5; i++) {
		if (text_equals_str(c->name, hooks[i]))
			return true;
	}
	return false;
}

/* By its own name or its table's. */
static const char *named_manager(const struct ruleset *r, const struct fw_chain *chain)
{
	const char *found = FIND(tables, ruleset_table_of(r, chain)->name);

	return found ? found : FIND(chains, chain->name);
}

static const char *own_manager(const struct ruleset *r, const struct fw_chain *chain)
{
	const char *found = named_manager(r, chain);

	if (found)
		return found;
	if (ruleset_table_of(r, chain)->backend == FW_LEGACY)
		return "iptables-legacy";
	return is_iptables(ruleset_table_of(r, chain), chain) ? "iptables-nft" : NULL;
}

/* A rule of a shared chain that only leads into somebody's chain is that one's. */
static const char *jump_manager(const struct ruleset *r, const struct fw_rule *rule)
{
	for (size_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *e = rule->exprs[i];

		if (e->kind == FW_EXPR_VERDICT && e->chain < r->n_chains)
			return named_manager(r, &r->chains[e->chain]);
	}
	return NULL;
}

/* These set policies of iptables' own chains; the others leave them. */
static bool is_policy_setter(const char *manager)
{
	return manager && (!strcmp(manager, "ufw") || !strcmp(manager, "docker"));
}

/* Whose chains a base chain leads into: one setter of policies and no other; NULL: none,
 * or several. Where rules tell whether they have names, those that have none lead nowhere.
 */
static const char *policy_manager(const struct ruleset *r, const struct fw_chain *chain,
				  bool has_names_told)
{
	const char *found = NULL;

	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct fw_rule *rule = &r->rules[chain->first_rule + i];
		const char *manager = NULL;

		if (rule->has_names || !has_names_told)
			manager = jump_manager(r, rule);
		if (!is_policy_setter(manager))
			continue;
		if (found && strcmp(found, manager) != 0)
			return NULL;
		found = manager;
	}
	return found;
}

const char *chain_manager(const struct ruleset *r, const struct fw_chain *chain)
{
	const char *found = NULL;

	if (chain->is_base && chain->policy_drops &&
	    ruleset_table_of(r, chain)->backend != FW_NFT)
		found = chain->is_setter_known ? chain->policy_setter
					       : policy_manager(r, chain, false);
	return found ? found : own_manager(r, chain);
}

void ruleset_note_setters(struct ruleset *r)
{
	for (size_t i = 0; i < r->n_chains; i++) {
		struct fw_chain *chain = &r->chains[i];

		if (!chain->is_base || !chain->policy_drops)
			continue;
		chain->policy_setter = policy_manager(r, chain, true);
		chain->is_setter_known = true;
	}
}

/* struct xt_set_info begins with the set's number. */
static struct text ipset_name(const struct ruleset *r, const struct fw_expr *e)
{
	const struct fw_ipset *set;
	uint16_t index;

	if (e->value.len < sizeof(index))
		return TEXT_NONE;
	memcpy(&index, e->value.bytes, sizeof(index));
	set = ipsets_find(r, index);
	return set ? set->name : TEXT_NONE;
}

struct text rule_set_name(const struct ruleset *r, const struct fw_rule *rule)
{
	for (size_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *e = rule->exprs[i];

		if (e->kind == FW_EXPR_LOOKUP && e->set < r->n_sets)
			return r->sets[e->set].name;
		if (e->kind == FW_EXPR_XT_MATCH && text_equals_str(e->name, "set"))
			return ipset_name(r, e);
	}
	return TEXT_NONE;
}

const char *rule_manager(const struct ruleset *r, const struct fw_rule *rule)
{
	const struct fw_chain *chain = ruleset_chain(r, rule);
	const char *found = named_manager(r, chain);

	if (!found)
		found = FIND(comments, rule->comment);
	if (!found)
		found = jump_manager(r, rule);
	if (!found)
		found = FIND(set_names, rule_set_name(r, rule));
	return found ? found : own_manager(r, chain);
}
