/* Tables of iptables-legacy: recorded ones, some built by hand, and damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/firewall/ruleset.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/eval/eval.h"
#include "core/firewall/text/rule_text.h"
#include "tests/unit/by_rules.h"
#include "tests/unit/hand_rules.h"
#include "tests/unit/legacy_blob.h"

static const struct fw_chain *chain_in(const struct ruleset *r, uint8_t family,
				       const char *table, const char *name)
{
	for (size_t i = 0; i < r->n_chains; i++) {
		const struct fw_table *t = &r->tables[r->chains[i].table];

		if (t->family == family && text_equals_str(t->name, table) &&
		    text_equals_str(r->chains[i].name, name))
			return &r->chains[i];
	}
	fail_msg("no chain %s in %s", name, table);
	return NULL;
}

static const struct fw_expr *last_of(const struct fw_rule *rule)
{
	assert_true(rule->n_exprs > 0);
	return rule->exprs[rule->n_exprs - 1];
}

/* ---- recorded ---- */

static void every_table_is_hooked_where_the_kernel_hooks_it(void **state)
{
	static const struct {
		const char *table, *chain;
		enum fw_hook hook;
		int32_t priority;
		enum fw_chain_type type;
	} rows[] = {
		{"raw", "PREROUTING", FW_PREROUTING, -300, FW_FILTER},
		{"raw", "OUTPUT", FW_OUTPUT, -300, FW_FILTER},
		{"mangle", "PREROUTING", FW_PREROUTING, -150, FW_FILTER},
		{"mangle", "FORWARD", FW_FORWARD, -150, FW_FILTER},
		{"mangle", "OUTPUT", FW_OUTPUT, -150, FW_ROUTE},
		{"mangle", "POSTROUTING", FW_POSTROUTING, -150, FW_FILTER},
		{"nat", "PREROUTING", FW_PREROUTING, -100, FW_NAT},
		{"nat", "INPUT", FW_INPUT, 100, FW_NAT},
		{"nat", "OUTPUT", FW_OUTPUT, -100, FW_NAT},
		{"nat", "POSTROUTING", FW_POSTROUTING, 100, FW_NAT},
		{"filter", "INPUT", FW_INPUT, 0, FW_FILTER},
		{"filter", "FORWARD", FW_FORWARD, 0, FW_FILTER},
		{"security", "OUTPUT", FW_OUTPUT, 50, FW_FILTER},
	};
	struct ruleset *r = rules_of_fixture("ruleset-legacy.bin");

	(void)state;
	assert_int_equal(r->n_tables, 10);
	assert_true(r->is_legacy_read_v4 && r->is_legacy_read_v6 && !r->is_changing);
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		uint8_t family = i % 2 ? NFPROTO_IPV6 : NFPROTO_IPV4;
		const struct fw_chain *c =
			chain_in(r, family, rows[i / 2].table, rows[i / 2].chain);

		assert_true(c->is_base);
		assert_int_equal(c->hook, rows[i / 2].hook);
		assert_int_equal(c->priority, rows[i / 2].priority);
		assert_int_equal(c->type, rows[i / 2].type);
		assert_int_equal(r->tables[c->table].backend, FW_LEGACY);
	}
	table_unref(r);
}

