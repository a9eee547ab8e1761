/* How one address is let in past what stops it: the words of each manager and of nobody,
 * with what takes them back. Ipsets: test_ipset_advice.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/diagnosis/check_deny.h"
#include "tests/unit/evidence_host.h"

#define CLIENT_V6 "2001:db8::2"

/* What stops the packet: rule 1 of INPUT in the table filter, if not said otherwise. */
struct advice_row {
	enum fw_backend backend;
	uint8_t family; /* 0: inet */
	const char *table, *chain, *set;
	const char *client; /* NULL: 10.0.0.2; "": nobody is named */
	enum place_kind at; /* 0: INPUT */
	uint8_t proto;      /* 0: TCP */
	bool is_policy, is_reply;
	uint16_t translated;        /* port; 0: it is not */
	const char *command, *undo; /* command NULL: nothing is advised */
	const char *kept; /* the command that makes it stay; NULL: there is none */
};

static void fill_rules(struct scene *c, const struct advice_row *row)
{
	struct fw_table *t = &c->rules.tables[0];

	t->backend = row->backend;
	t->family = row->family ? row->family : NFPROTO_INET;
	t->name = text_of(row->table ? row->table : "filter");
	if (row->chain)
		c->rules.chains[c->input].name = text_of(row->chain);
	if (!row->set)
		return;
	hand_set(&c->rules, 0, 4, NULL, 0);
	c->rules.sets[0].name = text_of(row->set);
	c->rules.exprs[0][0] = (struct fw_expr){.kind = FW_EXPR_LOOKUP, .set = 0};
}

static struct path_leg *fill_way(struct scene *c, const struct advice_row *row)
{
	const char *client = row->client ? row->client : CLIENT;
	struct path_leg *leg;
	struct path *p;

	c->e.target.proto = row->proto ? row->proto : IPPROTO_TCP;
	scene_walk(c, SERVER, *client ? client : NULL);
	p = &c->e.walks[0].path;
	p->is_translated = row->translated != 0;
	p->server_port = row->translated ? row->translated : p->server_port;
	leg = scene_deny(c, row->is_reply, c->input, row->is_policy ? UINT32_MAX : 0,
			 PATH_DROP);
	if (row->at)
		leg->at = row->at;
	return leg;
}

static bool is_same(struct text got, const char *wanted)
{
	return text_equals_str(got, wanted ? wanted : "");
}

static void check_advice(const struct advice_row *row)
{
	static struct scene c;
	struct arena arena;
	struct check_view v = {.e = &c.e, .walk = &c.e.walks[0], .arena = &arena};
	struct finding f = {.fault = row->is_reply ? FAULT_REPLY_DROP : FAULT_DROP};
	const struct next_step *next = &f.next[0];
	struct path_leg *leg;

	scene_start(&c);
	arena_init(&arena);
	fill_rules(&c, row);
	leg = fill_way(&c, row);
	assert_int_equal(deny_advise(&v, &f, leg), 0);
	assert_int_equal(f.n_next, !!row->command + !!row->kept);
	if (row->kept && !is_same(f.next[1].command, row->kept))
		fail_msg("wanted %s\ngot %.*s", row->kept, (int)f.next[1].command.len,
			 f.next[1].command.bytes);
	if (!is_same(next->command, row->command) || !is_same(next->undo, row->undo))
		fail_msg("wanted %s\nand %s\ngot %.*s\nand %.*s", row->command,
			 row->undo ? row->undo : "no undo", (int)next->command.len,
			 next->command.bytes ? next->command.bytes : "",
			 (int)next->undo.len, next->undo.bytes ? next->undo.bytes : "");
	arena_release(&arena);
	scene_end(&c);
}

#define CHECK_ROWS(rows)                        \
	for (size_t i = 0; i < N_OF(rows); i++) \
	check_advice(&(rows)[i])

/* ---- nobody known ---- */

