/* What is not known about a packet's way, and what stands behind a blocker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

/* ---- nobody in particular ---- */

static void anybody_gets_through_where_no_rule_asks_for_the_source(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_PORT_IS(80), X_ACCEPT);
	p = walk_from(NULL, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.is_served, TRI_YES);
	assert_true(p.is_local);
	assert_int_equal(p.in_ifindex, 0);
	/* The answer meets rules; no route is asked for nobody. */
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
	assert_null(hop_at(&p.reply, PLACE_ROUTE));
	assert_int_equal(host.n_asked, 0);
	p = walk_from(NULL, SERVER, 443);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.decided_by, DECIDER_POLICY);
}

static void it_depends_on_the_client_where_a_rule_asks_for_it(void **state)
{
	uint32_t rule;
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	rule = HOST_RULE(X_FROM_DOC, X_ACCEPT);
	p = walk_from(NULL, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_int_equal(p.request.n_unsure, 1);
	assert_int_equal(p.request.unsure[0].rule, rule);
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_ACCEPT);
	assert_int_equal(walk_from("198.51.100.1", SERVER, 80).request.verdict, PATH_DROP);
}

static void both_ways_that_end_alike_are_certain(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_FROM_DOC, X_PORT_IS(80), X_DROP);
	p = walk_from(NULL, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
}

static void who_got_in_is_who_is_answered(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_FROM_DOC, X_ACCEPT);
	base_in(FW_OUTPUT, 0, true);
	HOST_RULE(X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 16, 3, 0), X_EQ(0, 203, 0, 113),
		  X_ACCEPT);
	p = walk_from(NULL, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(p.reply.is_walked);
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
}

static void an_answer_to_anybody_leaves_by_any_interface(void **state)
{
	uint32_t eth0, eth1;
	struct path p;

	(void)state;
	base_in(FW_OUTPUT, 0, true);
	eth0 = HOST_RULE(X_META(NFT_META_OIFNAME, 0), X_EQ(0, 'e', 't', 'h', '0', 0),
			 X_ACCEPT);
	p = walk_from(NULL, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.reply, UINT32_MAX, "outgoing interface"));
	eth1 = HOST_RULE(X_META(NFT_META_OIFNAME, 0), X_EQ(0, 'e', 't', 'h', '1', 0),
			 X_ACCEPT);
	assert_int_not_equal(eth0, eth1);
	p = walk_from(NULL, SERVER, 80);
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
}

static void an_address_of_another_host_is_only_passed_on(void **state)
{
	struct path p;

	(void)state;
	p = walk_from(NULL, "192.168.7.80", 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.decided_by, DECIDER_ROUTE);
	assert_false(p.is_local);
	assert_int_not_equal(p.is_served, TRI_YES);
}

static void unread_addresses_leave_it_open(void **state)
{
	struct path p;

	(void)state;
	host.snapshot->spaces[0].local_routes = NULL;
	p = walk_from(NULL, "10.0.0.99", 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	base_in(FW_INPUT, 0, true);
	p = walk_from(NULL, "10.0.0.99", 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
}

/* ---- rules that nobody can foresee ---- */

static void a_limit_makes_it_unsure_and_is_named(void **state)
{
	uint32_t rule;
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	rule = HOST_RULE(X_PORT_IS(80), X_LIMIT, X_ACCEPT);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.request, rule, "limit"));
	/* The hops are those of the likelier way. */
	assert_int_equal(hop_at(&p.request, PLACE_INPUT)->outcome, HOP_PASSES);
	assert_true(p.reply.is_walked);
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
}

static void a_limit_before_an_accept_changes_nothing(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_PORT_IS(80), X_LIMIT, X_COUNTER);
	HOST_RULE(X_PORT_IS(80), X_ACCEPT);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.request.n_unsure, 0);
}

static void a_limit_on_the_answer_leaves_the_request_certain(void **state)
{
	uint32_t rule;
	struct path p;

	(void)state;
	base_in(FW_OUTPUT, 0, false);
	rule = HOST_RULE(X_LIMIT, X_DROP);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.reply, rule, "limit"));
}

