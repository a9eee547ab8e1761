/* The screen Logs: the time line of the Guide's diagnosis, a row of it whole. */
#include "tui/chrome.h"
#include "tui/page.h"
#include "tui/view.h"
#include "tui/view/guide/guide_title.h"
#include "tui/view/logs/logs_words.h"

enum {
	MARK_AT = 2,
	RELATIVE_WIDTH = 11,
	CLOCK_WIDTH = 12,
	KIND_WIDTH = 8,
	BOTH_TIMES_FROM = 100, /* columns */
	HEAD_SHARE = 4,        /* of the body, what stands above the rows */
};

/* The lines of the body: rows, those of the open one behind it. */
struct body {
	struct lines head, whole;
	int height; /* lines that rows have */
	size_t n;   /* lines there are */
};

static void body_release(struct body *b)
{
	lines_release(&b->head);
	lines_release(&b->whole);
}

static struct body body_of(const struct frame *f, const struct model *m)
{
	const struct logs_shown *l = &m->logs;
	struct body b = {.head = LINES_EMPTY, .whole = LINES_EMPTY};
	const struct timeline_row *row = logs_chosen(l);
	int most = page_height(f) / HEAD_SHARE;

	logs_add_head(m, f->width - 1, &b.head);
	if (row && l->is_open)
		logs_add_whole(m, row, f->width - 1, &b.whole);
	most = most > 0 ? most : 1;
	b.height = page_height(f);
	b.height -= (int)b.head.lines.n < most ? (int)b.head.lines.n : most;
	b.n = (l->timeline ? l->timeline->n : 0) + b.whole.lines.n;
	return b;
}

/* ---- rows ---- */

static int put_time(struct frame *f, int x, int y, int width, enum role role,
		    const struct str *text)
{
	frame_field(f, x, y, width, role, ALIGN_RIGHT, CLIP_END, text_of_str(text));
	return x + width + 1;
}

static int draw_times(struct frame *f, int x, int y, const struct model *m,
		      const struct timeline_row *row)
{
	bool has_both = f->width >= BOTH_TIMES_FROM;
	struct str text = {0};

	if (has_both || m->logs.is_absolute) {
		logs_put_clock(m, &text, row->wall_ns);
		x = put_time(f, x, y, CLOCK_WIDTH, ROLE_NORMAL, &text);
	}
	str_reset(&text);
	if (has_both || !m->logs.is_absolute) {
		logs_put_relative(&text, row->wall_ns, m->logs.timeline->start_ns);
		x = put_time(f, x, y, RELATIVE_WIDTH, ROLE_NORMAL, &text);
	}
	str_release(&text);
	return x;
}

static void draw_row(struct frame *f, int y, const struct model *m, size_t i)
{
	const struct timeline_row *row = &m->logs.timeline->rows[i];
	struct str text = {0};
	enum symbol symbol;
	enum role role = logs_mark(row, &symbol);
	int x;

	frame_put(f, MARK_AT, y, 2, role, text_of(symbol_text(symbol, m->is_ascii)));
	x = draw_times(f, MARK_AT + 2, y, m, row);
	frame_put(f, x, y, KIND_WIDTH, role, text_of(logs_kind(row)));
	x += KIND_WIDTH;
	logs_put_text(m, row, &text);
	frame_text(f, x, y, f->width - x, role == ROLE_WARN ? ROLE_NORMAL : role,
		   text_of_str(&text));
	str_release(&text);
	if (i == m->logs.roll.selected)
		page_pointer(f, y, m);
}

/* Line i of the body. */
static void draw_line(struct frame *f, int y, const struct model *m, const struct body *b,
		      size_t i)
{
	size_t behind = m->logs.roll.selected + 1, n_whole = b->whole.lines.n;

	if (i < behind || !n_whole)
		draw_row(f, y, m, i);
	else if (i < behind + n_whole)
		lines_draw(&b->whole, i - behind, f, 0, y, f->width);
	else
		draw_row(f, y, m, i - n_whole);
}

static void draw_body(struct frame *f, const struct model *m, const struct body *b)
{
	int y = PAGE_HEAD, n_head = page_height(f) - b->height;

	for (int i = 0; i < n_head; i++)
		lines_draw(&b->head, (size_t)i, f, 0, y++, f->width);
	for (int i = 0; i < b->height; i++) {
		size_t line = m->logs.roll.top + (size_t)i;

		if (line < b->n)
			draw_line(f, y + i, m, b, line);
	}
}

