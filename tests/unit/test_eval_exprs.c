/* Single expressions: registers, headers, what singles a source out, translations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "tests/unit/hand_rules.h"

static struct hand_rules h;
static struct fw_packet packet;

static int start_at(enum fw_hook hook, enum fw_chain_type type)
{
	uint32_t c;

	hand_start(&h);
	c = hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), hook, 0, false);
	h.chains[c].type = type;
	packet = hand_syn("198.51.100.7", "192.0.2.1", 80);
	return 0;
}

static int start(void **state)
{
	(void)state;
	return start_at(FW_INPUT, FW_FILTER);
}

static int start_nat(void **state)
{
	(void)state;
	return start_at(FW_PREROUTING, FW_NAT);
}

static unsigned verdicts(void)
{
	return hand_walk(&h, FW_INPUT, &packet).verdicts;
}

static void registers_fill_up_to_the_word(void **state)
{
	(void)state;
	RULE(&h, {.kind = FW_EXPR_IMMEDIATE, .dreg = 0, .value = BYTES(9, 9, 9, 9)},
	     X_DPORT(0), X_EQ(0, 0, 80, 0, 0), X_DROP);
	assert_int_equal(verdicts(), ONLY_DROP);
}

static void long_loads_span_words(void **state)
{
	(void)state;
	RULE(&h, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 8, 4), X_EQ(5, 192, 0, 2, 1),
	     X_DROP);
	assert_int_equal(verdicts(), ONLY_DROP);
}

static void words_that_do_not_exist_are_not_understood(void **state)
{
	(void)state;
	RULE(&h, X_EQ(15, 1, 2, 3, 4, 5), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

static void shifts_carry_between_words(void **state)
{
	(void)state;
	RULE(&h,
	     {.kind = FW_EXPR_IMMEDIATE,
	      .dreg = 0,
	      .value = BYTES(1, 0, 0, 0, 0, 0, 0, 0x80)},
	     {.kind = FW_EXPR_BITWISE,
	      .op = NFT_BITWISE_LSHIFT,
	      .sreg = 0,
	      .dreg = 0,
	      .len = 8,
	      .value = BYTES(1, 0, 0, 0)},
	     X_EQ(0, 3, 0, 0, 0, 0, 0, 0, 0), X_DROP);
	assert_int_equal(verdicts(), ONLY_DROP);
}

static void byteorder_turns_units_round(void **state)
{
	(void)state;
	RULE(&h, {.kind = FW_EXPR_IMMEDIATE, .dreg = 0, .value = BYTES(1, 2, 3, 4)},
	     {.kind = FW_EXPR_BYTEORDER, .op = 1, .sreg = 0, .dreg = 1, .len = 4, .key = 2},
	     X_EQ(1, 2, 1, 4, 3), X_DROP);
	assert_int_equal(verdicts(), ONLY_DROP);
}

static void a_sent_packet_has_no_link_header(void **state)
{
	(void)state;
	RULE(&h, X_LOAD(NFT_PAYLOAD_LL_HEADER, 12, 2, 0), X_EQ(0, 8, 0), X_DROP);
	assert_int_equal(verdicts(), ONLY_DROP);
	packet.iif = TEXT_NONE;
	assert_int_equal(verdicts(), ONLY_ACCEPT);
}

static void a_device_that_is_not_there_has_no_name(void **state)
{
	(void)state;
	RULE(&h, X_META(NFT_META_OIFNAME, 0), X_CMP(NFT_CMP_NEQ, 0, 'e', 't', 'h', '9'),
	     X_DROP);
	assert_int_equal(verdicts(), ONLY_DROP);
}

static void an_owner_is_asked_only_where_there_is_one(void **state)
{
	(void)state;
	RULE(&h, X_META(NFT_META_SKUID, 0), X_CMP(NFT_CMP_NEQ, 0, 5, 0, 0, 0), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT);
	packet.has_socket = true;
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
	packet.is_skuid_known = true;
	assert_int_equal(verdicts(), ONLY_DROP);
}

static void what_a_rule_writes_later_rules_see(void **state)
{
	(void)state;
	RULE(&h, {.kind = FW_EXPR_IMMEDIATE, .dreg = 0, .value = BYTES(0, 99)},
	     {.kind = FW_EXPR_PAYLOAD,
	      .base = NFT_PAYLOAD_TRANSPORT_HEADER,
	      .offset = 2,
	      .len = 2,
	      .sreg = 0,
	      .writes = true});
	RULE(&h, X_PORT_IS(99), X_DROP);
	assert_int_equal(verdicts(), ONLY_DROP);
	assert_int_equal(hand_walk(&h, FW_INPUT, &packet).packet.dport, 99);
}

/* struct xt_tcp for one destination port. */
static void a_match_of_iptables_names_the_port_that_is_not_known(void **state)
{
	static const struct xt_tcp to_22 = {.spts = {0, 65535}, .dpts = {22, 22}};
	struct hand_walks w;

	(void)state;
	RULE(&h,
	     {.kind = FW_EXPR_XT_MATCH,
	      .name = text_of("tcp"),
	      .value = {(const char *)&to_22, sizeof(to_22)}},
	     X_DROP);
	packet.is_dport_unknown = true;
	w = hand_walk(&h, FW_INPUT, &packet);
	assert_int_equal(w.verdicts, ONLY_ACCEPT | ONLY_DROP);
	assert_string_equal(w.first_choices.made[0].why, "destination port");
	packet.is_dport_unknown = false;
	packet.is_sport_unknown = true;
	assert_int_equal(verdicts(), ONLY_ACCEPT);
}

