/*
 * --plain: goes on until what a screen shows is there, prints the screen and ends. Decides
 * nothing about what is shown.
 */
#include <signal.h>
#include <stdio.h>

#include "core/base/exits.h"
#include "core/base/time.h"
#include "tui/app_impl.h"

#define SETTLE_NS (5 * NS_PER_S) /* for what a screen asks of the host, at most */
#define RUN_NS    (60 * NS_PER_S)

static bool is_looked(const struct app *a)
{
	return refresh_is_settled(a->refresh);
}

static bool is_judged(const struct app *a)
{
	return !a->target && !a->console.model.guide.is_running;
}

/* What was captured: a recording tells at once. */
static bool is_capture_told(const struct app *a)
{
	const struct model *m = &a->console.model;

	return !channel_is_replay(a->channel) || !m->traffic ||
	       (m->counts && m->counts->state != TRAFFIC_WAITING);
}

static bool is_settled(const struct app *a)
{
	return is_capture_told(a) && !console_is_waiting(&a->console);
}

/* Until it is so, for wait_ns at most; 0: as long as it takes. */
static void go_on(struct app *a, bool (*is_so)(const struct app *a), int64_t wait_ns)
{
	a->until_ns = wait_ns ? loop_clock_ns(CLOCK_MONOTONIC) + wait_ns : 0;
	while (a->code == RUNNING && !is_so(a)) {
		app_turn(a);
		if (a->until_ns && loop_clock_ns(CLOCK_MONOTONIC) >= a->until_ns)
			return;
		if (a->code == RUNNING && !is_so(a))
			app_wait(a);
	}
	a->until_ns = 0;
}

/* Nothing can be printed: why, and the end. */
static void end(struct app *a)
{
	const struct str *why = &a->console.model.message;

	fprintf(stderr, "dport: %s\n",
		why->len ? str_text(why) : "there is nothing to show");
	a->code = EXIT_USAGE;
}

static void diagnose(struct app *a)
{
	a->target = a->options->target;
	go_on(a, is_judged, RUN_NS);
	/* Nobody answers the questions before it. */
	if (a->code == RUNNING && model_view(&a->console.model) == &view_question) {
		app_carry_out(a, console_carry_out(&a->console, ACTION_START));
		go_on(a, is_judged, RUN_NS);
	}
	if (a->code == RUNNING && !a->console.model.guide.is_open)
		end(a); /* the target is none */
}

static void open_screen(struct app *a, const struct plain_screen *screen)
{
	if (a->code == RUNNING && !console_is_on(&a->console, screen->word))
		app_carry_out(a, console_do(&a->console, screen->word));
	if (a->code == RUNNING && !console_is_on(&a->console, screen->word))
		end(a);
	/* What is asked for belongs to this picture and this screen from now on. */
	if (a->code == RUNNING)
		app_turn(a);
	go_on(a, is_settled, SETTLE_NS);
}

static void show(struct app *a, const struct plain_screen *screen)
{
	bool is_row = screen->need == PLAIN_ROW &&
		      console_select(&a->console, a->options->target);

	if (screen->need == PLAIN_RUN || (screen->need == PLAIN_ROW && !is_row))
		diagnose(a);
	open_screen(a, screen);
}

int app_plain(struct channel *c, const struct app_options *o)
{
	struct app_options once = *o;
	struct app a = {.channel = c, .options = &once, .code = RUNNING};
	int code;

	once.refresh.once = true;
	signal(SIGPIPE, SIG_IGN);
	code = app_open(&a, false);
	if (code)
		a.code = code;
	a.target = NULL;
	a.console.model.is_plain = true;
	go_on(&a, is_looked, 0);
	if (a.code == RUNNING)
		app_take_snapshot(&a);
	if (a.code == RUNNING && o->screen)
		show(&a, o->screen);
	if (a.code == RUNNING)
		a.code = plain_print(&a.console);
	app_close(&a);
	return a.code;
}