static void in_nft_s_own_words(void **state)
{
	static const struct advice_row rows[] = {
		{.command = "nft -e -a insert rule inet filter input handle 1 "
			    "ip saddr 10.0.0.2 tcp dport 443 accept",
		 .undo = "nft delete rule inet filter input handle H"},
		{.client = CLIENT_V6,
		 .command = "nft -e -a insert rule inet filter input handle 1 "
			    "ip6 saddr 2001:db8::2 tcp dport 443 accept",
		 .undo = "nft delete rule inet filter input handle H"},
		{.is_policy = true,
		 .proto = IPPROTO_UDP,
		 .client = "",
		 .command = "nft -e -a insert rule inet filter input udp dport 443 accept",
		 .undo = "nft delete rule inet filter input handle H"},
		{.is_reply = true,
		 .command = "nft -e -a insert rule inet filter input handle 1 "
			    "tcp sport 443 accept",
		 .undo = "nft delete rule inet filter input handle H"},
		/* Before its port is translated, and behind that. */
		{.at = PLACE_PREROUTING,
		 .translated = 8443,
		 .command = "nft -e -a insert rule inet filter input handle 1 "
			    "ip saddr 10.0.0.2 tcp dport 443 accept",
		 .undo = "nft delete rule inet filter input handle H"},
		{.translated = 8443,
		 .command = "nft -e -a insert rule inet filter input handle 1 "
			    "ip saddr 10.0.0.2 tcp dport 8443 accept",
		 .undo = "nft delete rule inet filter input handle H"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

#define LEGACY_V4 .backend = FW_LEGACY, .family = NFPROTO_IPV4
#define LEGACY_V6 .backend = FW_LEGACY, .family = NFPROTO_IPV6, .client = CLIENT_V6

static void in_iptables_own_words(void **state)
{
	static const struct advice_row rows[] = {
		{LEGACY_V4, .chain = "INPUT",
		 .command = "iptables-legacy -I INPUT 1 -s 10.0.0.2 -p tcp -m tcp "
			    "--dport 443 -j ACCEPT",
		 .undo = "iptables-legacy -D INPUT -s 10.0.0.2 -p tcp -m tcp "
			 "--dport 443 -j ACCEPT"},
		{LEGACY_V6, .chain = "INPUT", .is_policy = true,
		 .command = "ip6tables-legacy -A INPUT -s 2001:db8::2 -p tcp -m tcp "
			    "--dport 443 -j ACCEPT",
		 .undo = "ip6tables-legacy -D INPUT -s 2001:db8::2 -p tcp -m tcp "
			 "--dport 443 -j ACCEPT"},
		{LEGACY_V4, .table = "mangle", .chain = "OUTPUT", .is_reply = true,
		 .command = "iptables-legacy -t mangle -I OUTPUT 1 -p tcp -m tcp "
			    "--sport 443 -j ACCEPT",
		 .undo = "iptables-legacy -t mangle -D OUTPUT -p tcp -m tcp "
			 "--sport 443 -j ACCEPT"},
		/* A name that a shell would take apart is in no command. */
		{LEGACY_V4, .chain = "a b;reboot"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* ---- bans ---- */

static void a_ban_is_lifted_in_its_jail(void **state)
{
	static const struct advice_row rows[] = {
		{.chain = "f2b-sshd",
		 .command = "fail2ban-client set 'sshd' unbanip 10.0.0.2",
		 .undo = "fail2ban-client set 'sshd' banip 10.0.0.2"},
		{.table = "f2b-table",
		 .set = "addr-set-sshd",
		 .command = "fail2ban-client set 'sshd' unbanip 10.0.0.2",
		 .undo = "fail2ban-client set 'sshd' banip 10.0.0.2"},
		{.table = "f2b-table",
		 .set = "addr6-set-sshd",
		 .client = CLIENT_V6,
		 .command = "fail2ban-client set 'sshd' unbanip 2001:db8::2",
		 .undo = "fail2ban-client set 'sshd' banip 2001:db8::2"},
		{.chain = "f2b-a'b", .command = "fail2ban-client banned"},
		{.chain = "f2b-sshd", .client = "", .command = "fail2ban-client banned"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void a_decision_of_crowdsec_is_deleted(void **state)
{
	static const struct advice_row rows[] = {
		{.table = "crowdsec",
		 .command = "cscli decisions delete --ip 10.0.0.2",
		 .undo = "cscli decisions add --ip 10.0.0.2"},
		{.table = "crowdsec6",
		 .set = "crowdsec6-blacklists",
		 .client = CLIENT_V6,
		 .command = "cscli decisions delete --ip 2001:db8::2",
		 .undo = "cscli decisions add --ip 2001:db8::2"},
		{.set = "crowdsec-blacklists",
		 .command = "cscli decisions delete --ip 10.0.0.2",
		 .undo = "cscli decisions add --ip 10.0.0.2"},
		{.table = "crowdsec", .client = "", .command = "cscli decisions list"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* ---- firewalls ---- */

static void ufw_allows_it_where_its_own_rules_stand(void **state)
{
	static const struct advice_row rows[] = {
		{.chain = "ufw-user-input",
		 .command = "ufw prepend allow from 10.0.0.2 to any port 443 proto tcp",
		 .undo = "ufw delete allow from 10.0.0.2 to any port 443 proto tcp"},
		{.chain = "ufw6-user-input",
		 .client = CLIENT_V6,
		 .command = "ufw prepend allow from 2001:db8::2 to any port 443 proto tcp",
		 .undo = "ufw delete allow from 2001:db8::2 to any port 443 proto tcp"},
		{.chain = "ufw-skip-to-policy-input",
		 .command = "ufw allow from 10.0.0.2 to any port 443 proto tcp",
		 .undo = "ufw delete allow from 10.0.0.2 to any port 443 proto tcp"},
		{.chain = "ufw-user-input",
		 .client = "",
		 .proto = IPPROTO_UDP,
		 .command = "ufw prepend allow from any to any port 443 proto udp",
		 .undo = "ufw delete allow from any to any port 443 proto udp"},
		{.chain = "ufw-user-forward",
		 .at = PLACE_FORWARD,
		 .translated = 8443,
		 .command = "ufw route prepend allow from 10.0.0.2 to any port 8443 "
			    "proto tcp",
		 .undo = "ufw route delete allow from 10.0.0.2 to any port 8443 proto tcp"},
		{.chain = "ufw-user-output",
		 .is_reply = true,
		 .command = "ufw prepend allow out from any port 443 to 10.0.0.2 "
			    "proto tcp",
		 .undo = "ufw delete allow out from any port 443 to 10.0.0.2 proto tcp"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

#define RICH(family, client)                                                               \
	"rich-rule='rule priority=\"-100\" family=\"" family "\" source address=\"" client \
	"\" port port=\"443\" protocol=\"tcp\" accept'"

static void firewalld_allows_it_in_its_zone_for_a_while(void **state)
{
	static const struct advice_row rows[] = {
		{.table = "firewalld",
		 .chain = "filter_IN_dmz_deny",
		 .command = "firewall-cmd --zone=dmz --add-" RICH("ipv4",
								  CLIENT) " --timeout=15m",
		 .undo = "firewall-cmd --zone=dmz --remove-" RICH("ipv4", CLIENT),
		 .kept = "firewall-cmd --permanent --zone=dmz --add-" RICH("ipv4", CLIENT)},
		{.table = "firewalld",
		 .chain = "filter_IN_dmz",
		 .client = CLIENT_V6,
		 .command = "firewall-cmd --zone=dmz --add-" RICH(
			 "ipv6", CLIENT_V6) " --timeout=15m",
		 .undo = "firewall-cmd --zone=dmz --remove-" RICH("ipv6", CLIENT_V6),
		 .kept = "firewall-cmd --permanent --zone=dmz --add-" RICH("ipv6",
									   CLIENT_V6)},
		{.table = "firewalld",
		 .chain = "filter_INPUT",
		 .command = "firewall-cmd --add-" RICH("ipv4", CLIENT) " --timeout=15m",
		 .undo = "firewall-cmd --remove-" RICH("ipv4", CLIENT),
		 .kept = "firewall-cmd --permanent --add-" RICH("ipv4", CLIENT)},
		{.table = "firewalld",
		 .chain = "filter_FWD_dmz",
		 .at = PLACE_FORWARD,
		 .command = "firewall-cmd --list-all-zones"},
		{.table = "firewalld",
		 .chain = "filter_IN_dmz",
		 .client = "",
		 .command = "firewall-cmd --list-all-zones"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void docker_leaves_one_chain_to_its_user(void **state)
{
	static const struct advice_row rows[] = {
		{.chain = "DOCKER",
		 .at = PLACE_FORWARD,
		 .translated = 80,
		 .command = "iptables -I DOCKER-USER -s 10.0.0.2 -p tcp -m tcp --dport 80 "
			    "-j ACCEPT",
		 .undo = "iptables -D DOCKER-USER -s 10.0.0.2 -p tcp -m tcp --dport 80 "
			 "-j ACCEPT"},
		{.chain = "DOCKER",
		 .at = PLACE_FORWARD,
		 .client = CLIENT_V6,
		 .command = "ip6tables -I DOCKER-USER -s 2001:db8::2 -p tcp -m tcp "
			    "--dport 443 -j ACCEPT",
		 .undo = "ip6tables -D DOCKER-USER -s 2001:db8::2 -p tcp -m tcp "
			 "--dport 443 -j ACCEPT"},
		{.chain = "DOCKER", .command = "docker ps"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* ---- not by hand ---- */

static void what_a_manager_writes_anew_is_changed_where_it_keeps_it(void **state)
{
	static const struct {
		const char *chain, *command;
	} rows[] = {
		{"KUBE-FORWARD", "kubectl get services,endpointslices -A"},
		{"KUBE-ROUTER-INPUT", "kubectl get services,networkpolicies -A"},
		{"cali-INPUT", "kubectl get networkpolicies -A"},
		{"CILIUM_INPUT", "kubectl get networkpolicies -A"},
		{"WEAVE-NPC", "kubectl get networkpolicies -A"},
		{"CNI-FORWARD", "kubectl get pods -A -o wide"},
		{"LIBVIRT_INP", "virsh net-list --all"},
		{"NETAVARK_INPUT", "podman ps --format '{{.Names}} {{.Ports}}'"},
		{"ts-input", "tailscale status"},
		{"lxd_input", "lxc network list"},
		{"incus_input", "incus network list"},
		{"nixos-fw", "nixos-option networking.firewall"},
		{"MINIUPNPD", "upnpc -l"},
		{"sshguard", "sshguard -v"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct advice_row v4 = {.chain = rows[i].chain, .command = rows[i].command};
		struct advice_row v6 = v4;

		v6.client = CLIENT_V6;
		check_advice(&v4);
		check_advice(&v6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_nft_s_own_words),
		cmocka_unit_test(in_iptables_own_words),
		cmocka_unit_test(a_ban_is_lifted_in_its_jail),
		cmocka_unit_test(a_decision_of_crowdsec_is_deleted),
		cmocka_unit_test(ufw_allows_it_where_its_own_rules_stand),
		cmocka_unit_test(firewalld_allows_it_in_its_zone_for_a_while),
		cmocka_unit_test(docker_leaves_one_chain_to_its_user),
		cmocka_unit_test(what_a_manager_writes_anew_is_changed_where_it_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