static void reject_codes_are_those_of_the_family(void **state)
{
	struct hand_walks w;

	(void)state;
	RULE(&h, {.kind = FW_EXPR_REJECT,
		  .key = NFT_REJECT_ICMPX_UNREACH,
		  .code = NFT_REJECT_ICMPX_ADMIN_PROHIBITED});
	w = hand_walk(&h, FW_INPUT, &packet);
	assert_int_equal(w.verdicts, ONLY_REJECT);
	assert_int_equal(w.first.reject.type, 3);
	assert_int_equal(w.first.reject.code, 13);
	packet = hand_syn("2001:db8::7", "2001:db8::1", 80);
	w = hand_walk(&h, FW_INPUT, &packet);
	assert_int_equal(w.first.reject.type, 1);
	assert_int_equal(w.first.reject.code, 1);
}

static void a_rule_for_one_source_names_it(void **state)
{
	struct hand_walks w;

	(void)state;
	RULE(&h, X_SADDR(0),
	     {.kind = FW_EXPR_BITWISE,
	      .sreg = 0,
	      .dreg = 0,
	      .len = 4,
	      .value = BYTES(255, 255, 255, 252),
	      .value2 = BYTES(0, 0, 0, 0)},
	     X_EQ(0, 198, 51, 100, 4), X_DROP);
	w = hand_walk(&h, FW_INPUT, &packet);
	assert_int_equal(w.verdicts, ONLY_DROP);
	assert_true(w.first.names_source);
	assert_int_equal(w.first.source_prefix, 30);
	assert_int_equal(w.first.set, FW_NONE);
}

static void a_rule_for_all_but_one_source_names_none(void **state)
{
	struct hand_walks w;

	(void)state;
	RULE(&h, X_SADDR(0), X_CMP(NFT_CMP_NEQ, 0, 10, 0, 0, 1), X_DROP);
	w = hand_walk(&h, FW_INPUT, &packet);
	assert_int_equal(w.verdicts, ONLY_DROP);
	assert_false(w.first.names_source);
}

