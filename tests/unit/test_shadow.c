/* Rules that earlier ones always decide: told apart, and never said where it is not so. The
 * evaluator is the judge: no packet of it is decided by a rule that is called dead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/firewall/box/reach.h"
#include "core/firewall/box/shadow.h"
#include "tests/unit/hand_rules.h"

static struct hand_rules h;
static struct shadow shadows[HAND_RULES];

#define X_RANGE(o, word, low, high)                               \
	{                                                         \
		.kind = FW_EXPR_RANGE, .op = (o), .sreg = (word), \
		.value = BYTES((low) >> 8, (low)&0xff),           \
		.value2 = BYTES((high) >> 8, (high)&0xff)         \
	}
#define X_MASK(word, n, ...)                                                         \
	{                                                                            \
		.kind = FW_EXPR_BITWISE, .sreg = (word), .dreg = (word), .len = (n), \
		.value = BYTES(__VA_ARGS__), .value2 = BYTES(0, 0, 0, 0)             \
	}
#define X_STATE(s) \
	X_CT(NFT_CT_STATE, 0), X_MASK(0, 4, (s), 0, 0, 0), X_CMP(NFT_CMP_NEQ, 0, 0, 0, 0, 0)
#define X_TCP              X_META(NFT_META_L4PROTO, 0), X_EQ(0, 6)
#define X_SOURCE3(a, b, c) X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 3, 0), X_EQ(0, a, b, c)

static int start(void **state)
{
	(void)state;
	hand_start(&h);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_IPV4), FW_INPUT, 0, false);
	return 0;
}

static struct shadow shade(uint32_t rule)
{
	assert_int_equal(shadow_find(&h.r, shadows), 0);
	return shadows[rule];
}

static void assert_shadow(uint32_t rule, enum shadow_kind kind, uint32_t by)
{
	struct shadow s = shade(rule);

	assert_int_equal(s.kind, kind);
	assert_int_equal(s.by, by);
}

static void an_accept_behind_a_drop_of_more_is_shadowed(void **state)
{
	uint32_t by, rule;

	(void)state;
	by = RULE(&h, X_TCP, X_DPORT(0), X_RANGE(NFT_RANGE_EQ, 0, 1, 1023), X_DROP);
	rule = RULE(&h, X_TCP, X_PORT_IS(443), X_COUNTER, X_ACCEPT);
	RULE(&h, X_TCP, X_PORT_IS(8080), X_ACCEPT);
	assert_shadow(rule, SHADOW_SHADOWED, by);
	assert_shadow(rule + 1, SHADOW_NONE, FW_NONE);
	assert_shadow(by, SHADOW_NONE, FW_NONE);
}

static void the_same_rule_twice_is_a_duplicate(void **state)
{
	uint32_t by, rule;

	(void)state;
	by = RULE(&h, X_TCP, X_PORT_IS(443), X_ACCEPT);
	rule = RULE(&h, X_TCP, X_PORT_IS(443), X_COUNTER, X_ACCEPT);
	assert_shadow(rule, SHADOW_DUPLICATE, by);
}

static void a_narrower_rule_of_the_same_effect_is_told_apart(void **state)
{
	uint32_t by, rule;

	(void)state;
	by = RULE(&h, X_TCP, X_PORT_IS(443), X_ACCEPT);
	rule = RULE(&h, X_SOURCE3(10, 0, 0), X_TCP, X_PORT_IS(443), X_ACCEPT);
	assert_shadow(rule, SHADOW_SAME_EFFECT, by);
}

static void two_prefixes_together_cover_their_sum(void **state)
{
	uint32_t by, rule;

	(void)state;
	by = RULE(&h, X_SADDR(0), X_MASK(0, 4, 0xff, 0x80, 0, 0), X_EQ(0, 10, 0, 0, 0),
		  X_DROP);
	RULE(&h, X_SADDR(0), X_MASK(0, 4, 0xff, 0x80, 0, 0), X_EQ(0, 10, 128, 0, 0),
	     X_DROP);
	rule = RULE(&h, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 1, 0), X_EQ(0, 10),
		    X_ACCEPT);
	assert_shadow(rule, SHADOW_SHADOWED, by);
	assert_int_equal(shade(rule).n_by, 2);
}

static void states_cover_only_their_own(void **state)
{
	uint32_t established, rule;

	(void)state;
	established = RULE(&h, X_STATE(2 | 4), X_ACCEPT);
	rule = RULE(&h, X_STATE(8), X_TCP, X_PORT_IS(22), X_ACCEPT);
	RULE(&h, X_STATE(2), X_DROP);
	assert_shadow(rule, SHADOW_NONE, FW_NONE);
	assert_shadow(rule + 1, SHADOW_SHADOWED, established);
}

static void a_limit_or_what_is_opaque_covers_nothing(void **state)
{
	uint32_t rule;

	(void)state;
	RULE(&h, X_LIMIT, X_TCP, X_PORT_IS(443), X_DROP);
	RULE(&h, {.kind = FW_EXPR_XT_MATCH, .name = text_of("string")}, X_DROP);
	RULE(&h, {.kind = FW_EXPR_OPAQUE, .name = text_of("odd")}, X_DROP);
	rule = RULE(&h, X_TCP, X_PORT_IS(443), X_ACCEPT);
	assert_shadow(rule, SHADOW_NONE, FW_NONE);
}

static void a_set_that_changes_by_itself_covers_nothing(void **state)
{
	static struct fw_element elements[] = {
		{.key = {"\x01\xbb", 2}, .verdict_chain = FW_NONE}};
	uint32_t fixed, moving, named, rule;

	(void)state;
	moving = hand_set(&h, NFT_SET_EVAL, 2, elements, 1);
	named = hand_set(&h, 0, 2, elements, 1);
	fixed = hand_set(&h, NFT_SET_ANONYMOUS | NFT_SET_CONSTANT, 2, elements, 1);
	RULE(&h, X_TCP, X_DPORT(0), X_LOOKUP(moving, 0), X_DROP);
	RULE(&h, X_TCP, X_DPORT(0), X_LOOKUP(named, 0), X_DROP);
	rule = RULE(&h, X_TCP, X_PORT_IS(443), X_ACCEPT);
	assert_shadow(rule, SHADOW_NONE, FW_NONE);
	RULE(&h, X_TCP, X_DPORT(0), X_LOOKUP(fixed, 0), X_DROP);
	assert_shadow(rule + 1, SHADOW_SHADOWED, rule);
}

static void behind_an_unconditional_end_nothing_is_reached(void **state)
{
	uint32_t by, rule;

	(void)state;
	by = RULE(&h, X_VERDICT(NFT_RETURN));
	rule = RULE(&h, X_TCP, X_PORT_IS(443), X_ACCEPT);
	assert_shadow(rule, SHADOW_NEVER_REACHED, by);
}

static void conditions_that_exclude_each_other_match_nothing(void **state)
{
	uint32_t rule;

	(void)state;
	rule = RULE(&h, X_TCP, X_PORT_IS(443), X_PORT_IS(80), X_ACCEPT);
	assert_shadow(rule, SHADOW_CONTRADICTORY, FW_NONE);
}

static void a_chain_that_nothing_jumps_to_is_unreachable(void **state)
{
	uint32_t rule;

	(void)state;
	RULE(&h, X_TCP, X_ACCEPT);
	hand_chain(&h, 0);
	rule = RULE(&h, X_DROP);
	assert_shadow(rule, SHADOW_UNREACHABLE, FW_NONE);
}

static void a_packet_that_was_changed_is_another_one(void **state)
{
	uint32_t rule;

	(void)state;
	RULE(&h, X_STATE(64), X_DROP);
	RULE(&h, {.kind = FW_EXPR_NOTRACK});
	rule = RULE(&h, X_STATE(64), X_ACCEPT);
	assert_shadow(rule, SHADOW_NONE, FW_NONE);
}

static void a_port_that_is_looked_for_misses_packets_without_one(void **state)
{
	uint32_t rule;

	(void)state;
	RULE(&h, X_TCP, X_DPORT(0), X_RANGE(NFT_RANGE_EQ, 0, 0, 65535), X_DROP);
	rule = RULE(&h, X_TCP, X_ACCEPT);
	assert_shadow(rule, SHADOW_NONE, FW_NONE);
}

static void other_ports_than_one_leave_that_one(void **state)
{
	uint32_t rule;

	(void)state;
	RULE(&h, X_TCP, X_DPORT(0), X_CMP(NFT_CMP_NEQ, 0, 0x01, 0xbb), X_DROP);
	rule = RULE(&h, X_TCP, X_PORT_IS(443), X_ACCEPT);
	RULE(&h, X_TCP, X_PORT_IS(444), X_ACCEPT);
	assert_shadow(rule, SHADOW_NONE, FW_NONE);
	assert_shadow(rule + 1, SHADOW_SHADOWED, rule - 1);
}

static void a_port_meets_its_rules_and_those_of_any_port(void **state)
{
	struct box b = box_all(BOX_FAMILIES);
	bool wanted[HAND_RULES];
	uint8_t proto = 6, port[2] = {0x01, 0xbb};
	uint32_t any, chain, deep;

	(void)state;
	any = RULE(&h, X_SOURCE3(10, 0, 0), X_DROP);
	RULE(&h, X_TCP, X_PORT_IS(22), X_JUMP(NFT_JUMP, 2));
	RULE(&h, X_TCP, X_DPORT(0), X_RANGE(NFT_RANGE_EQ, 0, 400, 500),
	     X_JUMP(NFT_JUMP, 1));
	chain = hand_chain(&h, 0);
	deep = RULE(&h, X_ACCEPT);
	hand_chain(&h, 0);
	RULE(&h, X_ACCEPT);
	b.fields[BOX_PROTO] = box_value(&proto, 1);
	b.fields[BOX_PORT] = box_value(port, 2);
	assert_int_equal(chain, 1);
	memset(wanted, 0, sizeof(wanted));
	assert_int_equal(reach_rules(&h.r, &b, wanted), 0);
	assert_true(wanted[any] && wanted[any + 2] && wanted[deep]);
	assert_false(wanted[any + 1] || wanted[deep + 1]);
}

/* ---- the evaluator as judge ---- */