static void recorded_chains_have_their_rules_policies_and_jumps(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-legacy.bin");

	(void)state;
	for (int i = 0; i < 2; i++) {
		uint8_t family = i ? NFPROTO_IPV6 : NFPROTO_IPV4;
		const struct fw_chain *input = chain_in(r, family, "filter", "INPUT");
		const struct fw_chain *web = chain_in(r, family, "filter", "web");
		const struct fw_chain *deep = chain_in(r, family, "filter", "deep");
		const struct fw_rule *rules = &r->rules[input->first_rule];

		assert_true(input->policy_drops && input->has_counter);
		assert_false(chain_in(r, family, "filter", "FORWARD")->policy_drops);
		assert_int_equal(input->n_rules, i ? 7 : 8);
		assert_int_equal(web->n_rules, 3);
		assert_int_equal(deep->n_rules, 1);
		assert_false(web->is_base);
		assert_int_equal(deep->n_uses, 2);
		assert_int_equal(last_of(&rules[2])->verdict, NFT_JUMP);
		assert_ptr_equal(&r->chains[last_of(&rules[2])->chain], web);
		assert_int_equal(last_of(&rules[3])->verdict, NFT_GOTO);
		assert_ptr_equal(&r->chains[last_of(&rules[3])->chain], deep);
		assert_true(text_equals_str(rules[3].comment, "no names"));
		assert_int_equal(rules[3].index, 4);
		assert_true(rules[3].has_counter);
		assert_int_equal(last_of(&r->rules[web->first_rule + 1])->verdict,
				 NFT_RETURN);
	}
	table_unref(r);
}

static void a_packet_meets_recorded_rules(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-legacy.bin");
	static const struct {
		uint16_t port;
		enum fw_verdict verdict;
		bool is_by_rule;
	} rows[] = {{22, FW_ACCEPT, true},
		    {80, FW_DROP, true},
		    {25, FW_REJECT, true},
		    {8443, FW_DROP, false}};
	struct fw_lookups none = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", rows[i].port);
		struct fw_choices choices = {0};
		struct fw_result out;

		assert_int_equal(firewall_run(r, FW_INPUT, &p, &none, &choices, &out), 0);
		assert_int_equal(choices.n, 0);
		assert_int_equal(out.verdict, rows[i].verdict);
		assert_int_equal(out.is_by_rule, rows[i].is_by_rule);
		fw_result_release(&out);
	}
	table_unref(r);
}

static void a_rule_that_asks_for_another_port_is_a_near_miss(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-legacy.bin");
	const struct fw_chain *input = chain_in(r, NFPROTO_IPV4, "filter", "INPUT");
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 23);
	struct fw_lookups none = {0};
	struct fw_near near[4];
	size_t at, n = firewall_near_misses(r, (uint32_t)(input - r->chains), &p, &none,
					    near, 4);

	(void)state;
	for (at = 0; at < n && near[at].rule != input->first_rule + 4;)
		at++;
	assert_true(at < n);
	assert_string_equal(near[at].field, "port");
	table_unref(r);
}

/* ---- built by hand ---- */

static void a_table_built_by_hand_is_what_it_says(void **state)
{
	struct ruleset *r;
	int error;

	(void)state;
	build_filter();
	r = decode_blob(&error);
	assert_int_equal(error, 0);
	assert_int_equal(r->n_tables, 1);
	assert_int_equal(r->n_chains, 4);
	assert_int_equal(r->n_rules, 3);
	assert_false(r->is_changing);
	assert_true(r->chains[0].policy_drops);
	assert_int_equal(r->chains[3].n_uses, 1);
	assert_int_equal(r->rules[1].exprs[0]->chain, 3);
	/* Nobody has said that this is all. */
	assert_false(r->is_legacy_read_v4);
	table_unref(r);
}

static void a_table_that_nobody_knows_leaves_its_family_unread(void **state)
{
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r;

	(void)state;
	build_filter();
	memcpy(blob.info.table, "broute", 7);
	assert_int_equal(blob_send_all(&blob, d), 0);
	assert_int_equal(blob_send_end(d, (struct xtables_end){.family = NFPROTO_IPV4,
							       .n_tables = 1}),
			 0);
	assert_int_equal(blob_send_end(d, (struct xtables_end){.family = NFPROTO_IPV6}), 0);
	r = ruleset_finish(d);
	assert_int_equal(r->n_tables, 0);
	assert_false(ruleset_has_all_legacy(r, AF_INET));
	assert_true(ruleset_has_all_legacy(r, AF_INET6));
	table_unref(r);
	ruleset_free(d);
}

