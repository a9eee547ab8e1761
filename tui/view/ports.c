/* The screen Ports: every service endpoint of this host, one row each. */
#include "tui/chrome.h"
#include "tui/view.h"
#include "tui/view/port_acts.h"
#include "tui/view/port_columns.h"
#include "tui/view/port_cursor.h"
#include "tui/view/port_details.h"

enum { HEAD = 3, FOOT = 4, MARGIN = 2 };

static struct text text_in(const struct str *s)
{
	return (struct text){str_text(s), s->len};
}

/* Columns grow with the texts that were in sight, never shrink: the picture stands still.
 */
static void want_width(struct model *m, const struct layout *layout, size_t row)
{
	struct str text = {0};

	for (size_t i = 0; i < layout->n; i++) {
		const struct placed *p = &layout->columns[i];
		int width;

		table_print(p->column, m, model_endpoint(m, row), p->column->width_max,
			    &text);
		width = (int)text_width(text_in(&text));
		if (width > m->wanted[p->index])
			m->wanted[p->index] = width;
	}
	str_release(&text);
}

static void lay_out(struct model *m, int width, int height, struct layout *layout)
{
	table_layout(port_columns, n_port_columns, m, MARGIN, width - MARGIN, m->wanted,
		     layout);
	for (size_t i = m->top.row; i < m->rows.n && i < m->top.row + (size_t)height; i++)
		want_width(m, layout, i);
	table_layout(port_columns, n_port_columns, m, MARGIN, width - MARGIN, m->wanted,
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
	struct str text = {0};

	for (size_t i = 0; i < layout->n; i++) {
		const struct placed *p = &layout->columns[i];
		enum role role = table_print(p->column, m, e, p->width, &text);

		frame_field(f, p->x, y, p->width, role, p->column->align, p->column->clip,
			    text_in(&text));
	}
	str_release(&text);
}

static void draw_pointer(struct frame *f, int y, const struct model *m)
{
	if (m->is_plain)
		return;
	frame_put(f, 0, y, 1, ROLE_KEY, text_of(symbol_text(SYMBOL_POINTER, f->is_ascii)));
	frame_select(f, 0, y, f->width);
}

/* Draws the lines of one row from place p on, at most height; returns their number. */
static int draw_endpoint(struct frame *f, int y, int height, const struct model *m,
			 const struct layout *layout, struct place p)
{
	const struct endpoint *e = model_endpoint(m, p.row);
	struct lines lines = LINES_EMPTY;
	int used = 0;

	if (model_is_open(m, e))
		port_lines(m, e, &lines);
	for (; used < height && p.line <= lines.lines.n; p.line++, used++) {
		if (p.line == 0)
			draw_row(f, y + used, m, layout, e);
		else
			lines_draw(&lines, p.line - 1, f, 0, y + used, f->width);
		frame_mark(f, 0, y + used, f->width, text_in(&m->search));
		if (p.row == m->selected.row && p.line == m->selected.line)
			draw_pointer(f, y + used, m);
	}
	lines_release(&lines);
	return used;
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
		str_puts(&text, m->is_plain ? "" : ": f changes it, Esc drops it");
	} else if (m->snapshot->n_missing) {
		str_printf(&text, "%s no listeners could be seen",
			   symbol_text(SYMBOL_UNKNOWN, m->is_ascii));
		str_puts(&text, m->is_plain ? "" : ": ? tells what is missing");
		role = ROLE_WARN;
	} else {
		str_puts(&text, "nothing listens here");
	}
	frame_text(f, MARGIN, y, f->width - MARGIN, role, text_in(&text));
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

static void draw_selected(struct frame *f, int y, const struct model *m)
{
	const struct endpoint *e = model_selected(m);
	struct str text = {0};
	enum role role;

	if (!e)
		return;
	port_summary(m, e, &text);
	frame_text(f, 1, y, f->width - 2, ROLE_NORMAL, text_in(&text));
	str_reset(&text);
	role = port_remark(m, e, &text);
	frame_text(f, 1, y + 1, f->width - 2, role, text_in(&text));
	str_release(&text);
}

static void draw(struct frame *f, struct model *m)
{
	struct layout layout;
	struct str range = {0};
	int height = f->height - HEAD - FOOT;
	size_t end;

	note_size(m, f->width, height);
	port_keep_in_sight(m, height);
	lay_out(m, f->width, height, &layout);
	chrome_header(f, 0, m);
	chrome_rule(f, 1, m);
	table_head(f, 2, &layout, port_order(m), m->is_reversed);
	end = draw_rows(f, HEAD, height, m, &layout);
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
