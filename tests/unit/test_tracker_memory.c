/* The memory of the tracker: its bound, who makes room, that nothing is lost in it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/tracker_run.h"
#include "tests/unit/rounds.h"

#define RUN(r, ...)                                        \
	run_steps((r), (const struct step[]){__VA_ARGS__}, \
		  sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))
#define AT(ms, what) .at_ms = (ms), .kind = (what)

static void end(struct run *r, int at_ms)
{
	tracker_tick(r->tracker, START_NS + at_ms * MS_NS);
	tracker_tell(r->tracker);
}

static void finish(struct run *r)
{
	tracker_finish(r->tracker);
	tracker_free(r->tracker);
}

/* Every one from another address and port. */
static struct packet spoofed(uint32_t i, uint32_t ns_apart)
{
	struct step syn = {AT(0, 's')};
	struct packet p = step_packet(&syn);

	p.at_ns += (int64_t)i * ns_apart;
	put_be32(p.flow.source.bytes, 0x0b000000 + i * 7);
	p.flow.source_port = (uint16_t)(1024 + i % 60000);
	p.sequence = i * 2654435761U;
	return p;
}

static void many_spoofed_syns_stay_within_the_bound(void **state)
{
	enum { MAX = 5000 };
	uint32_t n = rounds(2000000);
	struct capture_state s;
	size_t full = 0;
	struct run r;

	(void)state;
	run_init(&r, false, MAX, NULL);
	for (uint32_t i = 0; i < n; i++) {
		struct packet p = spoofed(i, 1000);

		tracker_packets(r.tracker, &p, 1);
		if (i == MAX)
			full = tracker_bytes(r.tracker);
	}
	assert_true(full > MAX * 200 && full < MAX * 400);
	assert_int_equal(tracker_bytes(r.tracker), full);
	s = run_state(&r);
	assert_int_equal(s.n_attempts, n);
	assert_int_equal(s.n_evicted, n - MAX);
	assert_int_equal(r.n_told, n - MAX);
	tracker_finish(r.tracker);
	assert_int_equal(r.n_told, n);
	assert_int_equal(run_state(&r).n_outcomes[OUTCOME_OPEN], n);
	tracker_free(r.tracker);
}

/* One tuple, so one row: what its many attempts leave behind in the lists goes. */
static void a_tuple_tried_again_and_again_takes_one_row(void **state)
{
	enum { N = 300000 };
	struct capture_state s;
	size_t before = 0;
	struct run r;

	(void)state;
	run_init(&r, false, 100, NULL);
	for (uint32_t i = 0; i < N; i++) {
		struct packet p = spoofed(0, 0);

		p.at_ns = START_NS + (int64_t)i * 1000;
		p.sequence = i;
		tracker_packets(r.tracker, &p, 1);
		if (i == 0)
			before = tracker_bytes(r.tracker);
	}
	assert_int_equal(tracker_bytes(r.tracker), before);
	end(&r, 4000);
	s = run_state(&r);
	assert_int_equal(s.n_attempts, N);
	assert_int_equal(s.n_outcomes[OUTCOME_SILENT], 1);
	assert_int_equal(s.n_outcomes[OUTCOME_OPEN], N - 1);
	finish(&r);
}

static void nobody_is_told_and_the_totals_are_the_same(void **state)
{
	const struct step steps[] = {{AT(0, 's')},
				     {AT(5, 'S')},
				     {AT(6, 'a')},
				     {AT(700, 'r')},
				     {AT(800, 's'), .shift = 9}};
	const struct tracker_options o = {.max_attempts = 10};
	struct capture_state quiet = {0}, told;
	struct tracker *t = tracker_new(&o);
	struct run r;

	(void)state;
	assert_non_null(t);
	run_init(&r, false, 10, NULL);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct packet p = step_packet(&steps[i]);

		tracker_packets(t, &p, 1);
		tracker_packets(r.tracker, &p, 1);
	}
	tracker_tell(t);
	assert_true(tracker_bytes(t) < tracker_bytes(r.tracker));
	tracker_finish(t);
	tracker_finish(r.tracker);
	tracker_state(t, &quiet);
	told = run_state(&r);
	assert_memory_equal(&quiet, &told, sizeof(told));
	assert_int_equal(quiet.n_outcomes[OUTCOME_RESET_LATER], 1);
	tracker_free(t);
	tracker_free(r.tracker);
}

static void decided_attempts_make_room_before_undecided_ones(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	for (uint32_t i = 0; i < 20; i++) {
		struct packet p = spoofed(i, 1000);

		if (i >= 10)
			p.at_ns += 5000 * MS_NS;
		tracker_packets(r.tracker, &p, 1);
	}
	assert_int_equal(run_state(&r).n_evicted, 0);
	assert_int_equal(run_state(&r).n_outcomes[OUTCOME_SILENT], 10);
	finish(&r);
}

static void memory_grows_only_with_attempts(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, true, 1000000, NULL);
	RUN(&r, {AT(0, 's')});
	assert_true(tracker_bytes(r.tracker) < 2000000);
	finish(&r);
}

static void every_flow_is_found_again_while_others_come_and_go(void **state)
{
	enum { N = 20000 };
	struct run r;

	(void)state;
	run_init(&r, false, N, NULL);
	for (uint32_t i = 0; i < N; i++) {
		struct packet p = spoofed(i, 1000);

		tracker_packets(r.tracker, &p, 1);
	}
	for (uint32_t i = 0; i < N; i++) {
		struct packet p = spoofed(i * 7919 % N, 0);

		p.at_ns = START_NS + 100 * MS_NS + i;
		p.acknowledged = p.sequence + 1;
		p.tcp_flags = TH_RST_ | TH_ACK_;
		turn_round(&p);
		tracker_packets(r.tracker, &p, 1);
		if (i % 1000 == 0)
			tracker_tick(r.tracker, START_NS + 100 * MS_NS + i);
	}
	assert_int_equal(run_state(&r).n_outcomes[OUTCOME_REFUSED], N);
	finish(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_spoofed_syns_stay_within_the_bound),
		cmocka_unit_test(a_tuple_tried_again_and_again_takes_one_row),
		cmocka_unit_test(nobody_is_told_and_the_totals_are_the_same),
		cmocka_unit_test(decided_attempts_make_room_before_undecided_ones),
		cmocka_unit_test(memory_grows_only_with_attempts),
		cmocka_unit_test(every_flow_is_found_again_while_others_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
