/* What runs before what at one hook: tracking, translation, and the chains around them. */
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
	hand_firewall_table(&h, NFPROTO_INET);
	return 0;
}

static unsigned verdicts_at(enum fw_hook hook)
{
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);

	return hand_walk(&h, hook, &p).verdicts;
}

static void nat_chain(enum fw_hook hook, uint32_t table)
{
	uint32_t c = hand_base(&h, table, hook, 0, false);

	h.chains[c].type = FW_NAT;
}

#define X_LET(word, ...)                                                               \
	{                                                                              \
		.kind = FW_EXPR_IMMEDIATE, .dreg = (word), .value = BYTES(__VA_ARGS__) \
	}
/* The source becomes 192.0.2.9. */
#define X_SNAT                                                                        \
	X_LET(0, 192, 0, 2, 9),                                                       \
	{                                                                             \
		.kind = FW_EXPR_NAT, .key = NFT_NAT_SNAT, .family = NFPROTO_IPV4,     \
		.sreg = 0, .sreg2 = FW_NO_REG, .sreg3 = FW_NO_REG, .sreg4 = FW_NO_REG \
	}
#define X_FROM_NEW_SOURCE X_SADDR(0), X_EQ(0, 192, 0, 2, 9)

static void nothing_is_translated_where_no_rule_needs_tracking(void **state)
{
	(void)state;
	nat_chain(FW_PREROUTING, 0);
	RULE(&h, X_DROP);
	assert_false(firewall_tracks(&h.r, NFPROTO_IPV4));
	assert_int_equal(verdicts_at(FW_PREROUTING), ONLY_ACCEPT);
}

static void one_rule_that_needs_tracking_is_enough(void **state)
{
	(void)state;
	nat_chain(FW_PREROUTING, 0);
	RULE(&h, X_DROP);
	hand_chain(&h, 0);
	RULE(&h, X_CT(NFT_CT_STATE, 0));
	assert_true(firewall_tracks(&h.r, NFPROTO_IPV4));
	assert_true(firewall_tracks(&h.r, NFPROTO_IPV6));
	assert_int_equal(verdicts_at(FW_PREROUTING), ONLY_DROP);
}

static void a_rule_tracks_the_family_of_its_table(void **state)
{
	(void)state;
	hand_chain(&h, hand_firewall_table(&h, NFPROTO_IPV6));
	RULE(&h, X_CT(NFT_CT_STATE, 0));
	assert_false(firewall_tracks(&h.r, NFPROTO_IPV4));
	assert_true(firewall_tracks(&h.r, NFPROTO_IPV6));
}

static void a_translation_tracks_its_own_family(void **state)
{
	(void)state;
	hand_chain(&h, 0);
	RULE(&h, X_SNAT);
	assert_true(firewall_tracks(&h.r, NFPROTO_IPV4));
	assert_false(firewall_tracks(&h.r, NFPROTO_IPV6));
}

static void xtables_track_by_their_names(void **state)
{
	(void)state;
	hand_chain(&h, 0);
	RULE(&h, {.kind = FW_EXPR_XT_MATCH, .name = text_of("comment")},
	     {.kind = FW_EXPR_XT_TARGET, .name = text_of("CT"), .value = BYTES(1, 0)});
	assert_false(firewall_tracks(&h.r, NFPROTO_IPV4));
	RULE(&h, {.kind = FW_EXPR_XT_MATCH, .name = text_of("connmark")});
	assert_true(firewall_tracks(&h.r, NFPROTO_IPV4));
}

static void at_the_priority_of_tracking_nobody_knows_who_was_first(void **state)
{
	(void)state;
	hand_base(&h, 0, FW_PREROUTING, -200, false);
	RULE(&h, X_CT(NFT_CT_STATE, 0), X_EQ(0, 8, 0, 0, 0), X_DROP);
	assert_int_equal(verdicts_at(FW_PREROUTING), ONLY_ACCEPT | ONLY_DROP);
}

static void chains_behind_a_translation_see_the_new_source(void **state)
{
	(void)state;
	nat_chain(FW_INPUT, 0);
	RULE(&h, X_SNAT);
	hand_base(&h, 0, FW_INPUT, 101, false);
	RULE(&h, X_FROM_NEW_SOURCE, X_DROP);
	assert_int_equal(verdicts_at(FW_INPUT), ONLY_DROP);
}

static void chains_before_a_translation_see_the_old_source(void **state)
{
	(void)state;
	nat_chain(FW_INPUT, 0);
	RULE(&h, X_SNAT);
	hand_base(&h, 0, FW_INPUT, 99, false);
	RULE(&h, X_FROM_NEW_SOURCE, X_DROP);
	assert_int_equal(verdicts_at(FW_INPUT), ONLY_ACCEPT);
}

static void at_the_priority_of_translation_it_may_be_either(void **state)
{
	(void)state;
	nat_chain(FW_INPUT, 0);
	RULE(&h, X_SNAT);
	hand_base(&h, 0, FW_INPUT, 100, false);
	RULE(&h, X_FROM_NEW_SOURCE, X_DROP);
	assert_int_equal(verdicts_at(FW_INPUT), ONLY_ACCEPT | ONLY_DROP);
}

static void a_source_that_stays_is_not_called_translated(void **state)
{
	struct fw_packet p = hand_syn("192.0.2.9", "192.0.2.1", 80);

	(void)state;
	nat_chain(FW_INPUT, 0);
	RULE(&h, X_SNAT);
	hand_base(&h, 0, FW_INPUT, 101, false);
	/* IPS_SRC_NAT */
	RULE(&h, X_CT(NFT_CT_STATUS, 0),
	     {.kind = FW_EXPR_BITWISE,
	      .sreg = 0,
	      .dreg = 0,
	      .len = 4,
	      .value = BYTES(0x10, 0, 0, 0),
	      .value2 = BYTES(0, 0, 0, 0)},
	     X_CMP(NFT_CMP_NEQ, 0, 0, 0, 0, 0), X_DROP);
	assert_int_equal(hand_walk(&h, FW_INPUT, &p).verdicts, ONLY_ACCEPT);
	assert_int_equal(verdicts_at(FW_INPUT), ONLY_DROP);
}

#define IN_ORDER(test) cmocka_unit_test_setup(test, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ORDER(nothing_is_translated_where_no_rule_needs_tracking),
		IN_ORDER(one_rule_that_needs_tracking_is_enough),
		IN_ORDER(a_rule_tracks_the_family_of_its_table),
		IN_ORDER(a_translation_tracks_its_own_family),
		IN_ORDER(xtables_track_by_their_names),
		IN_ORDER(at_the_priority_of_tracking_nobody_knows_who_was_first),
		IN_ORDER(chains_behind_a_translation_see_the_new_source),
		IN_ORDER(chains_before_a_translation_see_the_old_source),
		IN_ORDER(at_the_priority_of_translation_it_may_be_either),
		IN_ORDER(a_source_that_stays_is_not_called_translated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
