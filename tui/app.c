/*
 * One loop over terminal, channel, signals and a timer. Carries out what the console
 * (console.h) asks for. Decides nothing about what is shown.
 */
#include "tui/app_impl.h"

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "core/base/exits.h"
#include "core/base/time.h"
#include "tui/config/config_save.h"
#include "tui/export.h"
#include "tui/find.h"

enum { INPUTS_AT_ONCE = 64 };

#define TURN_NS       (5 * NS_PER_MS)  /* of one turn for blobs: keys wait no longer */
#define SNAPSHOT_NS   (33 * NS_PER_MS) /* between two snapshots at least */
#define GATHER_NS     (4 * NS_PER_MS)  /* for the answers of one look to come together */
#define SNAPSHOT_COST 8 /* one that took t is not followed by another within 8 t */

static int64_t now_ns(void)
{
	return loop_clock_ns(CLOCK_MONOTONIC);
}

/* What the clock shows: in a replay the recorded moment, which stands still. */
static int64_t wall_ns(const struct app *a)
{
	const struct snapshot *s = a->console.model.snapshot;

	if (!channel_is_replay(a->channel))
		return loop_clock_ns(CLOCK_REALTIME);
	return s ? s->wall_ns : 0;
}

static void channel_gone(struct app *a)
{
	a->is_channel_gone = true;
	a->code = EXIT_INTERNAL;
}

static void ask(struct app *a, int64_t now)
{
	int r = refresh_ask(a->refresh, a->channel, now);

	if (r == -EPIPE)
		channel_gone(a);
	else if (r)
		model_say(&a->console.model, ROLE_WARN, "asking failed: %s", strerror(-r));
}

void app_take_snapshot(struct app *a)
{
	int64_t start = now_ns();
	struct snapshot *s = refresh_snapshot(a->refresh);
	int64_t end;

	if (!s || model_snapshot_take(&a->console.model, s))
		model_say(&a->console.model, ROLE_BAD,
			  "not enough memory: the picture is the one before");
	else
		live_snapshot(&a->live, model_newest(&a->console.model));
	end = now_ns();
	model_tick(&a->console.model, end, wall_ns(a));
	a->has_news = false;
	a->stage.is_dirty = true;
	a->snapshot_at_ns = end + later(SNAPSHOT_NS, SNAPSHOT_COST * (end - start));
}

static void suspend(struct app *a)
{
	if (!a->stage.display || a->stage.is_away)
		return;
	stage_leave(&a->stage);
	if (channel_suspend(a->channel))
		channel_gone(a);
}

static void refresh_all(struct app *a)
{
	refresh_now(a->refresh);
	ask(a, now_ns());
}

/* To another moment of a replay: of later ones nothing is kept. */
static void stand(struct app *a)
{
	struct refresh *anew = NULL;

	tape_run_stand(&a->console.model, a->channel);
	if (a->console.model.tape.has_gone_back)
		anew = refresh_new(&a->options->refresh);
	if (!anew)
		return;
	refresh_free(a->refresh);
	refresh_set_interval(anew, a->console.model.interval_ns);
	a->refresh = anew;
}

void app_carry_out(struct app *a, unsigned effects)
{
	if (effects & EFFECT_QUIT)
		a->code = 0;
	if (effects & EFFECT_INTERRUPTED)
		a->code = EXIT_INTERRUPTED;
	if (effects & EFFECT_REDRAW)
		term_redraw(a->stage.display);
	if (effects & EFFECT_INTERVAL)
		refresh_set_interval(a->refresh, a->console.model.interval_ns);
	if (effects & EFFECT_RECORD && tape_run_toggle(&a->console.model, a->channel))
		channel_gone(a);
	if (effects & EFFECT_STAND)
		stand(a);
	if (effects & (EFFECT_REFRESH | EFFECT_STAND))
		refresh_all(a);
	if (effects & EFFECT_COPY)
		stage_copy(&a->stage, getenv("STY") != NULL);
	if (effects & EFFECT_KEEP && config_save_ask(&a->console.model, a->channel))
		channel_gone(a);
	if (effects & EFFECT_EXPORT &&
	    export_ask(&a->console.model, a->channel, a->export_name))
		channel_gone(a);
	live_carry_out(&a->live, effects, now_ns(), wall_ns(a));
	if (effects & EFFECT_SUSPEND)
		suspend(a);
	if (effects)
		a->stage.is_dirty = true;
}

