/* Inputs to views, fields and effects. Reads no key and writes no terminal. */
#include "tui/console.h"

#include <errno.h>
#include <netinet/in.h>

#include "core/base/time.h"
#include "tui/counts.h"
#include "tui/find.h"
#include "tui/terminal/input.h"
#include "tui/terminal/lines.h"

static const int64_t intervals_ns[] = {
	NS_PER_S / 2,  NS_PER_S,      2 * NS_PER_S,  5 * NS_PER_S,
	10 * NS_PER_S, 30 * NS_PER_S, 60 * NS_PER_S,
};

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

static void say_interval(struct model *m)
{
	double seconds = (double)m->interval_ns / (double)NS_PER_S;

	model_say(m, ROLE_NOTICE, "looking every %g s", seconds);
}

static unsigned look_less(struct console *c)
{
	struct model *m = &c->model;
	size_t n = sizeof(intervals_ns) / sizeof(intervals_ns[0]);
	size_t i = 0;

	while (i + 1 < n && intervals_ns[i] <= m->interval_ns)
		i++;
	if (intervals_ns[i] > m->interval_ns)
		m->interval_ns = intervals_ns[i];
	say_interval(m);
	return EFFECT_INTERVAL | EFFECT_DRAW;
}

static unsigned look_more(struct console *c)
{
	struct model *m = &c->model;
	int64_t shorter = m->interval_ns;

	for (size_t i = 0; i < sizeof(intervals_ns) / sizeof(intervals_ns[0]); i++)
		if (intervals_ns[i] < m->interval_ns)
			shorter = intervals_ns[i];
	if (shorter == m->interval_ns) {
		model_say(m, ROLE_NOTICE, "looking every %g s; more often is not possible",
			  (double)shorter / (double)NS_PER_S);
		return EFFECT_DRAW;
	}
	m->interval_ns = shorter;
	say_interval(m);
	return EFFECT_INTERVAL | EFFECT_DRAW;
}

/* ---- from screen to screen ---- */

static unsigned close_screen(struct model *m)
{
	if (m->n_shown < 2)
		return 0;
	if (m->shown[--m->n_shown] != &view_guide)
		return EFFECT_DRAW;
	m->guide.is_open = false;
	return EFFECT_DIAGNOSE_END | EFFECT_DRAW;
}

/* Over what is shown, or back to it where it is already there. */
static unsigned open_screen(struct model *m, const struct view *v)
{
	unsigned effects = EFFECT_DRAW;

	if (!model_shows(m, v) && m->n_shown < SCREENS_MAX)
		m->shown[m->n_shown++] = v;
	while (model_shows(m, v) && model_view(m) != v)
		effects |= close_screen(m);
	return effects;
}

/* The key that opens a screen leads back from it as well. */
static unsigned toggle_screen(struct model *m, const struct view *v)
{
	return model_view(m) == v ? close_screen(m) : open_screen(m, v);
}

static unsigned help(struct console *c)
{
	c->model.help.top = 0;
	return toggle_screen(&c->model, &view_help);
}

static unsigned ladder(struct console *c)
{
	return toggle_screen(&c->model, &view_ladder);
}

/* One thing at a time: what is open on the screen, then the screen. */
static unsigned back(struct console *c)
{
	unsigned effects = model_view(&c->model)->act(&c->model, ACTION_BACK);

	return effects ? effects : close_screen(&c->model);
}

/* What the selected row of Ports stands for. False: nothing that could be diagnosed. */
static bool aim_at_selected(struct model *m)
{
	const struct endpoint *e = model_selected(m);
	size_t line = counts_selected(m);
	const struct traffic_other *other =
		line < counts_n_lines(m) ? counts_other(m, line) : NULL;

	const struct published_row *published = counts_published(m, line);

	if (e)
		guide_aim_endpoint(&m->guide, e);
	else if (published)
		guide_aim_port(&m->guide, published->proto, published->port);
	else if (other)
		guide_aim_port(&m->guide, IPPROTO_TCP, other->port);
	return e || published || other;
}

static unsigned open_guide(struct console *c)
{
	if (!aim_at_selected(&c->model)) {
		model_say(&c->model, ROLE_NOTICE,
			  "no port is selected; dport PORT diagnoses any of them");
		return EFFECT_DRAW;
	}
	c->model.has_moved = true;
	return EFFECT_DIAGNOSE | open_screen(&c->model, &view_guide);
}

unsigned console_open_target(struct console *c, const char *word)
{
	struct model *m = &c->model;
	char error[TARGET_ERROR_MAX];
	size_t n_ports;

	if (!m->snapshot ||
	    guide_aim_target(&m->guide, word, m->snapshot, &n_ports, error)) {
		model_say(m, ROLE_WARN, "%s", m->snapshot ? error : "nothing was read yet");
		return 0;
	}
	if (n_ports > 1)
		model_say(m, ROLE_NOTICE, "%s needs %zu ports; this is the first", word,
			  n_ports);
	return EFFECT_DIAGNOSE | open_screen(m, &view_guide);
}

