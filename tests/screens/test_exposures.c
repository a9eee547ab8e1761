/* Who can reach what, on the screen Ports: when rules are read, and whose word is found. */
#include <sys/socket.h>
#include <unistd.h>

enum { PAGE = 5 };
#include "tests/screens/exposure_desk.h"
#include "tui/live/events_feed.h"

static void nothing_is_asked_before_the_picture_is_whole(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, NULL);
	assert_false(turn(&d));
	assert_int_equal(exposures_due_ns(&d.exposures, &d.console.model, d.now_ns),
			 INT64_MAX);
	model_snapshot_take(&d.console.model, still_looking());
	assert_false(turn(&d));
	assert_false(d.exposures.is_asking);
	model_snapshot_take(&d.console.model, with_device(typical()));
	assert_false(turn(&d));
	assert_true(d.exposures.is_asking);
	assert_null(word(&d, 0));
	close_desk(&d);
}

static void those_in_sight_are_found_first(void **state)
{
	struct desk d;

	(void)state;
	open_answered_desk(&d);
	assert_true(turn(&d));
	assert_int_equal(n_told(&d), PAGE);
	assert_string_equal(word(&d, 0), "any");
	turn(&d);
	assert_int_equal(n_told(&d), d.console.model.snapshot->n_endpoints);
	assert_string_equal(word(&d, 6), "host"); /* 5432 on loopback */
	close_desk(&d);
}

static void behind_a_program_of_the_device_nobody_is_said_to_reach_it(void **state)
{
	char name[32];
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	snprintf(name, sizeof(name), "tcx-ingress/%u",
		 d.console.model.snapshot->spaces[0].links->rows[0].ifindex);
	turn(&d);
	answer_rules(&d, ENOPKG);
	assert_true(tell_settings(&d, take_seq(&d, REQUEST_FILES)));
	turn(&d);
	assert_int_equal(n_told(&d), 0); /* whether there are programs is not known yet */
	assert_true(tell_programs(&d, name, "13"));
	turn(&d);
	assert_string_equal(word(&d, 0), "unsure");
	close_desk(&d);
}

static void programs_that_came_or_went_change_the_words_after_a_rest(void **state)
{
	char name[32];
	struct desk d;

	(void)state;
	open_answered_desk(&d);
	turn(&d);
	assert_string_equal(word(&d, 0), "any");
	assert_false(asks(&d, REQUEST_PROGRAMS));
	snprintf(name, sizeof(name), "tcx-ingress/%u",
		 d.console.model.snapshot->spaces[0].links->rows[0].ifindex);
	d.now_ns += 3600 * NS_PER_S;
	turn(&d);
	assert_true(tell_programs(&d, name, "13"));
	for (int i = 0; i < 5; i++)
		turn(&d);
	assert_string_equal(word(&d, 0), "unsure");
	close_desk(&d);
}

static void a_slice_of_no_time_is_one_step_and_the_next_goes_on(void **state)
{
	unsigned n_turns = 0;
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	d.exposures.slice_ns = 1;
	turn(&d);
	answer(&d, ENOPKG);
	turn(&d);
	assert_int_equal(n_told(&d), 0);
	assert_true(exposures_due_ns(&d.exposures, &d.console.model, d.now_ns) > d.now_ns);
	while (n_told(&d) < PAGE && ++n_turns < 100000)
		turn(&d);
	assert_int_equal(n_told(&d), PAGE);
	assert_true(n_turns > PAGE);
	close_desk(&d);
}

static void without_the_right_nothing_is_claimed_and_it_is_asked_once(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	turn(&d);
	answer(&d, EPERM);
	assert_true(turn(&d));
	assert_string_equal(word(&d, 0), "?");
	assert_non_null(strstr(d.exposures.reach.gap, "want of a right"));
	assert_non_null(d.exposures.reach.grant);
	d.now_ns += 3600 * NS_PER_S;
	turn(&d);
	assert_false(d.exposures.is_asking);
	exposures_now(&d.exposures);
	turn(&d);
	assert_true(d.exposures.is_asking);
	close_desk(&d);
}

