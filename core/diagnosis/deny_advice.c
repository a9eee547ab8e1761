/*
 * How to let one address in past the rule that stops it, in the words of who manages the
 * rule. Judges nothing, runs nothing. A name goes into a command only if a shell leaves it
 * as it is.
 */
#include "core/diagnosis/check_deny.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_help.h"
#include "core/firewall/text/rule_text.h"

/* What an advice is made of. */
struct denial {
	const struct check_view *v;
	const struct path_leg *leg;
	struct finding *f;
	const struct fw_chain *chain;
	const struct fw_rule *rule; /* NULL: a policy */
	const char *manager;
	const char *proto;
	char client[ADDR_TEXT_MAX]; /* empty: none is named, the advice is for everybody */
	unsigned port;              /* as the chain sees it */
	bool is_output, is_forward, is_v6;
};

/* The port as the chain sees it: behind a translation it is another one. */
static unsigned port_there(const struct check_view *v, const struct path_leg *leg)
{
	const struct path *p = &v->walk->path;
	bool is_before = leg->at == PLACE_INGRESS || leg->at == PLACE_PREROUTING;

	return p->is_translated && !is_before ? p->server_port : v->e->target.port;
}

/* ---- bans --------------------------------------------------------------------------- */

static int advise_unban(const struct denial *d)
{
	struct text jail = deny_jail(d->v, d->leg);
	const char *name;

	if (!deny_name_is_plain(jail) || !d->client[0])
		return finding_advise(d->f, d->v->arena, "fail2ban-client banned", NULL,
				      NULL, "fail2ban manages this chain: unban it there");
	name = view_word(d->v, jail);
	return finding_advise(
		d->f, d->v->arena,
		view_text(d->v, "fail2ban-client set '%s' unbanip %s", name, d->client),
		view_text(d->v, "fail2ban-client set '%s' banip %s", name, d->client),
		"it returns if the failures go on; the address may be a NAT that many "
		"share",
		"fail2ban's ban: see what failed, then let it in again");
}

static int advise_crowdsec(const struct denial *d)
{
	if (!d->client[0])
		return finding_advise(d->f, d->v->arena, "cscli decisions list", NULL, NULL,
				      "crowdsec manages this chain: delete its decision");
	return finding_advise(
		d->f, d->v->arena,
		view_text(d->v, "cscli decisions delete --ip %s", d->client),
		view_text(d->v, "cscli decisions add --ip %s", d->client),
		"it may be decided again; the address may be shared by many",
		"crowdsec blocks it: see why (cscli alerts list --ip %s), then let it in",
		d->client);
}

/* ---- firewalls ---------------------------------------------------------------------- */

static int advise_ufw(const struct denial *d)
{
	/* The first rule that matches decides: before the one of a user it must come first.
	 */
	const char *verb =
		text_is_empty(deny_name_after(d->chain->name, "ufw-user-")) &&
				text_is_empty(deny_name_after(d->chain->name, "ufw6-user-"))
			? "allow"
			: "prepend allow";
	const char *client = d->client[0] ? d->client : "any";
	const char *where = d->is_output
				    ? view_text(d->v, "out from any port %u to %s proto %s",
						d->port, client, d->proto)
				    : view_text(d->v, "from %s to any port %u proto %s",
						client, d->port, d->proto);
	const char *route = d->is_forward ? "route " : "";

	return finding_advise(
		d->f, d->v->arena, view_text(d->v, "ufw %s%s %s", route, verb, where),
		view_text(d->v, "ufw %sdelete allow %s", route, where),
		d->client[0] ? "stays after a restart" : "opens the port to everybody",
		"ufw manages this chain: let it in there (ufw status numbered shows its "
		"rules)");
}