static unsigned again(struct console *c)
{
	guide_remember(&c->model.guide);
	return EFFECT_DIAGNOSE | open_screen(&c->model, &view_guide);
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

	if (!client.family) {
		model_say(m, ROLE_NOTICE, "nobody was seen trying: whose packets?");
		return EFFECT_DRAW;
	}
	m->guide.top = 0;
	model_say(m, ROLE_WARN, "trace %s, port %u, for %d seconds? [y/N]",
		  addr_format(&client, text), m->guide.aim.port, GUIDE_WAIT_S);
	ask(m, CONSENT_PROVE);
	return EFFECT_DRAW;
}

static unsigned quit(struct console *c)
{
	struct model *m = &c->model;

	if (!m->guide.is_running)
		return EFFECT_QUIT;
	model_say(m, ROLE_WARN, "a diagnosis is running: quit? [y/N]");
	ask(m, CONSENT_QUIT);
	return EFFECT_DRAW;
}

static unsigned answer_yes(struct console *c, enum consent q)
{
	switch (q) {
	case CONSENT_PROVE:
		guide_aim_proof(&c->model.guide);
		return again(c);
	case CONSENT_QUIT:
		return EFFECT_QUIT;
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
	model_say(m, ROLE_NOTICE, m->is_frozen ? "frozen; z goes on" : "goes on");
	return EFFECT_DRAW;
}

static unsigned use_clock(struct console *c)
{
	struct model *m = &c->model;

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
	const struct guide *g = &c->model.guide;

	if (g->is_open ? !g->result : !c->model.snapshot) {
		model_say(&c->model, ROLE_NOTICE, "nothing to export yet");
		return EFFECT_DRAW;
	}
	return EFFECT_EXPORT;
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
	m->interrupt_until_ns = m->now_ns + MESSAGE_NS;
	model_say(m, ROLE_NOTICE, "Ctrl-C again quits; so does q");
	return EFFECT_DRAW;
}

/* What is the same on every screen; the rest is the view's. */
static unsigned (*const acts[N_ACTIONS])(struct console *c) = {
	[ACTION_REFRESH] = refresh,     [ACTION_FREEZE] = freeze,
	[ACTION_LONGER] = look_less,    [ACTION_SHORTER] = look_more,
	[ACTION_CLOCK] = use_clock,     [ACTION_EXPORT] = export,
	[ACTION_BACK] = back,           [ACTION_HELP] = help,
	[ACTION_REDRAW] = redraw,       [ACTION_SUSPEND] = suspend,
	[ACTION_INTERRUPT] = interrupt, [ACTION_CLOSE] = help,
	[ACTION_QUIT] = quit,           [ACTION_GUIDE] = open_guide,
	[ACTION_AGAIN] = again,         [ACTION_LADDER] = ladder,
	[ACTION_PROVE] = prove,
};

unsigned console_input(struct console *c, int input, int64_t now_ns)
{
	struct model *m = &c->model;
	enum action a;

	m->now_ns = now_ns;
	m->input = input;
	if (m->consent != CONSENT_NONE)
		return answer(c, input);
	if (m->field.kind != FIELD_CLOSED && input == INPUT_CONTROL('L'))
		return redraw(c);
	if (m->field.kind != FIELD_CLOSED && input == INPUT_CONTROL('Z'))
		return suspend(c);
	if (m->field.kind != FIELD_CLOSED)
		return find_input(m, input);
	a = keymap_lookup(model_view(m)->where, input);
	if (a == ACTION_NONE)
		return 0;
	return acts[a] ? acts[a](c) : model_view(m)->act(m, a);
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

/* What the lines above the footer say of one row, said of all that is missing. */
static void put_missing(const struct model *m, int width, struct str *out)
{
	struct lines lines = LINES_EMPTY;
	struct line_style style = {.width = width};
	struct str text = {0};

	for (size_t i = 0; m->snapshot && i < m->snapshot->n_missing; i++) {
		const struct missing *missing = &m->snapshot->missing[i];

		str_reset(&text);
		str_puts(&text, "missing: ");
		text_show(&text, text_of(missing->reason), model_text_mode(m));
		if (missing->grant) {
			str_printf(&text, " %s ", symbol_text(SYMBOL_ARROW, m->is_ascii));
			text_show(&text, text_of(missing->grant), model_text_mode(m));
		}
		lines_add(&lines, &style, "", str_text(&text));
	}
	for (size_t i = 0; i < lines.lines.n; i++) {
		const struct line *line = vec_at(&lines.lines, i);

		str_append(out, str_text(&lines.text) + line->at, line->len);
		str_putc(out, '\n');
	}
	lines_release(&lines);
	str_release(&text);
}

int console_plain(struct console *c, int width, struct str *out)
{
	struct model *m = &c->model;
	struct frame f = {0};
	int body = m->rows.n ? (int)m->rows.n : 1;
	enum { HEAD = 3, FOOT = 4 };

	if (width < CONSOLE_WIDTH_MIN)
		width = CONSOLE_WIDTH_MIN;
	if (body + HEAD + FOOT < CONSOLE_HEIGHT_MIN)
		body = CONSOLE_HEIGHT_MIN - HEAD - FOOT;
	if (frame_resize(&f, width, body + HEAD + FOOT))
		return -ENOMEM;
	m->is_plain = true;
	console_draw(c, &f);
	for (int y = 0; y < HEAD + (m->rows.n ? (int)m->rows.n : 1); y++) {
		frame_row_text(&f, y, out);
		str_putc(out, '\n');
	}
	frame_release(&f);
	put_missing(m, width, out);
	return out->failed ? -ENOMEM : 0;
}