static uint32_t seed;

static uint32_t below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static const uint8_t ports[] = {1, 22, 80, 81, 200};

/* Copies tests and keeps their bytes. Returns how many. */
static size_t put_tests(struct fw_expr *x, struct fw_expr *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		hand_keep(&h, &tests[i].value);
		hand_keep(&h, &tests[i].value2);
		x[i] = tests[i];
	}
	return n;
}

static size_t add_source(struct fw_expr *x)
{
	uint8_t a = (uint8_t)below(3), last = (uint8_t)below(3);
	struct fw_expr one[] = {X_SADDR(0), X_EQ(0, 10, 0, a, last)};
	struct fw_expr net[] = {X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 3, 0),
				X_CMP(below(4) ? NFT_CMP_EQ : NFT_CMP_NEQ, 0, 10, 0, a)};

	return put_tests(x, below(2) ? one : net, 2);
}

static size_t add_port(struct fw_expr *x)
{
	uint8_t p = ports[below(5)], q = ports[below(5)];
	struct fw_expr one[] = {X_DPORT(0), X_CMP((uint8_t)below(6), 0, 0, p)};
	struct fw_expr range[] = {X_DPORT(0), X_RANGE((uint8_t)below(2), 0, 0, 0)};

	range[1].value = BYTES(0, p < q ? p : q);
	range[1].value2 = BYTES(0, p < q ? q : p);
	return put_tests(x, below(2) ? one : range, 2);
}

