/* The kernel's messages as rows: recorded ones, damaged ones, and some made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/firewall/ruleset.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>

#include "tests/unit/by_rules.h"

static void base_chains_have_hook_priority_and_policy(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");
	const struct fw_chain *input = chain_named(r, "input");
	const struct fw_chain *pre = chain_named(r, "prerouting");

	(void)state;
	assert_false(r->is_changing);
	assert_int_equal(r->n_tables, 2);
	assert_string_equal(fw_family_word(r->tables[0].family), "inet");
	assert_true(input->is_base && input->policy_drops);
	assert_int_equal(input->hook, FW_INPUT);
	assert_int_equal(input->priority, 0);
	assert_int_equal(pre->type, FW_NAT);
	assert_int_equal(pre->priority, -100);
	assert_false(pre->policy_drops);
	assert_false(chain_named(r, "internal")->is_base);
	table_unref(r);
}

static void rules_stand_in_their_chain_in_order(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");
	const struct fw_chain *input = chain_named(r, "input");
	size_t n = 0;

	(void)state;
	assert_int_equal(input->n_rules, 11);
	for (size_t i = 0; i < r->n_chains; i++) {
		const struct fw_chain *c = &r->chains[i];

		for (uint32_t k = 0; k < c->n_rules; k++, n++) {
			const struct fw_rule *rule = &r->rules[c->first_rule + k];

			assert_int_equal(rule->index, k + 1);
			assert_ptr_equal(ruleset_chain(r, rule), c);
			assert_ptr_equal(
				ruleset_find(r, ruleset_table_of(r, c), rule->handle),
				rule);
		}
	}
	assert_int_equal(n, r->n_rules);
	assert_null(ruleset_find(r, &r->tables[0], 99999));
	table_unref(r);
}

static void counters_and_comments_are_the_rules(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");
	const struct fw_chain *internal = chain_named(r, "internal");
	const struct fw_rule *last = &r->rules[internal->first_rule + 1];

	(void)state;
	assert_true(last->has_counter);
	assert_true(text_equals_str(last->comment, "internal only"));
	assert_int_equal(last->exprs[last->n_exprs - 1]->kind, FW_EXPR_VERDICT);
	assert_int_equal(last->exprs[last->n_exprs - 1]->verdict, NF_DROP);
	table_unref(r);
}

static void the_comment_of_an_iptables_rule_is_the_rules(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-ufw.bin");
	const struct fw_chain *user = chain_named(r, "ufw-user-input");

	(void)state;
	assert_true(text_equals_str(r->rules[user->first_rule].comment, "dapp_OpenSSH"));
	table_unref(r);
}

static void no_recorded_rule_is_opaque_and_every_jump_is_resolved(void **state)
{
	static const char *const names[] = {"ruleset-web.bin", "ruleset-ufw.bin",
					    "ruleset-docker.bin",
					    "ruleset-firewalld-like.bin"};

	(void)state;
	for (size_t f = 0; f < 4; f++) {
		struct ruleset *r = rules_of_fixture(names[f]);

		assert_in_range(r->n_rules, 10, 100);
		for (size_t i = 0; i < r->n_rules; i++) {
			for (size_t k = 0; k < r->rules[i].n_exprs; k++) {
				const struct fw_expr *e = r->rules[i].exprs[k];

				assert_int_not_equal(e->kind, FW_EXPR_OPAQUE);
				if (e->kind == FW_EXPR_LOOKUP)
					assert_in_range(e->set, 0, r->n_sets - 1);
				if (e->kind == FW_EXPR_VERDICT && e->verdict == NFT_JUMP)
					assert_in_range(e->chain, 0, r->n_chains - 1);
			}
		}
		table_unref(r);
	}
}

static void a_ruleset_is_the_same_as_itself_and_not_as_another(void **state)
{
	struct ruleset *web = rules_of_fixture("ruleset-web.bin");
	struct ruleset *again = rules_of_fixture("ruleset-web.bin");
	struct ruleset *ufw = rules_of_fixture("ruleset-ufw.bin");

	(void)state;
	again->generation++;
	again->rules[1].packets += 7;
	again->sets[0].elements[0].expires_ms =
		again->sets[0].elements[0].expires_ms < 0 ? -1 : 5;
	assert_true(ruleset_is_same(web, again));
	assert_false(ruleset_is_same(web, ufw));
	again->chains[0].policy_drops = !again->chains[0].policy_drops;
	assert_false(ruleset_is_same(web, again));
	table_unref(web);
	table_unref(again);
	table_unref(ufw);
}

/* A dump may be cut into parts wherever a message ends. */
static void parts_make_the_same_ruleset_as_the_whole(void **state)
{
	struct fixture f = fixture_read("ruleset-web.bin");
	struct ruleset *whole = rules_of(f.bytes, f.len), *parts;
	struct ruleset_decoder *d = ruleset_new();
	size_t at = 0;

	(void)state;
	assert_non_null(d);
	while (at < f.len) {
		struct nlmsghdr h;

		memcpy(&h, f.bytes + at, sizeof(h));
		assert_int_equal(ruleset_decode(d, f.bytes + at, NLMSG_ALIGN(h.nlmsg_len)),
				 0);
		at += NLMSG_ALIGN(h.nlmsg_len);
	}
	parts = ruleset_finish(d);
	assert_true(ruleset_is_same(whole, parts));
	ruleset_free(d);
	table_unref(whole);
	table_unref(parts);
	fixture_release(&f);
}

