/* The run of a diagnosis: what is asked when, and what ends the watching. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/time.h"
#include "core/diagnosis/run.h"
#include "tests/unit/by_hand.h"
#include "tests/unit/hand_rules.h"

#define WALL (INT64_C(1763800000) * NS_PER_S)

/* A run with everything that its driver would hold. */
struct driven {
	struct run run;
	struct responses responses;
	struct attempts attempts;
	struct snapshot *snapshot;
	int64_t now_ns;
	unsigned n_asked[N_QUESTION_KINDS];
};

static void ask(void *arg, const struct question *q)
{
	struct driven *d = arg;

	if (!responses_find(&d->responses, q))
		d->n_asked[q->kind]++;
	responses_add(&d->responses, q);
}

static void step(struct driven *d, int64_t after_ns)
{
	d->now_ns += after_ns;
	run_capture(&d->run, 0, d->attempts.has_ended);
	run_step(&d->run, d->now_ns, WALL + d->now_ns, ask, d);
}

/* Whoever was asked answers that it cannot. */
static void answer_all(struct driven *d)
{
	for (size_t i = 0; i < d->responses.rows.n; i++) {
		struct response *r = *(struct response **)vec_at(&d->responses.rows, i);

		if (r->state != RESPONSE_WAITING)
			continue;
		r->state = RESPONSE_FAILED;
		r->error = EIO;
		r->wall_ns = WALL + d->now_ns;
	}
}

static void start(struct driven *d, bool is_replay)
{
	struct run_options o = {.target = {.proto = IPPROTO_TCP, .port = 443},
				.wait_ns = 5 * NS_PER_S,
				.is_replay = is_replay};

	*d = (struct driven){.now_ns = NS_PER_S};
	responses_init(&d->responses);
	attempts_init(&d->attempts, 100);
	d->snapshot = hand_snapshot();
	run_init(&d->run, &o, &d->responses, &d->attempts, d->now_ns);
	run_snapshot(&d->run, d->snapshot, &d->snapshot->spaces[0], true);
}

static void start_watching(struct driven *d)
{
	start(d, false);
	d->attempts.is_ready = true;
	step(d, 0);
	answer_all(d);
	step(d, 10 * NS_PER_MS);
	assert_int_equal(d->run.phase, RUN_WATCHING);
}

static void end(struct driven *d)
{
	run_release(&d->run);
	responses_release(&d->responses);
	attempts_release(&d->attempts);
	table_unref(d->snapshot);
}

/* An attempt of this moment is told. */
static void tell(struct driven *d, struct attempt a)
{
	struct record r = {.kind = RECORD_ATTEMPT, .attempt = a};
	uint8_t bytes[RECORD_MAX];

	r.attempt.proto = IPPROTO_TCP;
	r.attempt.client = hand_addr("10.0.0.2");
	r.attempt.server = hand_addr("10.0.0.1");
	r.attempt.server_port = r.attempt.server_port ? r.attempt.server_port : 443;
	r.attempt.client_port = 50000;
	r.attempt.rtt_ns = -1;
	assert_int_equal(attempts_take(&d->attempts, bytes, record_put(bytes, &r), NULL),
			 0);
}

static void nothing_is_counted_before_the_capture_is_ready(void **state)
{
	struct driven d;

	(void)state;
	start(&d, false);
	step(&d, 0);
	assert_int_equal(d.run.phase, RUN_OPENING);
	assert_int_equal(d.n_asked[QUESTION_COUNTERS], 0);
	d.attempts.is_ready = true;
	step(&d, NS_PER_MS);
	assert_int_equal(d.run.phase, RUN_BASELINE);
	assert_int_equal(d.n_asked[QUESTION_COUNTERS], 1);
	assert_int_equal(d.n_asked[QUESTION_RULESET], 1);
	end(&d);
}

static void without_a_capture_the_run_goes_on(void **state)
{
	struct driven d;

	(void)state;
	start(&d, false);
	d.now_ns += NS_PER_MS;
	run_capture(&d.run, EPERM, true);
	run_step(&d.run, d.now_ns, WALL, ask, &d);
	assert_int_equal(d.run.phase, RUN_BASELINE);
	answer_all(&d);
	run_step(&d.run, d.now_ns, WALL, ask, &d);
	/* There is nothing to watch. */
	assert_int_equal(d.run.phase, RUN_CLOSING);
	end(&d);
}

static void the_window_ends_by_its_time(void **state)
{
	struct driven d;

	(void)state;
	start_watching(&d);
	step(&d, 4900 * NS_PER_MS);
	assert_int_equal(d.run.phase, RUN_WATCHING);
	step(&d, 200 * NS_PER_MS);
	assert_int_equal(d.run.phase, RUN_CLOSING);
	end(&d);
}

/* Rules that drop everything before the route is asked for. */
static struct ruleset *rules_that_drop(void)
{
	static struct hand_rules rules;

	hand_start(&rules);
	hand_firewall_table(&rules, NFPROTO_INET);
	hand_base(&rules, 0, FW_PREROUTING, -300, true);
	rules.r.head.refs = 1000; /* never given back */
	return &rules.r;
}

static void answer(struct driven *d, enum question_kind kind, void *table)
{
	const struct question q = {.kind = kind};
	struct response *r = responses_add(&d->responses, &q);

	assert_non_null(r);
	r->state = RESPONSE_WHOLE;
	r->table = table;
}

/* All that the way of a SYN depends on is known. */
static void tell_rules(struct driven *d)
{
	static struct setting_table settings;

	settings.head.refs = 1000;
	answer(d, QUESTION_RULESET, rules_that_drop());
	answer(d, QUESTION_SETTINGS, &settings);
}

struct row {
	const char *what;
	struct attempt attempt;
	int64_t after_ns; /* of its first packet, counted from now */
	bool ends;
};

