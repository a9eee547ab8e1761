/* Rules as a person would type them, and who made them, from recorded dumps. The whole of
 * nft's words is compared with nft itself in tests/net/test_rule_text.c. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/firewall/text/iptables_tables.h"
#include "core/firewall/text/rule_text.h"

#include <linux/netfilter/nf_tables.h>

#include "core/firewall/text/text_sets.h"
#include "core/firewall/text/text_values.h"
#include "tests/unit/by_rules.h"

static void assert_rule(const struct ruleset *r, const char *chain, unsigned index,
			const char *wanted)
{
	const struct fw_chain *c = chain_named(r, chain);
	struct str out = {0};

	assert_in_range(index, 1, c->n_rules);
	assert_int_equal(rule_text(&out, r, &r->rules[c->first_rule + index - 1]), 0);
	assert_string_equal(str_text(&out), wanted);
	str_release(&out);
}

static const struct text_part address_and_port[] = {
	{.type = TEXT_TYPE_IPV4, .len = 4, .is_big = true},
	{.type = TEXT_TYPE_SERVICE, .len = 2, .is_big = true},
};

/* Its keys have the first n_parts of these. */
static void assert_set(const struct ruleset *r, const char *name, size_t n_parts,
		       const char *wanted)
{
	const struct fw_set *set = set_named(r, name);
	struct str out = {0};

	assert_int_equal(text_set_body(&out, r, set, address_and_port, n_parts), 0);
	assert_string_equal(str_text(&out), wanted);
	str_release(&out);
}

static void native_rules_are_in_nfts_own_words(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");

	(void)state;
	assert_rule(
		r, "input", 1,
		"ct state vmap { invalid : drop, established : accept, related : accept }");
	assert_rule(r, "input", 2, "iifname \"lo\" accept");
	assert_rule(r, "input", 3, "ip saddr @banned drop");
	assert_rule(r, "input", 4, "ip saddr . tcp dport @admin accept");
	assert_rule(r, "input", 9, "udp dport { 53, 123, 33434-33523 } accept");
	assert_rule(r, "input", 10, "tcp dport 113 reject with tcp reset");
	assert_rule(r, "input", 11, "limit rate 5/minute log prefix \"dropped: \"");
	assert_rule(r, "internal", 2, "drop comment \"internal only\"");
	assert_rule(r, "prerouting", 2,
		    "ip daddr 192.0.2.10 tcp dport 80 dnat to 10.0.0.5:8080");
	assert_rule(r, "postrouting", 1, "oifname \"eth0\" masquerade");
	table_unref(r);
}

static void rules_of_iptables_tables_are_in_iptables_words(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-ufw.bin");

	(void)state;
	assert_rule(r, "ufw-before-input", 2,
		    "-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED "
		    "-j ACCEPT");
	assert_rule(r, "ufw-user-input", 2,
		    "-A ufw-user-input -p tcp -m multiport --dports 80,443 -m comment "
		    "--comment \"dapp_Nginx%20Full\" -j ACCEPT");
	assert_rule(r, "ufw-user-input", 3,
		    "-A ufw-user-input -p tcp -m tcp --dport 2222 -m conntrack --ctstate "
		    "NEW -m recent --set --name DEFAULT --mask 255.255.255.255 --rsource");
	assert_rule(r, "ufw-logging-deny", 1,
		    "-A ufw-logging-deny -m limit --limit 3/min --limit-burst 10 -j LOG "
		    "--log-prefix \"[UFW BLOCK] \"");
	table_unref(r);
}

static void places_of_iptables_rules_are_numbers_in_their_chain(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-ufw.bin");
	const struct fw_chain *input = chain_named(r, "INPUT");
	struct str out = {0};

	(void)state;
	rule_place(&out, r, &r->rules[input->first_rule + 1]);
	assert_string_equal(str_text(&out), "iptables filter INPUT rule 2");
	str_reset(&out);
	policy_place(&out, r, input);
	assert_string_equal(str_text(&out), "iptables filter INPUT policy DROP");
	str_reset(&out);
	rule_show_command(&out, r, input, 2);
	assert_string_equal(str_text(&out), "iptables -S INPUT 2");
	str_reset(&out);
	rule_show_command(&out, r, input, 0);
	assert_string_equal(str_text(&out), "iptables -S INPUT");
	str_release(&out);
	table_unref(r);
}