static int advise_firewalld(const struct denial *d)
{
	struct text zone = deny_zone(d->chain->name);
	const char *where = "", *rich;
	int error;

	if (d->is_forward || d->is_output || !d->client[0])
		return finding_advise(
			d->f, d->v->arena, "firewall-cmd --list-all-zones", NULL,
			"a rule put beside firewalld's own is lost at its next reload",
			"firewalld manages this chain: change a zone or a policy there "
			"(firewall-cmd --list-all-policies)");
	if (!text_is_empty(zone))
		where = view_text(d->v, "--zone=%s ", view_word(d->v, zone));
	rich = view_text(d->v,
			 "rich-rule='rule priority=\"-100\" family=\"%s\" source "
			 "address=\"%s\" port port=\"%u\" protocol=\"%s\" accept'",
			 d->is_v6 ? "ipv6" : "ipv4", d->client, d->port, d->proto);
	error = finding_advise(
		d->f, d->v->arena,
		view_text(d->v, "firewall-cmd %s--add-%s --timeout=15m", where, rich),
		view_text(d->v, "firewall-cmd %s--remove-%s", where, rich),
		"ends by itself after fifteen minutes",
		text_is_empty(zone)
			? "firewalld manages this chain: let it in there; --zone= names "
			  "another zone than the default one (firewall-cmd "
			  "--get-active-zones)"
			: "firewalld manages this chain: let it in there");
	if (error)
		return error;
	return finding_advise(
		d->f, d->v->arena,
		view_text(d->v, "firewall-cmd --permanent %s--add-%s", where, rich),
		view_text(d->v, "firewall-cmd --permanent %s--remove-%s", where, rich),
		"what is permanent holds from the next firewall-cmd --reload on; what is "
		"not "
		"is lost then",
		"if that was it: keep it (firewall-cmd --list-all shows what runs, with "
		"--permanent what is kept)");
}

/* "-s 192.0.2.1 -p tcp -m tcp --dport 443 -j ACCEPT" */
static const char *iptables_words(const struct denial *d)
{
	const char *source =
		d->client[0] && !d->is_output ? view_text(d->v, "-s %s ", d->client) : "";

	return view_text(d->v, "%s-p %s -m %s --%s %u -j ACCEPT", source, d->proto,
			 d->proto, d->is_output ? "sport" : "dport", d->port);
}

static const char *openness(const struct denial *d)
{
	return d->client[0] && !d->is_output
		       ? "opens the port to one address; lost at reload; other chains may "
			 "still drop"
		       : "opens the port to everybody; lost at reload; other chains may "
			 "still drop";
}

static int advise_docker(const struct denial *d)
{
	const char *program = d->is_v6 ? "ip6tables" : "iptables";
	const char *words = iptables_words(d);

	if (!d->is_forward)
		return finding_advise(
			d->f, d->v->arena, "docker ps", NULL,
			"a rule put beside Docker's own is lost when it starts again",
			"docker manages this chain: publish the port there (docker run "
			"-p)");
	return finding_advise(
		d->f, d->v->arena, view_text(d->v, "%s -I DOCKER-USER %s", program, words),
		view_text(d->v, "%s -D DOCKER-USER %s", program, words), openness(d),
		"docker manages this chain and leaves DOCKER-USER to you; a port that is "
		"to stay open is published (docker run -p)");
}

/* ---- not by hand -------------------------------------------------------------------- */

/* What each keeps its rules from: there is where they are changed. */
static const struct {
	const char *manager, *command, *object;
} sources[] = {
	{"kube-proxy", "kubectl get services,endpointslices -A",
	 "the Service or its endpoints"},
	{"kube-router", "kubectl get services,networkpolicies -A",
	 "the Service or the NetworkPolicy"},
	{"calico", "kubectl get networkpolicies -A", "the NetworkPolicy"},
	{"cilium", "kubectl get networkpolicies -A", "the NetworkPolicy"},
	{"weave", "kubectl get networkpolicies -A", "the NetworkPolicy"},
	{"cni", "kubectl get pods -A -o wide", "the pod's ports or its network"},
	{"libvirt", "virsh net-list --all", "the network's definition (virsh net-edit)"},
	{"podman", "podman ps --format '{{.Names}} {{.Ports}}'",
	 "the container's published ports"},
	{"tailscale", "tailscale status", "the access rules of the tailnet"},
	{"lxd", "lxc network list", "the network or its ACL"},
	{"incus", "incus network list", "the network or its ACL"},
	{"nixos-firewall", "nixos-option networking.firewall",
	 "networking.firewall in the configuration"},
	{"miniupnpd", "upnpc -l", "the port mapping that a program asked for"},
	{"sshguard", "sshguard -v", "its whitelist, or wait until the block ends"},
};

