/* Rules that are passed over by their first comparisons: nothing else may come out than if
 * each had been run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/firewall/eval/guards.h"
#include "tests/unit/hand_rules.h"
#include "tests/unit/rounds.h"

enum {
	RULESETS = 3000,
	PACKETS = 6,
	RULES_OF_OWN = 9 /* tests that load what they compare */
};

static struct hand_rules h;
static uint64_t seed;

static int start(void **state)
{
	(void)state;
	hand_start(&h);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 0, true);
	seed = 20260101;
	return 0;
}

static uint32_t below(uint32_t n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % n;
}

static void guard(void)
{
	assert_int_equal(ruleset_guard(&h.r), 0);
}

static void unguard(void)
{
	h.r.guards = NULL;
	arena_release(&h.r.head.arena);
}

/* What a rule of each kind begins with, in registers of its own or shared ones. */
static size_t add_test(struct fw_expr *x, bool has_leftovers)
{
	uint8_t word = (uint8_t)below(3), op = below(4) ? NFT_CMP_EQ : NFT_CMP_NEQ;
	const struct fw_expr tests[][3] = {
		{X_META(NFT_META_L4PROTO, word), X_CMP(op, word, below(2) ? 6 : 17)},
		{X_META(NFT_META_NFPROTO, word), X_CMP(op, word, below(2) ? 2 : 10)},
		{X_DPORT(word), X_CMP(op, word, 0, (uint8_t)below(4))},
		{X_SADDR(word), X_CMP(op, word, 198, 51, 100, (uint8_t)below(3))},
		{X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 8, 1, word), X_CMP(op, word, 64)},
		{X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 8, word),
		 X_CMP(op, word, 198, 51, 100, 1, 192, 0, 2, (uint8_t)below(3))},
		{X_LOAD(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 8, word),
		 X_CMP(op, word, 0, 1, 0, (uint8_t)below(3))},
		{X_CT(NFT_CT_STATE, word), X_CMP(op, word, 8, 0, 0, 0)},
		{X_META(NFT_META_MARK, word), X_CMP(op, word, (uint8_t)below(2), 0, 0, 0)},
		/* Of what an earlier rule may have left there. */
		{X_CMP(op, word, (uint8_t)below(8)), X_COUNTER},
	};
	const struct fw_expr mask = {.kind = FW_EXPR_BITWISE,
				     .op = NFT_BITWISE_BOOL,
				     .sreg = word,
				     .dreg = word,
				     .len = 4,
				     .value = BYTES(255, 255, 255, 252),
				     .value2 = BYTES(0, 0, 0, 0)};
	uint32_t kind =
		below(has_leftovers ? sizeof(tests) / sizeof(tests[0]) : RULES_OF_OWN);
	size_t n = 0;

	x[n++] = tests[kind][0];
	if (kind == 3 && below(2))
		x[n++] = mask;
	x[n++] = tests[kind][1];
	for (size_t i = 0; i < n; i++) {
		hand_keep(&h, &x[i].value);
		hand_keep(&h, &x[i].value2);
	}
	return n;
}

static size_t add_end(struct fw_expr *x, bool has_leftovers)
{
	const struct fw_expr port = {
		.kind = FW_EXPR_IMMEDIATE, .dreg = 0, .value = BYTES(0, 2)};
	const struct fw_expr ends[] = {
		X_ACCEPT,
		X_DROP,
		X_COUNTER,
		X_LIMIT,
		{.kind = FW_EXPR_PAYLOAD,
		 .base = NFT_PAYLOAD_TRANSPORT_HEADER,
		 .offset = 2,
		 .len = 2,
		 .writes = true},
	};

	size_t n = 0;

	if (!has_leftovers) {
		x[n++] = port;
		hand_keep(&h, &x[0].value);
	}
	x[n++] = ends[below(sizeof(ends) / sizeof(ends[0]))];
	return n;
}

/* Enough of them that some are found by the index of the guards, where there is one. */
static void make_rules(bool has_leftovers)
{
	uint32_t n_rules = 4 + below(has_leftovers ? 24 : 56);

	hand_start(&h);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_INPUT, 0, below(2));
	for (uint32_t left = n_rules; left; left--) {
		struct fw_expr x[HAND_EXPRS];
		size_t n = 0;

		for (uint32_t tests = below(4); tests; tests--)
			n += add_test(x + n, has_leftovers);
		n += add_end(x + n, has_leftovers);
		hand_rule(&h, x, n);
	}
}

static struct fw_packet make_packet(void)
{
	static const uint8_t protocols[] = {6, 17, 132, 1, 58};
	bool is_v6 = !below(4);
	struct fw_packet p = is_v6 ? hand_syn("2001:db8::1", "2001:db8::2", 2)
				   : hand_syn("198.51.100.1", "192.0.2.1", 2);

	p.dport = (uint16_t)below(4);
	p.sport = (uint16_t)below(2);
	p.proto = protocols[below(sizeof(protocols))];
	p.ttl = 64;
	p.is_ttl_known = below(2);
	p.is_source_unknown = !below(3);
	p.is_dport_unknown = !below(5);
	return p;
}

static void expect_same(const struct fw_packet *like, struct fw_choices *plain,
			struct fw_choices *guarded)
{
	const struct fw_lookups none = {0};
	struct fw_packet one = *like, two = *like;
	struct fw_result a, b;