static void a_policy_is_its_setters_and_a_rule_beside_theirs_is_not(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-ufw.bin");
	struct fw_rule own = {0};

	(void)state;
	own.chain = (uint32_t)(chain_named(r, "INPUT") - r->chains);
	assert_string_equal(chain_manager(r, chain_named(r, "INPUT")), "ufw");
	assert_string_equal(rule_manager(r, &own), "iptables-nft");
	table_unref(r);
}

/* One rule without a counter, or with nft's own expression, and it is nobody's but nft's.
 */
static void tables_that_only_look_like_iptables_are_nfts(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-ufw.bin");
	const struct fw_chain *input = chain_named(r, "INPUT");
	struct fw_table *t = &r->tables[input->table];
	struct fw_rule *rule = &r->rules[input->first_rule];

	(void)state;
	assert_int_equal(t->backend, FW_IPTABLES_NFT);
	t->backend = FW_NFT;
	rule->has_counter = false;
	ruleset_mark_iptables(r);
	assert_int_equal(t->backend, FW_NFT);
	rule->has_counter = true;
	rule->exprs[0]->kind = FW_EXPR_REJECT;
	ruleset_mark_iptables(r);
	assert_int_equal(t->backend, FW_NFT);
	rule->exprs[0]->kind = FW_EXPR_VERDICT;
	ruleset_mark_iptables(r);
	assert_int_equal(t->backend, FW_IPTABLES_NFT);
	table_unref(r);
}

static void places_name_family_table_chain_and_handle(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");
	const struct fw_chain *input = chain_named(r, "input");
	struct str out = {0};
	char wanted[64];

	(void)state;
	assert_int_equal(rule_place(&out, r, &r->rules[input->first_rule]), 0);
	snprintf(wanted, sizeof(wanted), "inet filter input handle %u",
		 (unsigned)r->rules[input->first_rule].handle);
	assert_string_equal(str_text(&out), wanted);
	str_reset(&out);
	assert_int_equal(policy_place(&out, r, input), 0);
	assert_string_equal(str_text(&out), "inet filter input policy drop");
	str_release(&out);
	table_unref(r);
}

static void elements_are_printed_as_prefixes_ranges_and_parts(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");

	(void)state;
	assert_set(r, "trusted", 1, "{ 10.0.0.0/8, 192.0.2.1-192.0.2.9, 198.51.100.7 }");
	assert_set(r, "admin", 2, "{ 10.1.0.0/16 . 22, 192.0.2.1 . 8000-8010 }");
	table_unref(r);
}

static void large_anonymous_sets_are_cut_and_say_so(void **state)
{
	struct fw_element rows[12] = {0};
	struct fw_set set = {.key_len = 2,
			     .key_type = TEXT_TYPE_SERVICE,
			     .elements = rows,
			     .n_elements = 12,
			     .is_read = true};
	static const char keys[12][2] = {"\0\1",  "\0\2",  "\0\3",  "\0\4",
					 "\0\5",  "\0\6",  "\0\7",  "\0\10",
					 "\0\11", "\0\12", "\0\13", "\0\14"};
	struct ruleset r = {0};
	struct str out = {0};

	(void)state;
	for (size_t i = 0; i < 12; i++)
		rows[i].key = (struct text){keys[i], 2};
	assert_int_equal(text_set_body(&out, &r, &set, &address_and_port[1], 1), 0);
	assert_string_equal(str_text(&out), "{ 1, 2, 3, 4, 5, 6, 7, 8, ... 4 more }");
	str_release(&out);
}

/* Of a rule in a chain of an inet table that has nothing else. */
static void assert_lone_rule(const struct fw_rule *rule, const char *wanted)
{
	struct fw_table table = {.family = 1, .name = {"t", 1}};
	struct fw_chain chain = {.name = {"c", 1}};
	struct ruleset r = {
		.tables = &table, .n_tables = 1, .chains = &chain, .n_chains = 1};
	struct str out = {0};

	assert_int_equal(rule_text(&out, &r, rule), 0);
	assert_string_equal(str_text(&out), wanted);
	str_release(&out);
}

/* What is cut short or unknown is no riddle in iptables' words but nft's "xt match". */
static void an_extension_that_is_cut_short_is_named_and_no_more(void **state)
{
	struct fw_expr e = {.kind = FW_EXPR_XT_MATCH, .name = {"multiport", 9}};
	struct fw_expr *list[] = {&e};
	struct fw_rule rule = {.exprs = list, .n_exprs = 1};

	(void)state;
	e.revision = 1;
	e.value = (struct text){"\1\1\0\120", 4};
	assert_lone_rule(&rule, "xt match multiport");
	e.revision = 9;
	assert_lone_rule(&rule, "xt match multiport");
}

