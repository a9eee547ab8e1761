/* Inputs to views, fields and effects. Reads no key and writes no terminal. */
#include "tui/console.h"

#include "tui/console_guide.h"
#include "tui/find.h"
#include "tui/interval.h"
#include "tui/palette_choose.h"
#include "tui/state/path_field.h"
#include "tui/reasons.h"
#include "tui/screens.h"
#include "tui/terminal/input.h"
#include "tui/state/wire_open.h"

void console_init(struct console *c, bool is_ascii, int64_t interval_ns)
{
	model_init(&c->model);
	c->model.is_ascii = is_ascii;
	c->model.interval_ns = interval_ns;
	c->model.shown[0] = &view_ports;
	c->model.n_shown = 1;
}

void console_release(struct console *c)
{
	model_release(&c->model);
}

static unsigned look_less(struct console *c)
{
	return interval_longer(&c->model);
}

static unsigned look_more(struct console *c)
{
	return interval_shorter(&c->model);
}

/* ---- from screen to screen ---- */

static unsigned help(struct console *c)
{
	c->model.help.top = 0;
	return screens_toggle(&c->model, &view_help);
}

static unsigned ladder(struct console *c)
{
	return screens_toggle(&c->model, &view_ladder);
}

static unsigned details(struct console *c)
{
	struct model *m = &c->model;

	if (screens_ask(m, &view_details, model_view(m) == &view_details))
		return EFFECT_DRAW;
	if (model_view(m) == &view_details || details_aim_at_shown(m))
		return screens_toggle(m, &view_details);
	model_say(m, ROLE_NOTICE, "nobody listens there: there are no details");
	return EFFECT_DRAW;
}

static unsigned logs(struct console *c)
{
	return screens_toggle(&c->model, &view_logs);
}

static unsigned columns(struct console *c)
{
	return screens_toggle(&c->model, &view_columns);
}

static unsigned wire(struct console *c)
{
	return wire_open(&c->model);
}

static unsigned events(struct console *c)
{
	return screens_toggle(&c->model, &view_events);
}

static unsigned path(struct console *c)
{
	return path_open(&c->model);
}

/* One thing at a time: what is open on the screen, then the screen. */
static unsigned back(struct console *c)
{
	struct model *m = &c->model;
	unsigned effects = model_view(m)->act(m, ACTION_BACK);

	return effects ? effects : screens_close(m);
}

/* ---- questions: the next key is the answer, and only y is a yes ---- */

static void ask(struct model *m, enum consent q)
{
	m->consent = q;
	m->message_until_ns = INT64_MAX;
}

static unsigned prove(struct console *c)
{
	struct model *m = &c->model;
	struct addr client = guide_prover(&m->guide);
	char text[ADDR_TEXT_MAX];

	if (!client.family)
		return 0;
	m->guide.top = 0;
	model_say(m, ROLE_WARN, "trace %s, port %u, for %d seconds? [y/N]",
		  addr_format(&client, text), m->guide.aim.port, GUIDE_WAIT_S);
	ask(m, CONSENT_PROVE);
	return EFFECT_DRAW;
}

/* Where they are kept is known to who opened it: around.keeps_in. */
static unsigned keep(struct console *c)
{
	struct model *m = &c->model;

	if (!m->around.keeps_in) {
		model_say(m, ROLE_NOTICE, "there is no configuration that can be written");
		return EFFECT_DRAW;
	}
	model_say(m, ROLE_WARN, "keep this in %s? [y/N]", m->around.keeps_in);
	ask(m, CONSENT_KEEP);
	return EFFECT_DRAW;
}

static unsigned quit(struct console *c)
{
	struct model *m = &c->model;

	if (!m->guide.is_running && !wire_saving(&m->wire))
		return EFFECT_QUIT;
	model_say(m, ROLE_WARN, "%s: quit? [y/N]",
		  wire_saving(&m->wire) ? "packets are being saved"
					: "a diagnosis is running");
	ask(m, CONSENT_QUIT);
	return EFFECT_DRAW;
}