static bool shows_clock(const struct app *a)
{
	return a->stage.display && !a->stage.is_away && !channel_is_replay(a->channel);
}

/* The parts of a long answer come one by one: they are read some at a time. */
static void gather_parts(struct app *a, const struct blob *b, int64_t now)
{
	if (shows_clock(a) && refresh_is_settled(a->refresh))
		a->gather_until_ns = blob_is_end(b) ? 0 : now + GATHER_NS;
}

static void on_blob(struct app *a, const struct blob *b)
{
	int64_t now = now_ns();
	bool was_due = refresh_due_ns(a->refresh) <= now;

	if (live_takes_blob(&a->live, b))
		return;
	if (refresh_blob(a->refresh, b, now) == 1)
		a->has_news = true;
	gather_parts(a, b, now);
	/* What follows from an answer (owners of new sockets) does not wait for its turn.
	 */
	if (!was_due && refresh_due_ns(a->refresh) <= now)
		ask(a, now);
}

static enum channel_event on_event(struct app *a)
{
	struct blob blob;
	enum channel_event event = channel_receive(a->channel, &blob);

	switch (event) {
	case CHANNEL_NOTHING:
		break;
	case CHANNEL_BLOB:
		on_blob(a, &blob);
		break;
	case CHANNEL_RESUMED:
		stage_return(&a->stage);
		break;
	case CHANNEL_SUSPEND:
		suspend(a);
		break;
	case CHANNEL_EXPORT:
		if (a->console.model.tape.is_awaited)
			app_carry_out(a, tape_run_begin(&a->console.model, a->channel));
		else
			export_finish(&a->console.model, a->channel, a->export_name);
		break;
	case CHANNEL_SETTINGS:
		if (config_save_go_on(&a->console.model, a->channel))
			channel_gone(a);
		break;
	case CHANNEL_NOTICE:
		model_say(&a->console.model, ROLE_WARN, "%s", channel_notice(a->channel));
		break;
	case CHANNEL_CLOSED:
		channel_gone(a);
		break;
	}
	if (event != CHANNEL_NOTHING && event != CHANNEL_BLOB)
		a->stage.is_dirty = true;
	return event;
}

static void on_channel(struct app *a)
{
	int64_t start = now_ns();

	if (channel_wants_write(a->channel) && channel_flush(a->channel) == -EPIPE)
		channel_gone(a);
	while (a->code == RUNNING && now_ns() - start < TURN_NS)
		if (on_event(a) == CHANNEL_NOTHING)
			return;
}

static void on_terminal(struct app *a, uint32_t events)
{
	int inputs[INPUTS_AT_ONCE];
	int n;

	if (events & (EPOLLHUP | EPOLLERR))
		a->stage.is_gone = true;
	if (!(events & EPOLLIN) || a->stage.is_away || a->stage.is_gone)
		return;
	n = term_read(a->stage.display, inputs, INPUTS_AT_ONCE);
	if (n < 0)
		a->stage.is_gone = true;
	for (int i = 0; i < n && a->code == RUNNING; i++)
		app_carry_out(a, console_input(&a->console, inputs[i], now_ns()));
}

static void on_output(struct app *a, uint32_t events)
{
	if (events & (EPOLLHUP | EPOLLERR))
		a->stage.is_gone = true;
	else
		stage_writable(&a->stage);
}

