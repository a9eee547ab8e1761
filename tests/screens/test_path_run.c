/* When the packet of the screen Path is walked, and when again. */
#include <sys/socket.h>
#include <unistd.h>

#include "core/host/broker/protocol.h"
#include "tests/screens/broker_end.h"
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tui/live/path_run.h"

/* The run, and the end of the channel at which this test answers. */
struct bench {
	struct path_shown shown;
	struct path_run run;
	struct snapshot *snapshot;
	struct channel *channel;
	int other_end;
	int64_t now_ns, wall_ns;
	size_t n_asked[N_REQUEST_KINDS];
	uint32_t generation; /* of the rules that are told */
	int rules_error;     /* instead of them; 0: they are told */
	bool is_silent;      /* nothing is answered */
};

static const struct netns_ref own = {.kind = NETNS_OWN};

static void open_bench(struct bench *b)
{
	struct path_aim aim = {.ask = {.proto = IPPROTO_TCP, .server_port = 80}};

	*b = (struct bench){.now_ns = 100 * NS_PER_S,
			    .wall_ns = FIXTURE_WALL_NS,
			    .generation = 7,
			    .snapshot = typical()};
	b->channel = broker_end_open(&b->other_end);
	path_run_init(&b->run, &b->shown, b->channel);
	addr_parse(&aim.ask.server, "10.0.0.5");
	addr_parse(&aim.ask.client, "203.0.113.9");
	path_shown_aim(&b->shown, &aim);
}

static void close_bench(struct bench *b)
{
	path_run_end(&b->run);
	path_shown_release(&b->shown);
	table_unref(b->snapshot);
	channel_free(b->channel);
	close(b->other_end);
}

static bool tell(struct bench *b, uint32_t seq, int error, const uint8_t *bytes, size_t len)
{
	struct blob blob = {.seq = seq,
			    .status = BLOB_LAST,
			    .error = error,
			    .bytes = bytes,
			    .len = len,
			    .wall_ns = b->wall_ns};

	return path_run_takes_blob(&b->run, &blob);
}

/* NFT_MSG_NEWGEN with its number, and no rule. */
static bool tell_generation(struct bench *b, uint32_t seq)
{
	uint8_t bytes[28] = {[0] = 28,
			     [4] = 15,
			     [5] = 10,
			     [20] = 8,
			     [22] = 1,
			     [24] = (uint8_t)(b->generation >> 24),
			     [25] = (uint8_t)(b->generation >> 16),
			     [26] = (uint8_t)(b->generation >> 8),
			     [27] = (uint8_t)b->generation};

	return tell(b, seq, 0, bytes, sizeof(bytes));
}

static void answer(struct bench *b, const struct request *r, uint32_t seq)
{
	bool is_taken;

	b->n_asked[r->kind]++;
	if (b->is_silent)
		return;
	if (r->kind == REQUEST_GENERATION ||
	    (r->kind == REQUEST_RULESET && !b->rules_error))
		is_taken = tell_generation(b, seq);
	else
		is_taken = tell(b, seq, r->kind == REQUEST_RULESET ? b->rules_error : EPERM,
				NULL, 0);
	assert_true(is_taken);
}

/* Everything that was asked since. False: nothing was. */
static bool answer_all(struct bench *b)
{
	static uint8_t packet[MESSAGE_MAX];
	static uint32_t inodes[REQUEST_OWNERS_MAX];
	struct request request;
	struct message m;
	ssize_t len;
	bool has_asked = false;

	while ((len = recv(b->other_end, packet, sizeof(packet), MSG_DONTWAIT)) > 0) {
		assert_int_equal(message_parse(&m, packet, (size_t)len), 0);
		if (m.type != MESSAGE_REQUEST ||
		    request_unpack(&request, m.body, m.len, inodes))
			continue;
		answer(b, &request, m.seq);
		has_asked = true;
	}
	return has_asked;
}

/* Until nothing is asked any more. Returns how often the answer was another one. */
static int turns(struct bench *b)
{
	int n_news = 0;

	for (int i = 0; i < 40; i++) {
		int r = path_run_turn(&b->run, b->now_ns, b->wall_ns);

		assert_true(r >= 0);
		n_news += r;
		if (!answer_all(b) && !r)
			break;
	}
	return n_news;
}

static void start(struct bench *b, bool is_anew)
{
	path_run_start(&b->run, &own, b->snapshot, is_anew, b->wall_ns);
}

static void a_packet_is_walked_once_all_is_answered(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b);
	start(&b, true);
	assert_true(b.shown.is_running);
	assert_int_equal(path_run_turn(&b.run, b.now_ns, b.wall_ns), 0);
	assert_null(b.shown.page);
	assert_int_equal(turns(&b), 1);
	assert_non_null(b.shown.page);
	assert_false(b.shown.is_running);
	assert_null(b.shown.failure);
	assert_int_equal(b.n_asked[REQUEST_RULESET], 1);
	assert_true(b.n_asked[REQUEST_ROUTE] > 0);
	assert_true(b.shown.places.n > 0);
	assert_int_equal(b.shown.read_wall_ns, FIXTURE_WALL_NS);
	close_bench(&b);
}

static void
rules_that_may_not_be_read_leave_the_way_unknown_and_say_which_right(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b);
	b.rules_error = EPERM;
	start(&b, true);
	turns(&b);
	assert_int_equal(path_page_state(b.shown.page), PATH_IS_NOT_KNOWN);
	assert_non_null(strstr(str_text(&b.shown.missing), "CAP_NET_ADMIN"));
	close_bench(&b);
}