static void the_same_rules_change_no_word_and_cost_no_search(void **state)
{
	struct desk d;
	uint64_t epoch;

	(void)state;
	open_answered_desk(&d);
	for (int i = 0; i < 4; i++)
		turn(&d);
	epoch = d.exposures.reach.epoch;
	assert_false(turn(&d));
	assert_false(d.exposures.is_asking);
	come_to_next_reading(&d);
	assert_false(asks(&d, REQUEST_FILES));
	answer_rules(&d, ENOPKG);
	assert_false(turn(&d));
	assert_false(d.exposures.is_asking);
	assert_int_equal(d.exposures.reach.epoch, epoch);
	assert_false(d.exposures.has_stale);
	close_desk(&d);
}

/* The kernel's number of the present rules. */
static void tell_generation(struct desk *d, uint32_t generation)
{
	const uint8_t message[] = {28,
				   [4] = 15,
				   [5] = 10,
				   [20] = 8,
				   [22] = 1,
				   [24] = (uint8_t)(generation >> 24),
				   [25] = (uint8_t)(generation >> 16),
				   [26] = (uint8_t)(generation >> 8),
				   [27] = (uint8_t)generation};
	struct blob b = {.seq = take_seq(d, REQUEST_GENERATION),
			 .status = BLOB_LAST,
			 .bytes = message,
			 .len = sizeof(message)};

	assert_int_not_equal(b.seq, 0);
	assert_true(exposures_takes_blob(&d->exposures, &b));
	turn(d);
}

static void the_rules_are_read_again_only_when_their_generation_is_another(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	turn(&d);
	tell_rules(&d);
	turn(&d);
	turn(&d);
	answer_settings(&d);
	turn(&d);
	assert_non_null(exposures_rules(&d.exposures));
	for (int i = 0; i < 5; i++) {
		d.now_ns += 4 * NS_PER_S;
		turn(&d);
		tell_generation(&d, d.exposures.generation);
		assert_false(asks(&d, REQUEST_STANDING_RULES));
	}
	d.now_ns += 4 * NS_PER_S;
	turn(&d);
	tell_generation(&d, d.exposures.generation + 1);
	d.now_ns += 4 * NS_PER_S;
	turn(&d);
	assert_true(asks(&d, REQUEST_STANDING_RULES));
	close_desk(&d);
}

/* Docker's rules, then those of a host that has none. Returns how many events it was. */
static uint64_t feed_fewer_rules(const char *replay)
{
	struct events_feed feed = {0};
	struct moment at = {FIXTURE_WALL_NS, 0};
	uint64_t n;
	struct desk d;

	open_desk(&d, typical());
	d.console.model.around.replay = replay;
	assert_non_null(events_shown_log(&d.console.model.events));
	turn(&d);
	tell_rules(&d);
	turn(&d);
	turn(&d);
	answer_settings(&d);
	turn(&d);
	events_feed_turn(&feed, &d.console.model, &d.exposures, at);
	come_to_next_reading(&d);
	answer_rules(&d, ENOPKG);
	turn(&d);
	turn(&d);
	answer_settings(&d);
	turn(&d);
	assert_int_equal(exposures_rules(&d.exposures)->generation, 0);
	events_feed_turn(&feed, &d.console.model, &d.exposures, at);
	n = events_n_made(d.console.model.events.log);
	events_feed_release(&feed);
	close_desk(&d);
	return n;
}

static void other_rules_are_an_event_but_not_where_a_replay_goes_back(void **state)
{
	(void)state;
	assert_int_equal(feed_fewer_rules(NULL), 1);
	assert_int_equal(feed_fewer_rules("a.tar"), 0);
}

/* Settings are believed to stay as long as the rules do. */
static void other_rules_have_the_settings_asked_again_before_a_word_changes(void **state)
{
	struct desk d;
	uint64_t epoch;

	(void)state;
	open_answered_desk(&d);
	turn(&d);
	turn(&d);
	epoch = d.exposures.reach.epoch;
	come_to_next_reading(&d);
	assert_false(asks(&d, REQUEST_FILES));
	tell_rules(&d);
	turn(&d);
	assert_true(d.exposures.is_asking);
	assert_int_equal(d.exposures.reach.epoch, epoch);
	turn(&d);
	answer_settings(&d);
	turn(&d);
	assert_false(d.exposures.is_asking);
	assert_int_equal(d.exposures.reach.epoch, epoch + 1);
	close_desk(&d);
}

