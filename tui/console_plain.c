/* Screens as linear text, for a pipe or a screen reader. Draws through the views. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "tui/console.h"
#include "tui/terminal/lines.h"

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

/* ---- which screen ---- */

unsigned console_do(struct console *c, const char *word)
{
	return console_carry_out(c, keymap_named(text_of(word)));
}

bool console_is_on(const struct console *c, const char *word)
{
	return !strcmp(model_view(&c->model)->name, word);
}

/* Who reaches the endpoint that the details are of. */
static bool is_being_found_out(const struct model *m)
{
	const struct endpoint *e = model_selected(m);

	return e && m->reach && !reach_is_elsewhere(m->reach, e) &&
	       m->reach->sets_id != e->id;
}

bool console_is_waiting(const struct console *c)
{
	const struct view *v = model_view(&c->model);

	if (v == &view_details)
		return is_being_found_out(&c->model);
	return v->is_waiting && v->is_waiting(&c->model);
}

bool console_select(struct console *c, const char *target)
{
	struct model *m = &c->model;
	struct guide aimed = {0};
	char error[TARGET_ERROR_MAX];
	bool is_there = false;
	size_t n_ports;

	if (m->snapshot && !guide_aim_target(&aimed, target, m->snapshot, &n_ports, error))
		for (size_t i = 0; i < m->rows.n && !is_there; i++) {
			const struct endpoint *e = model_endpoint(m, i);

			is_there =
				e && e->port == aimed.aim.port &&
				(e->proto == PROTO_TCP) == (aimed.aim.proto == IPPROTO_TCP);
			if (is_there)
				model_select(m, (struct place){.row = i});
		}
	m->has_moved = is_there;
	guide_release(&aimed);
	return is_there;
}

/* ---- linear text ---- */

enum {
	HEAD = 3,
	FOOT = 2,
	PORTS_FOOT = 4,
	HEIGHT_FIRST = 64,
	HEIGHT_MAX = 16384, /* rows: what has more is cut there, and says so */
	GAP_MAX = 3, /* blanks between two words; what stands farther away comes nearer */
};

/* Box drawing, U+2500 to U+257F; its ASCII twin only as a rule. */
static bool is_drawn(const struct cell *cell)
{
	const unsigned char *b = (const unsigned char *)cell->text;

	return (cell->len == 3 && b[0] == 0xe2 && (b[1] == 0x94 || b[1] == 0x95)) ||
	       (cell->role == ROLE_RULE && (*b == '-' || *b == '|' || *b == '+'));
}

/* A row: lines become a blank, and with is_table its columns stay where they are. */
static void put_row(const struct frame *f, int y, bool is_table, struct str *out)
{
	const struct cell *row = &f->cells[y * f->width];
	size_t gap = 0, begin = out->len;

	for (int x = 0; x < f->width; x++) {
		const struct cell *cell = &row[x];

		if (!cell->width)
			continue;
		if (is_drawn(cell) || (cell->len == 1 && *cell->text == ' ')) {
			gap++;
			continue;
		}
		if (!is_table && out->len > begin && gap > GAP_MAX)
			gap = GAP_MAX;
		str_fill(out, ' ', gap);
		str_append(out, cell->text, cell->len);
		gap = 0;
	}
	str_putc(out, '\n');
}

static bool is_empty_row(const struct frame *f, int y)
{
	for (int x = 0; x < f->width; x++) {
		const struct cell *cell = &f->cells[y * f->width + x];

		if (!is_drawn(cell) && cell->len && *cell->text != ' ')
			return false;
	}
	return true;
}

/* Rows [0, end): no two empty ones in a row, none at the end. */
static void put_rows(const struct frame *f, int end, bool is_table, struct str *out)
{
	bool was_empty = true;

	while (end > 0 && is_empty_row(f, end - 1))
		end--;
	for (int y = 0; y < end; y++) {
		bool is_empty = is_empty_row(f, y);

		if (is_empty && !was_empty)
			str_putc(out, '\n');
		else if (!is_empty)
			put_row(f, y, is_table, out);
		was_empty = is_empty;
	}
}

static int draw_at(struct console *c, struct frame *f, int width, int height)
{
	if (frame_resize(f, width, height))
		return -ENOMEM;
	console_draw(c, f);
	return 0;
}

/* A frame in which all of the screen's lines have room. 0 or -ENOMEM. */
static int draw_all(struct console *c, struct frame *f, int width)
{
	int r, height = HEIGHT_FIRST;

	while (!(r = draw_at(c, f, width, height)) && height < HEIGHT_MAX &&
	       !is_empty_row(f, height - FOOT - 1))
		height *= 2;
	return r;
}

static int put_ports(struct console *c, struct frame *f, int width, struct str *out)
{
	int body = c->model.rows.n ? (int)c->model.rows.n : 1;
	int height = body + HEAD + PORTS_FOOT;

	if (draw_at(c, f, width, height < CONSOLE_HEIGHT_MIN ? CONSOLE_HEIGHT_MIN : height))
		return -ENOMEM;
	put_rows(f, HEAD + body, true, out);
	put_missing(&c->model, width, out);
	return 0;
}

static int put_screen(struct console *c, struct frame *f, int width, struct str *out)
{
	if (draw_all(c, f, width))
		return -ENOMEM;
	put_rows(f, f->height - FOOT, false, out);
	if (f->height >= HEIGHT_MAX && !is_empty_row(f, f->height - FOOT - 1))
		str_puts(out, "(there is more of it than is printed here)\n");
	return 0;
}

int console_plain(struct console *c, int width, struct str *out)
{
	struct frame f = {0};
	int r;

	if (width < CONSOLE_WIDTH_MIN)
		width = CONSOLE_WIDTH_MIN;
	c->model.is_plain = true;
	if (model_view(&c->model) == &view_ports)
		r = put_ports(c, &f, width, out);
	else
		r = put_screen(c, &f, width, out);
	frame_release(&f);
	return r || out->failed ? -ENOMEM : 0;
}
