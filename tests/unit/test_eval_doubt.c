/* What may not be taken as certain: two unknown things for one, what a rule has changed,
 * what is not understood, an order that nobody told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/netfilter/nf_conntrack_common.h>

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

static unsigned verdicts(void)
{
	return hand_walk(&h, FW_INPUT, &packet).verdicts;
}

/* ---- which unknown thing it is ---- */

#define X_FIELD(offset) X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, offset, 2, 0)
#define X_MAP(row)                                                         \
	X_SADDR(0),                                                        \
	{                                                                  \
		.kind = FW_EXPR_LOOKUP, .set = (row), .sreg = 0, .dreg = 1 \
	}
#define X_MARK_IS_5 X_META(NFT_META_MARK, 0), X_EQ(0, 5, 0, 0, 0)

static uint32_t unread_map(void)
{
	uint32_t row = hand_set(&h, NFT_SET_MAP, 4, NULL, 0);

	h.sets[row].data_len = 4;
	h.sets[row].is_read = false;
	return row;
}

static void one_field_asked_twice_has_one_answer(void **state)
{
	(void)state;
	RULE(&h, X_FIELD(4), X_EQ(0, 0, 5), X_ACCEPT);
	RULE(&h, X_FIELD(4), X_EQ(0, 0, 5), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT);
}

