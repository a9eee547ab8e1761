/* Rules with a bound: when one is told to stop part of a client's SYNs, and how sure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/firewall/bounds.h"
#include "tests/unit/scene_routes.h"

#define X_LIMIT_OVER                                       \
	{                                                  \
		.kind = FW_EXPR_LIMIT, .is_inverted = true \
	}
#define X_STATISTIC                                                    \
	{                                                              \
		.kind = FW_EXPR_XT_MATCH, .name = text_of("statistic") \
	}

enum { FIRST, SECOND }; /* rules of the input chain */

/* Rule 0 accepts below its rate, rule 1 drops the rest. */
static void two_rules(struct scene *c)
{
	struct hand_rules *h = &c->rules;
	uint32_t table;

	hand_start(h);
	table = hand_firewall_table(h, NFPROTO_INET);
	c->input = hand_base(h, table, FW_INPUT, 0, false);
	RULE(h, X_PORT_IS(443), X_LIMIT, X_COUNTER, X_ACCEPT);
	RULE(h, X_PORT_IS(443), X_COUNTER, X_DROP);
}

static void one_rule(struct scene *c)
{
	struct hand_rules *h = &c->rules;
	uint32_t table;

	hand_start(h);
	table = hand_firewall_table(h, NFPROTO_INET);
	c->input = hand_base(h, table, FW_INPUT, 0, false);
	RULE(h, X_PORT_IS(443), X_LIMIT_OVER, X_COUNTER, X_DROP);
}

/* One got through, two did not: 7 SYNs in vain. */
static void tried_in_part(struct scene *c)
{
	scene_tell(c, CLIENT, ANSWERED_TRY);
	scene_tell(c, CLIENT, SILENT_TRY);
	scene_try(c, (struct attempt){.outcome = OUTCOME_SILENT, .n_syns = 4});
	scene_walk_really(c);
}

static void dropped_behind(struct scene *c)
{
	two_rules(c);
	tried_in_part(c);
	scene_move(c, SECOND, 7);
}

static void dropped_over(struct scene *c)
{
	one_rule(c);
	tried_in_part(c);
	scene_move(c, FIRST, 7);
}

static void uncounted(struct scene *c)
{
	two_rules(c);
	tried_in_part(c);
}

static void uncounted_and_overflowing(struct scene *c)
{
	uncounted(c);
	scene_count(c, "TcpExt.ListenOverflows", 7);
}

static void counted_for_others(struct scene *c)
{
	dropped_behind(c);
	scene_move(c, SECOND, 90);
	scene_count(c, "TcpExt.ListenOverflows", 7);
}

static void counted_too_little(struct scene *c)
{
	dropped_behind(c);
	scene_move(c, SECOND, 1);
}

static void stood_still(struct scene *c)
{
	dropped_behind(c);
	scene_move(c, SECOND, 0);
}

static void all_answered(struct scene *c)
{
	two_rules(c);
	scene_try(c, ANSWERED_TRY);
	scene_walk_really(c);
	scene_move(c, SECOND, 7);
}

static void first_syn_lost(struct scene *c)
{
	struct attempt a = ANSWERED_TRY;

	a.n_syns = 3;
	two_rules(c);
	scene_try(c, a);
	scene_walk_really(c);
	scene_move(c, SECOND, 2);
}

static void by_chance(struct scene *c)
{
	struct hand_rules *h = &c->rules;

	hand_start(h);
	c->input = hand_base(h, hand_firewall_table(h, NFPROTO_INET), FW_INPUT, 0, false);
	RULE(h, X_PORT_IS(443), X_STATISTIC, X_COUNTER, X_DROP);
	tried_in_part(c);
	scene_move(c, FIRST, 7);
}

static void no_bound_at_all(struct scene *c)
{
	struct hand_rules *h = &c->rules;

	hand_start(h);
	c->input = hand_base(h, hand_firewall_table(h, NFPROTO_INET), FW_INPUT, 0, false);
	RULE(h, X_PORT_IS(80), X_LIMIT_OVER, X_COUNTER, X_DROP);
	tried_in_part(c);
	scene_move(c, FIRST, 7);
}

