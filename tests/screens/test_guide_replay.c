/*
 * The Guide on a recording (tests/fixtures/dropped.tar: a rule drops the SYNs of 10.9.0.2
 * to 8080/tcp): the whole way from a file to a screen, without a host and without a
 * terminal.
 */
#include <fcntl.h>
#include <unistd.h>

#include "core/host/tape/record.h"
#include "core/snapshot/refresh.h"
#include "tests/screens/golden.h"
#include "tui/live/guide_run.h"

enum { TURNS_MAX = 2000 };

/* A console on the recording, as app.c drives it. */
struct replay {
	struct channel *channel;
	struct refresh *refresh;
	struct console console;
	struct guide_run run;
	int64_t now_ns;
};

static void open_replay(struct replay *r, bool is_ascii)
{
	struct refresh_options options = {.once = true};
	int fd = open("tests/fixtures/dropped.tar", O_RDONLY);
	struct recording *rec;
	char error[256];

	assert_true(fd >= 0);
	rec = recording_open(fd, error);
	assert_non_null(rec);
	close(fd);
	*r = (struct replay){.now_ns = NS_PER_S};
	r->channel = channel_replay_take(rec, -1);
	r->refresh = refresh_new(&options);
	assert_non_null(r->channel);
	assert_non_null(r->refresh);
	console_init(&r->console, is_ascii, NS_PER_S);
	guide_run_init(&r->run, &r->console.model.guide, r->channel);
}

static void close_replay(struct replay *r)
{
	guide_run_end(&r->run);
	console_release(&r->console);
	refresh_free(r->refresh);
	channel_free(r->channel);
}

static void turn(struct replay *r)
{
	bool has_news = false;
	struct blob b;

	r->now_ns += 10 * NS_PER_MS;
	assert_int_equal(refresh_ask(r->refresh, r->channel, r->now_ns), 0);
	while (channel_receive(r->channel, &b) == CHANNEL_BLOB)
		if (!guide_run_takes_blob(&r->run, &b))
			has_news |= refresh_blob(r->refresh, &b, r->now_ns) == 1;
	if (has_news) {
		struct snapshot *s = refresh_snapshot(r->refresh);

		assert_non_null(s);
		assert_int_equal(model_snapshot_take(&r->console.model, s), 0);
		guide_run_snapshot(&r->run, s);
	}
	assert_true(guide_run_step(&r->run, r->now_ns, 0) >= 0);
	if (r->console.model.snapshot)
		model_tick(&r->console.model, r->now_ns,
			   r->console.model.snapshot->wall_ns);
}

/* Until the recording's listeners are there, then the Guide to its end. */
static void diagnose(struct replay *r)
{
	struct guide *g = &r->console.model.guide;
	int n = 0;

	while (!refresh_is_settled(r->refresh) && n++ < TURNS_MAX)
		turn(r);
	turn(r);
	console_open_target(&r->console, "8080");
	assert_true(press(&r->console, "r") & EFFECT_DIAGNOSE);
	guide_run_start(&r->run, &(struct netns_ref){0}, r->console.model.snapshot,
			r->now_ns, r->console.model.wall_ns);
	for (n = 0; !guide_is_done(g) && n < TURNS_MAX; n++)
		turn(r);
	assert_true(guide_is_done(g));
}

static void the_recorded_fault_is_told_with_its_clock(void **state)
{
	struct replay r;
	const struct diagnosis *d;

	(void)state;
	open_replay(&r, false);
	diagnose(&r);
	d = r.console.model.guide.result;
	assert_int_equal(d->verdict, VERDICT_FAULT);
	assert_int_equal(d->findings[0].fault, FAULT_DROP);
	assert_int_equal(d->certainty, CERTAINTY_PROVEN);
	/* the moment of the recording, whatever today is */
	assert_true(d->time_ns / NS_PER_S / 86400 == 20779);
	close_replay(&r);
}

static void ending_early_leaves_nothing_behind(void **state)
{
	struct replay r;
	int n = 0;

	(void)state;
	for (int turns = 0; turns < 12; turns++) {
		open_replay(&r, false);
		for (n = 0; n < 40; n++)
			turn(&r);
		console_open_target(&r.console, "8080");
		press(&r.console, "r");
		guide_run_start(&r.run, &(struct netns_ref){0}, r.console.model.snapshot,
				r.now_ns, 0);
		for (n = 0; n < turns; n++)
			turn(&r);
		if (turns % 2) /* again, while it runs */
			guide_run_start(&r.run, &(struct netns_ref){0},
					r.console.model.snapshot, r.now_ns, 0);
		press(&r.console, "Esc");
		guide_run_end(&r.run);
		assert_null(r.console.model.guide.result);
		for (n = 0; n < 10; n++)
			turn(&r);
		close_replay(&r);
	}
}

static const struct screen_row {
	const char *name, *keys;
} screens[] = {
	{"guide-recorded-*", ""},
	{"guide-recorded-120x40-why", "w"},
	{"guide-recorded-ladder-*", "t"},
};

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct replay r;

	open_replay(&r, g->is_ascii);
	diagnose(&r);
	press(&r.console, row->keys);
	golden_draw(g, &r.console);
	close_replay(&r);
}

static void the_recorded_screens_are_as_before(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recorded_fault_is_told_with_its_clock),
		cmocka_unit_test(ending_early_leaves_nothing_behind),
		cmocka_unit_test(the_recorded_screens_are_as_before),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
