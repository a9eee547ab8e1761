/* The captures of the screen Wire: when one is asked for, and what becomes of its end. */
#include <unistd.h>

#include "tests/screens/broker_end.h"
#include "tests/screens/wired.h"
#include "tui/live/wire_run.h"

/* The console on the screen Wire, its run, and a channel at whose other end nobody is. */
struct desk {
	struct console console;
	struct wire_run run;
	struct wire_shown *wire;
	struct netns_ref own;
	struct channel *channel;
	int other_end;
};

static void open_desk(struct desk *d)
{
	*d = (struct desk){.own.kind = NETNS_OWN};
	d->channel = broker_end_open(&d->other_end);
	wired_open(&d->console, false);
	d->wire = &d->console.model.wire;
	wire_run_init(&d->run, &d->console.model, d->channel, &d->own);
	d->wire->phase = WIRE_IDLE;
	wire_run_start(&d->run);
}

static void close_desk(struct desk *d)
{
	console_release(&d->console);
	channel_free(d->channel);
	close(d->other_end);
}

static void tell(struct desk *d, uint32_t seq, const struct record *r,
		 enum blob_status status, int error)
{
	uint8_t bytes[RECORD_MAX];
	struct blob b = {.seq = seq,
			 .status = status,
			 .error = error,
			 .bytes = bytes,
			 .len = r ? record_put(bytes, r) : 0};

	assert_true(wire_run_takes_blob(&d->run, &b));
}

static void tell_ready(struct desk *d, uint32_t seq, uint64_t n_saved)
{
	struct record r = {.kind = RECORD_STATE,
			   .state = {.is_ready = true,
				     .wall_ns = WIRED_BEGIN_NS,
				     .n_packets = 9,
				     .n_saved = n_saved}};

	tell(d, seq, &r, BLOB_MORE, 0);
}

static void tell_problem(struct desk *d, uint32_t seq, enum blob_status status, int error,
			 const char *words)
{
	struct record r = {.kind = RECORD_PROBLEM, .problem.error = error};

	strcpy(r.problem.text, words);
	tell(d, seq, &r, status, status == BLOB_LAST ? error : 0);
}

/* A capture that runs, and its sequence number. */
static uint32_t running(struct desk *d)
{
	uint32_t seq;

	open_desk(d);
	assert_non_null(d->run.now);
	seq = d->run.now->seq;
	assert_int_equal(d->wire->phase, WIRE_BEGINS);
	tell_ready(d, seq, 0);
	assert_int_equal(d->wire->phase, WIRE_RUNS);
	return seq;
}

static uint32_t saving(struct desk *d, uint32_t before)
{
	strcpy(d->wire->wanted_name, "a.pcap");
	wire_run_start(&d->run);
	for (size_t i = 0; i < WIRE_TAPS; i++)
		if (d->run.taps[i].seq && d->run.taps[i].seq != before)
			return d->run.taps[i].seq;
	fail_msg("no capture was asked for");
	return 0;
}

static void it_ends_by_itself_after_its_limit(void **state)
{
	struct desk d;
	uint32_t seq = running(&d);
	int64_t now_ns = 5 * NS_PER_S;

	(void)state;
	assert_true(wire_run_turn(&d.run, now_ns));
	assert_false(wire_run_turn(&d.run, now_ns));
	assert_int_equal(wire_run_due_ns(&d.run), now_ns + WIRE_LIMIT_S * NS_PER_S);
	wire_run_turn(&d.run, now_ns + WIRE_LIMIT_S * NS_PER_S);
	assert_true(d.run.now->is_cancelled);
	assert_int_equal(wire_run_due_ns(&d.run), INT64_MAX);
	tell(&d, seq, NULL, BLOB_LAST, 0);
	assert_int_equal(d.wire->phase, WIRE_ENDED);
	assert_int_equal(d.wire->end, WIRE_END_LIMIT);
	close_desk(&d);
}

static void parts_of_others_are_not_taken(void **state)
{
	struct desk d;
	struct blob b = {.seq = running(&d) + 100, .status = BLOB_LAST};

	(void)state;
	assert_false(wire_run_takes_blob(&d.run, &b));
	b.seq = 0;
	assert_false(wire_run_takes_blob(&d.run, &b));
	close_desk(&d);
}