static size_t add_state(struct fw_expr *x)
{
	struct fw_expr e[] = {X_STATE((uint8_t)(1 + below(15)))};

	e[2].op = (uint8_t)below(2);
	return put_tests(x, e, 3);
}

static size_t add_proto(struct fw_expr *x)
{
	struct fw_expr e[] = {X_META(NFT_META_L4PROTO, 0),
			      X_CMP((uint8_t)below(2), 0, below(2) ? 6 : 17)};

	return put_tests(x, e, 2);
}

static size_t add_random(struct fw_expr *x)
{
	size_t (*const adders[])(struct fw_expr * x) = {add_source, add_source, add_port,
							add_port,   add_state,  add_proto};

	return adders[below(6)](x);
}

static void add_random_rule(uint32_t n_chains)
{
	static const struct fw_expr ends[] = {X_ACCEPT, X_DROP, X_VERDICT(NFT_RETURN),
					      X_COUNTER};
	struct fw_expr x[HAND_EXPRS] = {0};
	uint32_t n_tests = below(3), mine = (uint32_t)h.r.n_chains - 1;
	size_t n = 0;

	for (uint32_t i = 0; i < n_tests; i++)
		n += add_random(x + n);
	x[n] = ends[below(4)];
	if (mine + 1 < n_chains && !below(5))
		x[n] = (struct fw_expr)X_JUMP(below(3) ? NFT_JUMP : NFT_GOTO, mine + 1);
	hand_rule(&h, x, n + 1);
}