/* Once more, and now it may end what was asked about. */
static unsigned do_deed(struct console *c)
{
	struct deed *deed = &c->model.deed;
	unsigned effects;

	deed->is_allowed = true;
	c->model.input = deed->input;
	effects = console_carry_out(c, (enum action)deed->action);
	deed->is_allowed = false;
	return effects;
}

static unsigned answer_yes(struct console *c, enum consent q)
{
	switch (q) {
	case CONSENT_PROVE:
		guide_aim_proof(&c->model.guide);
		return console_again(c);
	case CONSENT_QUIT:
		return EFFECT_QUIT;
	case CONSENT_WIRE:
		return do_deed(c);
	case CONSENT_KEEP:
		return EFFECT_KEEP;
	case CONSENT_NONE:
		break;
	}
	return 0;
}

static unsigned answer(struct console *c, int input)
{
	struct model *m = &c->model;
	enum consent q = m->consent;

	m->consent = CONSENT_NONE;
	str_reset(&m->message);
	if (input == 'y' || input == 'Y')
		return answer_yes(c, q);
	if (q == CONSENT_PROVE)
		model_say(m, ROLE_NOTICE, "nothing was added");
	if (q == CONSENT_KEEP)
		model_say(m, ROLE_NOTICE, "nothing was written");
	return EFFECT_DRAW;
}

/* ---- what is the same everywhere ---- */

static unsigned freeze(struct console *c)
{
	struct model *m = &c->model;

	if (!m->snapshot)
		return 0;
	if (model_freeze(m, !m->is_frozen))
		return 0;
	if (m->is_frozen)
		model_say(m, ROLE_NOTICE, "frozen; %.*s goes on", KEY_ARGS(ACTION_FREEZE));
	else
		model_say(m, ROLE_NOTICE, "goes on");
	return EFFECT_DRAW;
}

static unsigned use_clock(struct console *c)
{
	struct model *m = &c->model;

	if (model_view(m) == &view_logs)
		return view_logs.act(m, ACTION_CLOCK);
	m->is_utc = !m->is_utc;
	model_say(m, ROLE_NOTICE, m->is_utc ? "times in UTC" : "local times");
	return EFFECT_DRAW;
}

static unsigned refresh(struct console *c)
{
	model_say(&c->model, ROLE_NOTICE, "looking at everything again");
	return EFFECT_REFRESH | EFFECT_DRAW;
}

static unsigned export(struct console *c)
{
	(void)c;
	return EFFECT_EXPORT;
}

static unsigned record(struct console *c)
{
	(void)c;
	return EFFECT_RECORD | EFFECT_DRAW;
}

static unsigned earlier(struct console *c)
{
	return tape_move(&c->model, -1);
}

static unsigned later(struct console *c)
{
	return tape_move(&c->model, 1);
}

static unsigned redraw(struct console *c)
{
	(void)c;
	return EFFECT_REDRAW | EFFECT_DRAW;
}

static unsigned suspend(struct console *c)
{
	(void)c;
	return EFFECT_SUSPEND;
}

static unsigned interrupt(struct console *c)
{
	struct model *m = &c->model;

	if (m->now_ns < m->interrupt_until_ns)
		return EFFECT_INTERRUPTED;
	if (model_view(m) == &view_palette)
		return screens_close(m);
	m->interrupt_until_ns = m->now_ns + MESSAGE_NS;
	model_say(m, ROLE_NOTICE, "%.*s again quits; so does %.*s",
		  KEY_ARGS(ACTION_INTERRUPT), KEY_ARGS(ACTION_QUIT));
	return EFFECT_DRAW;
}

/* ---- the palette ---- */

static unsigned palette(struct console *c)
{
	palette_open(&c->model.palette);
	return screens_toggle(&c->model, &view_palette);
}

static unsigned choose(struct console *c)
{
	return palette_choose(c);
}