static void a_cut_dump_is_damaged_and_keeps_what_came_before(void **state)
{
	struct fixture f = fixture_read("ruleset-web.bin");

	(void)state;
	for (size_t len = 1; len < f.len; len += 3) {
		struct ruleset_decoder *d = ruleset_new();
		struct ruleset *r;
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, len, len % 4, &at);
		int error = ruleset_decode(d, at, len);

		assert_true(error == 0 || error == -EBADMSG);
		r = ruleset_finish(d);
		assert_non_null(r);
		assert_in_range(r->n_rules, 0, 17);
		table_unref(r);
		ruleset_free(d);
		free(memory);
	}
	fixture_release(&f);
}

/* Messages made by hand, into a buffer of libnl's. */

static struct nl_msg *message(int type, uint8_t family, uint16_t generation)
{
	struct nfgenmsg head = {.nfgen_family = family, .res_id = htons(generation)};
	struct nl_msg *m =
		nlmsg_alloc_simple(NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_MULTI);

	assert_non_null(m);
	assert_int_equal(nlmsg_append(m, &head, sizeof(head), NLMSG_ALIGNTO), 0);
	return m;
}

static int feed(struct ruleset_decoder *d, struct nl_msg *m)
{
	const struct nlmsghdr *h = nlmsg_hdr(m);
	int error = ruleset_decode(d, h, h->nlmsg_len);

	nlmsg_free(m);
	return error;
}

/* Its last message tells the generation once more. */
static void a_dump_that_was_not_told_to_its_end_is_doubtful(void **state)
{
	struct fixture f = fixture_read("ruleset-web.bin");
	struct ruleset *whole = rules_of(f.bytes, f.len), *cut;
	size_t at = 0, last = 0;

	(void)state;
	while (at < f.len) {
		struct nlmsghdr h;

		memcpy(&h, f.bytes + at, sizeof(h));
		if ((h.nlmsg_type & 0xff) == NFT_MSG_NEWGEN)
			last = at;
		at += NLMSG_ALIGN(h.nlmsg_len);
	}
	cut = rules_of(f.bytes, last);
	assert_int_equal(cut->n_rules, whole->n_rules);
	assert_false(whole->is_changing);
	assert_true(cut->is_changing);
	table_unref(whole);
	table_unref(cut);
	fixture_release(&f);
}

static void put_u32(struct nl_msg *m, int type, uint32_t value)
{
	assert_int_equal(nla_put_u32(m, type, htonl(value)), 0);
}

static struct ruleset_decoder *with_chain(void)
{
	struct ruleset_decoder *d = ruleset_new();
	struct nl_msg *m = message(NFT_MSG_NEWTABLE, NFPROTO_INET, 5);