static void another_packet_needs_no_second_reading_of_the_rules(void **state)
{
	struct bench b;
	struct path_ask ask;

	(void)state;
	open_bench(&b);
	start(&b, true);
	turns(&b);
	ask = b.shown.ask;
	ask.server_port = 443;
	path_shown_ask(&b.shown, &ask, "to :443");
	start(&b, false);
	assert_int_equal(turns(&b), 1);
	assert_int_equal(b.n_asked[REQUEST_RULESET], 1);
	assert_int_equal(b.shown.page->path.ask.server_port, 443);
	start(&b, true); /* r */
	turns(&b);
	assert_int_equal(b.n_asked[REQUEST_RULESET], 2);
	close_bench(&b);
}

static void what_was_read_long_ago_is_read_again(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b);
	start(&b, true);
	turns(&b);
	b.wall_ns += 60 * NS_PER_S;
	start(&b, false);
	turns(&b);
	assert_int_equal(b.n_asked[REQUEST_RULESET], 2);
	close_bench(&b);
}

/* However often another packet was typed since. */
static void what_was_read_keeps_its_age(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b);
	start(&b, true);
	turns(&b);
	b.wall_ns += 10 * NS_PER_S;
	start(&b, false);
	turns(&b);
	assert_int_equal(b.n_asked[REQUEST_RULESET], 1);
	assert_int_equal(b.shown.read_wall_ns, FIXTURE_WALL_NS);
	b.wall_ns += 10 * NS_PER_S;
	start(&b, false);
	turns(&b);
	assert_int_equal(b.n_asked[REQUEST_RULESET], 2);
	assert_int_equal(b.shown.read_wall_ns, b.wall_ns);
	close_bench(&b);
}

static void rules_of_another_generation_are_read_and_walked_again(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b);
	start(&b, true);
	turns(&b);
	for (int i = 0; i < 3; i++) {
		b.now_ns += 3 * NS_PER_S;
		assert_true(path_run_due_ns(&b.run, b.now_ns) <= b.now_ns);
		assert_int_equal(turns(&b), 0);
	}
	assert_int_equal(b.n_asked[REQUEST_GENERATION], 3);
	assert_int_equal(b.n_asked[REQUEST_RULESET], 1);
	b.generation++;
	b.now_ns += 3 * NS_PER_S;
	assert_int_equal(turns(&b), 1);
	assert_int_equal(b.n_asked[REQUEST_RULESET], 2);
	assert_int_equal(b.shown.page->evidence.rules->generation, b.generation);
	close_bench(&b);
}

static void the_former_answer_is_shown_until_the_next_one(void **state)
{
	struct bench b;
	const struct path_page *before;

	(void)state;
	open_bench(&b);
	start(&b, true);
	turns(&b);
	before = b.shown.page;
	b.is_silent = true;
	start(&b, true);
	turns(&b);
	assert_ptr_equal(b.shown.page, before);
	assert_true(b.shown.is_running);
	close_bench(&b);
}

static void what_does_not_answer_is_gone_on_without(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b);
	b.is_silent = true;
	start(&b, true);
	turns(&b);
	assert_null(b.shown.page);
	for (int i = 0; i < 20 && !b.shown.page; i++) {
		assert_true(path_run_due_ns(&b.run, b.now_ns) >= b.now_ns);
		b.now_ns += 41 * NS_PER_S;
		turns(&b);
	}
	assert_non_null(b.shown.page);
	assert_int_equal(path_page_state(b.shown.page), PATH_IS_NOT_KNOWN);
	assert_non_null(strstr(str_text(&b.shown.missing), "did not answer in time"));
	close_bench(&b);
}

static void a_namespace_that_is_gone_is_said(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b);
	snprintf(b.shown.aim.space, sizeof(b.shown.aim.space), "web");
	start(&b, true);
	assert_int_equal(turns(&b), 1);
	assert_null(b.shown.page);
	assert_string_equal(b.shown.failure, "the namespace could not be read");
	assert_int_equal(path_run_due_ns(&b.run, b.now_ns), INT64_MAX);
	close_bench(&b);
}

static void nothing_is_asked_once_it_is_closed(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b);
	start(&b, true);
	turns(&b);
	path_run_end(&b.run);
	assert_null(b.shown.page);
	assert_int_equal(b.shown.places.n, 0);
	b.now_ns += 600 * NS_PER_S;
	assert_int_equal(turns(&b), 0);
	assert_int_equal(b.n_asked[REQUEST_GENERATION], 0);
	assert_int_equal(path_run_due_ns(&b.run, b.now_ns), INT64_MAX);
	path_run_snapshot(&b.run, b.snapshot);
	assert_null(b.run.newest);
	close_bench(&b);
}

static int set_up(void **state)
{
	(void)state;
	golden_locale();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_is_walked_once_all_is_answered),
		cmocka_unit_test(
			rules_that_may_not_be_read_leave_the_way_unknown_and_say_which_right),
		cmocka_unit_test(another_packet_needs_no_second_reading_of_the_rules),
		cmocka_unit_test(what_was_read_long_ago_is_read_again),
		cmocka_unit_test(what_was_read_keeps_its_age),
		cmocka_unit_test(rules_of_another_generation_are_read_and_walked_again),
		cmocka_unit_test(the_former_answer_is_shown_until_the_next_one),
		cmocka_unit_test(what_does_not_answer_is_gone_on_without),
		cmocka_unit_test(a_namespace_that_is_gone_is_said),
		cmocka_unit_test(nothing_is_asked_once_it_is_closed),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