	assert_int_equal(firewall_run(&h.r, FW_INPUT, &two, &none, guarded, &b), 0);
	h.r.guards = NULL;
	assert_int_equal(firewall_run(&h.r, FW_INPUT, &one, &none, plain, &a), 0);
	assert_int_equal(a.verdict, b.verdict);
	assert_int_equal(a.is_by_rule, b.is_by_rule);
	assert_int_equal(a.chain, b.chain);
	assert_int_equal(a.rule, b.rule);
	assert_int_equal(a.names_source, b.names_source);
	assert_int_equal(a.source_prefix, b.source_prefix);
	assert_int_equal(a.steps.n, b.steps.n);
	for (size_t i = 0; i < a.steps.n; i++)
		assert_memory_equal(vec_at(&a.steps, i), vec_at(&b.steps, i),
				    sizeof(struct fw_step));
	assert_memory_equal(&one, &two, sizeof(one));
	assert_int_equal(plain->n, guarded->n);
	assert_int_equal(plain->is_overfull, guarded->is_overfull);
	for (size_t i = 0; i < plain->n; i++) {
		assert_int_equal(plain->made[i].rule, guarded->made[i].rule);
		assert_int_equal(plain->made[i].pick, guarded->made[i].pick);
		assert_int_equal(plain->made[i].question, guarded->made[i].question);
	}
	fw_result_release(&a);
	fw_result_release(&b);
}

static void random_rules_come_to_the_same_with_and_without_guards(void **state)
{
	(void)state;
	for (unsigned i = rounds(RULESETS); i; i--) {
		const struct fw_guards *guards;

		make_rules(i % 2);
		guard();
		assert_true(i % 2 || h.r.guards->nexts);
		guards = h.r.guards;
		for (int k = 0; k < PACKETS; k++) {
			struct fw_packet p = make_packet();
			struct fw_choices plain = {0}, guarded = {0};
			bool goes_on = true;

			for (int walks = 0; goes_on && walks < 64; walks++) {
				h.r.guards = guards;
				expect_same(&p, &plain, &guarded);
				goes_on = fw_choices_next(&plain);
				assert_int_equal(goes_on, fw_choices_next(&guarded));
			}
		}
		unguard();
	}
}

static void what_a_passed_over_rule_loaded_is_there_for_the_next(void **state)
{
	uint32_t last;
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);

	(void)state;
	RULE(&h, X_SADDR(1), X_EQ(1, 10, 0, 0, 1), X_DROP);
	RULE(&h, X_PORT_IS(22), X_DROP);
	RULE(&h, X_PORT_IS(23), X_DROP);
	last = RULE(&h, X_EQ(1, 198, 51, 100, 7), X_EQ(0, 0, 80), X_ACCEPT);
	guard();
	assert_int_equal(hand_walk(&h, FW_INPUT, &p).first.rule, last);
	unguard();
}

static void a_port_that_a_rule_rewrites_is_compared_anew(void **state)
{
	uint32_t last;
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);

	(void)state;
	RULE(&h, X_PORT_IS(22), X_DROP);
	RULE(&h, {.kind = FW_EXPR_IMMEDIATE, .dreg = 4, .value = BYTES(0, 22)},
	     {.kind = FW_EXPR_PAYLOAD,
	      .base = NFT_PAYLOAD_TRANSPORT_HEADER,
	      .offset = 2,
	      .len = 2,
	      .sreg = 4,
	      .writes = true});
	RULE(&h, X_PORT_IS(80), X_DROP);
	last = RULE(&h, X_PORT_IS(22), X_ACCEPT);
	guard();
	assert_int_equal(hand_walk(&h, FW_INPUT, &p).first.rule, last);
	unguard();
}

static void every_rule_but_the_one_that_may_match_has_a_failing_guard(void **state)
{
	(void)state;
	RULE(&h, X_META(NFT_META_L4PROTO, 0), X_EQ(0, 6), X_PORT_IS(22), X_DROP);
	RULE(&h, X_COUNTER, X_PORT_IS(22), X_DROP);
	guard();
	assert_int_equal(h.r.guards->n_loads, 2);
	assert_int_equal(h.r.guards->rows[0].n, 2);
	assert_int_equal(h.r.guards->rows[0].compares[1], 3);
	assert_int_equal(h.r.guards->rows[1].n, 0);
	unguard();
}

static void more_kinds_of_loads_than_there_is_room_for_are_run_one_by_one(void **state)
{
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);
	struct fw_expr x[3] = {X_SADDR(0), X_EQ(0, 198, 51, 100, 8), X_DROP};
	uint32_t last;

	(void)state;
	assert_true(HAND_RULES > 42);
	for (uint8_t word = 0; word < 13; word++)
		for (uint8_t len = 2; len < 5; len++) {
			x[0].dreg = x[1].sreg = word;
			x[1].value.len = len;
			if (len == 4)
				hand_rule(&h, x, 3);
			x[0].offset = 16;
			hand_rule(&h, x, 3);
			x[0].offset = 12;
		}
	last = RULE(&h, X_PORT_IS(80), X_ACCEPT);
	guard();
	assert_true(h.r.guards->n_loads <= GUARD_LOADS_MAX);
	assert_int_equal(hand_walk(&h, FW_INPUT, &p).first.rule, last);
	unguard();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			random_rules_come_to_the_same_with_and_without_guards, start),
		cmocka_unit_test_setup(what_a_passed_over_rule_loaded_is_there_for_the_next,
				       start),
		cmocka_unit_test_setup(a_port_that_a_rule_rewrites_is_compared_anew, start),
		cmocka_unit_test_setup(
			every_rule_but_the_one_that_may_match_has_a_failing_guard, start),
		cmocka_unit_test_setup(
			more_kinds_of_loads_than_there_is_room_for_are_run_one_by_one,
			start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
