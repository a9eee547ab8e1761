/* What a trace says beside what was expected, and when a run wants one. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/time.h"
#include "core/diagnosis/prove.h"
#include "core/diagnosis/run.h"
#include "tests/unit/by_hand.h"
#include "tests/unit/hand_rules.h"

#define NOON (12 * 3600 * NS_PER_S + 412 * NS_PER_MS)

/* One packet of 10.0.0.2 to 443 of 10.0.0.1, expected to be dropped by the first of two
 * rules. */
struct scene {
	struct hand_rules before, after;
	struct evidence e;
	struct walk walk;
	struct fw_trace trace;
};

static void make_rules(struct hand_rules *h)
{
	hand_start(h);
	hand_base(h, hand_firewall_table(h, NFPROTO_INET), FW_INPUT, 0, false);
	RULE(h, {.kind = FW_EXPR_VERDICT, .verdict = NF_DROP});
	RULE(h, {.kind = FW_EXPR_VERDICT, .verdict = NF_DROP});
}

static void start(struct scene *s)
{
	struct fw_trace_packet *p;

	*s = (struct scene){0};
	make_rules(&s->before);
	make_rules(&s->after);
	fw_trace_init(&s->trace);
	s->trace.is_ready = true;
	s->e.target = (struct aim){.proto = IPPROTO_TCP, .port = 443};
	s->e.rules = &s->before.r;
	s->e.rules_after = &s->after.r;
	s->e.trace = &s->trace;
	s->walk.client = hand_addr("10.0.0.2");
	s->walk.server = hand_addr("10.0.0.1");
	s->walk.path.request = (struct path_leg){
		.is_walked = true, .verdict = PATH_DROP, .decided_by = DECIDER_RULE};
	p = vec_push(&s->trace.packets);
	assert_non_null(p);
	*p = (struct fw_trace_packet){.wall_ns = NOON,
				      .from = s->walk.client,
				      .to = s->walk.server,
				      .proto = IPPROTO_TCP,
				      .from_port = 50000,
				      .to_port = 443,
				      .tcp_flags = 2};
}

static void meets(struct scene *s, uint64_t handle, int32_t verdict)
{
	struct fw_trace_event *e = vec_push(&s->trace.events);

	assert_non_null(e);
	*e = (struct fw_trace_event){.kind = FW_TRACE_RULE,
				     .family = NFPROTO_INET,
				     .table = text_of("t"),
				     .chain = text_of("c"),
				     .handle = handle,
				     .verdict = verdict};
}

/* The state and the sentence. */
static void assert_says(struct scene *s, enum prove_state state, const char *words)
{
	struct prove p = prove_of(&s->e, &s->walk, &s->walk.path.request);
	struct str out = {0};

	assert_int_equal(p.state, state);
	assert_int_equal(prove_sentence(&out, &s->e, &s->walk.path.request, &p), 0);
	if (!strstr(str_text(&out), words))
		fail_msg("'%s' is not in '%s'", words, str_text(&out));
	str_release(&out);
	fw_trace_release(&s->trace);
}

static void the_expected_rule_agrees(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	meets(&s, 1, NF_DROP);
	assert_says(&s, PROVE_AGREES,
		    "the packet of 12:00:00.412 met inet t c handle 1: drop, as expected");
}

static void another_rule_differs_and_both_are_told(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	meets(&s, 2, NF_DROP);
	assert_says(
		&s, PROVE_DIFFERS,
		"met inet t c handle 2: drop; expected was inet t c handle 1: drop: the "
		"rules did not change");
}

static void a_difference_after_a_change_is_a_race(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	s.after.r.generation = 2; /* ours, and one of somebody's */
	meets(&s, 99, NF_DROP);
	assert_says(&s, PROVE_DIFFERS,
		    "inet t c handle 99: drop; expected was inet t c handle "
		    "1: drop: the rules changed meanwhile");
}

static void our_own_table_is_no_change(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	s.after.r.generation = 1;
	meets(&s, 2, NF_DROP);
	assert_says(&s, PROVE_DIFFERS, "the rules did not change");
}

static void a_packet_that_gets_on_differs_from_a_drop(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	meets(&s, 1, NF_ACCEPT);
	assert_says(&s, PROVE_DIFFERS,
		    "was let on: no rule stops it; last inet t c handle 1");
}

static void what_was_lost_shows_no_passage(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	s.trace.has_lost = true;
	meets(&s, 1, NF_ACCEPT);
	assert_says(&s, PROVE_OPEN, "was let on");
}

static void nothing_certain_expected_is_no_agreement(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	s.walk.path.request.verdict = PATH_UNSURE;
	meets(&s, 1, NF_DROP);
	assert_says(&s, PROVE_OPEN, "met inet t c handle 1: drop");
}

static void packets_of_others_prove_nothing(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	meets(&s, 1, NF_DROP);
	s.walk.client = hand_addr("10.0.0.3");
	assert_says(&s, PROVE_NOTHING_MET, "no such packet was traced");
	start(&s);
	meets(&s, 1, NF_DROP);
	s.e.target.port = 80;
	assert_says(&s, PROVE_NOTHING_MET, "no such packet was traced");
}

