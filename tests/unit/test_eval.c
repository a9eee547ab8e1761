/* Chains and hooks: order, jumps, policies, what later chains can still undo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/hand_rules.h"

static struct hand_rules h;

static int start(void **state)
{
	(void)state;
	hand_start(&h);
	return 0;
}

static struct hand_walks input(uint16_t port)
{
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", port);

	return hand_walk(&h, FW_INPUT, &p);
}

static void no_chain_accepts_and_names_none(void **state)
{
	struct hand_walks w = input(80);

	(void)state;
	assert_int_equal(w.verdicts, ONLY_ACCEPT);
	assert_int_equal(w.first.chain, FW_NONE);
	assert_false(firewall_has_chains(&h.r, FW_INPUT, AF_INET));
}

static void a_policy_that_drops_is_the_decider(void **state)
{
	uint32_t c =
		hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 0, true);
	struct hand_walks w = input(80);

	(void)state;
	assert_int_equal(w.verdicts, ONLY_DROP);
	assert_false(w.first.is_by_rule);
	assert_int_equal(w.first.chain, c);
	assert_int_equal(w.first.rule, FW_NONE);
	assert_true(firewall_has_chains(&h.r, FW_INPUT, AF_INET));
	assert_false(firewall_has_chains(&h.r, FW_OUTPUT, AF_INET));
}

static void the_rule_that_matches_first_decides(void **state)
{
	uint32_t second;

	(void)state;
	hand_base(&h, hand_firewall_table(&h, NFPROTO_IPV4), FW_INPUT, 0, true);
	RULE(&h, X_PORT_IS(22), X_DROP);
	second = RULE(&h, X_PORT_IS(80), X_COUNTER, X_ACCEPT);
	RULE(&h, X_PORT_IS(80), X_DROP);
	assert_int_equal(input(80).verdicts, ONLY_ACCEPT);
	assert_int_equal(input(80).first.rule, second);
	assert_int_equal(input(443).verdicts, ONLY_DROP);
	assert_false(input(443).first.is_by_rule);
}

static void a_later_chain_undoes_an_accept(void **state)
{
	uint32_t drop;

	(void)state;
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, -10, false);
	RULE(&h, X_ACCEPT);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_IPV4), FW_INPUT, 10, false);
	drop = RULE(&h, X_PORT_IS(80), X_DROP);
	assert_int_equal(input(80).verdicts, ONLY_DROP);
	assert_int_equal(input(80).first.rule, drop);
	assert_int_equal(input(22).verdicts, ONLY_ACCEPT);
}

static void a_drop_hides_later_chains(void **state)
{
	uint32_t drop;

	(void)state;
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 10, false);
	RULE(&h, X_VERDICT(NF_QUEUE));
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, -10, false);
	drop = RULE(&h, X_DROP);
	assert_int_equal(input(80).first.rule, drop);
	assert_int_equal(input(80).first.verdict, FW_DROP);
}

static void the_table_made_last_runs_first_at_equal_priority(void **state)
{
	uint32_t last;

	(void)state;
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 0, false);
	RULE(&h, X_DROP);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 0, false);
	last = RULE(&h, X_DROP);
	assert_int_equal(input(80).first.rule, last);
}

static void dormant_tables_and_other_families_run_nothing(void **state)
{
	uint32_t dormant = hand_firewall_table(&h, NFPROTO_INET);

	(void)state;
	h.tables[dormant].is_dormant = true;
	hand_base(&h, dormant, FW_INPUT, 0, true);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_IPV6), FW_INPUT, 0, true);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_BRIDGE), FW_INPUT, 0, true);
	assert_int_equal(input(80).verdicts, ONLY_ACCEPT);
	assert_true(firewall_has_chains(&h.r, FW_INPUT, AF_INET6));
	assert_false(firewall_has_chains(&h.r, FW_INPUT, AF_INET));
}

/* Chain 1 is jumped to from chain 0. */
static void build_jump(int32_t how, bool drops)
{
	uint32_t t = hand_firewall_table(&h, NFPROTO_INET);

	hand_base(&h, t, FW_INPUT, 0, drops);
	RULE(&h, X_JUMP(how, 1));
	RULE(&h, X_PORT_IS(22), X_DROP);
	RULE(&h, X_PORT_IS(25), X_ACCEPT);
	hand_chain(&h, t);
	RULE(&h, X_PORT_IS(80), X_ACCEPT);
	RULE(&h, X_PORT_IS(443), X_VERDICT(NFT_RETURN));
	RULE(&h, X_PORT_IS(443), X_DROP);
}