static void a_translation_that_may_be_makes_its_target_unsure(void **state)
{
	struct path p;

	(void)state;
	nat_in(FW_PREROUTING);
	HOST_RULE(X_LIMIT, X_LET(4, 0, 81), X_DNAT(false, true));
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_int_equal(p.is_served, TRI_UNSURE);
	assert_true(p.request.is_nat_touched);
}

static void a_program_that_decides_is_not_foreseen(void **state)
{
	static const struct fw_expr queue = {.kind = FW_EXPR_QUEUE};
	uint32_t rule;
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, false);
	rule = HOST_RULE(X_PORT_IS(80), queue);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.request, rule, "a program decides (queue)"));
}

static void more_doubts_than_can_be_walked_end_unsure(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, false);
	/* 256 ways, and more than one walk has room to choose. */
	for (int i = 0; i < 30; i++) {
		HOST_RULE(X_LIMIT, X_COUNTER);
		if (i != 7 && i != 29)
			continue;
		p = walk_from(CLIENT, SERVER, 80);
		assert_int_equal(p.request.verdict, PATH_UNSURE);
		assert_true(p.request.n_unsure > 0);
	}
}

static void legacy_rules_that_were_read_leave_nothing_open(void **state)
{
	struct path p;

	(void)state;
	host.settings.legacy_v4 = text_of("filter");
	host.rules.r.is_legacy_read_v6 = true;
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_UNSURE);
	host.rules.r.is_legacy_read_v4 = true;
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_ACCEPT);
	host.has_no_settings = true;
	p = walk_from(CLIENT, SERVER, 80);
	assert_false(is_unsure_of(&p.request, UINT32_MAX,
				  "whether there are legacy iptables rules"));
}

static void legacy_rules_of_the_family_could_not_be_read(void **state)
{
	struct path p;

	(void)state;
	host.settings.legacy_v4 = text_of("filter");
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_int_equal(p.request.decided_by, DECIDER_OPAQUE);
	assert_true(is_unsure_of(&p.request, UINT32_MAX,
				 "legacy iptables rules could not be read"));
	assert_int_equal(p.reply.verdict, PATH_UNSURE);
	p = walk_from("2001:db8:1::9", "2001:db8::5", 443);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	/* Any drop wins. */
	base_in(FW_INPUT, 0, true);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
}

static void legacy_tables_that_nobody_could_look_for_leave_it_open(void **state)
{
	(void)state;
	host.settings.legacy_error = ENOENT;
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_ACCEPT);
	host.settings.legacy_error = EACCES;
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_UNSURE);
	host.has_no_settings = true;
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_UNSURE);
}

static void unread_rules_leave_it_open(void **state)
{
	struct path p;

	(void)state;
	host.has_no_rules = true;
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.request, UINT32_MAX, "the rules could not be read"));
	assert_int_equal(p.is_served, TRI_YES);
	assert_int_equal(hop_at(&p.request, PLACE_INPUT)->outcome, HOP_UNSURE);
}

static void rules_that_changed_while_they_were_read_leave_it_open(void **state)
{
	(void)state;
	host.rules.r.is_changing = true;
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_UNSURE);
}

/* ---- behind the blocker ---- */

static struct path behind(const struct path *blocked, int want)
{
	struct path_world w = host_world();
	struct path p = {.ask = blocked->ask};

	assert_int_equal(path_walk_behind(&w, &blocked->ask, blocked, &p), want);
	return p;
}

static void behind_a_rule_stands_the_next(void **state)
{
	uint32_t second;
	struct path p, after;

	(void)state;
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_PORT_IS(80), X_DROP);
	base_in(FW_INPUT, 10, false);
	second = HOST_RULE(X_PORT_IS(80), X_REJECT_RESET);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	after = behind(&p, 0);
	assert_int_equal(after.request.verdict, PATH_REJECT);
	assert_int_equal(after.request.rule, second);
	/* The rules themselves are as they were. */
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_DROP);
}

static void behind_a_rule_the_way_is_open_with_its_answer(void **state)
{
	struct path_ask ask = syn(CLIENT, SERVER, 80);
	struct path p, after;

	(void)state;
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_PORT_IS(80), X_REJECT_RESET);
	ask.in_ifindex = ETH0;
	p = host_walk(ask);
	assert_int_equal(p.request.verdict, PATH_REJECT);
	after = behind(&p, 0);
	/* What it needs to know was asked for with the rest. */
	assert_int_equal(after.n_needs, 0);
	assert_int_equal(after.request.verdict, PATH_ACCEPT);
	assert_int_equal(after.reply.verdict, PATH_ACCEPT);
}