static void legacy_rules_are_left_to_their_counters(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	s.before.tables[0].backend = s.after.tables[0].backend = FW_LEGACY;
	s.before.rules[0].has_counter = s.after.rules[0].has_counter = true;
	s.after.rules[0].packets = 3;
	vec_truncate(&s.trace.packets, 0);
	assert_says(&s, PROVE_UNTRACED, "is told by no trace; its counter moved by 3");
}

static void a_refused_trace_says_why(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	vec_truncate(&s.trace.packets, 0);
	s.trace.is_ready = false;
	s.e.trace_error = EOPNOTSUPP;
	assert_says(&s, PROVE_FAILED, "(5.12)");
}

/* ---- the run ---- */

struct driven {
	struct run run;
	struct responses responses;
	struct attempts attempts;
	struct snapshot *snapshot;
	struct fw_trace trace;
	int64_t now_ns;
};

static void ask(void *arg, const struct question *q)
{
	responses_add(arg, q);
}

static void step(struct driven *d, int error)
{
	d->now_ns += 10 * NS_PER_MS;
	run_capture(&d->run, 0, false);
	run_trace(&d->run, &d->trace, error, false);
	run_step(&d->run, d->now_ns, NOON + d->now_ns, ask, &d->responses);
}

static void answer_all(struct driven *d)
{
	for (size_t i = 0; i < d->responses.rows.n; i++) {
		struct response *r = *(struct response **)vec_at(&d->responses.rows, i);

		if (r->state != RESPONSE_WAITING)
			continue;
		r->state = RESPONSE_FAILED;
		r->error = EIO;
	}
}

static void drive(struct driven *d, bool may_trace)
{
	struct run_options o = {.target = {.proto = IPPROTO_TCP,
					   .port = 443,
					   .client = hand_addr("10.0.0.2")},
				.wait_ns = 5 * NS_PER_S,
				.may_trace = may_trace};

	*d = (struct driven){.now_ns = NS_PER_S};
	responses_init(&d->responses);
	attempts_init(&d->attempts, 100);
	fw_trace_init(&d->trace);
	d->snapshot = hand_snapshot();
	d->attempts.is_ready = true;
	run_init(&d->run, &o, &d->responses, &d->attempts, d->now_ns);
	run_snapshot(&d->run, d->snapshot, &d->snapshot->spaces[0], true);
	step(d, 0);
	assert_null(run_trace_ask(&d->run)); /* the rules are not read yet */
	answer_all(d);
	step(d, 0);
	answer_all(d);
	step(d, 0);
}

static void end(struct driven *d)
{
	run_release(&d->run);
	responses_release(&d->responses);
	attempts_release(&d->attempts);
	table_unref(d->snapshot);
}

static void the_window_begins_when_the_trace_is_ready(void **state)
{
	const struct trace_ask *wanted;
	struct driven d;

	(void)state;
	drive(&d, true);
	wanted = run_trace_ask(&d.run);
	assert_non_null(wanted);
	assert_int_equal(wanted->port, 443);
	assert_true(addr_equals(&wanted->client, &d.run.options.target.client));
	assert_in_range(wanted->timeout_ms, 5000, TRACE_TIMEOUT_MAX_MS);
	assert_int_equal(d.run.phase, RUN_BASELINE);
	d.trace.is_ready = true;
	step(&d, 0);
	assert_int_equal(d.run.phase, RUN_WATCHING);
	end(&d);
}

static void a_trace_that_fails_holds_nothing_up(void **state)
{
	struct driven d;

	(void)state;
	drive(&d, true);
	step(&d, EPERM);
	assert_int_equal(d.run.phase, RUN_WATCHING);
	end(&d);
}

static void nothing_is_traced_unless_it_is_allowed(void **state)
{
	struct driven d;

	(void)state;
	drive(&d, false);
	assert_null(run_trace_ask(&d.run));
	assert_null(d.run.evidence.trace);
	assert_int_equal(d.run.phase, RUN_WATCHING);
	end(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_expected_rule_agrees),
		cmocka_unit_test(another_rule_differs_and_both_are_told),
		cmocka_unit_test(a_difference_after_a_change_is_a_race),
		cmocka_unit_test(our_own_table_is_no_change),
		cmocka_unit_test(a_packet_that_gets_on_differs_from_a_drop),
		cmocka_unit_test(what_was_lost_shows_no_passage),
		cmocka_unit_test(nothing_certain_expected_is_no_agreement),
		cmocka_unit_test(packets_of_others_prove_nothing),
		cmocka_unit_test(legacy_rules_are_left_to_their_counters),
		cmocka_unit_test(a_refused_trace_says_why),
		cmocka_unit_test(the_window_begins_when_the_trace_is_ready),
		cmocka_unit_test(a_trace_that_fails_holds_nothing_up),
		cmocka_unit_test(nothing_is_traced_unless_it_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