static void a_comment_cannot_touch_the_terminal(void **state)
{
	struct fw_rule rule = {.comment = {"a\x1b[31m", 6}};

	(void)state;
	assert_lone_rule(&rule, "comment \"a\\x1b[31m\"");
}

static void what_is_opaque_is_named(void **state)
{
	struct fw_expr e = {.kind = FW_EXPR_OPAQUE, .name = {"quantum", 7}};
	struct fw_expr *list[] = {&e};
	struct fw_rule rule = {.exprs = list, .n_exprs = 1};

	(void)state;
	assert_lone_rule(&rule, "(expression quantum)");
}

static void tools_are_known_by_their_names(void **state)
{
	static const struct {
		const char *table, *chain, *manager;
		uint8_t family;
	} rows[] = {
		{"filter", "ufw-user-input", "ufw", 2},
		{"filter", "ufw6-before-input", "ufw", 10},
		{"firewalld", "filter_INPUT", "firewalld", 1},
		{"filter", "IN_public_allow", "firewalld", 2},
		{"nat", "DOCKER", "docker", 2},
		{"filter", "DOCKER-USER", "docker", 2},
		{"f2b-table", "f2b-chain", "fail2ban", 1},
		{"filter", "f2b-sshd", "fail2ban", 2},
		{"nat", "KUBE-SERVICES", "kube-proxy", 2},
		{"filter", "LIBVIRT_INP", "libvirt", 2},
		{"filter", "ts-input", "tailscale", 2},
		{"filter", "cali-INPUT", "calico", 2},
		{"filter", "KUBE-ROUTER-INPUT", "kube-router", 2},
		{"filter", "DOCKER-FORWARD", "docker", 2},
		{"nat", "CNI-HOSTPORT-DNAT", "cni", 2},
		{"nat", "FLANNEL-POSTRTG", "cni", 2},
		{"inet", "fwd.lxdbr0", NULL, 1},
		{"lxd", "fwd.lxdbr0", "lxd", 1},
		{"incus", "fwd.incusbr0", "incus", 1},
		{"netavark", "INPUT", "podman", 1},
		{"nat", "NETAVARK-HOSTPORT-DNAT", "podman", 2},
		{"crowdsec", "crowdsec-chain", "crowdsec", 2},
		{"filter", "INPUT", "iptables-nft", 2},
		{"filter", "input", NULL, 2},
		{"filter", "INPUT", NULL, 1},
		{"mine", "input", NULL, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fw_table table = {.family = rows[i].family,
					 .name = text_of(rows[i].table)};
		struct fw_chain chain = {.name = text_of(rows[i].chain), .is_base = true};
		struct ruleset r = {
			.tables = &table, .n_tables = 1, .chains = &chain, .n_chains = 1};
		const char *found = chain_manager(&r, &chain);

		if (rows[i].manager && found)
			assert_string_equal(found, rows[i].manager);
		else
			assert_ptr_equal(found, rows[i].manager);
	}
}

static void a_jump_into_a_tools_chain_is_the_tools_rule(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-docker.bin");
	const struct fw_chain *forward = chain_named(r, "FORWARD");

	(void)state;
	assert_string_equal(rule_manager(r, &r->rules[forward->first_rule]), "docker");
	assert_string_equal(rule_manager(r, &r->rules[forward->first_rule + 2]),
			    "iptables-nft");
	table_unref(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_rules_are_in_nfts_own_words),
		cmocka_unit_test(rules_of_iptables_tables_are_in_iptables_words),
		cmocka_unit_test(places_of_iptables_rules_are_numbers_in_their_chain),
		cmocka_unit_test(a_policy_is_its_setters_and_a_rule_beside_theirs_is_not),
		cmocka_unit_test(tables_that_only_look_like_iptables_are_nfts),
		cmocka_unit_test(an_extension_that_is_cut_short_is_named_and_no_more),
		cmocka_unit_test(places_name_family_table_chain_and_handle),
		cmocka_unit_test(elements_are_printed_as_prefixes_ranges_and_parts),
		cmocka_unit_test(large_anonymous_sets_are_cut_and_say_so),
		cmocka_unit_test(a_comment_cannot_touch_the_terminal),
		cmocka_unit_test(what_is_opaque_is_named),
		cmocka_unit_test(tools_are_known_by_their_names),
		cmocka_unit_test(a_jump_into_a_tools_chain_is_the_tools_rule),
	};

	setlocale(LC_ALL, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