static void a_jump_comes_back(void **state)
{
	(void)state;
	build_jump(NFT_JUMP, true);
	assert_int_equal(input(80).verdicts, ONLY_ACCEPT);
	assert_int_equal(input(25).verdicts, ONLY_ACCEPT);
	assert_int_equal(input(22).verdicts, ONLY_DROP);
	assert_int_equal(input(22).first.rule, 1);
	assert_false(input(443).first.is_by_rule);
}

static void a_goto_does_not_come_back(void **state)
{
	(void)state;
	build_jump(NFT_GOTO, true);
	assert_int_equal(input(80).verdicts, ONLY_ACCEPT);
	assert_int_equal(input(25).verdicts, ONLY_DROP);
	assert_false(input(22).first.is_by_rule);
}

static void return_in_a_base_chain_is_the_policy(void **state)
{
	(void)state;
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 0, true);
	RULE(&h, X_VERDICT(NFT_RETURN));
	RULE(&h, X_ACCEPT);
	assert_int_equal(input(80).verdicts, ONLY_DROP);
	assert_false(input(80).first.is_by_rule);
}

static void an_endless_ruleset_ends_unsure(void **state)
{
	uint32_t t = hand_firewall_table(&h, NFPROTO_INET);

	(void)state;
	hand_base(&h, t, FW_INPUT, 0, true);
	RULE(&h, X_JUMP(NFT_GOTO, 1));
	hand_chain(&h, t);
	RULE(&h, X_JUMP(NFT_GOTO, 1));
	assert_true(input(80).is_overfull);
}

/* Every chain jumps to the next one twice: 2 to the power of 16 ways. */
static void a_ruleset_of_too_many_ways_ends(void **state)
{
	uint32_t t = hand_firewall_table(&h, NFPROTO_INET);

	(void)state;
	hand_base(&h, t, FW_INPUT, 0, true);
	RULE(&h, X_JUMP(NFT_JUMP, 1));
	for (uint32_t i = 1; i < 16; i++) {
		hand_chain(&h, t);
		for (int n = 0; n < 3; n++)
			RULE(&h, X_JUMP(NFT_JUMP, i + 1));
	}
	hand_chain(&h, t);
	assert_true(input(80).is_overfull);
}

static void conntrack_is_seen_only_after_its_priority(void **state)
{
	uint32_t t = hand_firewall_table(&h, NFPROTO_INET);
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);

	(void)state;
	hand_base(&h, t, FW_PREROUTING, -300, false);
	RULE(&h, X_CT(NFT_CT_STATE, 0), X_EQ(0, 1, 0, 0, 0), X_COUNTER);
	RULE(&h, X_CT(NFT_CT_DIRECTION, 0), X_DROP);
	RULE(&h, X_CT(NFT_CT_STATE, 0), X_CMP(NFT_CMP_NEQ, 0, 1, 0, 0, 0), X_DROP);
	hand_base(&h, t, FW_PREROUTING, -199, false);
	RULE(&h, X_CT(NFT_CT_STATE, 0), X_EQ(0, 8, 0, 0, 0), X_CT(NFT_CT_DIRECTION, 0),
	     X_EQ(0, 0), X_VERDICT(NF_QUEUE));
	assert_int_equal(hand_walk(&h, FW_PREROUTING, &p).verdicts, 1 << FW_QUEUE);
}