static const struct scene_row rows[] = {
	PROVEN("what is behind the limit counted all of them", dropped_behind,
	       FAULT_RATE_LIMITED, "7 of 8 SYNs are dropped"),
	PROVEN("the rule that drops above its rate counted", dropped_over,
	       FAULT_RATE_LIMITED, "above its rate limit"),
	PROVEN("the first SYNs were lost, a later one was taken", first_syn_lost,
	       FAULT_RATE_LIMITED, "2 of 3 SYNs"),
	LIKELY("nothing counts, part is answered, the kernel has no other reason",
	       uncounted, FAULT_RATE_LIMITED, ""),
	LIKELY("others moved the counter, and a queue overflowed", counted_for_others,
	       FAULT_RATE_LIMITED, ""),
	POSSIBLE("nothing counts, and a queue overflowed", uncounted_and_overflowing,
		 FAULT_RATE_LIMITED, ""),
	POSSIBLE("it counted fewer than were lost", counted_too_little, FAULT_RATE_LIMITED,
		 ""),
	EXCLUDED("its counter stood still", stood_still, FAULT_RATE_LIMITED),
	EXCLUDED("all of them were answered", all_answered, FAULT_RATE_LIMITED),
	EXCLUDED("the limit is of another port", no_bound_at_all, FAULT_RATE_LIMITED),
	NEVER("chance is no bound", by_chance, FAULT_RATE_LIMITED),
};

static void a_bound_is_told_as_sure_as_it_was_seen(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

static void the_rule_with_the_bound_is_named_and_the_rest_is_promised(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, dropped_behind);

	(void)state;
	assert_true(d->has_rule);
	assert_int_equal(d->rule, FIRST);
	assert_int_equal(d->extent, EXTENT_SOME);
	assert_true(scene_contains(d->affected, "2 of 3 attempts"));
	assert_true(d->has_if_fixed);
	assert_int_equal(d->if_fixed, VERDICT_HEALTHY);
	scene_give_back(&c, d);
}

/* ---- which expressions are bounds ---- */

static enum fw_bound bound_of(struct fw_expr x)
{
	const char *what;

	return fw_expr_bound(&x, &what);
}

static struct fw_expr match(const char *name, uint8_t revision, const void *bytes,
			    size_t len)
{
	return (struct fw_expr){.kind = FW_EXPR_XT_MATCH,
				.name = text_of(name),
				.revision = revision,
				.value = {bytes, len}};
}

static void a_bound_has_the_side_that_matches(void **state)
{
	uint8_t recent[220] = {0}, connlimit[24] = {0};

	(void)state;
	assert_int_equal(bound_of((struct fw_expr){.kind = FW_EXPR_LIMIT}), FW_BOUND_BELOW);
	assert_int_equal(
		bound_of((struct fw_expr){.kind = FW_EXPR_QUOTA, .is_inverted = true}),
		FW_BOUND_BEYOND);
	assert_int_equal(bound_of((struct fw_expr){.kind = FW_EXPR_NUMGEN}), FW_BOUND_NONE);
	/* connlimit: mask of 16 bytes, limit, flags: 1 inverted. */
	assert_int_equal(bound_of(match("connlimit", 1, connlimit, 24)), FW_BOUND_BEYOND);
	connlimit[20] = 1;
	assert_int_equal(bound_of(match("connlimit", 1, connlimit, 24)), FW_BOUND_BELOW);
	/* recent: seconds, hit_count, check_set: 2 --set, 4 --update. */
	recent[4] = 4;
	recent[8] = 2;
	assert_int_equal(bound_of(match("recent", 1, recent, 220)), FW_BOUND_NONE);
	recent[8] = 4;
	assert_int_equal(bound_of(match("recent", 1, recent, 220)), FW_BOUND_BEYOND);
	recent[4] = 0;
	assert_int_equal(bound_of(match("recent", 1, recent, 220)), FW_BOUND_NONE);
}

static void an_extension_cut_short_is_no_bound(void **state)
{
	static const char *const names[] = {"hashlimit", "connlimit", "quota", "recent"};
	static const uint8_t bytes[4];

	(void)state;
	for (size_t i = 0; i < N_OF(names); i++)
		assert_int_equal(bound_of(match(names[i], 3, bytes, i == 2 ? 0 : 4)),
				 FW_BOUND_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bound_is_told_as_sure_as_it_was_seen),
		cmocka_unit_test(the_rule_with_the_bound_is_named_and_the_rest_is_promised),
		cmocka_unit_test(a_bound_has_the_side_that_matches),
		cmocka_unit_test(an_extension_cut_short_is_no_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
