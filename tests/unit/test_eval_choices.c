/* What nobody knows: one walk for each way, and no more walks than there are ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/hand_rules.h"

static struct hand_rules h;
static struct fw_packet packet;

static int start(void **state)
{
	(void)state;
	hand_start(&h);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 0, false);
	packet = hand_syn("198.51.100.7", "192.0.2.1", 80);
	return 0;
}

static struct hand_walks walk(void)
{
	return hand_walk(&h, FW_INPUT, &packet);
}

/* A rule that drops these sources: 8 bits of the address. */
static void drop_network(uint8_t first_byte)
{
	RULE(&h, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 1, 0), X_EQ(0, first_byte), X_DROP);
}

static void a_limit_gives_two_walks_not_exceeded_first(void **state)
{
	struct hand_walks w;

	(void)state;
	RULE(&h, X_LIMIT, X_ACCEPT);
	RULE(&h, X_DROP);
	w = walk();
	assert_int_equal(w.n, 2);
	assert_int_equal(w.verdicts, ONLY_ACCEPT | ONLY_DROP);
	assert_int_equal(w.first.verdict, FW_ACCEPT);
	assert_int_equal(w.first_choices.n, 1);
	assert_int_equal(w.first_choices.made[0].rule, 0);
	assert_string_equal(w.first_choices.made[0].why, "limit");
	assert_true(w.first_choices.made[0].pick);
}

static void a_limit_over_is_taken_as_not_matching_first(void **state)
{
	struct hand_walks w;

	(void)state;
	RULE(&h, {.kind = FW_EXPR_LIMIT, .is_inverted = true}, X_DROP);
	w = walk();
	assert_int_equal(w.first.verdict, FW_ACCEPT);
	assert_false(w.first_choices.made[0].pick);
	assert_int_equal(w.verdicts, ONLY_ACCEPT | ONLY_DROP);
}

static void an_unknown_match_that_changes_nothing_stays_certain(void **state)
{
	(void)state;
	RULE(&h, X_LIMIT, {.kind = FW_EXPR_LOG});
	RULE(&h, X_DROP);
	assert_int_equal(walk().verdicts, ONLY_DROP);
	assert_int_equal(walk().n, 2);
}

static void every_combination_is_walked_once(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		RULE(&h, X_LIMIT, X_COUNTER);
	assert_int_equal(walk().n, 16);
}

static void too_many_choices_end_the_walk_unsure(void **state)
{
	(void)state;
	for (int i = 0; i < FW_CHOICES_MAX + 1; i++)
		RULE(&h, X_LIMIT, X_COUNTER);
	assert_true(walk().is_overfull);
}

static void what_is_not_understood_is_neither_match_nor_miss(void **state)
{
	struct hand_walks w;

	(void)state;
	RULE(&h, {.kind = FW_EXPR_OPAQUE, .name = text_of("future")}, X_DROP);
	w = walk();
	assert_int_equal(w.verdicts, ONLY_ACCEPT | ONLY_DROP);
	assert_string_equal(w.first_choices.made[0].why, "expression not understood");
	RULE(&h, {.kind = FW_EXPR_XT_TARGET, .name = text_of("NEWTARGET")});
	assert_int_equal(walk().verdicts, ONLY_ACCEPT | ONLY_DROP);
}

static void an_unknown_source_asks_where_it_is_compared(void **state)
{
	struct hand_walks w;

	(void)state;
	packet.is_source_unknown = true;
	drop_network(10);
	w = walk();
	assert_int_equal(w.verdicts, ONLY_ACCEPT | ONLY_DROP);
	assert_string_equal(w.first_choices.made[0].why, "source address");
	assert_false(w.first_choices.made[0].pick);
}

static void a_source_is_in_one_network_only(void **state)
{
	(void)state;
	packet.is_source_unknown = true;
	RULE(&h, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 1, 0), X_EQ(0, 10), X_COUNTER);
	RULE(&h, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 1, 0), X_EQ(0, 192), X_COUNTER);
	assert_int_equal(walk().n, 3);
}

static void the_same_question_is_asked_once(void **state)
{
	(void)state;
	packet.is_source_unknown = true;
	drop_network(10);
	drop_network(10);
	RULE(&h, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 1, 0), X_CMP(NFT_CMP_NEQ, 0, 10),
	     X_VERDICT(NF_QUEUE));
	assert_int_equal(walk().n, 2);
	assert_int_equal(walk().verdicts, ONLY_DROP | 1 << FW_QUEUE);
}

static void a_mask_hides_what_is_unknown(void **state)
{
	(void)state;
	packet.is_mark_known = false;
	RULE(&h, X_META(NFT_META_MARK, 0),
	     {.kind = FW_EXPR_BITWISE,
	      .sreg = 0,
	      .dreg = 0,
	      .len = 4,
	      .value = BYTES(0, 0, 0, 0),
	      .value2 = BYTES(1, 0, 0, 0)},
	     X_EQ(0, 1, 0, 0, 0), X_DROP);
	assert_int_equal(walk().verdicts, ONLY_DROP);
	assert_int_equal(walk().n, 1);
}