static void draw_line_of_time(struct frame *f, struct model *m)
{
	struct logs_shown *l = &m->logs;
	struct body b = body_of(f, m);
	struct str range = {0};
	size_t end;

	m->page = b.height;
	roll_show(&l->roll, l->roll.selected, l->roll.selected + 1 + b.whole.lines.n,
		  b.height, b.n);
	end = l->roll.top + (size_t)b.height;
	draw_body(f, m, &b);
	if (b.n > (size_t)b.height)
		str_printf(&range, "%zu-%zu of %zu", l->roll.top + 1, end < b.n ? end : b.n,
			   b.n);
	chrome_rule(f, 1, m, WHERE_LOGS);
	chrome_message(f, f->height - PAGE_FOOT, m, str_text(&range));
	chrome_footer(f, f->height - 1, m, WHERE_LOGS);
	str_release(&range);
	body_release(&b);
}

static void draw_invitation(struct frame *f, struct model *m)
{
	struct lines lines = LINES_EMPTY;

	logs_add_invitation(m, f->width - 1, &lines);
	chrome_header(f, 0, m);
	page_draw(f, m, WHERE_LOGS, &lines, &m->logs.roll);
	lines_release(&lines);
}

static void draw(struct frame *f, struct model *m)
{
	if (!m->guide.is_open) {
		if (m->logs.timeline)
			logs_release(&m->logs);
		draw_invitation(f, m);
		return;
	}
	logs_follow(&m->logs, &m->guide);
	guide_draw_title(f, m);
	draw_line_of_time(f, m);
}

/* ---- actions ---- */

static unsigned copy(struct model *m)
{
	const struct timeline_row *row = logs_chosen(&m->logs);

	if (!row)
		return 0;
	str_reset(&m->copy);
	logs_put_whole(m, row, &m->copy);
	return EFFECT_COPY;
}

/* From the beginning on, as this host's clock tells it, in UTC, in turn. */
static unsigned turn_clock(struct model *m)
{
	struct logs_shown *l = &m->logs;

	if (!l->is_absolute) {
		l->is_absolute = true;
	} else if (!m->is_utc) {
		m->is_utc = true;
	} else {
		l->is_absolute = m->is_utc = false;
	}
	model_say(m, ROLE_NOTICE, "%s",
		  !l->is_absolute ? "times from the beginning on"
		  : m->is_utc     ? "times in UTC"
				  : "local times");
	return EFFECT_DRAW;
}

static unsigned back(struct model *m)
{
	bool was_open = m->logs.is_open;

	m->logs.is_open = false;
	return was_open ? EFFECT_DRAW : 0;
}

/* To the next row that counts, and from the last to the first. */
static unsigned go_to_marked(struct model *m, bool is_back)
{
	struct logs_shown *l = &m->logs;
	size_t n = l->timeline ? l->timeline->n : 0, at = l->roll.selected;

	for (size_t i = 0; i < n; i++) {
		at = is_back ? (at + n - 1) % n : (at + 1) % n;
		if (!l->timeline->rows[at].is_marked)
			continue;
		l->roll.selected = at;
		l->has_moved = true;
		return EFFECT_DRAW;
	}
	model_say(m, ROLE_NOTICE, "no line of it counts for the judgement");
	return EFFECT_DRAW;
}

static unsigned act(struct model *m, enum action a)
{
	struct logs_shown *l = &m->logs;
	size_t n = l->timeline ? l->timeline->n : 0;

	if (roll_choose(&l->roll, a, m->page, n)) {
		l->has_moved = true;
		return EFFECT_DRAW;
	}
	if (a == ACTION_BACK)
		return back(m);
	if (a == ACTION_COPY)
		return copy(m);
	if (a == ACTION_CLOCK)
		return turn_clock(m);
	if (a == ACTION_PANE || a == ACTION_PANE_BACK)
		return go_to_marked(m, a == ACTION_PANE_BACK);
	if (a != ACTION_WHOLE || !logs_chosen(l))
		return 0;
	l->is_open = !l->is_open;
	return EFFECT_DRAW;
}

static bool is_waiting(const struct model *m)
{
	return m->guide.is_running;
}

const struct view view_logs = {
	.name = "logs",
	.where = WHERE_LOGS,
	.draw = draw,
	.act = act,
	.is_waiting = is_waiting,
};