static void on_signal(struct app *a)
{
	int number;

	while ((number = loop_signal(&a->loop)) != 0) {
		if (number != SIGWINCH)
			a->code = EXIT_INTERRUPTED;
		a->stage.is_dirty = true;
	}
}

static int64_t next_second_ns(int64_t now)
{
	return now + NS_PER_S - loop_clock_ns(CLOCK_REALTIME) % NS_PER_S;
}

/* The moment of the next thing that happens by itself. */
static int64_t next_ns(const struct app *a)
{
	const struct model *m = &a->console.model;
	int64_t next = refresh_due_ns(a->refresh);
	int64_t now = now_ns();

	if (a->has_news)
		next = sooner(next, a->snapshot_at_ns);
	if (a->until_ns)
		next = sooner(next, a->until_ns);
	if (a->live.has_display)
		next = sooner(next, live_due_ns(&a->live, now));
	if (!a->stage.display)
		return next;
	next = sooner(next, stage_next_ns(&a->stage, now));
	if (m->message.len)
		next = sooner(next, m->message_until_ns);
	if (shows_clock(a))
		next = sooner(next, next_second_ns(now));
	if (a->gather_until_ns > now)
		next = sooner(next, a->gather_until_ns);
	return next;
}

/* What is waited for depends on what waits to be written. */
static void watch(struct app *a)
{
	const struct stage *s = &a->stage;
	int control = channel_control_fd(a->channel);
	uint32_t out = channel_wants_write(a->channel) ? EPOLLOUT : 0;
	uint32_t in = a->gather_until_ns > now_ns() ? 0 : EPOLLIN;

	loop_watch(&a->loop, channel_fd(a->channel), in | (control < 0 ? out : 0));
	loop_watch(&a->loop, control, EPOLLIN | out);
	if (!s->display)
		return;
	loop_watch(&a->loop, STDIN_FILENO, s->is_away ? 0 : EPOLLIN);
	loop_watch(&a->loop, term_output_fd(s->display), s->is_blocked ? EPOLLOUT : 0);
}

void app_wait(struct app *a)
{
	struct ready ready[LOOP_WATCHED_MAX];
	size_t n;

	watch(a);
	n = loop_wait(&a->loop, next_ns(a), ready);
	for (size_t i = 0; i < n && a->code == RUNNING; i++) {
		if (ready[i].fd == a->loop.signals)
			on_signal(a);
		else if (a->stage.display && ready[i].fd == STDIN_FILENO)
			on_terminal(a, ready[i].events);
		else if (a->stage.display &&
			 ready[i].fd == term_output_fd(a->stage.display))
			on_output(a, ready[i].events);
		else
			on_channel(a);
	}
}

/* With the clock's tick, and once all is there: to wake for each answer costs more than
 * the answers. */
static void ask_what_is_due(struct app *a, int64_t now)
{
	if (shows_clock(a))
		refresh_set_phase(a->refresh, next_second_ns(now));
	if (refresh_due_ns(a->refresh) > now)
		return;
	if (shows_clock(a) && refresh_is_settled(a->refresh))
		a->gather_until_ns = now + GATHER_NS;
	ask(a, now);
}

/* TARGET, once the names of services and the own addresses can be looked up. */
static void open_target(struct app *a)
{
	const struct snapshot *s = model_newest(&a->console.model);

	if (!a->target || !s)
		return;
	if (!s->is_settled && !(s->port_names && s->n_spaces && s->spaces[0].addresses))
		return;
	app_carry_out(a, console_open_target(&a->console, a->target));
	a->stage.is_dirty = true;
	a->target = NULL;
}

static void feed(struct app *a, int64_t now)
{
	int r = live_turn(&a->live, now, wall_ns(a));

	if (r == -EPIPE)
		channel_gone(a);
	else if (r < 0)
		model_say(&a->console.model, ROLE_WARN, "asking failed: %s", strerror(-r));
	if (r)
		a->stage.is_dirty = true;
}