	nla_put_string(m, NFTA_TABLE_NAME, "t");
	assert_int_equal(feed(d, m), 0);
	m = message(NFT_MSG_NEWCHAIN, NFPROTO_INET, 5);
	nla_put_string(m, NFTA_CHAIN_TABLE, "t");
	nla_put_string(m, NFTA_CHAIN_NAME, "c");
	assert_int_equal(feed(d, m), 0);
	return d;
}

/* A rule with one expression, whose attributes the caller adds before end_rule. */
static struct nl_msg *begin_rule(const char *expression, struct nlattr *nests[3])
{
	struct nl_msg *m = message(NFT_MSG_NEWRULE, NFPROTO_INET, 5);

	nla_put_string(m, NFTA_RULE_TABLE, "t");
	nla_put_string(m, NFTA_RULE_CHAIN, "c");
	nests[0] = nla_nest_start(m, NFTA_RULE_EXPRESSIONS);
	nests[1] = nla_nest_start(m, NFTA_LIST_ELEM);
	nla_put_string(m, NFTA_EXPR_NAME, expression);
	nests[2] = nla_nest_start(m, NFTA_EXPR_DATA);
	return m;
}

static struct ruleset *end_rule(struct ruleset_decoder *d, struct nl_msg *m,
				struct nlattr *nests[3])
{
	struct ruleset *r;

	for (int i = 2; i >= 0; i--)
		nla_nest_end(m, nests[i]);
	assert_int_equal(feed(d, m), 0);
	r = ruleset_finish(d);
	assert_non_null(r);
	assert_int_equal(r->n_rules, 1);
	assert_int_equal(r->rules[0].n_exprs, 1);
	ruleset_free(d);
	return r;
}

static void an_unknown_expression_is_opaque_under_its_name(void **state)
{
	struct nlattr *nests[3];
	struct nl_msg *m = begin_rule("quantum", nests);
	struct ruleset *r;

	(void)state;
	put_u32(m, 1, 7);
	r = end_rule(with_chain(), m, nests);
	assert_int_equal(r->rules[0].exprs[0]->kind, FW_EXPR_OPAQUE);
	assert_true(text_equals_str(r->rules[0].exprs[0]->name, "quantum"));
	table_unref(r);
}

static void an_attribute_that_nobody_knows_makes_its_expression_opaque(void **state)
{
	struct nlattr *nests[3];
	struct nl_msg *m = begin_rule("meta", nests);
	struct ruleset *r;

	(void)state;
	put_u32(m, NFTA_META_KEY, NFT_META_MARK);
	put_u32(m, NFTA_META_DREG, NFT_REG_1);
	put_u32(m, NFTA_META_SREG + 5, 1);
	r = end_rule(with_chain(), m, nests);
	assert_int_equal(r->rules[0].exprs[0]->kind, FW_EXPR_OPAQUE);
	assert_true(text_equals_str(r->rules[0].exprs[0]->name, "meta"));
	table_unref(r);
}

