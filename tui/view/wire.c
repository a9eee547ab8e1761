/*
 * The screen Wire: attempts as a capture of its own decides them, one row each, the newest
 * at the bottom; or one of them alone as its ladder. Asks for no capture and judges
 * nothing.
 */
#include "tui/chrome.h"
#include "tui/page.h"
#include "tui/view.h"
#include "tui/view/guide/ladder_lines.h"
#include "tui/view/wire_acts.h"
#include "tui/view/wire_columns.h"
#include "tui/view/wire_words.h"

enum {
	MARGIN = 2,
	NOTES_MAX = 3,
	TALL = 16,  /* lines from which all notes have room */
	SMALL = 14, /* below, what is looked at makes room for rows */
};

static const char title_words[] = "attempts as they are decided";

static void draw_title(struct frame *f, const struct model *m)
{
	struct str aim = {0}, state = {0};
	enum role role = wire_put_state(m, &state);
	int x = f->width - 1 - (int)text_width(text_of_str(&state));
	int used;

	wire_put_aim(m, &aim);
	frame_text(f, 1, 0, x - 3, ROLE_TITLE, text_of_str(&aim));
	used = 1 + (int)text_width(text_of_str(&aim)) + 2;
	if (used + (int)sizeof(title_words) < x)
		frame_put(f, used, 0, x - used, ROLE_DIM, text_of(title_words));
	frame_put(f, x, 0, f->width - x, role, text_of_str(&state));
	str_release(&aim);
	str_release(&state);
}

/* ---- rows ---- */

static void note_width(struct model *m, int width)
{
	struct wire_shown *w = &m->wire;

	if (w->width == width)
		return;
	w->width = width;
	for (size_t i = 0; i < n_wire_columns; i++)
		w->widths[i] = 0;
}

/* Columns grow with what was in sight, never shrink: the picture stands still. */
static void lay_out(struct model *m, int width, int height, struct layout *layout)
{
	struct wire_shown *w = &m->wire;
	struct str text = {0};

	for (size_t i = w->top; i < wire_n(w) && i < w->top + (size_t)height; i++) {
		for (size_t k = 0; k < n_wire_columns; k++) {
			int wanted;

			table_print(&wire_columns[k], m, wire_at(w, i),
				    wire_columns[k].width_max, &text);
			wanted = (int)text_width(text_of_str(&text));
			w->widths[k] = wanted > w->widths[k] ? wanted : w->widths[k];
		}
	}
	str_release(&text);
	table_layout(wire_columns, n_wire_columns, m, MARGIN, width - MARGIN, w->widths,
		     layout);
}

static void draw_row(struct frame *f, int y, const struct model *m,
		     const struct layout *layout, size_t row)
{
	struct str text = {0};

	for (size_t i = 0; i < layout->n; i++) {
		const struct placed *p = &layout->columns[i];
		enum role role =
			table_print(p->column, m, wire_at(&m->wire, row), p->width, &text);

		frame_field(f, p->x, y, p->width, role, p->column->align, p->column->clip,
			    text_of_str(&text));
	}
	frame_mark(f, 0, y, f->width, text_of_str(&m->wire.search));
	if (row == wire_selected(&m->wire))
		page_pointer(f, y, m);
	str_release(&text);
}

static void keep_in_sight(struct model *m, int height)
{
	struct wire_shown *w = &m->wire;
	struct roll roll = {.top = w->top};
	size_t selected = wire_selected(w);

	roll_show(&roll, selected, selected + 1, height, wire_n(w));
	w->top = roll.top;
}

static void draw_lines(struct frame *f, int y, int height, const struct lines *lines)
{
	for (int i = 0; i < height && (size_t)i < lines->lines.n; i++)
		lines_draw(lines, (size_t)i, f, 0, y + i, f->width);
}

static void draw_empty(struct frame *f, int y, int height, const struct model *m)
{
	struct lines lines = LINES_EMPTY;

	wire_add_empty(m, &lines, f->width - 1);
	draw_lines(f, y, height, &lines);
	lines_release(&lines);
}

static void draw_rows(struct frame *f, int y, int height, struct model *m)
{
	struct wire_shown *w = &m->wire;
	struct layout layout;

	keep_in_sight(m, height);
	lay_out(m, f->width, height, &layout);
	table_head(f, y - 1, &layout, NULL, false);
	for (int i = 0; i < height && w->top + (size_t)i < wire_n(w); i++)
		draw_row(f, y + i, m, &layout, w->top + (size_t)i);
	if (!wire_n(w))
		draw_empty(f, y, height, m);
}

