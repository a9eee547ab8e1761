/* The dashboard's capture: when it is asked for, and what becomes of its end. */
#include <unistd.h>

#include "tests/screens/broker_end.h"
#include "tests/screens/busy.h"
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tui/live/dashboard.h"

/* The console, the dashboard, and a channel at whose other end nobody answers. */
struct desk {
	struct console console;
	struct dashboard dashboard;
	struct channel *channel;
	int other_end;
};

static void open_desk(struct desk *d, struct snapshot *s)
{
	const struct netns_ref own = {.kind = NETNS_OWN};

	d->channel = broker_end_open(&d->other_end);
	assert_int_equal(dashboard_init(&d->dashboard, &own), 0);
	fixture_console(&d->console, false, NULL);
	d->console.model.traffic = d->dashboard.traffic;
	if (s)
		model_snapshot_take(&d->console.model, s);
}

static void close_desk(struct desk *d)
{
	console_release(&d->console);
	dashboard_release(&d->dashboard);
	channel_free(d->channel);
	close(d->other_end);
}

static bool turn(struct desk *d)
{
	return dashboard_turn(&d->dashboard, d->channel, &d->console.model);
}

static const struct record ready = {
	.kind = RECORD_STATE,
	.state = {.is_ready = true, .wall_ns = FIXTURE_WALL_NS},
};

static bool tell(struct desk *d, const struct record *r, enum blob_status status, int error)
{
	uint8_t bytes[RECORD_MAX];
	struct blob b = {.seq = d->dashboard.seq,
			 .status = status,
			 .error = error,
			 .bytes = bytes,
			 .len = r ? record_put(bytes, r) : 0};

	return dashboard_takes_blob(&d->dashboard, &b);
}

static enum traffic_state shown(const struct desk *d)
{
	return d->console.model.counts->state;
}

static void it_is_asked_for_once_there_are_listeners(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, NULL);
	assert_false(turn(&d));
	assert_int_equal(d.dashboard.seq, 0);
	model_snapshot_take(&d.console.model, typical());
	turn(&d);
	assert_int_equal(d.dashboard.seq, 1);
	turn(&d);
	assert_int_equal(d.dashboard.n_starts, 1);
	assert_int_equal(shown(&d), TRAFFIC_WAITING);
	assert_true(tell(&d, &ready, BLOB_MORE, 0));
	assert_true(turn(&d));
	assert_int_equal(shown(&d), TRAFFIC_RUNNING);
	close_desk(&d);
}

static void parts_of_others_are_not_taken(void **state)
{
	struct blob b = {.seq = 7, .status = BLOB_LAST};
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	assert_false(dashboard_takes_blob(&d.dashboard, &b));
	turn(&d);
	assert_false(dashboard_takes_blob(&d.dashboard, &b));
	close_desk(&d);
}

static void an_idle_capture_draws_nothing(void **state)
{
	struct record r = ready;
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	turn(&d);
	tell(&d, &r, BLOB_MORE, 0);
	assert_true(turn(&d));
	for (int i = 0; i < 100; i++) {
		r.state.wall_ns += NS_PER_S;
		tell(&d, &r, BLOB_MORE, 0);
		assert_false(turn(&d));
	}
	close_desk(&d);
}

static void without_the_right_it_is_asked_for_only_once(void **state)
{
	struct record r = {.kind = RECORD_PROBLEM, .problem = {EPERM, "not permitted"}};
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	turn(&d);
	tell(&d, &r, BLOB_LAST, EPERM);
	assert_true(turn(&d));
	assert_int_equal(shown(&d), TRAFFIC_NO_RIGHT);
	assert_int_equal(d.console.model.message.len, 0);
	assert_false(turn(&d));
	assert_int_equal(d.dashboard.n_starts, 1);
	close_desk(&d);
}

static void one_that_dies_is_started_again_once_and_said_so(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	turn(&d);
	tell(&d, &ready, BLOB_MORE, 0);
	tell(&d, NULL, BLOB_INTERRUPTED, 0);
	assert_true(turn(&d));
	assert_non_null(strstr(str_text(&d.console.model.message), "started again"));
	assert_int_equal(d.dashboard.n_starts, 2);
	assert_true(d.dashboard.seq != 0);
	assert_int_equal(shown(&d), TRAFFIC_WAITING);
	tell(&d, &ready, BLOB_MORE, 0);
	turn(&d);
	assert_int_equal(shown(&d), TRAFFIC_RUNNING);
	tell(&d, NULL, BLOB_INTERRUPTED, 0);
	turn(&d);
	assert_int_equal(shown(&d), TRAFFIC_FAILED);
	assert_int_equal(d.dashboard.seq, 0);
	turn(&d);
	assert_int_equal(d.dashboard.n_starts, 2);
	close_desk(&d);
}

static void the_end_of_a_recording_is_no_failure(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	turn(&d);
	tell(&d, &ready, BLOB_LAST, 0);
	turn(&d);
	assert_int_equal(shown(&d), TRAFFIC_RUNNING);
	assert_int_equal(d.dashboard.n_starts, 1);
	close_desk(&d);
}

static void what_comes_while_frozen_is_shown_afterwards(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, typical());
	turn(&d);
	press(&d.console, "z");
	tell(&d, &ready, BLOB_MORE, 0);
	assert_false(turn(&d));
	assert_int_equal(shown(&d), TRAFFIC_WAITING);
	press(&d.console, "z");
	assert_true(turn(&d));
	assert_int_equal(shown(&d), TRAFFIC_RUNNING);
	close_desk(&d);
}