static void rules_that_cannot_be_read_any_more_take_the_words_back(void **state)
{
	struct desk d;

	(void)state;
	open_answered_desk(&d);
	turn(&d);
	assert_string_equal(word(&d, 0), "any");
	come_to_next_reading(&d);
	answer_rules(&d, ETIMEDOUT);
	assert_true(turn(&d));
	assert_string_equal(word(&d, 0), "?");
	assert_null(d.exposures.reach.grant);
	close_desk(&d);
}

static void a_frozen_picture_keeps_its_words_and_asks_nothing(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	press(&d.console, "z");
	assert_false(turn(&d));
	assert_false(d.exposures.is_asking);
	press(&d.console, "z");
	turn(&d);
	assert_true(d.exposures.is_asking);
	close_desk(&d);
}

static void a_new_picture_keeps_the_words_of_the_same_listeners(void **state)
{
	struct desk d;

	(void)state;
	open_answered_desk(&d);
	turn(&d);
	turn(&d);
	model_snapshot_take(&d.console.model, with_device(typical()));
	assert_false(turn(&d));
	assert_int_equal(n_told(&d), d.console.model.snapshot->n_endpoints);
	assert_false(d.exposures.has_stale);
	close_desk(&d);
}

/* An address more is another answer for all of them. */
static void another_address_is_looked_at_anew(void **state)
{
	struct snapshot *s = with_device(typical());
	struct desk d;

	(void)state;
	open_answered_desk(&d);
	turn(&d);
	turn(&d);
	turn(&d);
	assert_string_equal(word(&d, 0), "any");
	s->spaces[0].links->rows[0].flags = 0; /* down */
	model_snapshot_take(&d.console.model, s);
	d.now_ns += 60 * NS_PER_S;
	d.exposures.ask_at_ns = INT64_MAX;
	assert_true(turn(&d));
	assert_string_equal(word(&d, 0), "host");
	close_desk(&d);
}

static void what_takes_too_long_is_said_to_be_many(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	d.exposures.slice_ns = 1;
	d.exposures.batch_max_ns = 0;
	turn(&d);
	answer(&d, ENOPKG);
	assert_true(turn(&d));
	assert_string_equal(word(&d, 0), "many");
	close_desk(&d);
}

static void parts_of_others_are_not_taken(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	assert_false(tell(&d, 7, 0));
	turn(&d);
	assert_false(tell(&d, 7, 0));
	close_desk(&d);
}

static void a_recording_that_ends_begins_no_reading(void **state)
{
	struct exposures none = {0};
	struct desk d;

	(void)state;
	open_desk(&d, NULL);
	exposures_record(&none, d.channel, 60 * NS_PER_S);
	assert_false(none.is_asking);
	exposures_record(&d.exposures, d.channel, NS_PER_MS);
	assert_false(d.exposures.is_asking);
	exposures_record(&d.exposures, d.channel, 5 * NS_PER_S);
	assert_true(d.exposures.is_asking);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_asked_before_the_picture_is_whole),
		cmocka_unit_test(those_in_sight_are_found_first),
		cmocka_unit_test(behind_a_program_of_the_device_nobody_is_said_to_reach_it),
		cmocka_unit_test(programs_that_came_or_went_change_the_words_after_a_rest),
		cmocka_unit_test(a_slice_of_no_time_is_one_step_and_the_next_goes_on),
		cmocka_unit_test(without_the_right_nothing_is_claimed_and_it_is_asked_once),
		cmocka_unit_test(the_same_rules_change_no_word_and_cost_no_search),
		cmocka_unit_test(
			the_rules_are_read_again_only_when_their_generation_is_another),
		cmocka_unit_test(other_rules_are_an_event_but_not_where_a_replay_goes_back),
		cmocka_unit_test(
			other_rules_have_the_settings_asked_again_before_a_word_changes),
		cmocka_unit_test(rules_that_cannot_be_read_any_more_take_the_words_back),
		cmocka_unit_test(a_frozen_picture_keeps_its_words_and_asks_nothing),
		cmocka_unit_test(a_new_picture_keeps_the_words_of_the_same_listeners),
		cmocka_unit_test(another_address_is_looked_at_anew),
		cmocka_unit_test(what_takes_too_long_is_said_to_be_many),
		cmocka_unit_test(parts_of_others_are_not_taken),
		cmocka_unit_test(a_recording_that_ends_begins_no_reading),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
