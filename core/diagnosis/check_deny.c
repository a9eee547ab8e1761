/* The rule that stops a packet as words: where it stands, who manages it, how to let one
 * address in. Judges nothing. */
#include "core/diagnosis/check_deny.h"

#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_help.h"
#include "core/firewall/rule_text.h"

const struct fw_rule *deny_rule(const struct check_view *v, const struct path_leg *leg)
{
	return v->e->rules && leg->rule < v->e->rules->n_rules
		       ? &v->e->rules->rules[leg->rule]
		       : NULL;
}

const struct fw_chain *deny_chain(const struct check_view *v, const struct path_leg *leg)
{
	return v->e->rules && leg->chain < v->e->rules->n_chains
		       ? &v->e->rules->chains[leg->chain]
		       : NULL;
}

const char *deny_place(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	const struct fw_chain *chain = deny_chain(v, leg);
	struct str s = {0};
	const char *out;

	if (rule)
		rule_place(&s, v->e->rules, rule);
	else if (chain)
		policy_place(&s, v->e->rules, chain);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

const char *deny_rule_text(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	struct str s = {0};
	const char *out;

	if (!rule)
		return "";
	rule_text(&s, v->e->rules, rule);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

const char *deny_manager(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	const struct fw_chain *chain = deny_chain(v, leg);

	if (rule)
		return rule_manager(v->e->rules, rule);
	return chain ? chain_manager(v->e->rules, chain) : NULL;
}

const char *deny_chain_words(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_chain *chain = deny_chain(v, leg);
	const struct fw_table *table = ruleset_table_of(v->e->rules, chain);

	return view_text(v, "%s %s %s", fw_family_word(table->family),
			 view_word(v, table->name), view_word(v, chain->name));
}

static const char *manager_advice(const char *manager)
{
	static const char *const words[][2] = {
		{"ufw", "ufw status numbered"},
		{"firewalld", "firewall-cmd --list-all-zones"},
		{"docker", "docker ps; iptables -S DOCKER-USER"},
		{"fail2ban", "fail2ban-client status"},
		{"kube-proxy", "kubectl get svc,endpoints -A"},
		{"libvirt", "virsh net-list --all"},
	};

	for (size_t i = 0; manager && i < sizeof(words) / sizeof(words[0]); i++)
		if (text_equals_str(text_of(manager), words[i][0]))
			return words[i][1];
	return NULL;
}

static const char *source_words(const struct check_view *v)
{
	char client[ADDR_TEXT_MAX];

	if (!v->walk->client.family)
		return "";
	return view_text(v, "%s saddr %s ",
			 v->walk->client.family == AF_INET ? "ip" : "ip6",
			 addr_format(&v->walk->client, client));
}

/* "f2b-JAIL" is the chain of one jail: the ban is undone where it was made. */
static int advise_unban(const struct check_view *v, struct finding *f,
			const struct path_leg *leg)
{
	static const char prefix[] = "f2b-";
	struct text chain = deny_chain(v, leg)->name;
	char client[ADDR_TEXT_MAX];
	struct str jail = {0};
	int error;

	chain.bytes += sizeof(prefix) - 1;
	chain.len -= sizeof(prefix) - 1;
	text_show(&jail, chain, TEXT_ASCII);
	addr_format(&v->walk->client, client);
	error = finding_advise(
		f, v->arena,
		view_text(v, "fail2ban-client set '%s' unbanip %s", str_text(&jail),
			  client),
		view_text(v, "fail2ban-client set '%s' banip %s", str_text(&jail), client),
		"it returns if the failures go on; the address may be shared by many",
		"fail2ban banned it: see what failed first, then let it in again");
	str_release(&jail);
	return error;
}

/* A quote in it would end the one that it stands in. */
static bool is_jail(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_chain *chain = deny_chain(v, leg);

	return chain && v->walk->client.family && chain->name.len > 4 &&
	       !memcmp(chain->name.bytes, "f2b-", 4) &&
	       !memchr(chain->name.bytes, '\'', chain->name.len);
}

/* The port as the chain sees it: behind a translation it is another one. */
static unsigned port_there(const struct check_view *v, const struct path_leg *leg)
{
	const struct path *p = &v->walk->path;
	bool is_before = leg->at == PLACE_INGRESS || leg->at == PLACE_PREROUTING;

	return p->is_translated && !is_before ? p->server_port : v->e->target.port;
}

int deny_advise(const struct check_view *v, struct finding *f, const struct path_leg *leg)
{
	const char *manager = deny_manager(v, leg), *shown = manager_advice(manager);
	const char *proto = v->e->target.proto == IPPROTO_UDP ? "udp" : "tcp";
	const char *command;
	bool is_output = f->fault == FAULT_REPLY_DROP;

	if (is_jail(v, leg))
		return advise_unban(v, f, leg);
	if (shown)
		return finding_advise(
			f, v->arena, shown, NULL,
			"a rule put beside the manager's own is lost at its next "
			"reload",
			"%s manages this chain: change it there", manager);
	if (!deny_chain(v, leg))
		return 0;
	command = view_text(
		v, "nft -e -a insert rule %s %s%s%s %s %u accept", deny_chain_words(v, leg),
		deny_rule(v, leg) ? view_text(v, "handle %llu ",
					      (unsigned long long)deny_rule(v, leg)->handle)
				  : "",
		is_output ? "" : source_words(v), proto, is_output ? "sport" : "dport",
		port_there(v, leg));
	return finding_advise(
		f, v->arena, command,
		view_text(v, "nft delete rule %s handle H", deny_chain_words(v, leg)),
		v->walk->client.family && !is_output
			? "opens the port to one address; lost at reload; other chains may "
			  "still drop"
			: "opens the port to everybody; lost at reload; other chains may "
			  "still "
			  "drop",
		"the rule may be deliberate: ask its owner; to let it in now (the command "
		"prints the new rule's handle H)");
}
