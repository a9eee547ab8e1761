/* Who can reach what, on the screen Ports: when rules are read, and whose word is found. */
#include <unistd.h>

#include "core/base/bundle.h"
#include "core/host/broker/mailbox.h"
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tui/exposures.h"

enum { PAGE = 5 };

/* The console, the words, and a channel at whose other end this test answers. */
struct desk {
	struct console console;
	struct exposures exposures;
	struct channel *channel;
	int other_end;
	int64_t now_ns;
};

/* The sockets of one transport as the kernel lists them. */
static struct socket_table *list_sockets(struct snapshot *s, enum socket_proto proto)
{
	struct socket_table *t = table_new(sizeof(*t), NULL);

	t->rows = fixture_alloc(s, s->n_endpoints, sizeof(*t->rows));
	for (size_t i = 0; i < s->n_endpoints; i++)
		if (s->endpoints[i].proto == proto)
			t->rows[t->n++] = *s->endpoints[i].sockets[0];
	return t;
}

/* The device that all of the fixture's addresses are on. */
static struct snapshot *with_device(struct snapshot *s)
{
	struct link_table *links = s->spaces[0].links;

	links->rows[0].flags = 1;
	table_unref(s->spaces[0].tcp);
	s->spaces[0].tcp = list_sockets(s, PROTO_TCP);
	s->spaces[0].udp = list_sockets(s, PROTO_UDP);
	s->spaces[0].addresses->rows[0].prefix_len = 24;
	return s;
}

static void open_desk(struct desk *d, struct snapshot *s)
{
	const struct netns_ref own = {.kind = NETNS_OWN};
	int fds[2];

	*d = (struct desk){.now_ns = 100 * NS_PER_S};
	assert_int_equal(mailbox_pair(fds), 0);
	d->channel = channel_live_take(fds[0]);
	d->other_end = fds[1];
	assert_non_null(d->channel);
	exposures_init(&d->exposures, &own);
	d->exposures.slice_ns = 60 * NS_PER_S;
	fixture_console(&d->console, false, NULL);
	d->console.model.reach = &d->exposures.reach;
	d->console.model.page = PAGE;
	if (s)
		model_snapshot_take(&d->console.model, with_device(s));
}

static void close_desk(struct desk *d)
{
	console_release(&d->console);
	exposures_release(&d->exposures);
	channel_free(d->channel);
	close(d->other_end);
}

static bool turn(struct desk *d)
{
	return exposures_turn(&d->exposures, d->channel, &d->console.model, d->now_ns,
			      FIXTURE_WALL_NS);
}

static uint32_t seq_of(struct desk *d, enum question_kind kind)
{
	const struct inquiry *i = &d->exposures.inquiries[!d->exposures.known];

	for (size_t k = 0; k < i->responses.rows.n; k++) {
		const struct response *r =
			*(struct response **)vec_at(&i->responses.rows, k);

		/* The requests of one inquiry are numbered in its order. */
		if (r->question.kind == kind)
			return d->exposures.is_asking ? (uint32_t)k + 1 : 0;
	}
	return 0;
}

static bool tell(struct desk *d, uint32_t seq, int error)
{
	struct blob b = {.seq = seq, .status = BLOB_LAST, .error = error};

	return exposures_takes_blob(&d->exposures, &b);
}

static bool tell_settings(struct desk *d, uint32_t seq)
{
	static const struct bundle_item items[] = {
		{.name = {"net/ip6_tables_names", 20}, .error = ENOENT},
		{.name = {"net/ip_tables_names", 19}, .error = ENOENT},
		{.name = {"sys/net/ipv4/ip_forward", 23}, .data = {"0\n", 2}}};
	uint8_t bytes[256];
	struct blob b = {.seq = seq, .status = BLOB_LAST, .bytes = bytes};

	for (size_t i = 0; i < N_OF(items); i++) {
		long size = bundle_put(bytes + b.len, sizeof(bytes) - b.len, &items[i]);

		assert_true(size > 0);
		b.len += (size_t)size;
	}
	return exposures_takes_blob(&d->exposures, &b);
}

/* What a kernel without nf_tables and without legacy tables says; or that it may not. The
 * first reading makes two requests, one of the same rules only one. */
static void answer(struct desk *d, unsigned nth, int error)
{
	assert_true(tell(d, 2 * nth + seq_of(d, QUESTION_RULESET), error));
	if (seq_of(d, QUESTION_SETTINGS))
		assert_true(tell_settings(d, 2 * nth + seq_of(d, QUESTION_SETTINGS)));
	else
		assert_true(nth > 0);
}

static const char *word(struct desk *d, size_t i)
{
	return reach_word(&d->exposures.reach, &d->console.model.snapshot->endpoints[i]);
}

static size_t n_told(struct desk *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->console.model.snapshot->n_endpoints; i++)
		n += word(d, i) != NULL;
	return n;
}

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
	open_desk(&d, typical());
	turn(&d);
	answer(&d, 0, ENOPKG);
	assert_true(turn(&d));
	assert_int_equal(n_told(&d), PAGE);
	assert_string_equal(word(&d, 0), "any");
	turn(&d);
	assert_int_equal(n_told(&d), d.console.model.snapshot->n_endpoints);
	assert_string_equal(word(&d, 6), "host"); /* 5432 on loopback */
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
	answer(&d, 0, ENOPKG);
	assert_false(turn(&d));
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
	answer(&d, 0, EPERM);
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
	open_desk(&d, typical());
	turn(&d);
	answer(&d, 0, ENOPKG);
	for (int i = 0; i < 4; i++)
		turn(&d);
	epoch = d.exposures.reach.epoch;
	assert_false(turn(&d));
	assert_false(d.exposures.is_asking);
	d.now_ns += 4 * NS_PER_S;
	assert_false(turn(&d));
	assert_int_equal(seq_of(&d, QUESTION_SETTINGS), 0);
	answer(&d, 1, ENOPKG);
	assert_false(turn(&d));
	assert_false(d.exposures.is_asking);
	assert_int_equal(d.exposures.reach.epoch, epoch);
	assert_false(d.exposures.has_stale);
	close_desk(&d);
}

static void rules_that_cannot_be_read_any_more_take_the_words_back(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	turn(&d);
	answer(&d, 0, ENOPKG);
	turn(&d);
	assert_string_equal(word(&d, 0), "any");
	d.now_ns += 4 * NS_PER_S;
	turn(&d);
	answer(&d, 1, ETIMEDOUT);
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
	open_desk(&d, typical());
	turn(&d);
	answer(&d, 0, ENOPKG);
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
	open_desk(&d, typical());
	turn(&d);
	answer(&d, 0, ENOPKG);
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
	answer(&d, 0, ENOPKG);
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
		cmocka_unit_test(a_slice_of_no_time_is_one_step_and_the_next_goes_on),
		cmocka_unit_test(without_the_right_nothing_is_claimed_and_it_is_asked_once),
		cmocka_unit_test(the_same_rules_change_no_word_and_cost_no_search),
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