static void a_family_is_read_if_the_reader_says_so_and_nothing_is_missing(void **state)
{
	static const struct {
		struct xtables_end end;
		bool is_read, is_changing;
	} rows[] = {
		{{.family = NFPROTO_IPV4, .n_tables = 1}, true, false},
		{{.family = NFPROTO_IPV4, .n_tables = 2}, false, false},
		{{.family = NFPROTO_IPV4, .n_tables = 0}, false, false},
		{{.family = NFPROTO_IPV4, .n_tables = 1, .error = EPERM}, false, false},
		{{.family = NFPROTO_IPV4, .n_tables = 1, .is_changing = 1}, false, true},
		{{.family = NFPROTO_IPV6, .n_tables = 0}, false, false},
	};

	(void)state;
	build_filter();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ruleset_decoder *d = ruleset_new();
		struct ruleset *r;

		assert_int_equal(blob_send_all(&blob, d), 0);
		assert_int_equal(blob_send_end(d, rows[i].end), 0);
		r = ruleset_finish(d);
		assert_int_equal(r->is_legacy_read_v4, rows[i].is_read);
		assert_int_equal(r->is_changing, rows[i].is_changing);
		table_unref(r);
		ruleset_free(d);
	}
}

/* ---- pieces ---- */

static void a_table_comes_in_pieces_of_any_size(void **state)
{
	struct ruleset *whole, *pieces;
	int error;

	(void)state;
	build_filter();
	whole = decode_blob(&error);
	for (size_t cut = 1; cut < blob.info.size; cut += 37) {
		struct ruleset_decoder *d = ruleset_new();

		for (size_t at = 0; at < blob.info.size; at += cut)
			assert_int_equal(blob_send(&blob, d, at,
						   at + cut < blob.info.size
							   ? at + cut
							   : blob.info.size),
					 0);
		pieces = ruleset_finish(d);
		assert_true(ruleset_is_same(whole, pieces));
		table_unref(pieces);
		ruleset_free(d);
	}
	table_unref(whole);
}

/* ---- heads ---- */

/* One rule in INPUT that drops, with this head. */
static struct ruleset *rules_with(void (*set)(struct ipt_ip *ip))
{
	struct ruleset *r;
	int error;

	blob_start(&blob, "filter", 1 << IN);
	blob_hook(&blob, IN);
	set(&blob_rule(&blob, BLOB_DROP)->ip);
	blob_policy(&blob, IN, BLOB_ACCEPT);
	blob_head(&blob, "ERROR");
	r = decode_blob(&error);
	assert_int_equal(error, 0);
	return r;
}

/* What becomes of a SYN from 10.9.0.2 by eth0. */
static enum fw_verdict verdict_of(void (*set)(struct ipt_ip *ip))
{
	struct fw_packet p = hand_syn("10.9.0.2", "10.9.0.1", 80);
	struct fw_lookups none = {0};
	struct fw_choices choices = {0};
	struct ruleset *r = rules_with(set);
	struct fw_result out;

	assert_int_equal(firewall_run(r, FW_INPUT, &p, &none, &choices, &out), 0);
	assert_int_equal(choices.n, 0);
	fw_result_release(&out);
	table_unref(r);
	return out.verdict;
}