static const struct row rows[] = {
	{"a single SYN", {.n_syns = 1}, 2 * NS_PER_S, false},
	{"a SYN that is sent again", {.n_syns = 2}, 1400 * NS_PER_MS, true},
	{"one sent again a moment ago", {.n_syns = 2}, 500 * NS_PER_MS, false},
	{"one that was answered", {.n_syns = 2, .n_syn_acks = 1}, 1400 * NS_PER_MS, false},
	{"another port", {.n_syns = 2, .server_port = 80}, 1400 * NS_PER_MS, false},
	{"silence that was decided",
	 {.n_syns = 1, .outcome = OUTCOME_SILENT},
	 NS_PER_S,
	 true},
	{"one that hung up", {.n_syns = 1, .outcome = OUTCOME_HALF_OPEN}, NS_PER_S, false},
	{"a reset", {.n_syns = 1, .outcome = OUTCOME_REFUSED}, 300 * NS_PER_MS, true},
	{"a reset just now", {.n_syns = 1, .outcome = OUTCOME_REFUSED}, NS_PER_MS, false},
	{"an answer with bytes",
	 {.n_syns = 1, .outcome = OUTCOME_ANSWERED, .server_bytes = BYTES_OTHER},
	 NS_PER_MS,
	 true},
	{"an answer, and the client waits for bytes",
	 {.n_syns = 1, .outcome = OUTCOME_ANSWERED, .client_bytes = BYTES_OTHER},
	 3 * NS_PER_S,
	 false},
};

static enum run_phase phase_of(const struct row *row, bool is_known)
{
	struct attempt a = row->attempt;
	enum run_phase phase;
	struct driven d;

	start_watching(&d);
	if (is_known)
		tell_rules(&d);
	a.first_ns = a.last_ns = a.answered_ns = WALL + d.now_ns;
	tell(&d, a);
	step(&d, row->after_ns);
	/* What its way was asked for cannot be told. */
	answer_all(&d);
	step(&d, 0);
	phase = d.run.phase;
	end(&d);
	return phase;
}

static void what_decides_ends_the_window(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		enum run_phase phase = phase_of(&rows[i], true);

		if ((phase >= RUN_CLOSING) != rows[i].ends)
			fail_msg("%s: phase %d", rows[i].what, phase);
	}
}

/* A limit lets one through and drops the next; a reset or an ICMP error is an answer of
 * its own. */
static void an_answer_that_may_differ_the_next_time_does_not_end_the_window(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		if (rows[i].attempt.outcome == OUTCOME_ANSWERED &&
		    phase_of(&rows[i], false) != RUN_WATCHING)
			fail_msg("%s ends it, and no rule was read", rows[i].what);
}

static void the_capture_hears_of_ports_that_are_mistaken_for_this_one(void **state)
{
	struct driven d;
	struct capture_ask ask_for;
	bool has_8443 = false;

	(void)state;
	start(&d, false);
	ask_for = run_capture_ask(&d.run);
	assert_int_equal(ask_for.ports[0], 443);
	for (size_t i = 1; i < ask_for.n_ports; i++) {
		has_8443 = has_8443 || ask_for.ports[i] == 8443;
		assert_int_not_equal(ask_for.ports[i], 443);
	}
	assert_true(has_8443);
	end(&d);
}

static void in_a_replay_the_end_of_the_capture_ends_the_window(void **state)
{
	struct driven d;

	(void)state;
	start(&d, true);
	d.attempts.is_ready = true;
	step(&d, 0);
	answer_all(&d);
	step(&d, 100 * NS_PER_S);
	assert_int_equal(d.run.phase, RUN_WATCHING);
	d.attempts.has_ended = true;
	step(&d, 0);
	assert_int_equal(d.run.phase, RUN_CLOSING);
	end(&d);
}

static void it_ends_though_nobody_answers(void **state)
{
	struct driven d;

	(void)state;
	start(&d, false);
	for (int i = 0; i < 150 && !run_is_done(&d.run); i++)
		step(&d, 100 * NS_PER_MS);
	assert_true(run_is_done(&d.run));
	assert_true(run_wants_capture_end(&d.run));
	end(&d);
}

/* Which answers come behind it, and when, differs in a replay. */
static void its_time_is_the_end_of_the_window(void **state)
{
	struct question late = {.kind = QUESTION_CONNTRACK};
	struct driven d;
	int64_t closed_ns;

	(void)state;
	start_watching(&d);
	d.attempts.has_ended = true;
	step(&d, NS_PER_S);
	closed_ns = d.now_ns;
	answer_all(&d);
	while (!run_is_done(&d.run)) {
		assert_true(d.now_ns < 60 * NS_PER_S);
		step(&d, NS_PER_MS);
		answer_all(&d);
	}
	responses_add(&d.responses, &late);
	answer_all(&d);
	step(&d, NS_PER_MS);
	assert_int_equal(d.run.evidence.window_end_ns, WALL + closed_ns);
	assert_int_equal(d.run.evidence.now_ns, WALL + closed_ns);
	end(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_counted_before_the_capture_is_ready),
		cmocka_unit_test(without_a_capture_the_run_goes_on),
		cmocka_unit_test(the_window_ends_by_its_time),
		cmocka_unit_test(what_decides_ends_the_window),
		cmocka_unit_test(
			an_answer_that_may_differ_the_next_time_does_not_end_the_window),
		cmocka_unit_test(the_capture_hears_of_ports_that_are_mistaken_for_this_one),
		cmocka_unit_test(in_a_replay_the_end_of_the_capture_ends_the_window),
		cmocka_unit_test(it_ends_though_nobody_answers),
		cmocka_unit_test(its_time_is_the_end_of_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