static void registers_become_words_and_those_beyond_are_refused(void **state)
{
	static const struct {
		uint32_t number;
		uint8_t word;
		bool is_known;
	} rows[] = {{1, 0, true},   {4, 12, true}, {8, 0, true},   {9, 1, true},
		    {23, 15, true}, {5, 0, false}, {24, 0, false}, {0xffffffff, 0, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct nlattr *nests[3];
		struct nl_msg *m = begin_rule("meta", nests);
		struct ruleset *r;

		put_u32(m, NFTA_META_KEY, NFT_META_MARK);
		put_u32(m, NFTA_META_DREG, rows[i].number);
		r = end_rule(with_chain(), m, nests);
		assert_int_equal(r->rules[0].exprs[0]->kind,
				 rows[i].is_known ? FW_EXPR_META : FW_EXPR_OPAQUE);
		if (rows[i].is_known)
			assert_int_equal(r->rules[0].exprs[0]->dreg, rows[i].word);
		table_unref(r);
	}
}

static void a_load_that_leaves_the_registers_is_opaque(void **state)
{
	struct nlattr *nests[3];
	struct nl_msg *m = begin_rule("payload", nests);
	struct ruleset *r;

	(void)state;
	put_u32(m, NFTA_PAYLOAD_DREG, 23);
	put_u32(m, NFTA_PAYLOAD_BASE, 1);
	put_u32(m, NFTA_PAYLOAD_OFFSET, 12);
	put_u32(m, NFTA_PAYLOAD_LEN, 5);
	r = end_rule(with_chain(), m, nests);
	assert_int_equal(r->rules[0].exprs[0]->kind, FW_EXPR_OPAQUE);
	table_unref(r);
}

static void a_jump_to_a_chain_that_was_not_told_is_opaque_and_doubtful(void **state)
{
	struct nlattr *nests[3], *data, *verdict;
	struct nl_msg *m = begin_rule("immediate", nests);
	struct ruleset *r;

	(void)state;
	put_u32(m, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nla_nest_start(m, NFTA_IMMEDIATE_DATA);
	verdict = nla_nest_start(m, NFTA_DATA_VERDICT);
	put_u32(m, NFTA_VERDICT_CODE, (uint32_t)NFT_JUMP);
	nla_put_string(m, NFTA_VERDICT_CHAIN, "nowhere");
	nla_nest_end(m, verdict);
	nla_nest_end(m, data);
	r = end_rule(with_chain(), m, nests);
	assert_int_equal(r->rules[0].exprs[0]->kind, FW_EXPR_OPAQUE);
	assert_true(text_equals_str(r->rules[0].exprs[0]->name, "jump"));
	assert_true(r->is_changing);
	table_unref(r);
}

static void differing_generations_are_a_change_under_way(void **state)
{
	struct ruleset_decoder *d = with_chain();
	struct nl_msg *m = message(NFT_MSG_NEWGEN, NFPROTO_UNSPEC, 6);
	struct ruleset *r;

	(void)state;
	put_u32(m, NFTA_GEN_ID, 6);
	assert_int_equal(feed(d, m), 0);
	r = ruleset_finish(d);
	assert_true(r->is_changing);
	assert_int_equal(r->generation, 6);
	table_unref(r);
	ruleset_free(d);
}

static void a_message_of_another_subsystem_is_refused(void **state)
{
	struct ruleset_decoder *d = ruleset_new();
	struct nl_msg *m = message(NFT_MSG_NEWTABLE, NFPROTO_INET, 5);

	(void)state;
	nlmsg_hdr(m)->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8;
	assert_int_equal(feed(d, m), -EBADMSG);
	ruleset_free(d);
}

static void nothing_read_is_no_proof_that_there_are_no_rules(void **state)
{
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r = ruleset_finish(d), *none = ruleset_finish(d);

	(void)state;
	assert_int_equal(r->n_rules, 0);
	assert_false(r->has_nothing);
	assert_true(ruleset_is_same(r, none));
	none->has_nothing = true;
	assert_false(ruleset_is_same(r, none));
	table_unref(r);
	table_unref(none);
	ruleset_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_chains_have_hook_priority_and_policy),
		cmocka_unit_test(rules_stand_in_their_chain_in_order),
		cmocka_unit_test(counters_and_comments_are_the_rules),
		cmocka_unit_test(the_comment_of_an_iptables_rule_is_the_rules),
		cmocka_unit_test(no_recorded_rule_is_opaque_and_every_jump_is_resolved),
		cmocka_unit_test(a_ruleset_is_the_same_as_itself_and_not_as_another),
		cmocka_unit_test(parts_make_the_same_ruleset_as_the_whole),
		cmocka_unit_test(a_cut_dump_is_damaged_and_keeps_what_came_before),
		cmocka_unit_test(a_dump_that_was_not_told_to_its_end_is_doubtful),
		cmocka_unit_test(an_unknown_expression_is_opaque_under_its_name),
		cmocka_unit_test(
			an_attribute_that_nobody_knows_makes_its_expression_opaque),
		cmocka_unit_test(registers_become_words_and_those_beyond_are_refused),
		cmocka_unit_test(a_load_that_leaves_the_registers_is_opaque),
		cmocka_unit_test(
			a_jump_to_a_chain_that_was_not_told_is_opaque_and_doubtful),
		cmocka_unit_test(differing_generations_are_a_change_under_way),
		cmocka_unit_test(a_message_of_another_subsystem_is_refused),
		cmocka_unit_test(nothing_read_is_no_proof_that_there_are_no_rules),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
