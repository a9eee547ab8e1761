/* Inputs to views, fields and effects. Reads no key and writes no terminal. */
#include "tui/console.h"

#include <errno.h>
#include <netinet/in.h>

#include "core/base/time.h"
#include "tui/counts.h"
#include "tui/find.h"
#include "tui/input.h"
#include "tui/lines.h"

static const int64_t intervals_ns[] = {
	NS_PER_S / 2,  NS_PER_S,      2 * NS_PER_S,  5 * NS_PER_S,
	10 * NS_PER_S, 30 * NS_PER_S, 60 * NS_PER_S,
};

void console_init(struct console *c, bool is_ascii, int64_t interval_ns)
{
	model_init(&c->model);
	c->model.is_ascii = is_ascii;
	c->model.interval_ns = interval_ns;
	c->view = &view_ports;
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

static unsigned help(struct console *c)
{
	bool is_shown = c->view == &view_help;

	if (!is_shown)
		c->behind = c->view;
	c->view = is_shown ? c->behind : &view_help;
	c->model.help_where = c->behind->where;
	c->model.help_top = 0;
	return EFFECT_DRAW;
}

static unsigned back(struct console *c)
{
	if (c->view == &view_help)
		return help(c);
	return c->view->act(&c->model, ACTION_BACK);
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
	c->view = &view_guide;
	return EFFECT_DIAGNOSE | EFFECT_DRAW;
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
	c->view = &view_guide;
	return EFFECT_DIAGNOSE | EFFECT_DRAW;
}

static unsigned again(struct console *c)
{
	guide_remember(&c->model.guide);
	c->view = &view_guide;
	return EFFECT_DIAGNOSE | EFFECT_DRAW;
}

/* The next key is the answer: only y is a yes. */
static unsigned prove(struct console *c)
{
	struct model *m = &c->model;
	struct guide *g = &m->guide;
	struct addr client = guide_prover(g);
	char text[ADDR_TEXT_MAX];

	if (!client.family) {
		model_say(m, ROLE_NOTICE, "nobody was seen trying: whose packets?");
		return EFFECT_DRAW;
	}
	g->asks_proof = true;
	g->top = 0;
	model_say(m, ROLE_WARN, "trace %s, port %u, for %d seconds? [y/N]",
		  addr_format(&client, text), g->aim.port, GUIDE_WAIT_S);
	m->message_until_ns = INT64_MAX;
	return EFFECT_DRAW;
}

static unsigned answer_proof(struct console *c, int input)
{
	struct model *m = &c->model;

	m->guide.asks_proof = false;
	if (input != 'y' && input != 'Y') {
		model_say(m, ROLE_NOTICE, "nothing was added");
		return EFFECT_DRAW;
	}
	str_reset(&m->message);
	guide_aim_proof(&m->guide);
	return again(c);
}

static unsigned ladder(struct console *c)
{
	c->view = c->view == &view_ladder ? &view_guide : &view_ladder;
	return EFFECT_DRAW;
}

/* One thing at a time: the ladder, an open step, then the Guide. */
static unsigned leave(struct console *c)
{
	unsigned effects;

	if (c->view == &view_ladder)
		return ladder(c);
	effects = c->view->act(&c->model, ACTION_LEAVE);
	if (effects)
		return effects;
	c->view = &view_ports;
	c->model.guide.is_open = false;
	return EFFECT_DIAGNOSE_END | EFFECT_DRAW;
}

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

static unsigned quit(struct console *c)
{
	(void)c;
	return EFFECT_QUIT;
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
	[ACTION_LEAVE] = leave,         [ACTION_PROVE] = prove,
};

unsigned console_input(struct console *c, int input, int64_t now_ns)
{
	struct model *m = &c->model;
	enum action a;

	m->now_ns = now_ns;
	m->input = input;
	if (m->guide.asks_proof)
		return answer_proof(c, input);
	if (m->field.kind != FIELD_CLOSED && input == INPUT_CONTROL('L'))
		return redraw(c);
	if (m->field.kind != FIELD_CLOSED && input == INPUT_CONTROL('Z'))
		return suspend(c);
	if (m->field.kind != FIELD_CLOSED)
		return find_input(m, input);
	a = keymap_lookup(c->view->where, input);
	if (a == ACTION_NONE)
		return 0;
	return acts[a] ? acts[a](c) : c->view->act(m, a);
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
		c->view->draw(f, &c->model);
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