static void nothing_said(struct ipt_ip *ip)
{
	(void)ip;
}
static void not_every_source(struct ipt_ip *ip)
{
	ip->invflags = IPT_INV_SRCIP;
}
static void source_with_bits_beyond_its_mask(struct ipt_ip *ip)
{
	ip->src.s_addr = htonl(0x0a090002);
	ip->smsk.s_addr = htonl(0xffff0000);
}
static void mask_with_holes(struct ipt_ip *ip)
{
	ip->src.s_addr = htonl(0x0a000002);
	ip->smsk.s_addr = htonl(0xff0000ff);
}
static void mask_of_one_bit(struct ipt_ip *ip)
{
	ip->dmsk.s_addr = htonl(0x80000000);
}
static void not_every_interface(struct ipt_ip *ip)
{
	ip->invflags = IPT_INV_VIA_IN;
}
static void interface_by_its_start(struct ipt_ip *ip)
{
	memcpy(ip->iniface, "eth+", 5);
	memset(ip->iniface_mask, 0xff, 3);
}
static void interface_by_its_last_letter(struct ipt_ip *ip)
{
	memcpy(ip->iniface, "___0", 5);
	ip->iniface_mask[3] = 0xff;
}
static void out_of_an_interface(struct ipt_ip *ip)
{
	memcpy(ip->outiface, "eth0", 5);
	memset(ip->outiface_mask, 0xff, 5);
}
static void protocol_beyond_a_byte(struct ipt_ip *ip)
{
	ip->proto = 256 + 6;
}
static void not_a_protocol_beyond_a_byte(struct ipt_ip *ip)
{
	ip->proto = 256 + 6;
	ip->invflags = IPT_INV_PROTO;
}
static void fragment(struct ipt_ip *ip)
{
	ip->flags = IPT_F_FRAG;
}
static void no_fragment(struct ipt_ip *ip)
{
	ip->flags = IPT_F_FRAG;
	ip->invflags = IPT_INV_FRAG;
}
static void neither_fragment_nor_not(struct ipt_ip *ip)
{
	ip->invflags = IPT_INV_FRAG;
}

static void heads_match_as_the_kernel_compares_them(void **state)
{
	static const struct {
		void (*set)(struct ipt_ip *ip);
		enum fw_verdict verdict;
	} rows[] = {
		{nothing_said, FW_DROP},
		{not_every_source, FW_ACCEPT},
		{source_with_bits_beyond_its_mask, FW_ACCEPT},
		{mask_with_holes, FW_DROP},
		{mask_of_one_bit, FW_DROP},
		{not_every_interface, FW_ACCEPT},
		{interface_by_its_start, FW_DROP},
		{interface_by_its_last_letter, FW_DROP},
		{out_of_an_interface, FW_ACCEPT},
		{protocol_beyond_a_byte, FW_ACCEPT},
		{not_a_protocol_beyond_a_byte, FW_DROP},
		{fragment, FW_ACCEPT},
		{no_fragment, FW_DROP},
		{neither_fragment_nor_not, FW_ACCEPT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (verdict_of(rows[i].set) != rows[i].verdict)
			fail_msg("row %zu", i);
	}
}

static void heads_read_as_they_were_typed(void **state)
{
	static const struct {
		void (*set)(struct ipt_ip *ip);
		const char *text;
	} rows[] = {
		{nothing_said, "-A INPUT -j DROP"},
		{not_every_source, "-A INPUT ! -s 0.0.0.0/0 -j DROP"},
		{mask_of_one_bit, "-A INPUT -d 0.0.0.0/1 -j DROP"},
		{not_every_interface, "-A INPUT ! -i + -j DROP"},
		{interface_by_its_start, "-A INPUT -i eth+ -j DROP"},
		{out_of_an_interface, "-A INPUT -o eth0 -j DROP"},
		{fragment, "-A INPUT -f -j DROP"},
		{no_fragment, "-A INPUT ! -f -j DROP"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ruleset *r = rules_with(rows[i].set);
		struct str text = {0};

		assert_int_equal(rule_text(&text, r, &r->rules[0]), 0);
		assert_string_equal(str_text(&text), rows[i].text);
		str_release(&text);
		table_unref(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_table_is_hooked_where_the_kernel_hooks_it),
		cmocka_unit_test(recorded_chains_have_their_rules_policies_and_jumps),
		cmocka_unit_test(a_packet_meets_recorded_rules),
		cmocka_unit_test(a_rule_that_asks_for_another_port_is_a_near_miss),
		cmocka_unit_test(a_table_built_by_hand_is_what_it_says),
		cmocka_unit_test(a_table_that_nobody_knows_leaves_its_family_unread),
		cmocka_unit_test(
			a_family_is_read_if_the_reader_says_so_and_nothing_is_missing),
		cmocka_unit_test(a_table_comes_in_pieces_of_any_size),
		cmocka_unit_test(heads_match_as_the_kernel_compares_them),
		cmocka_unit_test(heads_read_as_they_were_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
