/* What the totals of the screen Wire count: what is looked at, over all its captures. */
#include "tests/screens/wire_scenes.h"

/* A capture that is ready, or says how it does: so many packets and attempts. */
static void told(struct console *c, int64_t after_s, uint64_t n_packets,
		 const uint64_t n_outcomes[N_OUTCOMES])
{
	struct record r = {.kind = RECORD_STATE,
			   .state = {.is_ready = true,
				     .wall_ns = WIRED_BEGIN_NS + after_s * NS_PER_S,
				     .n_packets = n_packets}};

	for (unsigned i = 0; n_outcomes && i < N_OUTCOMES; i++) {
		r.state.n_outcomes[i] = n_outcomes[i];
		r.state.n_attempts += n_outcomes[i];
	}
	wired_take(c, &r);
}

static void came(struct console *c, const char *client, int after_s, enum outcome outcome)
{
	struct record r = wired_attempt(client, 40000, after_s, outcome);

	wired_take(c, &r);
}

/* The line of the totals begins so. */
static void check_totals(struct console *c, const char *words)
{
	check_drawn(c, 120, 40, words, true);
}

/* A published port is seen again behind its translation, at the port beside it. */
static void what_begins_at_ports_beside_is_in_no_total(void **state)
{
	static const uint64_t both[N_OUTCOMES] = {[OUTCOME_REFUSED] = 2};
	struct record r = wired_attempt("10.0.0.9", 40000, 3, OUTCOME_REFUSED);
	struct console c;

	(void)state;
	wired_open(&c, false);
	told(&c, 0, 2, NULL);
	wired_take(&c, &r);
	addr_parse(&r.attempt.server, "172.17.0.2");
	r.attempt.server_port = 80;
	wired_take(&c, &r);
	told(&c, 5, 8, both);
	assert_int_equal(wire_n(&c.model.wire), 1);
	check_totals(&c, " 1 attempt: 1 refused; 8 packets since 14:31:07");
	console_release(&c);
}

static void they_go_on_where_one_capture_takes_the_place_of_another(void **state)
{
	static const uint64_t first[N_OUTCOMES] = {
		[OUTCOME_ANSWERED] = 1, [OUTCOME_OPEN] = 1};
	static const uint64_t second[N_OUTCOMES] = {[OUTCOME_SILENT] = 2};
	struct console c;

	(void)state;
	wired_open(&c, false);
	told(&c, 0, 0, NULL);
	came(&c, "10.0.0.9", 1, OUTCOME_ANSWERED);
	came(&c, "198.51.100.7", 2, OUTCOME_OPEN);
	told(&c, 5, 7, first);
	check_totals(&c, " 2 attempts: 1 answered · 1 waiting; 7 packets since 14:31:07");
	wire_begin(&c.model.wire); /* with a file, say */
	check_totals(&c, " 2 attempts: 1 answered · 1 undecided; 7 packets since 14:31:07");
	told(&c, 6, 0, NULL);
	came(&c, "198.51.100.7", 8, OUTCOME_SILENT); /* the one that was undecided */
	came(&c, "198.51.100.9", 9, OUTCOME_SILENT);
	told(&c, 10, 5, second);
	check_totals(&c, " 3 attempts: 1 answered · 2 silent; 12 packets since 14:31:07");
	check_drawn(&c, 120, 40, "with a gap", false);
	console_release(&c);
}

static void a_time_in_which_nobody_looked_is_told(void **state)
{
	struct console c;

	(void)state;
	wired_open(&c, false);
	told(&c, 0, 3, NULL);
	came(&c, "10.0.0.9", 1, OUTCOME_ANSWERED);
	wire_end(&c.model.wire, WIRE_END_LIMIT);
	wire_begin(&c.model.wire);
	told(&c, 400, 1, NULL);
	check_totals(&c, " 1 attempt: 1 answered; 4 packets since 14:31:07, with a gap");
	console_release(&c);
}

static void what_made_room_is_counted_and_another_screen_begins_at_nothing(void **state)
{
	static const struct wire_aim other = {.proto = IPPROTO_TCP, .port = 80};
	struct console c;

	(void)state;
	wired_open(&c, false);
	thousands_come(&c);
	assert_true(wire_n(&c.model.wire) < 5000);
	check_totals(&c, " 5000 attempts: 5000 silent;");
	wire_aim_at(&c.model.wire, &other);
	assert_int_equal(wire_totals(&c.model.wire).n_attempts, 0);
	console_release(&c);
}

static void what_came_too_fast_is_counted_as_the_capture_does(void **state)
{
	struct console c;

	(void)state;
	wired_open(&c, false);
	much_is_lost(&c);
	check_totals(&c, " 90000 attempts: 90000 silent;");
	check_drawn(&c, 120, 40, "and those at ports beside this one", true);
	console_release(&c);
}

static void a_frozen_picture_counts_what_it_shows(void **state)
{
	struct console c;

	(void)state;
	wired_open(&c, false);
	told(&c, 0, 3, NULL);
	came(&c, "10.0.0.9", 1, OUTCOME_ANSWERED);
	draw_unseen(&c, 80, 24);
	press(&c, "z");
	came(&c, "10.0.0.10", 2, OUTCOME_ANSWERED);
	check_totals(&c, " 1 attempt: 1 answered;");
	press(&c, "z");
	check_totals(&c, " 2 attempts: 2 answered;");
	console_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_begins_at_ports_beside_is_in_no_total),
		cmocka_unit_test(they_go_on_where_one_capture_takes_the_place_of_another),
		cmocka_unit_test(a_time_in_which_nobody_looked_is_told),
		cmocka_unit_test(
			what_made_room_is_counted_and_another_screen_begins_at_nothing),
		cmocka_unit_test(what_came_too_fast_is_counted_as_the_capture_does),
		cmocka_unit_test(a_frozen_picture_counts_what_it_shows),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