/* ---- around the rows ---- */

/* What is looked at, and the totals. Returns the first line beneath. */
static int draw_head(struct frame *f, const struct model *m)
{
	struct str text = {0};
	int y = PAGE_HEAD;

	if (f->height >= SMALL) {
		wire_put_limits(m, &text);
		frame_text(f, 1, y++, f->width - 2, ROLE_DIM, text_of_str(&text));
		str_reset(&text);
	}
	wire_put_totals(m, &text);
	frame_text(f, 1, y++, f->width - 2, ROLE_NORMAL, text_of_str(&text));
	str_release(&text);
	return y + 1; /* under the titles of the columns */
}

static void put_range(const struct model *m, int height, struct str *out)
{
	const struct wire_shown *w = &m->wire;
	size_t n = wire_n(w), end = w->top + (size_t)height;

	if (w->search.len) {
		str_puts(out, "search ");
		text_show(out, text_of_str(&w->search), model_text_mode(m));
		str_puts(out, "  ");
	}
	if (n > (size_t)height)
		str_printf(out, "%zu-%zu of %zu", w->top + 1, end < n ? end : n, n);
}

static void draw_list(struct frame *f, struct model *m)
{
	struct lines notes = LINES_EMPTY;
	struct str range = {0};
	int most = f->height < TALL ? 1 : NOTES_MAX, y, n_notes, height;

	note_width(m, f->width);
	y = draw_head(f, m);
	wire_add_notes(m, &notes, f->width - 1);
	n_notes = (int)notes.lines.n < most ? (int)notes.lines.n : most;
	height = f->height - PAGE_FOOT - n_notes - y;
	m->page = height;
	draw_rows(f, y, height, m);
	draw_lines(f, y + height, n_notes, &notes);
	put_range(m, height, &range);
	chrome_message(f, f->height - PAGE_FOOT, m, str_text(&range));
	chrome_footer(f, f->height - 1, m, WHERE_WIRE);
	str_release(&range);
	lines_release(&notes);
}

/* ---- one attempt ---- */

static void add_facts(const struct ladder *l)
{
	const struct attempt *a = l->attempt;
	struct str text = {0};

	if (ladder_is_answered(a) || a->n_icmp)
		wire_put_answer(l->m, a, &text);
	ladder_add_sentence(l, ROLE_NORMAL, "answer", text_of_str(&text));
	str_reset(&text);
	wire_put_devices(l->m, a, &text);
	ladder_add_sentence(l, ROLE_NORMAL, "seen on", text_of_str(&text));
	str_reset(&text);
	if (a->sni[0]) {
		text_show(&text, text_of(a->sni), model_text_mode(l->m));
		ladder_add_sentence(l, ROLE_NORMAL, "name", text_of_str(&text));
	}
	if (a->is_to_other_mac)
		ladder_add_sentence(l, ROLE_WARN, "",
				    text_of("the frame was for another host's link "
					    "address"));
	str_release(&text);
}

void wire_attempt_lines(const struct model *m, struct lines *lines, int width)
{
	const struct attempt *a = wire_chosen(&m->wire);
	struct ladder l = ladder_of(m, lines, width, a);

	if (!a)
		return;
	ladder_add_packets(&l);
	if (!a->n_events)
		ladder_add_sentence(
			&l, ROLE_DIM, "",
			text_of("(single packets are kept where one port is "
				"looked at: this screen from its row in Ports)"));
	else if (!ladder_is_answered(a))
		ladder_add_sentence(&l, ROLE_WARN, "",
				    text_of(wire_awaits(&m->wire, a)
						    ? "(nothing came back so far)"
						    : "(nothing comes back)"));
	ladder_add_spoken(&l);
	add_facts(&l);
	ladder_add_outcome(&l, "");
}

static void draw_attempt(struct frame *f, struct model *m)
{
	struct lines lines = LINES_EMPTY;

	wire_attempt_lines(m, &lines, f->width);
	page_draw(f, m, WHERE_WIRE, &lines, &m->wire.ladder);
	lines_release(&lines);
}

static void draw(struct frame *f, struct model *m)
{
	draw_title(f, m);
	if (m->wire.is_open && wire_chosen(&m->wire)) {
		draw_attempt(f, m);
		return;
	}
	chrome_rule(f, 1, m, WHERE_WIRE);
	draw_list(f, m);
}

const struct view view_attempts = {
	.name = "wire",
	.where = WHERE_WIRE,
	.draw = draw,
	.act = wire_act,
	.typed = wire_typed,
};