static void without_the_right_the_words_of_the_capture_stand_there(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	tell_problem(&d, d.run.now->seq, BLOB_LAST, EPERM, "needs CAP_NET_RAW");
	assert_int_equal(d.wire->phase, WIRE_ENDED);
	assert_int_equal(d.wire->end, WIRE_END_NO_RIGHT);
	assert_string_equal(d.wire->problem, "needs CAP_NET_RAW");
	wire_run_start(&d.run); /* again */
	assert_int_equal(d.wire->phase, WIRE_BEGINS);
	assert_string_equal(d.wire->problem, "");
	close_desk(&d);
}

static void a_file_begins_in_a_second_capture_before_the_first_ends(void **state)
{
	struct desk d;
	uint32_t first = running(&d), second = saving(&d, first);
	struct record r = wired_attempt("192.0.2.1", 1, 61, OUTCOME_ANSWERED);

	(void)state;
	assert_int_equal(d.wire->phase, WIRE_RUNS);
	assert_int_equal(d.run.now->seq, first);
	assert_false(d.run.now->is_cancelled);
	tell_ready(&d, second, 0);
	assert_int_equal(d.run.now->seq, second);
	tell(&d, first, &r, BLOB_MORE, 0);
	tell(&d, first, NULL, BLOB_LAST, 0);
	assert_int_equal(d.wire->phase, WIRE_RUNS);
	assert_int_equal(wire_n(d.wire), 1);
	tell_ready(&d, second, 17);
	assert_non_null(wire_saving(d.wire));
	assert_int_equal(wire_saving(d.wire)->n_packets, 17);
	close_desk(&d);
}

static void a_file_that_cannot_be_created_leaves_the_capture_as_it_is(void **state)
{
	struct desk d;
	uint32_t first = running(&d), second = saving(&d, first);

	(void)state;
	tell_problem(&d, second, BLOB_LAST, EEXIST,
		     "a.pcap cannot be created: File exists");
	assert_int_equal(d.wire->phase, WIRE_RUNS);
	assert_int_equal(d.run.now->seq, first);
	assert_null(wire_saving(d.wire));
	assert_int_equal(d.wire->saved.n, 0);
	assert_string_equal(str_text(&d.console.model.message),
			    "not saved: a.pcap cannot be created: File exists");
	close_desk(&d);
}

static void a_refusal_without_words_is_said_too(void **state)
{
	struct desk d;
	uint32_t first = running(&d), second = saving(&d, first);

	(void)state;
	tell(&d, second, NULL, BLOB_LAST, EBUSY);
	assert_int_equal(d.wire->phase, WIRE_RUNS);
	assert_int_equal(d.wire->saved.n, 0);
	assert_non_null(strstr(str_text(&d.console.model.message), "not saved: "));
	close_desk(&d);
}

static void a_directory_that_is_closed_is_no_lack_of_rights_to_packets(void **state)
{
	struct desk d;
	uint32_t first = running(&d);

	(void)state;
	tell(&d, first, NULL, BLOB_LAST, 0);
	tell_problem(&d, saving(&d, first), BLOB_LAST, EACCES,
		     "a.pcap cannot be created: Permission denied");
	assert_int_equal(d.wire->end, WIRE_END_FAILED);
	assert_string_equal(d.wire->problem, "a.pcap cannot be created: Permission denied");
	close_desk(&d);
}

static void what_the_file_lacks_is_kept_with_it(void **state)
{
	struct desk d;
	uint32_t first = running(&d), second = saving(&d, first);

	(void)state;
	tell_ready(&d, second, 3);
	tell_problem(&d, second, BLOB_MORE, ENOSPC, "the disk is full");
	assert_string_equal(wire_saving(d.wire)->problem, "the disk is full");
	assert_string_equal(d.wire->problem, "");
	assert_int_equal(d.wire->phase, WIRE_RUNS);
	tell_problem(&d, second, BLOB_LAST, ENODEV, "the interface went away");
	assert_int_equal(d.wire->end, WIRE_END_FAILED);
	assert_string_equal(d.wire->problem, "the interface went away");
	assert_string_equal(wire_saved_at(d.wire, 0)->problem, "the disk is full");
	close_desk(&d);
}

static void the_end_of_a_file_is_heard_after_the_screen_is_left(void **state)
{
	struct desk d;
	uint32_t first = running(&d), second = saving(&d, first);
	struct record r = wired_attempt("192.0.2.1", 1, 61, OUTCOME_ANSWERED);

	(void)state;
	tell_ready(&d, second, 3);
	wire_run_end(&d.run);
	assert_int_equal(d.wire->phase, WIRE_IDLE);
	tell(&d, second, &r, BLOB_MORE, 0);
	assert_int_equal(wire_n(d.wire), 0);
	tell_ready(&d, second, 5);
	tell(&d, second, NULL, BLOB_LAST, 0);
	assert_true(wire_saved_at(d.wire, 0)->is_closed);
	assert_int_equal(wire_saved_at(d.wire, 0)->n_packets, 5);
	assert_string_equal(str_text(&d.console.model.message), "saved a.pcap: 5 packets");
	assert_int_equal(d.wire->phase, WIRE_IDLE);
	close_desk(&d);
}