static void a_watch_ends_it_a_moment_before(void **state)
{
	struct dashboard none = {0};
	struct desk d;

	(void)state;
	open_desk(&d, NULL);
	dashboard_until(&d.dashboard, d.channel, 3 * NS_PER_S);
	assert_int_equal(d.dashboard.seq, 1);
	assert_false(d.dashboard.is_cancelled);
	dashboard_until(&d.dashboard, d.channel, NS_PER_S / 4);
	assert_true(d.dashboard.is_cancelled);
	tell(&d, &ready, BLOB_LAST, 0);
	dashboard_until(&d.dashboard, d.channel, NS_PER_S / 8);
	assert_int_equal(d.dashboard.seq, 0);
	assert_true(d.dashboard.has_ended);
	dashboard_until(&none, d.channel, 3 * NS_PER_S);
	assert_int_equal(none.seq, 0);
	close_desk(&d);
}

/* ---- the lines of other ports under the cursor ---- */

static unsigned other_port(const struct console *c)
{
	size_t i = counts_selected(&c->model);
	const struct traffic_other *o =
		i < counts_n_lines(&c->model) ? counts_other(&c->model, i) : NULL;

	return o ? o->port : 0;
}

static void the_cursor_goes_on_into_the_other_ports(void **state)
{
	struct traffic *t;
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	c.model.traffic = t = busy(c.model.snapshot);
	assert_true(counts_news(&c.model));
	draw_unseen(&c, 80, 24);
	press(&c, "G");
	assert_int_equal(counts_selected(&c.model), counts_n_lines(&c.model) - 1);
	assert_null(model_selected(&c.model));
	press(&c, "y");
	assert_string_equal(str_text(&c.model.copy),
			    "+ 214 ports, 31 addresses: looks like a scan");
	press(&c, "Up Up Up");
	assert_int_equal(other_port(&c), 8080);
	assert_int_equal(press(&c, "y"), EFFECT_COPY);
	assert_non_null(strstr(str_text(&c.model.copy), "8080/tcp"));
	assert_non_null(strstr(str_text(&c.model.copy), "nobody listens"));
	assert_non_null(strstr(str_text(&c.model.copy), "closed"));
	press(&c, "d n N Left Right");
	draw_unseen(&c, 80, 24);
	assert_int_equal(other_port(&c), 8080);
	model_snapshot_take(&c.model, typical());
	assert_int_equal(other_port(&c), 8080);
	press(&c, "s s s s s S");
	assert_int_equal(other_port(&c), 8080);
	press(&c, "Up Up");
	assert_int_equal(other_port(&c), 0);
	assert_int_equal(c.model.selected.row, c.model.rows.n - 1);
	press(&c, "G Up Up Up");
	model_snapshot_take(&c.model, no_rows());
	draw_unseen(&c, 80, 24);
	assert_int_equal(other_port(&c), 8080);
	press(&c, "f 'nothing-has-this Enter");
	draw_unseen(&c, 80, 24);
	assert_int_equal(counts_n_lines(&c.model), 0);
	assert_int_equal(c.model.selected.row, 0);
	console_release(&c);
	traffic_free(t);
}

/* At this width the screen has these words. */
static bool is_seen(struct console *c, int width, const char *words)
{
	return is_drawn_in(c, width, 24, words);
}

static void the_number_of_the_port_that_is_meant_is_not_cut(void **state)
{
	static const struct row https = {
		.port_service = "443 https", .comm = "nginx", .pid = 900};
	struct traffic *t;
	struct console c;

	(void)state;
	fixture_console(&c, false, fixture_of(&https, 1));
	c.model.traffic = t = traffic_for(c.model.snapshot);
	for (int second = 0; second < BUSY_SECONDS; second++) {
		busy_state(t, second);
		busy_port(t, second, "192.0.2.9", 443, 1, OUTCOME_ANSWERED);
		busy_port(t, second, "192.0.2.9", 8443, 1, OUTCOME_REFUSED);
	}
	busy_state(t, BUSY_SECONDS);
	assert_true(counts_news(&c.model));
	assert_true(is_seen(&c, 120, "nginx has 443 "));
	assert_true(is_seen(&c, 80, " has 443 "));
	console_release(&c);
	traffic_free(t);
}

static void sorting_by_rate_puts_the_busiest_first(void **state)
{
	struct traffic *t;
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	press(&c, "s s s s s");
	assert_int_equal(model_endpoint(&c.model, 0)->port, 22); /* round, without it */
	c.model.traffic = t = busy(c.model.snapshot);
	counts_news(&c.model);
	press(&c, "s s s s s");
	assert_int_equal(model_endpoint(&c.model, 0)->port, 443);
	assert_int_equal(model_endpoint(&c.model, 1)->port, 80);
	press(&c, "S");
	assert_int_equal(model_endpoint(&c.model, c.model.rows.n - 1)->port, 443);
	console_release(&c);
	traffic_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_asked_for_once_there_are_listeners),
		cmocka_unit_test(parts_of_others_are_not_taken),
		cmocka_unit_test(an_idle_capture_draws_nothing),
		cmocka_unit_test(without_the_right_it_is_asked_for_only_once),
		cmocka_unit_test(one_that_dies_is_started_again_once_and_said_so),
		cmocka_unit_test(the_end_of_a_recording_is_no_failure),
		cmocka_unit_test(what_comes_while_frozen_is_shown_afterwards),
		cmocka_unit_test(a_watch_ends_it_a_moment_before),
		cmocka_unit_test(the_cursor_goes_on_into_the_other_ports),
		cmocka_unit_test(the_number_of_the_port_that_is_meant_is_not_cut),
		cmocka_unit_test(sorting_by_rate_puts_the_busiest_first),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
