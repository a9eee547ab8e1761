/*
 * The screen Ports: every service endpoint of this host, one row each; beneath them, in a
 * block that stays in sight, the ports that are translated, or asked for and unserved.
 */
#include <string.h>

#include "tui/chrome.h"
#include "tui/state/counts.h"
#include "tui/page.h"
#include "tui/view.h"
#include "tui/view/ports/port_acts.h"
#include "tui/view/ports/port_columns.h"
#include "tui/view/ports/port_cursor.h"
#include "tui/view/ports/port_details.h"
#include "tui/view/ports/port_groups.h"
#include "tui/view/ports/port_marks.h"
#include "tui/view/ports/port_others.h"

enum { HEAD = 3, FOOT = 4, MARGIN = 2 };

/* Columns grow with the texts that were in sight, never shrink: the picture stands still.
 */
static void want_width(struct model *m, const struct layout *layout, size_t row)
{
	struct str text = {0};

	for (size_t i = 0; i < layout->n; i++) {
		const struct placed *p = &layout->columns[i];
		int width;

		if (model_group(m, row))
			continue;
		if (row < m->rows.n)
			table_print(p->column, m, model_endpoint(m, row),
				    p->column->width_max, &text);
		else
			port_other_cell(m, row - m->rows.n, p->column, p->column->width_max,
					&text);
		width = (int)text_width(text_of_str(&text));
		if (width > m->wanted[p->index])
			m->wanted[p->index] = width;
	}
	str_release(&text);
}

static void lay_out(struct model *m, int width, int height, struct layout *layout)
{
	struct table_choice chosen;

	columns_choice(&m->columns, port_columns, n_port_columns, &chosen);
	table_layout_chosen(port_columns, &chosen, m, MARGIN, width - MARGIN, m->wanted,
			    layout);
	for (size_t i = m->top.row; i < m->rows.n && i < m->top.row + (size_t)height; i++)
		want_width(m, layout, i);
	for (size_t i = 0; i < counts_n_lines(m) && i < (size_t)m->page; i++)
		want_width(m, layout, m->rows.n + i);
	table_layout_chosen(port_columns, &chosen, m, MARGIN, width - MARGIN, m->wanted,
			    layout);
}

static void note_size(struct model *m, int width, int height)
{
	m->page = height;
	if (m->width == width)
		return;
	m->width = width;
	for (size_t i = 0; i < n_port_columns; i++)
		m->wanted[i] = 0;
}

static void draw_row(struct frame *f, int y, const struct model *m,
		     const struct layout *layout, const struct endpoint *e)
{
	const struct event *mark = port_mark(m, e);
	struct str text = {0};

	for (size_t i = 0; i < layout->n; i++) {
		const struct placed *p = &layout->columns[i];
		enum role role = table_print(p->column, m, e, p->width, &text);

		if (mark && p->column == port_mark_column(layout))
			role = port_mark_print(m, mark, p, e, &text);
		frame_field(f, p->x, y, p->width, role, p->column->align, p->column->clip,
			    text_of_str(&text));
	}
	str_release(&text);
}

/* Draws the lines of one row from place p on, at most height; returns their number. */
static int draw_endpoint(struct frame *f, int y, int height, const struct model *m,
			 const struct layout *layout, struct place p)
{
	const struct endpoint *e = model_endpoint(m, p.row);
	const struct group *group = model_group(m, p.row);
	struct lines lines = LINES_EMPTY;
	int used = 0;

	if (e && model_is_open(m, e))
		port_lines(m, e, &lines);
	for (; used < height && p.line <= lines.lines.n; p.line++, used++) {
		if (group)
			port_group_draw(f, MARGIN, y + used, m, group);
		else if (p.line == 0)
			draw_row(f, y + used, m, layout, e);
		else
			lines_draw(&lines, p.line - 1, f, 0, y + used, f->width);
		frame_mark(f, 0, y + used, f->width, text_of_str(&m->search));
		if (p.row == m->selected.row && p.line == m->selected.line)
			page_pointer(f, y + used, m);
	}
	lines_release(&lines);
	return used;
}