static void a_file_that_never_began_takes_no_later_one_with_it(void **state)
{
	struct desk d;
	uint32_t first = running(&d), second = saving(&d, first), third, fourth = 0;

	(void)state;
	wire_run_end(&d.run);
	tell(&d, first, NULL, BLOB_LAST, 0);
	wire_run_start(&d.run);
	third = d.run.now->seq;
	tell_ready(&d, third, 0);
	strcpy(d.wire->wanted_name, "b.pcap");
	wire_run_start(&d.run);
	for (size_t i = 0; i < WIRE_TAPS; i++)
		if (d.run.taps[i].seq > fourth)
			fourth = d.run.taps[i].seq;
	tell(&d, second, NULL, BLOB_LAST, 0);
	tell_ready(&d, fourth, 3);
	assert_int_equal(d.wire->saved.n, 1);
	assert_string_equal(wire_saving(d.wire)->name, "b.pcap");
	assert_int_equal(wire_saving(d.wire)->n_packets, 3);
	close_desk(&d);
}

static void a_file_that_begins_after_the_screen_is_left_is_told(void **state)
{
	struct desk d;
	uint32_t first = running(&d), second = saving(&d, first);

	(void)state;
	wire_run_end(&d.run);
	tell_ready(&d, second, 1);
	tell(&d, second, NULL, BLOB_LAST, 0);
	assert_int_equal(d.wire->saved.n, 1);
	assert_string_equal(str_text(&d.console.model.message), "saved a.pcap: 1 packet");
	assert_int_equal(d.wire->phase, WIRE_IDLE);
	close_desk(&d);
}

static void a_third_capture_waits_for_the_second(void **state)
{
	struct desk d;
	uint32_t first = running(&d);

	(void)state;
	saving(&d, first);
	strcpy(d.wire->wanted_name, "b.pcap");
	wire_run_start(&d.run);
	assert_int_equal(d.wire->saved.n, 1);
	close_desk(&d);
}

static void what_is_looked_at_before_is_no_row_of_what_is_looked_at_now(void **state)
{
	struct desk d;
	uint32_t first = running(&d);
	struct wire_aim aim = d.wire->aim;
	struct record r = wired_attempt("192.0.2.1", 1, 61, OUTCOME_ANSWERED);

	(void)state;
	strcpy(aim.space, "blue");
	wire_run_end(&d.run);
	wire_aim_at(d.wire, &aim);
	wire_run_start(&d.run);
	tell(&d, first, &r, BLOB_LAST, 0);
	assert_int_equal(wire_n(d.wire), 0);
	assert_int_equal(d.wire->phase, WIRE_BEGINS);
	close_desk(&d);
}

static void one_that_dies_says_so(void **state)
{
	struct desk d;
	uint32_t seq = running(&d);

	(void)state;
	tell(&d, seq, NULL, BLOB_INTERRUPTED, EIO);
	assert_int_equal(d.wire->end, WIRE_END_FAILED);
	assert_true(d.wire->problem[0]);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_by_itself_after_its_limit),
		cmocka_unit_test(parts_of_others_are_not_taken),
		cmocka_unit_test(without_the_right_the_words_of_the_capture_stand_there),
		cmocka_unit_test(a_file_begins_in_a_second_capture_before_the_first_ends),
		cmocka_unit_test(a_file_that_cannot_be_created_leaves_the_capture_as_it_is),
		cmocka_unit_test(a_refusal_without_words_is_said_too),
		cmocka_unit_test(
			a_directory_that_is_closed_is_no_lack_of_rights_to_packets),
		cmocka_unit_test(what_the_file_lacks_is_kept_with_it),
		cmocka_unit_test(the_end_of_a_file_is_heard_after_the_screen_is_left),
		cmocka_unit_test(a_file_that_never_began_takes_no_later_one_with_it),
		cmocka_unit_test(a_file_that_begins_after_the_screen_is_left_is_told),
		cmocka_unit_test(a_third_capture_waits_for_the_second),
		cmocka_unit_test(
			what_is_looked_at_before_is_no_row_of_what_is_looked_at_now),
		cmocka_unit_test(one_that_dies_says_so),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
