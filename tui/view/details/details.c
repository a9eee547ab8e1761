/* The screen Details: one endpoint in panes, one below the other or in two columns. */
#include "tui/chrome.h"
#include "tui/state/counts.h"
#include "tui/page.h"
#include "tui/screens.h"
#include "tui/view.h"
#include "tui/view/details/details_panes.h"
#include "tui/view/ports/port_details.h"

enum { TWO_COLUMNS_FROM = 160, COLUMNS_MAX = 2, GAP = 2 };

/* All panes as lines; where each begins, in which column. */
struct board {
	struct lines columns[COLUMNS_MAX];
	int n_columns, width; /* of one column */
	size_t begins[N_PANES];
	int column[N_PANES];
	size_t n; /* lines of the longest column */
};

static void board_release(struct board *b)
{
	for (int i = 0; i < COLUMNS_MAX; i++)
		lines_release(&b->columns[i]);
}

static void add_title(const struct pane_page *p, enum details_pane pane)
{
	struct line_style style = {.width = p->width, .role = ROLE_TITLE};
	struct str title = {0};

	if (p->out->lines.n)
		lines_add(p->out, &style, "", "");
	style.indent = 1;
	str_puts(&title, details_pane_title(pane));
	details_put_count(p, pane, &title);
	lines_add(p->out, &style, "", str_text(&title));
	str_release(&title);
}

/* Each pane goes where there is the most room: the shorter column. */
static void make_board(struct board *b, const struct frame *f, const struct model *m,
		       const struct endpoint *e)
{
	*b = (struct board){.n_columns = f->width >= TWO_COLUMNS_FROM ? 2 : 1};
	b->width = (f->width - 1 - GAP * (b->n_columns - 1)) / b->n_columns;
	for (int i = 0; i < COLUMNS_MAX; i++)
		b->columns[i] = LINES_EMPTY;
	for (int pane = 0; pane < N_PANES; pane++) {
		int c = b->n_columns > 1 && b->columns[1].lines.n < b->columns[0].lines.n;
		struct pane_page page = {m, e, &b->columns[c], b->width};

		b->column[pane] = c;
		add_title(&page, (enum details_pane)pane);
		b->begins[pane] = page.out->lines.n - 1;
		details_add_pane(&page, (enum details_pane)pane);
	}
	for (int i = 0; i < b->n_columns; i++)
		if (b->columns[i].lines.n > b->n)
			b->n = b->columns[i].lines.n;
}

static void draw_pointer(struct frame *f, const struct model *m, const struct board *b)
{
	enum details_pane pane = m->details.pane;
	size_t line = b->begins[pane], top = m->details.roll.top;
	int x = b->column[pane] * (b->width + GAP);

	if (m->is_plain || line < top || line >= top + (size_t)page_height(f))
		return;
	frame_put(f, x, PAGE_HEAD + (int)(line - top), 1, ROLE_KEY,
		  text_of(symbol_text(SYMBOL_POINTER, m->is_ascii)));
}

static void draw_board(struct frame *f, const struct model *m, const struct board *b)
{
	for (int c = 0; c < b->n_columns; c++) {
		const struct lines *lines = &b->columns[c];
		int x = c * (b->width + GAP);

		for (int y = 0; y < page_height(f); y++) {
			size_t line = m->details.roll.top + (size_t)y;

			if (line < lines->lines.n)
				lines_draw(lines, line, f, x, PAGE_HEAD + y, b->width);
		}
	}
	draw_pointer(f, m, b);
}

static void place(struct model *m, const struct board *b, int height)
{
	struct details_shown *d = &m->details;
	size_t last_top = b->n > (size_t)height ? b->n - (size_t)height : 0;

	for (int i = 0; i < N_PANES; i++)
		d->pane_line[i] = b->begins[i];
	if (d->wants_in_sight)
		d->roll.top = b->begins[d->pane];
	d->wants_in_sight = false;
	if (d->roll.top > last_top)
		d->roll.top = last_top;
	m->page = height;
}

/* "443/tcp  nginx.service · ...": the same line as under the list of ports. */
static void draw_title(struct frame *f, const struct model *m, const struct endpoint *e)
{
	struct str text = {0};

	port_summary(m, e, &text);
	frame_text(f, 1, 0, f->width - 2, ROLE_TITLE, text_of_str(&text));
	str_release(&text);
}