/* What is the same on every screen; the rest is the view's. */
static unsigned (*const acts[N_ACTIONS])(struct console *c) = {
	[ACTION_REFRESH] = refresh,
	[ACTION_FREEZE] = freeze,
	[ACTION_LONGER] = look_less,
	[ACTION_SHORTER] = look_more,
	[ACTION_CLOCK] = use_clock,
	[ACTION_EXPORT] = export,
	[ACTION_COLUMNS] = columns,
	[ACTION_KEEP] = keep,
	[ACTION_EVENTS] = events,
	[ACTION_VISIT] = console_visit,
	[ACTION_BACK] = back,
	[ACTION_HELP] = help,
	[ACTION_REDRAW] = redraw,
	[ACTION_SUSPEND] = suspend,
	[ACTION_INTERRUPT] = interrupt,
	[ACTION_CLOSE] = help,
	[ACTION_QUIT] = quit,
	[ACTION_GUIDE] = console_open_guide,
	[ACTION_AGAIN] = console_again,
	[ACTION_LADDER] = ladder,
	[ACTION_PALETTE] = palette,
	[ACTION_CHOOSE] = choose,
	[ACTION_PROVE] = prove,
	[ACTION_WIRE] = wire,
	[ACTION_ANSWER] = console_answer_question,
	[ACTION_RECORD] = record,
	[ACTION_PICTURE_BACK] = earlier,
	[ACTION_PICTURE_ON] = later,
	[ACTION_START] = console_start_now,
	[ACTION_LOGS] = logs,
	[ACTION_DETAILS] = details,
	[ACTION_WHOLE] = console_open_line,
	[ACTION_PATH] = path,
};

unsigned console_carry_out(struct console *c, enum action a)
{
	struct model *m = &c->model;
	bool is_palette = model_view(m) == &view_palette; /* reasons are for beneath it */

	if (a == ACTION_NONE)
		return 0;
	if (!is_palette && reasons_refuse(m, a))
		return EFFECT_DRAW;
	m->deed.action = (int)a;
	m->deed.input = m->input;
	return acts[a] ? acts[a](c) : model_view(m)->act(m, a);
}

static unsigned take_input(struct console *c, int input)
{
	struct model *m = &c->model;
	enum action a;

	if (m->consent != CONSENT_NONE)
		return answer(c, input);
	if (m->field.kind != FIELD_CLOSED && input == INPUT_CONTROL('L'))
		return redraw(c);
	if (m->field.kind != FIELD_CLOSED && input == INPUT_CONTROL('Z'))
		return suspend(c);
	if (m->field.kind == FIELD_CLIENT)
		return console_type_client(c, input);
	if (m->field.kind != FIELD_CLOSED && model_view(m)->typed)
		return model_view(m)->typed(m, input);
	if (m->field.kind != FIELD_CLOSED)
		return find_input(m, input);
	if (model_view(m) == &view_palette && palette_types(m, input))
		return EFFECT_DRAW;
	a = keymap_lookup(model_view(m)->where, input);
	if (a == ACTION_NONE)
		return reasons_refuse_key(m, input) ? EFFECT_DRAW : 0;
	return console_carry_out(c, a);
}

/* What was said on one screen is not for the next one, but if its key said it. */
unsigned console_input(struct console *c, int input, int64_t now_ns)
{
	struct model *m = &c->model;
	const struct view *before = model_view(m);
	unsigned effects;

	m->now_ns = now_ns;
	m->input = input;
	m->deed.has_spoken = false;
	effects = take_input(c, input);
	if (model_view(m) != before && !m->deed.has_spoken)
		str_reset(&m->message);
	return effects;
}

static void draw_too_small(struct frame *f)
{
	struct str text = {0};

	str_printf(&text, "dport needs %dx%d;", CONSOLE_WIDTH_MIN, CONSOLE_HEIGHT_MIN);
	frame_text(f, 0, 0, f->width, ROLE_NORMAL, text_of(str_text(&text)));
	str_reset(&text);
	str_printf(&text, "this is %dx%d. q quits.", f->width, f->height);
	frame_text(f, 0, 1, f->width, ROLE_NORMAL, text_of(str_text(&text)));
	str_release(&text);
}

void console_draw(struct console *c, struct frame *f)
{
	f->is_ascii = c->model.is_ascii;
	frame_clear(f);
	if (f->width < CONSOLE_WIDTH_MIN || f->height < CONSOLE_HEIGHT_MIN)
		draw_too_small(f);
	else
		model_view(&c->model)->draw(f, &c->model);
}