static void the_element_that_held_is_told(void **state)
{
	static struct fw_element elements[2];
	struct hand_walks w;
	uint32_t set;

	(void)state;
	elements[0].key = BYTES(10, 0, 0, 1);
	elements[1].key = BYTES(198, 51, 100, 7);
	set = hand_set(&h, 0, 4, elements, 2);
	RULE(&h, X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	w = hand_walk(&h, FW_INPUT, &packet);
	assert_int_equal(w.verdicts, ONLY_DROP);
	assert_int_equal(w.first.set, set);
	assert_int_equal(w.first.element, 1);
	assert_true(w.first.is_source_in_set);
	assert_false(w.first.names_source);
}

static const struct fw_expr dnat = {.kind = FW_EXPR_NAT,
				    .key = NFT_NAT_DNAT,
				    .family = NFPROTO_IPV4,
				    .sreg = 0,
				    .sreg2 = FW_NO_REG,
				    .sreg3 = 4,
				    .sreg4 = FW_NO_REG};

static void a_translation_changes_the_destination(void **state)
{
	struct hand_walks w;

	(void)state;
	RULE(&h, {.kind = FW_EXPR_IMMEDIATE, .dreg = 0, .value = BYTES(10, 0, 0, 9)},
	     {.kind = FW_EXPR_IMMEDIATE, .dreg = 4, .value = BYTES(0x1f, 0x90)}, dnat);
	w = hand_walk(&h, FW_PREROUTING, &packet);
	assert_true(w.first.is_translated);
	assert_int_equal(w.first.to_port, 8080);
	assert_int_equal(w.packet.dport, 8080);
	assert_int_equal(w.packet.daddr.bytes[3], 9);
	assert_int_equal(w.packet.ct.dport, 80);
	assert_true(w.packet.ct.status & 0x20);
}

static void only_the_first_packet_is_translated(void **state)
{
	(void)state;
	RULE(&h, {.kind = FW_EXPR_REDIR, .sreg3 = FW_NO_REG, .sreg4 = FW_NO_REG});
	packet.ct.state = 2;
	assert_false(hand_walk(&h, FW_PREROUTING, &packet).first.is_translated);
	packet.ct.state = 8;
	assert_true(hand_walk(&h, FW_PREROUTING, &packet).first.is_redirect);
	packet.ct.has_entry = false;
	assert_false(hand_walk(&h, FW_PREROUTING, &packet).first.is_translated);
}

static void a_translation_by_chance_is_unsure(void **state)
{
	struct hand_walks w;

	(void)state;
	RULE(&h, {.kind = FW_EXPR_NUMGEN, .dreg = 0},
	     {.kind = FW_EXPR_IMMEDIATE, .dreg = 4, .value = BYTES(0, 22)}, dnat);
	w = hand_walk(&h, FW_PREROUTING, &packet);
	assert_true(w.first.is_nat_unsure);
	assert_int_equal(w.first.to.family, 0);
	assert_true(addr_equals(&w.packet.daddr, &packet.daddr));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(registers_fill_up_to_the_word, start),
		cmocka_unit_test_setup(long_loads_span_words, start),
		cmocka_unit_test_setup(words_that_do_not_exist_are_not_understood, start),
		cmocka_unit_test_setup(shifts_carry_between_words, start),
		cmocka_unit_test_setup(byteorder_turns_units_round, start),
		cmocka_unit_test_setup(a_sent_packet_has_no_link_header, start),
		cmocka_unit_test_setup(a_device_that_is_not_there_has_no_name, start),
		cmocka_unit_test_setup(an_owner_is_asked_only_where_there_is_one, start),
		cmocka_unit_test_setup(what_a_rule_writes_later_rules_see, start),
		cmocka_unit_test_setup(a_match_of_iptables_names_the_port_that_is_not_known,
				       start),
		cmocka_unit_test_setup(reject_codes_are_those_of_the_family, start),
		cmocka_unit_test_setup(a_rule_for_one_source_names_it, start),
		cmocka_unit_test_setup(a_rule_for_all_but_one_source_names_none, start),
		cmocka_unit_test_setup(the_element_that_held_is_told, start),
		cmocka_unit_test_setup(a_translation_changes_the_destination, start_nat),
		cmocka_unit_test_setup(only_the_first_packet_is_translated, start_nat),
		cmocka_unit_test_setup(a_translation_by_chance_is_unsure, start_nat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