/* What is due by now. */
void app_turn(struct app *a)
{
	int64_t now = now_ns();

	ask_what_is_due(a, now);
	if (a->has_news && a->snapshot_at_ns <= now)
		app_take_snapshot(a);
	open_target(a);
	feed(a, now);
	if (model_tick(&a->console.model, now, wall_ns(a)))
		a->stage.is_dirty = true;
	if (a->stage.display && !a->stage.is_gone)
		stage_draw(&a->stage, now);
	if (a->stage.is_gone && a->code == RUNNING)
		a->code = EXIT_INTERRUPTED;
}

static void open_console(struct app *a)
{
	const struct app_options *o = a->options;
	struct model *m = &a->console.model;
	bool is_ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;

	console_init(&a->console, is_ascii, o->config->interval_ns);
	a->target = o->target;
	m->given = o->given;
	model_tick(m, now_ns(), wall_ns(a));
	m->around = (struct surroundings){.replay = o->replay,
					  .replay_damage = o->replay_damage,
					  .record = o->record,
					  .keeps_in = o->keeps_in};
	if (o->replay_damage)
		model_say(m, ROLE_WARN, "%s", o->replay_damage);
	config_apply(o->config, m);
}

/* The terminal, with a first frame on it before anything is asked. 0 or the exit code. */
static int open_stage(struct app *a)
{
	char error[TERM_ERROR_MAX], bytes[TERM_EXIT_MAX];
	const struct config *c = a->options->config;
	struct model *m = &a->console.model;
	size_t len;

	/* ^Z is a key; the broker stops the job when the terminal is left. */
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	if (stage_open(&a->stage, &a->console,
		       plain_wants_color(c->color) ? c->theme : THEME_MONO, error)) {
		fprintf(stderr, "dport: %s\n", error);
		return EXIT_INTERNAL;
	}
	m->around.terminal_notice = term_notice(a->stage.display);
	if (m->around.terminal_notice && !m->message.len)
		model_say(m, ROLE_NOTICE, "%s", m->around.terminal_notice);
	len = term_exit_bytes(a->stage.display, bytes);
	if (channel_terminal_exit(a->channel, bytes, len) == -EPIPE)
		channel_gone(a);
	stage_draw(&a->stage, now_ns());
	return 0;
}

int app_open(struct app *a, bool has_display)
{
	int code = loop_open(&a->loop) ? EXIT_INTERNAL : 0;

	open_console(a);
	live_init(&a->live, &a->console.model, a->channel, &a->options->refresh.space,
		  has_display || a->options->screen);
	if (!code && has_display)
		code = open_stage(a);
	if (code)
		return code;
	a->refresh = refresh_new(&a->options->refresh);
	return a->refresh ? 0 : EXIT_INTERNAL;
}

/* Files of packets, where the terminal is the user's again. */
static void name_saved(const struct app *a)
{
	struct str text = {0};

	if (!wire_put_saved(&a->console.model.wire, &text))
		fputs(str_text(&text), stderr);
	str_release(&text);
}

void app_close(struct app *a)
{
	tape_run_end(&a->console.model, a->channel);
	stage_close(&a->stage);
	name_saved(a);
	refresh_free(a->refresh);
	live_release(&a->live);
	console_release(&a->console);
	loop_close(&a->loop);
	if (a->is_channel_gone)
		fprintf(stderr, "dport: the process that reads this host for the console"
				" has ended\n");
}

int app_run(struct channel *c, const struct app_options *o)
{
	struct app a = {.channel = c, .options = o, .code = RUNNING};
	int code = app_open(&a, true);

	if (code)
		a.code = code;
	while (a.code == RUNNING) {
		app_turn(&a);
		if (a.code == RUNNING)
			app_wait(&a);
	}
	app_close(&a);
	return a.code;
}