static void draw_endpoint(struct frame *f, struct model *m, const struct endpoint *e)
{
	struct str range = {0};
	struct board b;
	size_t end;

	make_board(&b, f, m, e);
	place(m, &b, page_height(f));
	draw_title(f, m, e);
	draw_board(f, m, &b);
	end = m->details.roll.top + (size_t)page_height(f);
	if (b.n > (size_t)page_height(f))
		str_printf(&range, "%zu-%zu of %zu", m->details.roll.top + 1,
			   end < b.n ? end : b.n, b.n);
	chrome_rule(f, 1, m, WHERE_DETAILS);
	chrome_message(f, f->height - PAGE_FOOT, m, str_text(&range));
	chrome_footer(f, f->height - 1, m, WHERE_DETAILS);
	str_release(&range);
	board_release(&b);
}

static void draw_gone(struct frame *f, struct model *m)
{
	const struct details_shown *d = &m->details;
	struct line_style style = {.width = f->width - 1, .indent = 1};
	struct lines lines = LINES_EMPTY;
	struct str text = {0};

	if (!m->snapshot || !m->snapshot->is_settled)
		str_printf(&text, "%s looking", symbol_text(SYMBOL_WAITING, m->is_ascii));
	else
		str_printf(&text,
			   "%s nobody listens here any more: the listener of port %u that "
			   "was shown is gone. %.*s leads back; the list has what listens "
			   "now.",
			   symbol_text(SYMBOL_BAD, m->is_ascii), d->port,
			   KEY_ARGS(ACTION_BACK));
	style.role = ROLE_WARN;
	lines_add(&lines, &style, "", str_text(&text));
	chrome_header(f, 0, m);
	page_draw(f, m, WHERE_DETAILS, &lines, &m->details.roll);
	lines_release(&lines);
	str_release(&text);
}

static void draw(struct frame *f, struct model *m)
{
	const struct endpoint *e = details_endpoint(m);

	if (e)
		draw_endpoint(f, m, e);
	else
		draw_gone(f, m);
}

/* ---- actions ---- */

/* All lines of the pane in which the user stands, as wide as they are. */
static unsigned copy(struct model *m)
{
	const struct endpoint *e = details_endpoint(m);
	struct lines lines = LINES_EMPTY;
	struct pane_page page = {m, e, &lines, INT16_MAX};

	if (!e)
		return 0;
	str_reset(&m->copy);
	endpoint_port_text(&m->copy, e);
	str_printf(&m->copy, " %s", details_pane_title(m->details.pane));
	details_put_count(&page, m->details.pane, &m->copy);
	details_add_pane(&page, m->details.pane);
	for (size_t i = 0; i < lines.lines.n; i++) {
		const struct line *line = vec_at(&lines.lines, i);

		str_puts(&m->copy, "\n  ");
		str_append(&m->copy, str_text(&lines.text) + line->at, line->len);
	}
	lines_release(&lines);
	return EFFECT_COPY;
}

static unsigned go_to_pane(struct model *m, int step)
{
	struct details_shown *d = &m->details;

	d->pane = (enum details_pane)(((int)d->pane + step + N_PANES) % N_PANES);
	d->wants_in_sight = true;
	return EFFECT_DRAW;
}

/* The pane at the top of what is seen, where panes lie one below the other. */
static void follow_scroll(struct details_shown *d)
{
	for (int i = 1; i < N_PANES; i++)
		if (d->pane_line[i] < d->pane_line[i - 1])
			return;
	for (int i = 0; i < N_PANES; i++)
		if (d->pane_line[i] <= d->roll.top)
			d->pane = (enum details_pane)i;
}

static unsigned act(struct model *m, enum action a)
{
	if (roll_scroll(&m->details.roll, a, m->page)) {
		follow_scroll(&m->details);
		return EFFECT_DRAW;
	}
	if (a == ACTION_PANE)
		return go_to_pane(m, 1);
	if (a == ACTION_PANE_BACK)
		return go_to_pane(m, -1);
	/* Back to the Guide that this was opened from. */
	if (a == ACTION_GUIDE && model_shows(m, &view_guide))
		return screens_open(m, &view_guide);
	return a == ACTION_COPY ? copy(m) : 0;
}

static bool is_waiting(const struct model *m)
{
	const struct endpoint *e = details_endpoint(m);
	bool wants_sets = e && m->reach && !m->reach->gap && !details_sets(m) &&
			  !reach_is_elsewhere(m->reach, e);

	if (e && e->n_owners && !m->details.has_asked_owners)
		return true;
	return (e && m->details.peers_state == PEERS_WAITING) || wants_sets;
}

const struct view view_details = {
	.name = "details",
	.where = WHERE_DETAILS,
	.draw = draw,
	.act = act,
	.is_waiting = is_waiting,
};