static void two_fields_are_two_questions(void **state)
{
	(void)state;
	RULE(&h, X_FIELD(4), X_EQ(0, 0, 5), X_ACCEPT);
	RULE(&h, X_FIELD(10), X_EQ(0, 0, 5), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

static void two_maps_are_two_questions(void **state)
{
	uint32_t a = unread_map(), b = unread_map();

	(void)state;
	RULE(&h, X_MAP(a), X_EQ(1, 0, 0, 0, 5), X_ACCEPT);
	RULE(&h, X_MAP(b), X_EQ(1, 0, 0, 0, 5), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

static void one_map_asked_twice_has_one_answer(void **state)
{
	uint32_t a = unread_map();

	(void)state;
	RULE(&h, X_MAP(a), X_EQ(1, 0, 0, 0, 5), X_ACCEPT);
	RULE(&h, X_MAP(a), X_EQ(1, 0, 0, 0, 5), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT);
}

static void a_turned_bit_is_another_question(void **state)
{
	const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};

	(void)state;
	packet.is_mark_known = false;
	RULE(&h, X_META(NFT_META_MARK, 0), X_EQ(0, 0, 0, 0, 0), X_ACCEPT);
	RULE(&h, X_META(NFT_META_MARK, 0),
	     {.kind = FW_EXPR_BITWISE,
	      .sreg = 0,
	      .dreg = 0,
	      .len = 4,
	      .value = {(const char *)ones, 4},
	      .value2 = BYTES(1, 0, 0, 0)},
	     X_EQ(0, 0, 0, 0, 0), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

static void a_mark_set_to_something_unknown_is_another_mark(void **state)
{
	(void)state;
	packet.is_mark_known = false;
	RULE(&h, X_MARK_IS_5, X_ACCEPT);
	RULE(&h, {.kind = FW_EXPR_NUMGEN, .dreg = 0},
	     {.kind = FW_EXPR_META, .key = NFT_META_MARK, .sreg = 0, .writes = true});
	RULE(&h, X_MARK_IS_5, X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

/* ---- what is not understood ---- */

static void what_is_not_understood_may_decide_by_itself(void **state)
{
	(void)state;
	RULE(&h, {.kind = FW_EXPR_OPAQUE});
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

static void what_is_not_understood_may_write_any_register(void **state)
{
	(void)state;
	RULE(&h, X_SADDR(0), {.kind = FW_EXPR_OPAQUE}, X_EQ(0, 1, 2, 3, 4), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

static void a_target_that_is_not_understood_may_accept(void **state)
{
	(void)state;
	h.chains[0].policy_drops = true;
	RULE(&h, {.kind = FW_EXPR_XT_TARGET, .name = text_of("MYSTERY")});
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

static void whether_an_unknown_expression_tracks_is_not_known(void **state)
{
	uint32_t c = hand_base(&h, 0, FW_PREROUTING, 0, false);

	(void)state;
	h.chains[c].type = FW_NAT;
	RULE(&h, X_DROP);
	hand_chain(&h, 0);
	RULE(&h, {.kind = FW_EXPR_OPAQUE});
	assert_int_equal(firewall_tracks(&h.r, NFPROTO_IPV4), TRI_UNSURE);
	assert_int_equal(hand_walk(&h, FW_PREROUTING, &packet).verdicts,
			 ONLY_ACCEPT | ONLY_DROP);
}

static const struct fw_member *nobody_says(void *arg, uint32_t set, const uint8_t *key,
					   bool *is_awaited)
{
	(void)arg;
	(void)set;
	(void)key;
	(void)is_awaited;
	return NULL;
}

static void a_map_that_is_not_read_may_give_any_value(void **state)
{
	const struct fw_lookups lookups = {.set_member = nobody_says};
	struct fw_choices choices = {0};
	unsigned seen = 0;
	uint32_t row = unread_map();

	(void)state;
	/* It stores where its key stood, which is no 0.0.0.5. */
	RULE(&h, X_SADDR(0), {.kind = FW_EXPR_LOOKUP, .set = row, .sreg = 0, .dreg = 0},
	     X_EQ(0, 0, 0, 0, 5), X_DROP);
	do {
		struct fw_packet p = packet;
		struct fw_result out;

		assert_int_equal(firewall_run(&h.r, FW_INPUT, &p, &lookups, &choices, &out),
				 0);
		seen |= 1U << out.verdict;
		fw_result_release(&out);
	} while (fw_choices_next(&choices));
	assert_int_equal(seen, ONLY_ACCEPT | ONLY_DROP);
}

/* ---- what this packet puts into sets ---- */

#define X_PUT(how, row)                                                      \
	X_SADDR(0),                                                          \
	{                                                                    \
		.kind = FW_EXPR_DYNSET, .op = (how), .set = (row), .sreg = 0 \
	}

static void a_packet_finds_what_it_has_put_into_a_set(void **state)
{
	uint32_t row = hand_set(&h, 0, 4, NULL, 0);

	(void)state;
	RULE(&h, X_SADDR(0), X_LOOKUP(row, 0), X_ACCEPT);
	RULE(&h, X_PUT(NFT_DYNSET_OP_ADD, row));
	RULE(&h, X_SADDR(0), X_LOOKUP(row, 0), X_DROP);
	assert_int_equal(verdicts(), ONLY_DROP);
}

static void what_it_has_put_there_is_no_other_key(void **state)
{
	uint32_t row = hand_set(&h, 0, 4, NULL, 0);

	(void)state;
	RULE(&h, X_PUT(NFT_DYNSET_OP_ADD, row));
	RULE(&h, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 16, 4, 0), X_LOOKUP(row, 0), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT);
}

static void an_unknown_source_may_be_what_was_put_there(void **state)
{
	uint32_t row = hand_set(&h, 0, 4, NULL, 0);

	(void)state;
	packet.is_source_unknown = true;
	RULE(&h, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 16, 4, 0),
	     {.kind = FW_EXPR_DYNSET, .set = row, .sreg = 0});
	RULE(&h, X_SADDR(0), X_LOOKUP(row, 0), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

static void a_full_set_may_refuse(void **state)
{
	struct fw_element one = {.key = BYTES(192, 0, 2, 55), .expires_ms = -1};
	uint32_t row = hand_set(&h, 0, 4, &one, 1);

	(void)state;
	h.sets[row].size = 1;
	RULE(&h, X_PUT(NFT_DYNSET_OP_ADD, row), X_DROP);
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
	h.sets[row].size = 2;
	assert_int_equal(verdicts(), ONLY_DROP);
}

/* ---- tables of one priority ---- */

#define X_REJECT                                                  \
	{                                                         \
		.kind = FW_EXPR_REJECT, .key = NFT_REJECT_TCP_RST \
	}
#define X_SNAT_TO(last)                                                               \
	{.kind = FW_EXPR_IMMEDIATE, .dreg = 0, .value = BYTES(192, 0, 2, last)},      \
	{                                                                             \
		.kind = FW_EXPR_NAT, .key = NFT_NAT_SNAT, .family = NFPROTO_IPV4,     \
		.sreg = 0, .sreg2 = FW_NO_REG, .sreg3 = FW_NO_REG, .sreg4 = FW_NO_REG \
	}

static uint32_t second_table(enum fw_hook hook)
{
	return hand_base(&h, hand_firewall_table(&h, NFPROTO_IPV4), hook, 0, false);
}

static void a_drop_and_a_reject_of_one_priority_are_unsure(void **state)
{
	(void)state;
	RULE(&h, X_DROP);
	second_table(FW_INPUT);
	RULE(&h, X_REJECT);
	assert_int_equal(verdicts(), ONLY_DROP | ONLY_REJECT);
}

static void two_drops_of_one_priority_are_a_drop(void **state)
{
	(void)state;
	RULE(&h, X_DROP);
	second_table(FW_INPUT);
	RULE(&h, X_DROP);
	assert_int_equal(verdicts(), ONLY_DROP);
}

static void of_two_priorities_the_first_one_decides(void **state)
{
	(void)state;
	RULE(&h, X_DROP);
	h.chains[second_table(FW_INPUT)].priority = 1;
	RULE(&h, X_REJECT);
	assert_int_equal(verdicts(), ONLY_DROP);
}

static void a_mark_set_at_one_priority_may_come_too_late(void **state)
{
	(void)state;
	RULE(&h, X_MARK_IS_5, X_DROP);
	second_table(FW_INPUT);
	RULE(&h, {.kind = FW_EXPR_IMMEDIATE, .dreg = 0, .value = BYTES(5, 0, 0, 0)},
	     {.kind = FW_EXPR_META, .key = NFT_META_MARK, .sreg = 0, .writes = true});
	assert_int_equal(verdicts(), ONLY_ACCEPT | ONLY_DROP);
}

static void of_two_translations_of_one_priority_either_may_be_first(void **state)
{
	struct fw_choices choices = {0};
	unsigned seen = 0;

	(void)state;
	h.chains[0].type = FW_NAT;
	RULE(&h, X_SNAT_TO(8));
	h.chains[second_table(FW_INPUT)].type = FW_NAT;
	RULE(&h, X_SNAT_TO(9));
	do {
		const struct fw_lookups none = {0};
		struct fw_packet p = packet;
		struct fw_result out;

		assert_int_equal(firewall_run(&h.r, FW_INPUT, &p, &none, &choices, &out),
				 0);
		assert_true(out.is_translated);
		assert_int_equal(out.to.bytes[3], p.saddr.bytes[3]);
		seen |= 1U << p.saddr.bytes[3];
		fw_result_release(&out);
	} while (fw_choices_next(&choices));
	assert_int_equal(seen, 1U << 8 | 1U << 9);
}

#define DOUBT(test) cmocka_unit_test_setup(test, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DOUBT(one_field_asked_twice_has_one_answer),
		DOUBT(two_fields_are_two_questions),
		DOUBT(two_maps_are_two_questions),
		DOUBT(one_map_asked_twice_has_one_answer),
		DOUBT(a_turned_bit_is_another_question),
		DOUBT(a_mark_set_to_something_unknown_is_another_mark),
		DOUBT(what_is_not_understood_may_decide_by_itself),
		DOUBT(what_is_not_understood_may_write_any_register),
		DOUBT(a_target_that_is_not_understood_may_accept),
		DOUBT(whether_an_unknown_expression_tracks_is_not_known),
		DOUBT(a_map_that_is_not_read_may_give_any_value),
		DOUBT(a_packet_finds_what_it_has_put_into_a_set),
		DOUBT(what_it_has_put_there_is_no_other_key),
		DOUBT(an_unknown_source_may_be_what_was_put_there),
		DOUBT(a_full_set_may_refuse),
		DOUBT(a_drop_and_a_reject_of_one_priority_are_unsure),
		DOUBT(two_drops_of_one_priority_are_a_drop),
		DOUBT(of_two_priorities_the_first_one_decides),
		DOUBT(a_mark_set_at_one_priority_may_come_too_late),
		DOUBT(of_two_translations_of_one_priority_either_may_be_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
