/* Rules that would have let the packet in but for one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/hand_rules.h"

enum { ROOM = 4 };

static struct hand_rules h;
static struct fw_packet packet;
static struct fw_near near[ROOM];

static int start(void **state)
{
	(void)state;
	hand_start(&h);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 0, true);
	packet = hand_syn("198.51.100.7", "192.0.2.1", 443);
	return 0;
}

static size_t find(void)
{
	static const struct fw_lookups none;

	return firewall_near_misses(&h.r, 0, &packet, &none, near, ROOM);
}

#define PROTO_IS(p) X_META(NFT_META_L4PROTO, 4), X_EQ(4, p)

static void another_source_is_a_near_miss(void **state)
{
	(void)state;
	RULE(&h, PROTO_IS(6), X_PORT_IS(443), X_SADDR(1), X_EQ(1, 10, 0, 0, 1), X_ACCEPT);
	assert_int_equal(find(), 1);
	assert_int_equal(near[0].rule, 0);
	assert_string_equal(near[0].field, "source");
}

static void each_field_has_its_word(void **state)
{
	static const char *const words[] = {"protocol", "interface", "state", "port"};

	(void)state;
	RULE(&h, PROTO_IS(17), X_PORT_IS(443), X_ACCEPT);
	RULE(&h, X_META(NFT_META_IIFNAME, 0), X_EQ(0, 'l', 'o', 0), X_PORT_IS(443),
	     X_ACCEPT);
	RULE(&h, X_CT(NFT_CT_STATE, 0), X_EQ(0, 2, 0, 0, 0), X_PORT_IS(443), X_ACCEPT);
	RULE(&h, PROTO_IS(6), X_PORT_IS(444), X_ACCEPT);
	assert_int_equal(find(), 4);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(near[i].rule, i);
		assert_string_equal(near[i].field, words[i]);
	}
}

/* However many others there are, and before which it stands. */
static void the_rule_for_this_port_comes_first(void **state)
{
	(void)state;
	RULE(&h, X_META(NFT_META_IIFNAME, 0), X_EQ(0, 'l', 'o', 0), X_ACCEPT);
	for (uint8_t port = 1; port <= ROOM; port++)
		RULE(&h, PROTO_IS(6), X_DPORT(0), X_EQ(0, 0, port), X_ACCEPT);
	RULE(&h, X_SADDR(1), X_EQ(1, 10, 0, 0, 1), X_PORT_IS(443), X_ACCEPT);
	assert_int_equal(find(), ROOM);
	assert_int_equal(near[0].rule, ROOM + 1);
	assert_string_equal(near[0].field, "source");
	for (uint32_t i = 1; i < ROOM; i++)
		assert_int_equal(near[i].rule, i);
}

static void two_misses_are_not_near(void **state)
{
	(void)state;
	RULE(&h, X_PORT_IS(444), X_SADDR(1), X_EQ(1, 10, 0, 0, 1), X_ACCEPT);
	assert_int_equal(find(), 0);
}

static void rules_that_match_or_drop_are_none(void **state)
{
	(void)state;
	RULE(&h, X_PORT_IS(443), X_ACCEPT);
	RULE(&h, X_PORT_IS(444), X_DROP);
	RULE(&h, X_PORT_IS(444), X_COUNTER);
	assert_int_equal(find(), 0);
}

static void what_is_not_understood_is_no_near_miss(void **state)
{
	(void)state;
	RULE(&h, X_PORT_IS(444), {.kind = FW_EXPR_OPAQUE}, X_ACCEPT);
	assert_int_equal(find(), 0);
	RULE(&h, X_PORT_IS(444), X_LIMIT, X_ACCEPT);
	assert_int_equal(find(), 1);
}

static void the_miss_may_be_on_the_way_to_the_rule(void **state)
{
	(void)state;
	RULE(&h, X_SADDR(0), X_EQ(0, 10, 0, 0, 1), X_JUMP(NFT_JUMP, 1));
	hand_chain(&h, 0);
	RULE(&h, X_PORT_IS(443), X_ACCEPT);
	RULE(&h, X_PORT_IS(444), X_ACCEPT);
	assert_int_equal(find(), 1);
	assert_int_equal(near[0].rule, 1);
	assert_string_equal(near[0].field, "source");
}

static void a_chain_before_tracking_sees_no_state(void **state)
{
	(void)state;
	RULE(&h, X_CT(NFT_CT_STATE, 0), X_EQ(0, 8, 0, 0, 0), X_PORT_IS(444), X_ACCEPT);
	assert_int_equal(find(), 1);
	h.chains[0].hook = FW_INGRESS;
	assert_int_equal(find(), 0);
}

static void one_part_of_a_concatenation_is_named(void **state)
{
	static struct fw_element elements[2];
	uint32_t set;

	(void)state;
	elements[0].key = BYTES(10, 0, 0, 1, 0, 80, 0, 0);
	elements[1].key = BYTES(198, 51, 100, 7, 0, 80, 0, 0);
	set = hand_set(&h, NFT_SET_CONCAT, 8, elements, 2);
	h.sets[set].n_fields = 2;
	h.sets[set].fields[0] = 4;
	h.sets[set].fields[1] = 2;
	RULE(&h, X_SADDR(0), X_DPORT(1), X_LOOKUP(set, 0), X_ACCEPT);
	assert_int_equal(find(), 1);
	assert_string_equal(near[0].field, "port");
}

static void no_more_are_told_than_there_is_room_for(void **state)
{
	(void)state;
	for (int i = 0; i < ROOM + 2; i++)
		RULE(&h, X_PORT_IS(444), X_ACCEPT);
	assert_int_equal(find(), ROOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(another_source_is_a_near_miss, start),
		cmocka_unit_test_setup(each_field_has_its_word, start),
		cmocka_unit_test_setup(the_rule_for_this_port_comes_first, start),
		cmocka_unit_test_setup(two_misses_are_not_near, start),
		cmocka_unit_test_setup(rules_that_match_or_drop_are_none, start),
		cmocka_unit_test_setup(what_is_not_understood_is_no_near_miss, start),
		cmocka_unit_test_setup(the_miss_may_be_on_the_way_to_the_rule, start),
		cmocka_unit_test_setup(a_chain_before_tracking_sees_no_state, start),
		cmocka_unit_test_setup(one_part_of_a_concatenation_is_named, start),
		cmocka_unit_test_setup(no_more_are_told_than_there_is_room_for, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