static void a_lifted_rule_still_matches_only_what_it_did(void **state)
{
	struct path p, after;

	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_PORT_IS(80), X_DROP);
	p = walk_from(CLIENT, SERVER, 80);
	after = behind(&p, 0);
	assert_int_equal(after.request.verdict, PATH_ACCEPT);
	after.ask.server_port = 443;
	after = behind(&(struct path){.ask = after.ask, .request = p.request}, 0);
	assert_int_equal(after.request.verdict, PATH_DROP);
}

static void behind_a_policy(void **state)
{
	struct path p, after;

	(void)state;
	base_in(FW_INPUT, 0, true);
	base_in(FW_OUTPUT, 0, true);
	p = walk_from(CLIENT, SERVER, 80);
	after = behind(&p, 0);
	assert_int_equal(after.request.verdict, PATH_ACCEPT);
	assert_int_equal(after.reply.verdict, PATH_DROP);
	assert_int_equal(after.reply.at, PLACE_OUTPUT);
}

static void behind_a_drop_of_the_answer(void **state)
{
	struct path p, after;

	(void)state;
	base_in(FW_OUTPUT, 0, true);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	after = behind(&p, 0);
	assert_int_equal(after.reply.verdict, PATH_ACCEPT);
}

static void behind_a_verdict_map(void **state)
{
	static struct fw_element elements[] = {
		{.key = {"\0\x50", 2}, .verdict = NF_DROP, .verdict_chain = FW_NONE}};
	uint32_t set = hand_set(&host.rules, NFT_SET_MAP, 2, elements, 1);
	struct path p, after;

	(void)state;
	host.rules.sets[set].data_type = NFT_DATA_VERDICT;
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_DPORT(0),
		  {.kind = FW_EXPR_LOOKUP, .set = set, .sreg = 0, .dreg = FW_VERDICT});
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	after = behind(&p, 0);
	assert_int_equal(after.request.verdict, PATH_ACCEPT);
}

static void nothing_stands_behind_an_open_way(void **state)
{
	struct path p = walk_from(CLIENT, SERVER, 80);

	(void)state;
	behind(&p, -ENOENT);
	host.in_error = EXDEV;
	responses_release(&host.responses);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	behind(&p, -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOST(anybody_gets_through_where_no_rule_asks_for_the_source),
		IN_HOST(it_depends_on_the_client_where_a_rule_asks_for_it),
		IN_HOST(both_ways_that_end_alike_are_certain),
		IN_HOST(who_got_in_is_who_is_answered),
		IN_HOST(an_answer_to_anybody_leaves_by_any_interface),
		IN_HOST(an_address_of_another_host_is_only_passed_on),
		IN_HOST(unread_addresses_leave_it_open),
		IN_HOST(a_limit_makes_it_unsure_and_is_named),
		IN_HOST(a_limit_before_an_accept_changes_nothing),
		IN_HOST(a_limit_on_the_answer_leaves_the_request_certain),
		IN_HOST(a_translation_that_may_be_makes_its_target_unsure),
		IN_HOST(a_program_that_decides_is_not_foreseen),
		IN_HOST(more_doubts_than_can_be_walked_end_unsure),
		IN_HOST(legacy_rules_that_were_read_leave_nothing_open),
		IN_HOST(legacy_rules_of_the_family_could_not_be_read),
		IN_HOST(legacy_tables_that_nobody_could_look_for_leave_it_open),
		IN_HOST(unread_rules_leave_it_open),
		IN_HOST(rules_that_changed_while_they_were_read_leave_it_open),
		IN_HOST(behind_a_rule_stands_the_next),
		IN_HOST(behind_a_rule_the_way_is_open_with_its_answer),
		IN_HOST(a_lifted_rule_still_matches_only_what_it_did),
		IN_HOST(behind_a_policy),
		IN_HOST(behind_a_drop_of_the_answer),
		IN_HOST(behind_a_verdict_map),
		IN_HOST(nothing_stands_behind_an_open_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