/* ": f changes it, Esc drops it" */
static void put_way_out(const struct model *m, struct str *out)
{
	if (m->is_plain)
		return;
	str_puts(out, ": ");
	keymap_put_key(out, ACTION_FILTER);
	str_puts(out, " changes it, ");
	keymap_put_key(out, ACTION_UNDO);
	str_puts(out, " drops it");
}

/* Why there are no rows. */
static void draw_empty(struct frame *f, int y, const struct model *m)
{
	struct str text = {0};
	enum role role = ROLE_NORMAL;

	if (!m->snapshot || (!m->snapshot->n_endpoints && !m->snapshot->is_settled)) {
		str_printf(&text, "looking for listeners %s",
			   symbol_text(SYMBOL_WAITING, m->is_ascii));
	} else if (m->filter) {
		str_puts(&text, "no row fits the filter");
		put_way_out(m, &text);
	} else if (m->snapshot->n_missing) {
		str_printf(&text, "%s no listeners could be seen",
			   symbol_text(SYMBOL_UNKNOWN, m->is_ascii));
		if (!m->is_plain)
			str_printf(&text, ": %.*s tells what is missing",
				   KEY_ARGS(ACTION_HELP));
		role = ROLE_WARN;
	} else {
		str_puts(&text, "nothing listens here");
	}
	frame_text(f, MARGIN, y, f->width - MARGIN, role, text_of_str(&text));
	str_release(&text);
}

static size_t draw_rows(struct frame *f, int y, int height, const struct model *m,
			const struct layout *layout)
{
	size_t row = m->top.row;
	int end = y + height;

	if (!m->rows.n)
		draw_empty(f, y, m);
	while (row < m->rows.n && y < end) {
		struct place p = {row, row == m->top.row ? m->top.line : 0};

		y += draw_endpoint(f, y, end - y, m, layout, p);
		row++;
	}
	return row; /* behind the last one seen */
}

/* ---- the second block ---- */

static const char others_asked[] = "other ports: asked for, and no socket here serves them";
static const char others_title[] = "other ports: translated, or asked for and not served";

static void draw_title(struct frame *f, int y, const struct model *m)
{
	const char *title = m->translated.n ? others_title : others_asked;

	frame_fill(f, 0, y, f->width, ROLE_RULE, SYMBOL_LINE);
	frame_put(f, 2, y, 1, ROLE_RULE, text_of(" "));
	frame_put(f, 3, y, f->width - 4, ROLE_TITLE, text_of(title));
	frame_put(f, 3 + (int)strlen(title), y, 1, ROLE_RULE, text_of(" "));
}

/* Behind the last column, where there is room. */
static void draw_end(struct frame *f, int y, const struct model *m,
		     const struct layout *layout, size_t i)
{
	const struct placed *last = layout->n ? &layout->columns[layout->n - 1] : NULL;
	struct str text = {0};
	int x = f->width;

	for (size_t k = 0; k < layout->n; k++)
		if (!counts_published(m, i) &&
		    strcmp(layout->columns[k].column->id, "answer") == 0)
			last = &layout->columns[k];
	if (last)
		x = last->x + last->width + 2;
	port_other_end(m, i, &text);
	if (x + (int)text_width(text_of_str(&text)) <= f->width)
		frame_put(f, x, y, f->width - x, ROLE_NORMAL, text_of_str(&text));
	str_release(&text);
}

static void draw_other(struct frame *f, int y, const struct model *m,
		       const struct layout *layout, size_t i)
{
	struct str text = {0};

	if (port_other_is_text(m, i)) {
		port_other_text(m, i, &text);
		frame_text(f, MARGIN, y, f->width - MARGIN, ROLE_DIM, text_of_str(&text));
	}
	for (size_t k = 0; k < layout->n && !port_other_is_text(m, i); k++) {
		const struct placed *p = &layout->columns[k];
		enum role role = port_other_cell(m, i, p->column, p->width, &text);

		frame_field(f, p->x, y, p->width, role, p->column->align, p->column->clip,
			    text_of_str(&text));
	}
	if (!port_other_is_text(m, i))
		draw_end(f, y, m, layout, i);
	frame_mark(f, 0, y, f->width, text_of_str(&m->search));
	if (m->selected.row == m->rows.n + i)
		page_pointer(f, y, m);
	str_release(&text);
}

