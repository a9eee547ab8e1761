/*
 * The screen Columns: all columns of Ports in their order, what each tells, which are shown
 * and which have no room. Changes the choice (tui/config/columns.h); Ports draws it.
 */
#include "tui/config/columns.h"
#include "tui/chrome.h"
#include "tui/page.h"
#include "tui/view.h"
#include "tui/view/ports/port_columns.h"

enum {
	MARGIN = 2,
	TITLE_WIDTH = 12,
	STATE_WIDTH = 11,
	HEAD = PAGE_HEAD + 1,
	STATE_AT = MARGIN + TITLE_WIDTH,
	HELP_AT = STATE_AT + STATE_WIDTH,
};

struct page {
	const struct model *m;
	struct table_choice choice;
	struct layout layout; /* of Ports at this width */
};

static bool has_room(const struct page *p, size_t index)
{
	for (size_t i = 0; i < p->layout.n; i++)
		if (p->layout.columns[i].index == index)
			return true;
	return false;
}

static enum role put_state(const struct page *p, const struct chosen *chosen,
			   struct str *out)
{
	static const struct {
		enum role role;
		enum symbol symbol;
		const char *word;
	} states[] = {{ROLE_DIM, SYMBOL_NONE, "hidden"},
		      {ROLE_DIM, SYMBOL_NONE, "not here"},
		      {ROLE_WARN, SYMBOL_SOME, "no room"},
		      {ROLE_GOOD, SYMBOL_GOOD, "shown"}};
	const struct column *column = &port_columns[chosen->index];
	size_t state = 0;

	if (chosen->is_shown)
		state = has_room(p, chosen->index) ? 3 : 2;
	if (chosen->is_shown && column->is_shown && !column->is_shown(p->m))
		state = 1;
	str_printf(out, "%s %s", symbol_text(states[state].symbol, p->m->is_ascii),
		   states[state].word);
	return states[state].role;
}

static void draw_head(struct frame *f, int y)
{
	frame_put(f, MARGIN, y, TITLE_WIDTH, ROLE_TITLE, text_of("COLUMN"));
	frame_put(f, STATE_AT, y, STATE_WIDTH, ROLE_TITLE, text_of("ON PORTS"));
	frame_put(f, HELP_AT, y, f->width - HELP_AT, ROLE_TITLE, text_of("TELLS"));
}

static void draw_column(struct frame *f, int y, const struct page *p, size_t place)
{
	const struct chosen *chosen = &p->choice.at[place];
	const struct column *column = &port_columns[chosen->index];
	struct str state = {0};
	enum role role = put_state(p, chosen, &state);

	frame_text(f, MARGIN, y, TITLE_WIDTH - 1, chosen->is_shown ? ROLE_NORMAL : ROLE_DIM,
		   text_of(column->title));
	frame_text(f, STATE_AT, y, STATE_WIDTH, role, text_of_str(&state));
	frame_text(f, HELP_AT, y, f->width - HELP_AT, ROLE_NORMAL, text_of(column->help));
	if (place == p->m->columns.roll.selected)
		page_pointer(f, y, p->m);
	str_release(&state);
}

static void look_at(struct page *p, const struct model *m, int width)
{
	p->m = m;
	columns_choice(&m->columns, port_columns, n_port_columns, &p->choice);
	table_layout_chosen(port_columns, &p->choice, m, MARGIN, width - MARGIN, m->wanted,
			    &p->layout);
}

static void draw(struct frame *f, struct model *m)
{
	struct roll *roll = &m->columns.roll;
	int height = f->height - HEAD - PAGE_FOOT;
	struct str range = {0};
	struct page p = {0};
	size_t end;

	look_at(&p, m, f->width);
	m->page = height;
	roll_show(roll, roll->selected, roll->selected + 1, height, p.choice.n);
	end = roll->top + (size_t)height;
	end = end < p.choice.n ? end : p.choice.n;
	chrome_header(f, 0, m);
	chrome_rule(f, 1, m, WHERE_COLUMNS);
	draw_head(f, PAGE_HEAD);
	for (size_t i = roll->top; i < end; i++)
		draw_column(f, HEAD + (int)(i - roll->top), &p, i);
	if (p.choice.n > (size_t)height)
		str_printf(&range, "%zu-%zu of %zu", roll->top + 1, end, p.choice.n);
	chrome_message(f, f->height - PAGE_FOOT, m, str_text(&range));
	chrome_footer(f, f->height - 1, m, WHERE_COLUMNS);
	str_release(&range);
}

static unsigned toggle(struct model *m)
{
	struct columns_shown *c = &m->columns;

	if (!columns_toggle(c, port_columns, n_port_columns, c->roll.selected))
		model_say(m, ROLE_NOTICE, "one column stays");
	return EFFECT_DRAW;
}

static unsigned move(struct model *m, int by)
{
	struct columns_shown *c = &m->columns;

	if (columns_move(c, port_columns, n_port_columns, c->roll.selected, by))
		c->roll.selected += by < 0 ? (size_t)-1 : 1;
	return EFFECT_DRAW;
}

static unsigned reset(struct model *m)
{
	columns_reset(&m->columns);
	model_say(m, ROLE_NOTICE, "the columns as they are built in");
	return EFFECT_DRAW;
}

/* The line for the configuration. */
static unsigned copy(struct model *m)
{
	str_reset(&m->copy);
	str_puts(&m->copy, "columns = ");
	columns_put(&m->columns, port_columns, n_port_columns, &m->copy);
	return EFFECT_COPY;
}

static unsigned act(struct model *m, enum action a)
{
	switch ((int)a) {
	case ACTION_TOGGLE:
		return toggle(m);
	case ACTION_MOVE_LEFT:
		return move(m, -1);
	case ACTION_MOVE_RIGHT:
		return move(m, 1);
	case ACTION_RESET:
		return reset(m);
	case ACTION_COPY:
		return copy(m);
	default:
		return roll_choose(&m->columns.roll, a, m->page, n_port_columns)
			       ? EFFECT_DRAW
			       : 0;
	}
}

const struct view view_columns = {
	.name = "columns",
	.where = WHERE_COLUMNS,
	.draw = draw,
	.act = act,
};
