/* What is found out and asked for the screen Details alone: from where its port is reached,
 * and who is connected to it. */
#include <sys/socket.h>
#include <unistd.h>

enum { PAGE = 5 };
#include "tests/screens/exposure_desk.h"
#include "tui/live/details_run.h"
#include "tui/view.h"

static const char *sets(const struct desk *d)
{
	return details_sets(&d->console.model);
}

static void has(const char *text, const char *words)
{
	if (!text || !strstr(text, words))
		fail_msg("\"%s\" has no \"%s\"", text ? text : "(nothing)", words);
}

static void the_sets_of_the_shown_port_are_found_and_the_words_stand(void **state)
{
	struct desk d;

	(void)state;
	open_answered_desk(&d);
	turn(&d);
	assert_int_equal(n_told(&d), PAGE);
	assert_null(sets(&d));
	press(&d.console, "d");
	assert_true(view_details.is_waiting(&d.console.model));
	turn(&d);
	has(sets(&d), "22/tcp (ssh)");
	has(sets(&d), "    from anywhere");
	assert_string_equal(word(&d, 0), "any");
	assert_int_equal(n_told(&d), PAGE);
	close_desk(&d);
}

static void those_of_another_port_are_not_taken_for_its_own(void **state)
{
	struct desk d;

	(void)state;
	open_answered_desk(&d);
	turn(&d);
	press(&d.console, "d");
	turn(&d);
	press(&d.console, "Esc Down Down d");
	assert_null(sets(&d));
	turn(&d);
	has(sets(&d), "80/tcp (http)");
	close_desk(&d);
}

/* The details of the first port, whose sets are found. */
static void open_searched(struct desk *d)
{
	open_answered_desk(d);
	press(&d->console, "d");
	for (int i = 0; i < 20; i++)
		turn(d);
}

static void once_found_they_cost_no_further_search(void **state)
{
	struct desk d;
	int64_t spent_ns;

	(void)state;
	open_searched(&d);
	spent_ns = d.exposures.total_ns;
	for (int i = 0; i < 20; i++)
		turn(&d);
	assert_int_equal(d.exposures.total_ns, spent_ns);
	close_desk(&d);
}

static void other_rules_make_other_sets(void **state)
{
	struct desk d;
	uint64_t epoch;

	(void)state;
	open_searched(&d);
	epoch = d.exposures.reach.sets_epoch;
	come_to_next_reading(&d);
	tell_rules(&d);
	turn(&d);
	turn(&d);
	answer_settings(&d);
	for (int i = 0; i < 20; i++)
		turn(&d);
	assert_int_not_equal(d.exposures.reach.sets_epoch, epoch);
	has(sets(&d), "22/tcp (ssh)");
	close_desk(&d);
}

static void what_takes_too_long_names_the_command_that_may(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	d.exposures.slice_ns = 1;
	d.exposures.batch_max_ns = 0;
	press(&d.console, "d");
	turn(&d);
	answer(&d, ENOPKG);
	assert_true(turn(&d));
	has(sets(&d), "too many to find out here: dport exposure PORT");
	close_desk(&d);
}

/* ---- who is connected ---- */

static void tell_peers(struct desk *d, struct details_run *r, int error)
{
	struct blob b = {
		.seq = take_seq(d, REQUEST_SOCK_DIAG), .status = BLOB_LAST, .error = error};

	assert_int_not_equal(b.seq, 0);
	assert_true(details_run_takes_blob(r, &b));
}

static void start(struct desk *d, struct details_run *r)
{
	static const struct netns_ref own = {.kind = NETNS_OWN};

	open_answered_desk(d);
	details_run_init(r, &d->console.model, d->channel, &own);
}

static void end(struct desk *d, struct details_run *r)
{
	details_run_release(r);
	close_desk(d);
}

/* The details are opened, and who is connected is asked. */
static void start_opened(struct desk *d, struct details_run *r)
{
	start(d, r);
	press(&d->console, "d");
	details_run_turn(r, d->now_ns);
}