static int advise_object(const struct denial *d, size_t row)
{
	return finding_advise(d->f, d->v->arena, sources[row].command, NULL,
			      "a rule put beside the manager's own is lost when it writes "
			      "its rules again",
			      "%s manages this chain: not by hand, change %s", d->manager,
			      sources[row].object);
}

/* ---- nobody known ------------------------------------------------------------------- */

static int advise_iptables(const struct denial *d, const struct fw_table *t)
{
	const char *chain = view_word(d->v, d->chain->name);
	const char *program = fw_program(t);
	const char *table = text_equals_str(t->name, "filter")
				    ? ""
				    : view_text(d->v, "-t %s ", view_word(d->v, t->name));
	const char *words = iptables_words(d);
	const char *insert = d->rule ? view_text(d->v, "-I %s %u", chain, d->rule->index)
				     : view_text(d->v, "-A %s", chain);

	if (!deny_name_is_plain(d->chain->name))
		return 0;
	return finding_advise(
		d->f, d->v->arena,
		view_text(d->v, "%s %s%s %s", program, table, insert, words),
		view_text(d->v, "%s %s-D %s %s", program, table, chain, words), openness(d),
		"the rule may be deliberate: ask its owner; to let it in now");
}

static int advise_nft(const struct denial *d)
{
	const char *chain = deny_chain_words(d->v, d->leg);
	const char *handle = d->rule ? view_text(d->v, "handle %llu ",
						 (unsigned long long)d->rule->handle)
				     : "";
	const char *source = d->client[0] && !d->is_output
				     ? view_text(d->v, "%s saddr %s ",
						 d->is_v6 ? "ip6" : "ip", d->client)
				     : "";

	return finding_advise(
		d->f, d->v->arena,
		view_text(d->v, "nft -e -a insert rule %s %s%s%s %s %u accept", chain,
			  handle, source, d->proto, d->is_output ? "sport" : "dport",
			  d->port),
		view_text(d->v, "nft delete rule %s handle H", chain), openness(d),
		"the rule may be deliberate: ask its owner; to let it in now (the command "
		"prints the new rule's handle H)");
}

static const struct {
	const char *manager;
	int (*advise)(const struct denial *d);
} managers[] = {
	{"fail2ban", advise_unban},      {"crowdsec", advise_crowdsec}, {"ufw", advise_ufw},
	{"firewalld", advise_firewalld}, {"docker", advise_docker},
};

/* Who fills its sets itself: there the address is taken out. */
static bool keeps_sets(const char *manager)
{
	if (!manager)
		return false;
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (!strcmp(manager, sources[i].manager))
			return true;
	return !strcmp(manager, "fail2ban") || !strcmp(manager, "crowdsec");
}

int deny_advise(const struct check_view *v, struct finding *f, const struct path_leg *leg)
{
	struct denial d = {.v = v, .leg = leg, .f = f};
	const struct fw_table *t;

	d.chain = deny_chain(v, leg);
	d.rule = deny_rule(v, leg);
	if (!d.chain)
		return 0;
	d.manager = deny_manager(v, leg);
	d.proto = v->e->target.proto == IPPROTO_UDP ? "udp" : "tcp";
	d.port = port_there(v, leg);
	d.is_output = f->fault == FAULT_REPLY_DROP;
	d.is_forward = leg->at == PLACE_FORWARD;
	d.is_v6 = v->walk->client.family == AF_INET6;
	addr_format(&v->walk->client, d.client);
	if (!keeps_sets(d.manager)) {
		int error = deny_advise_ipset(v, f, leg);

		if (error != -ENOENT)
			return error;
	}
	for (size_t i = 0; d.manager && i < sizeof(managers) / sizeof(*managers); i++)
		if (!strcmp(d.manager, managers[i].manager))
			return managers[i].advise(&d);
	for (size_t i = 0; d.manager && i < sizeof(sources) / sizeof(*sources); i++)
		if (!strcmp(d.manager, sources[i].manager))
			return advise_object(&d, i);
	t = ruleset_table_of(v->e->rules, d.chain);
	return t->backend == FW_NFT ? advise_nft(&d) : advise_iptables(&d, t);
}