static void notrack_takes_the_entry_away(void **state)
{
	uint32_t t = hand_firewall_table(&h, NFPROTO_INET);
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);
	struct hand_walks w;

	(void)state;
	hand_base(&h, t, FW_PREROUTING, -300, false);
	RULE(&h, {.kind = FW_EXPR_NOTRACK});
	hand_base(&h, t, FW_PREROUTING, 0, false);
	RULE(&h, X_CT(NFT_CT_STATE, 0), X_EQ(0, 64, 0, 0, 0), X_DROP);
	w = hand_walk(&h, FW_PREROUTING, &p);
	assert_int_equal(w.verdicts, ONLY_DROP);
	assert_true(w.first.is_notracked);
	assert_false(w.packet.ct.has_entry);
}

static void ingress_chains_run_on_their_device(void **state)
{
	static struct text devices[2];
	uint32_t t = hand_firewall_table(&h, NFPROTO_NETDEV), c;
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);

	(void)state;
	devices[0] = text_of("eth1");
	devices[1] = text_of("eth0");
	c = hand_base(&h, t, FW_INGRESS, 0, true);
	h.chains[c].devices = devices;
	h.chains[c].n_devices = 1;
	assert_int_equal(hand_walk(&h, FW_INGRESS, &p).verdicts, ONLY_ACCEPT);
	h.chains[c].n_devices = 2;
	assert_int_equal(hand_walk(&h, FW_INGRESS, &p).verdicts, ONLY_DROP);
	h.chains[c].n_devices = 1;
	p.is_iif_unknown = true;
	assert_int_equal(hand_walk(&h, FW_INGRESS, &p).verdicts, ONLY_ACCEPT | ONLY_DROP);
}

static void every_matching_rule_is_a_step(void **state)
{
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);
	struct fw_lookups none = {0};
	struct fw_choices choices = {0};
	struct fw_result out;
	const struct fw_step *steps;

	(void)state;
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 0, false);
	RULE(&h, X_COUNTER);
	RULE(&h, X_PORT_IS(22), X_DROP);
	RULE(&h, X_PORT_IS(80), X_COUNTER);
	assert_int_equal(firewall_run(&h.r, FW_INPUT, &p, &none, &choices, &out), 0);
	steps = out.steps.data;
	assert_int_equal(out.steps.n, 3);
	assert_int_equal(steps[0].rule, 0);
	assert_int_equal(steps[1].rule, 2);
	assert_int_equal(steps[1].kind, FW_STEP_MATCHED);
	assert_int_equal(steps[2].rule, FW_NONE);
	assert_int_equal(steps[2].kind, FW_STEP_ACCEPT);
	fw_result_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_chain_accepts_and_names_none, start),
		cmocka_unit_test_setup(a_policy_that_drops_is_the_decider, start),
		cmocka_unit_test_setup(the_rule_that_matches_first_decides, start),
		cmocka_unit_test_setup(a_later_chain_undoes_an_accept, start),
		cmocka_unit_test_setup(a_drop_hides_later_chains, start),
		cmocka_unit_test_setup(the_table_made_last_runs_first_at_equal_priority,
				       start),
		cmocka_unit_test_setup(dormant_tables_and_other_families_run_nothing,
				       start),
		cmocka_unit_test_setup(a_jump_comes_back, start),
		cmocka_unit_test_setup(a_goto_does_not_come_back, start),
		cmocka_unit_test_setup(return_in_a_base_chain_is_the_policy, start),
		cmocka_unit_test_setup(an_endless_ruleset_ends_unsure, start),
		cmocka_unit_test_setup(a_ruleset_of_too_many_ways_ends, start),
		cmocka_unit_test_setup(conntrack_is_seen_only_after_its_priority, start),
		cmocka_unit_test_setup(notrack_takes_the_entry_away, start),
		cmocka_unit_test_setup(ingress_chains_run_on_their_device, start),
		cmocka_unit_test_setup(every_matching_rule_is_a_step, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