static void nobody_is_asked_about_while_the_details_are_not_shown(void **state)
{
	struct details_run r;
	struct desk d;

	(void)state;
	start(&d, &r);
	assert_false(details_run_turn(&r, d.now_ns));
	assert_int_equal(details_run_due_ns(&r), INT64_MAX);
	press(&d.console, "d");
	assert_true(details_run_due_ns(&r) <= d.now_ns);
	details_run_turn(&r, d.now_ns);
	assert_true(asks(&d, REQUEST_SOCK_DIAG));
	tell_peers(&d, &r, 0);
	press(&d.console, "d");
	d.now_ns += 3600 * NS_PER_S;
	details_run_turn(&r, d.now_ns);
	assert_false(asks(&d, REQUEST_SOCK_DIAG));
	end(&d, &r);
}

static void an_answer_is_shown_and_asked_for_again_after_a_pause(void **state)
{
	struct details_run r;
	struct desk d;

	(void)state;
	start_opened(&d, &r);
	tell_peers(&d, &r, 0);
	assert_true(details_run_turn(&r, d.now_ns));
	assert_int_equal(d.console.model.details.peers_state, PEERS_KNOWN);
	assert_non_null(d.console.model.details.peers);
	details_run_turn(&r, d.now_ns + NS_PER_S);
	assert_false(asks(&d, REQUEST_SOCK_DIAG));
	details_run_turn(&r, d.now_ns + 5 * NS_PER_S);
	assert_true(asks(&d, REQUEST_SOCK_DIAG));
	end(&d, &r);
}

static void a_refusal_says_why_and_is_not_asked_again_soon(void **state)
{
	struct details_run r;
	struct desk d;

	(void)state;
	start_opened(&d, &r);
	tell_peers(&d, &r, EACCES);
	assert_true(details_run_turn(&r, d.now_ns));
	assert_int_equal(d.console.model.details.peers_state, PEERS_FAILED);
	assert_int_equal(d.console.model.details.peers_error, EACCES);
	details_run_turn(&r, d.now_ns + 30 * NS_PER_S);
	assert_false(asks(&d, REQUEST_SOCK_DIAG));
	end(&d, &r);
}

static void an_answer_about_the_port_before_is_not_taken_for_this_one(void **state)
{
	struct details_run r;
	struct desk d;

	(void)state;
	start_opened(&d, &r);
	press(&d.console, "Esc Down Down d");
	tell_peers(&d, &r, 0);
	details_run_turn(&r, d.now_ns);
	assert_int_equal(d.console.model.details.peers_state, PEERS_WAITING);
	details_run_turn(&r, d.now_ns);
	assert_true(asks(&d, REQUEST_SOCK_DIAG));
	end(&d, &r);
}

static void datagrams_are_not_asked_about(void **state)
{
	struct details_run r;
	struct desk d;

	(void)state;
	start(&d, &r);
	press(&d.console, "Down d");
	details_run_turn(&r, d.now_ns);
	assert_false(asks(&d, REQUEST_SOCK_DIAG));
	assert_int_equal(details_run_due_ns(&r), INT64_MAX);
	end(&d, &r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sets_of_the_shown_port_are_found_and_the_words_stand),
		cmocka_unit_test(those_of_another_port_are_not_taken_for_its_own),
		cmocka_unit_test(once_found_they_cost_no_further_search),
		cmocka_unit_test(other_rules_make_other_sets),
		cmocka_unit_test(what_takes_too_long_names_the_command_that_may),
		cmocka_unit_test(nobody_is_asked_about_while_the_details_are_not_shown),
		cmocka_unit_test(an_answer_is_shown_and_asked_for_again_after_a_pause),
		cmocka_unit_test(a_refusal_says_why_and_is_not_asked_again_soon),
		cmocka_unit_test(an_answer_about_the_port_before_is_not_taken_for_this_one),
		cmocka_unit_test(datagrams_are_not_asked_about),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