static void known_bits_decide_although_others_are_unknown(void **state)
{
	(void)state;
	packet.is_source_unknown = true;
	packet.saddr_known[0] = 0xff;
	RULE(&h, X_SADDR(0), X_EQ(0, 10, 0, 0, 1), X_DROP);
	assert_int_equal(walk().verdicts, ONLY_ACCEPT);
	assert_int_equal(walk().n, 1);
	RULE(&h, X_SADDR(0), X_CMP(NFT_CMP_GTE, 0, 198, 0, 0, 0),
	     X_CMP(NFT_CMP_LTE, 0, 198, 255, 255, 255), X_DROP);
	assert_int_equal(walk().verdicts, ONLY_DROP);
}

static void an_empty_set_holds_no_unknown_source(void **state)
{
	static struct fw_element one = {.expires_ms = -1};
	uint32_t set = hand_set(&h, 0, 4, NULL, 0);

	(void)state;
	packet.is_source_unknown = true;
	RULE(&h, X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	assert_int_equal(walk().n, 1);
	assert_int_equal(walk().verdicts, ONLY_ACCEPT);
	one.key = BYTES(10, 0, 0, 1);
	h.sets[set].elements = &one;
	h.sets[set].n_elements = 1;
	assert_int_equal(walk().verdicts, ONLY_ACCEPT | ONLY_DROP);
}

static void an_unknown_key_of_a_verdict_map_takes_each_way_once(void **state)
{
	static struct fw_element elements[3];
	uint32_t set;

	(void)state;
	elements[0] = (struct fw_element){
		.key = BYTES(10, 0, 0, 1), .verdict = NF_DROP, .verdict_chain = FW_NONE};
	elements[1] = (struct fw_element){
		.key = BYTES(10, 0, 0, 2), .verdict = NF_DROP, .verdict_chain = FW_NONE};
	elements[2] = (struct fw_element){
		.key = BYTES(10, 0, 0, 3), .verdict = NF_QUEUE, .verdict_chain = FW_NONE};
	set = hand_set(&h, NFT_SET_MAP, 4, elements, 3);
	packet.is_source_unknown = true;
	RULE(&h, X_SADDR(0),
	     {.kind = FW_EXPR_LOOKUP, .set = set, .sreg = 0, .dreg = FW_VERDICT});
	assert_int_equal(walk().verdicts, ONLY_ACCEPT | ONLY_DROP | 1 << FW_QUEUE);
	assert_int_equal(walk().n, 3);
}

static void a_set_that_was_not_read_is_unsure(void **state)
{
	uint32_t set = hand_set(&h, 0, 4, NULL, 0);

	(void)state;
	h.sets[set].is_read = false;
	RULE(&h, X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	assert_int_equal(walk().verdicts, ONLY_ACCEPT | ONLY_DROP);
}

static void the_unknown_port_of_a_client_may_be_low(void **state)
{
	(void)state;
	packet.is_sport_unknown = true;
	RULE(&h, X_LOAD(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0), X_CMP(NFT_CMP_LT, 0, 4, 0),
	     X_DROP);
	assert_int_equal(walk().verdicts, ONLY_ACCEPT | ONLY_DROP);
	assert_string_equal(walk().first_choices.made[0].why, "source port");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_limit_gives_two_walks_not_exceeded_first, start),
		cmocka_unit_test_setup(a_limit_over_is_taken_as_not_matching_first, start),
		cmocka_unit_test_setup(an_unknown_match_that_changes_nothing_stays_certain,
				       start),
		cmocka_unit_test_setup(every_combination_is_walked_once, start),
		cmocka_unit_test_setup(too_many_choices_end_the_walk_unsure, start),
		cmocka_unit_test_setup(what_is_not_understood_is_neither_match_nor_miss,
				       start),
		cmocka_unit_test_setup(an_unknown_source_asks_where_it_is_compared, start),
		cmocka_unit_test_setup(a_source_is_in_one_network_only, start),
		cmocka_unit_test_setup(the_same_question_is_asked_once, start),
		cmocka_unit_test_setup(a_mask_hides_what_is_unknown, start),
		cmocka_unit_test_setup(known_bits_decide_although_others_are_unknown,
				       start),
		cmocka_unit_test_setup(an_empty_set_holds_no_unknown_source, start),
		cmocka_unit_test_setup(an_unknown_key_of_a_verdict_map_takes_each_way_once,
				       start),
		cmocka_unit_test_setup(a_set_that_was_not_read_is_unsure, start),
		cmocka_unit_test_setup(the_unknown_port_of_a_client_may_be_low, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