/* The lines that the block gets: what the endpoints leave, at least a quarter. */
static int room_for_others(const struct model *m, int height)
{
	int n = (int)counts_n_lines(m), left, most;

	if (!n || height < 4)
		return 0;
	left = height - 1 - port_n_lines_of_rows(m, height);
	most = left > height / 4 ? left : height / 4;
	return n < most ? n : most;
}

/* The selected line is among those that are drawn. */
static void draw_others(struct frame *f, int y, int n, const struct model *m,
			const struct layout *layout)
{
	size_t first = 0, selected = counts_selected(m);

	if (n <= 0)
		return;
	if (selected < counts_n_lines(m) && selected >= (size_t)n)
		first = selected - (size_t)n + 1;
	draw_title(f, y, m);
	for (int i = 0; i < n; i++)
		draw_other(f, y + 1 + i, m, layout, first + (size_t)i);
}

/* ---- what is around ---- */

static void draw_selected_other(struct frame *f, int y, const struct model *m)
{
	size_t i = counts_selected(m);
	struct str text = {0};
	enum role role;

	if (i >= counts_n_lines(m))
		return;
	port_other_summary(m, i, &text);
	frame_text(f, 1, y, f->width - 2, ROLE_NORMAL, text_of_str(&text));
	str_reset(&text);
	role = port_other_remark(m, i, &text);
	frame_text(f, 1, y + 1, f->width - 2, role, text_of_str(&text));
	str_release(&text);
}

static void draw_selected_group(struct frame *f, int y, const struct model *m)
{
	const struct group *group = model_group(m, m->selected.row);
	struct str text = {0};

	if (!group)
		return;
	port_group_summary(m, group, &text);
	frame_text(f, 1, y, f->width - 2, ROLE_NORMAL, text_of_str(&text));
	str_reset(&text);
	port_group_remark(group, &text);
	frame_text(f, 1, y + 1, f->width - 2, ROLE_NORMAL, text_of_str(&text));
	str_release(&text);
}

static void draw_selected(struct frame *f, int y, const struct model *m)
{
	const struct endpoint *e = model_selected(m);
	struct str text = {0};
	enum role role;

	if (!e) {
		draw_selected_other(f, y, m);
		draw_selected_group(f, y, m);
		return;
	}
	port_summary(m, e, &text);
	frame_text(f, 1, y, f->width - 2, ROLE_NORMAL, text_of_str(&text));
	str_reset(&text);
	role = port_remark(m, e, &text);
	frame_text(f, 1, y + 1, f->width - 2, role, text_of_str(&text));
	str_release(&text);
}

static void draw(struct frame *f, struct model *m)
{
	struct layout layout;
	struct str range = {0};
	int height = f->height - HEAD - FOOT;
	int n_gone = port_n_gone_lines(m, height);
	int n_others = room_for_others(m, height - n_gone), rows_end;
	size_t end;

	note_size(m, f->width, height);
	height -= n_gone + (n_others ? n_others + 1 : 0);
	port_keep_in_sight(m, height);
	lay_out(m, f->width, height, &layout);
	chrome_header(f, 0, m);
	chrome_rule(f, 1, m, WHERE_PORTS);
	table_head(f, 2, &layout, port_order(m), m->is_reversed);
	end = draw_rows(f, HEAD, height, m, &layout);
	rows_end = port_n_lines_of_rows(m, height);
	port_draw_gone(f, HEAD + rows_end, n_gone, m);
	draw_others(f, HEAD + rows_end + n_gone, n_others, m, &layout);
	if (m->top.row > 0 || m->top.line > 0 || end < m->rows.n)
		str_printf(&range, "%zu-%zu of %zu", m->top.row + 1, end, m->rows.n);
	chrome_message(f, f->height - FOOT, m, str_text(&range));
	draw_selected(f, f->height - FOOT + 1, m);
	chrome_footer(f, f->height - 1, m, WHERE_PORTS);
	str_release(&range);
}

const struct view view_ports = {
	.name = "ports",
	.where = WHERE_PORTS,
	.draw = draw,
	.act = port_act,
};
