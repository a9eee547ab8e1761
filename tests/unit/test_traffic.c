/* Counts of ports over a minute: whose they are, and what clients got. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/traffic_watch.h"

static void an_attempt_goes_to_the_closest_listener(void **state)
{
	static const struct {
		const char *server;
		unsigned port;
		uint32_t n;
	} asked[] = {{HERE, 80, 1},    {"127.0.0.1", 80, 2},
		     {HERE, 443, 4},   {"2001:db8::5", 443, 8},
		     {HERE, 5432, 16}, {"127.0.0.1", 5432, 32}};
	static const struct {
		const char *address;
		unsigned port;
		uint32_t n;
	} rows[] = {{HERE, 80, 1},
		    {"0.0.0.0", 80, 2},
		    {"::", 443, 12},
		    {"127.0.0.1", 5432, 32},
		    {"::", 8000, 0}};
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	for (size_t i = 0; i < N_OF(asked); i++)
		syns(&w, "192.0.2.1", asked[i].server, asked[i].port, asked[i].n,
		     OUTCOME_ANSWERED);
	assert_int_equal(tick(&w), 1);
	t = traffic_look(w.traffic, w.snapshot);
	for (size_t i = 0; i < N_OF(rows); i++)
		assert_int_equal(sum(row_of(&w, t, rows[i].port, rows[i].address)),
				 rows[i].n);
	assert_int_equal(row_of(&w, t, 53, "0.0.0.0")->answer, TRAFFIC_NOT_TCP);
	assert_int_equal(row_of(&w, t, 8000, "::")->answer, TRAFFIC_NOBODY);
	table_unref(t);
	end(&w);
}

static void outcomes_of_the_last_minute_make_the_answer(void **state)
{
	static const struct {
		uint32_t answered, refused, icmp, silent, half_open;
		enum traffic_answer answer;
		bool is_failing;
	} rows[] = {
		{1, 0, 0, 0, 0, TRAFFIC_OPEN, false},
		{9, 0, 0, 0, 9, TRAFFIC_OPEN, false},
		{9, 0, 0, 1, 0, TRAFFIC_SOME, true},
		{0, 2, 0, 1, 0, TRAFFIC_CLOSED, true},
		{0, 0, 2, 1, 0, TRAFFIC_REJECTED, true},
		{0, 0, 0, 1, 0, TRAFFIC_FILTERED, true},
		{0, 0, 0, 1, 1, TRAFFIC_SOME, true},
		{0, 0, 0, 0, 3, TRAFFIC_HALF_OPEN, false},
		{0, 0, 0, 0, 0, TRAFFIC_UNDECIDED, false},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct traffic_table *t;
		struct watch w;

		start(&w);
		syns(&w, "192.0.2.1", HERE, 443, 1, OUTCOME_OPEN);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].answered, OUTCOME_ANSWERED);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].refused, OUTCOME_REFUSED);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].icmp, OUTCOME_ICMP);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].silent, OUTCOME_SILENT);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].half_open, OUTCOME_HALF_OPEN);
		tick(&w);
		t = traffic_look(w.traffic, w.snapshot);
		assert_int_equal(row_of(&w, t, 443, "::")->answer, rows[i].answer);
		assert_int_equal(t->n_failing, rows[i].is_failing);
		table_unref(t);
		ticks(&w, TRAFFIC_SLOTS);
		t = traffic_look(w.traffic, w.snapshot);
		assert_int_equal(row_of(&w, t, 443, "::")->answer, TRAFFIC_NOBODY);
		assert_int_equal(sum(row_of(&w, t, 443, "::")), 0);
		table_unref(t);
		end(&w);
	}
}

static void the_rate_is_of_the_newest_seconds(void **state)
{
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	for (int i = 0; i < 30; i++) {
		syns(&w, "192.0.2.1", HERE, 443, i < 20 ? 50 : 3, OUTCOME_ANSWERED);
		tick(&w);
	}
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(row_of(&w, t, 443, "::")->milli_rate, 3000);
	assert_int_equal(row_of(&w, t, 443, "::")->n_slots, 30);
	assert_int_equal(row_of(&w, t, 443, "::")->syns[TRAFFIC_SLOTS - 1], 3);
	assert_int_equal(row_of(&w, t, 443, "::")->syns[TRAFFIC_SLOTS - 30], 50);
	assert_int_equal(row_of(&w, t, 443, "::")->syns[TRAFFIC_SLOTS - 31], 0);
	table_unref(t);
	end(&w);
}

static void an_idle_capture_tells_nothing_new(void **state)
{
	struct watch w;

	(void)state;
	start(&w);
	for (int i = 0; i < 100; i++)
		assert_int_equal(tick(&w), 0);
	syns(&w, "192.0.2.1", HERE, 443, 1, OUTCOME_ANSWERED);
	assert_int_equal(tick(&w), 1);
	ticks(&w, TRAFFIC_SLOTS + 1);
	for (int i = 0; i < 100; i++)
		assert_int_equal(tick(&w), 0);
	end(&w);
}

static void an_end_tells_why(void **state)
{
	static const struct {
		int told, error;
		enum traffic_state state;
	} rows[] = {
		{EPERM, EPERM, TRAFFIC_NO_RIGHT},   {EPERM, 0, TRAFFIC_NO_RIGHT},
		{0, ENODATA, TRAFFIC_NOT_RECORDED}, {ENODEV, 0, TRAFFIC_FAILED},
		{0, ENOSYS, TRAFFIC_FAILED},        {0, 0, TRAFFIC_WAITING},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct watch w = {.traffic = traffic_new(),
				  .snapshot = host_with(usual_sockets)};
		struct record r = {.kind = RECORD_PROBLEM};
		struct traffic_table *t;

		r.problem.error = rows[i].told;
		strcpy(r.problem.text, "it is so");
		if (rows[i].told)
			take(&w, &r);
		traffic_end(w.traffic, rows[i].error);
		assert_int_equal(traffic_state(w.traffic), rows[i].state);
		assert_int_equal(traffic_problem(w.traffic)[0] != '\0',
				 rows[i].state != TRAFFIC_WAITING);
		t = traffic_look(w.traffic, w.snapshot);
		assert_int_equal(row_of(&w, t, 443, "::")->answer, TRAFFIC_UNSEEN);
		table_unref(t);
		end(&w);
	}
}

static void damage_is_said(void **state)
{
	static const uint8_t bytes[] = {1, RECORD_PORT, 9, 0, 6};
	struct traffic *t = traffic_new();

	(void)state;
	assert_int_equal(traffic_take(t, bytes, sizeof(bytes)), -EBADMSG);
	traffic_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_attempt_goes_to_the_closest_listener),
		cmocka_unit_test(outcomes_of_the_last_minute_make_the_answer),
		cmocka_unit_test(the_rate_is_of_the_newest_seconds),
		cmocka_unit_test(an_idle_capture_tells_nothing_new),
		cmocka_unit_test(an_end_tells_why),
		cmocka_unit_test(damage_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