static void make_random_rules(void)
{
	uint32_t n_chains = 1 + below(3);

	hand_start(&h);
	hand_base(&h, hand_firewall_table(&h, NFPROTO_IPV4), FW_INPUT, 0, below(2));
	for (uint32_t c = 0; c < n_chains; c++) {
		if (c)
			hand_chain(&h, 0);
		for (uint32_t i = 1 + below(10); i; i--)
			add_random_rule(n_chains);
	}
}

static size_t count_dead(void)
{
	size_t n = 0;

	assert_int_equal(shadow_find(&h.r, shadows), 0);
	for (size_t i = 0; i < h.r.n_rules; i++)
		n += shadows[i].kind != SHADOW_NONE;
	return n;
}

static void check_packet(void)
{
	static const uint32_t states[] = {1, 2, 4, 8, 64};
	struct fw_packet p = hand_syn("10.0.0.0", "192.0.2.1", ports[below(5)]);
	struct fw_lookups none = {0};
	struct fw_choices choices = {0};
	struct fw_result out;

	p.saddr.bytes[2] = (uint8_t)below(4);
	p.saddr.bytes[3] = (uint8_t)below(4);
	p.proto = below(4) ? 6 : 17;
	p.dport = (uint16_t)(p.dport + below(3) - 1);
	p.ct.state = states[below(5)];
	assert_int_equal(firewall_run(&h.r, FW_INPUT, &p, &none, &choices, &out), 0);
	for (size_t i = 0; i < out.steps.n; i++) {
		const struct fw_step *s = vec_at(&out.steps, i);

		if (s->rule != FW_NONE && shadows[s->rule].kind != SHADOW_NONE)
			fail_msg("seed %u: a packet met rule %u, called dead (%s)", seed,
				 s->rule, shadow_words(shadows[s->rule].kind));
	}
	fw_result_release(&out);
}

static void no_packet_meets_a_rule_that_is_called_dead(void **state)
{
	size_t n_dead = 0;

	(void)state;
	seed = 20240917;
	for (int i = 0; i < 400; i++) {
		make_random_rules();
		n_dead += count_dead();
		for (int k = 0; k < 60; k++)
			check_packet();
	}
	/* That it is said at all. */
	assert_true(n_dead > 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, start)
		T(an_accept_behind_a_drop_of_more_is_shadowed),
		T(the_same_rule_twice_is_a_duplicate),
		T(a_narrower_rule_of_the_same_effect_is_told_apart),
		T(two_prefixes_together_cover_their_sum),
		T(states_cover_only_their_own),
		T(a_limit_or_what_is_opaque_covers_nothing),
		T(a_set_that_changes_by_itself_covers_nothing),
		T(behind_an_unconditional_end_nothing_is_reached),
		T(conditions_that_exclude_each_other_match_nothing),
		T(a_chain_that_nothing_jumps_to_is_unreachable),
		T(a_packet_that_was_changed_is_another_one),
		T(a_port_that_is_looked_for_misses_packets_without_one),
		T(other_ports_than_one_leave_that_one),
		T(a_port_meets_its_rules_and_those_of_any_port),
		T(no_packet_meets_a_rule_that_is_called_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
