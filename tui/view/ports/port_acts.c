/* The actions of the screen Ports. Draws nothing. */
#include "tui/view/ports/port_acts.h"

#include <stdint.h>

#include "tui/find.h"
#include "tui/view/ports/port_columns.h"
#include "tui/view/ports/port_cursor.h"
#include "tui/view/ports/port_details.h"
#include "tui/view/ports/port_others.h"

const struct column *port_order(const struct model *m)
{
	return m->sort ? m->sort : port_order_default();
}

static unsigned set_open(struct model *m, bool is_open)
{
	const struct endpoint *e = model_selected(m);

	if (!e)
		return 0;
	m->has_moved = true;
	model_open(m, e, is_open);
	if (!is_open)
		model_select(m, (struct place){.row = m->selected.row});
	return EFFECT_DRAW;
}

static unsigned close_row(struct model *m)
{
	return set_open(m, false);
}

static unsigned open_row(struct model *m)
{
	return set_open(m, true);
}

static unsigned open_or_close(struct model *m)
{
	const struct endpoint *e = model_selected(m);

	return e ? set_open(m, !model_is_open(m, e)) : 0;
}

/* One thing at a time: the search, then the open row, then the filter. */
static unsigned back(struct model *m)
{
	const struct endpoint *e = model_selected(m);

	if (m->search.len)
		find_set_search(m, "");
	else if (e && model_is_open(m, e))
		set_open(m, false);
	else if (m->filter)
		find_set_filter(m, "");
	else
		model_say(m, ROLE_NOTICE, "nothing to go back from: q quits");
	return EFFECT_DRAW;
}

static unsigned order(struct model *m, const struct column *column, bool is_reversed)
{
	m->sort = column;
	m->is_reversed = is_reversed;
	if (model_arrange(m))
		return 0;
	model_say(m, ROLE_NOTICE, "sorted by %s%s", column->id,
		  is_reversed ? ", reversed" : "");
	return EFFECT_DRAW;
}

static unsigned order_next(struct model *m)
{
	return order(m, port_order_next(m, port_order(m)), false);
}

static unsigned order_reverse(struct model *m)
{
	return order(m, port_order(m), !m->is_reversed);
}

static void copy_row(struct model *m, const struct endpoint *e)
{
	struct str cell = {0};

	for (size_t i = 0; i < n_port_columns; i++) {
		const struct column *c = &port_columns[i];

		if (c->is_shown && !c->is_shown(m))
			continue;
		table_print(c, m, e, INT16_MAX, &cell);
		str_printf(&m->copy, "%s%s", m->copy.len ? "  " : "", str_text(&cell));
	}
	str_release(&cell);
}

static void copy_detail(struct model *m, const struct endpoint *e)
{
	struct lines lines = LINES_EMPTY;

	port_lines(m, e, &lines);
	if (m->selected.line <= lines.lines.n) {
		const struct line *line = vec_at(&lines.lines, m->selected.line - 1);

		str_append(&m->copy, str_text(&lines.text) + line->at, line->len);
	}
	lines_release(&lines);
}

/* A line of the second block. */
static unsigned copy_other(struct model *m)
{
	size_t i = counts_selected(m);
	struct str cell = {0};

	if (i >= counts_n_lines(m))
		return 0;
	if (port_other_is_text(m, i))
		port_other_text(m, i, &m->copy);
	for (size_t k = 0; k < n_port_columns; k++) {
		port_other_cell(m, i, &port_columns[k], INT16_MAX, &cell);
		if (cell.len)
			str_printf(&m->copy, "%s%s", m->copy.len ? "  " : "",
				   str_text(&cell));
	}
	str_release(&cell);
	return EFFECT_COPY;
}

/* The selected line as text, whole, whatever the width of the screen. */
static unsigned copy(struct model *m)
{
	const struct endpoint *e = model_selected(m);

	str_reset(&m->copy);
	if (!e)
		return copy_other(m);
	if (m->selected.line)
		copy_detail(m, e);
	else
		copy_row(m, e);
	return EFFECT_COPY;
}

static unsigned move(struct model *m, long n)
{
	port_move(m, n);
	return EFFECT_DRAW;
}

static unsigned up(struct model *m)
{
	return move(m, -1);
}

static unsigned down(struct model *m)
{
	return move(m, 1);
}

static unsigned page_up(struct model *m)
{
	return move(m, -m->page);
}

static unsigned page_down(struct model *m)
{
	return move(m, m->page);
}

static unsigned first(struct model *m)
{
	port_move_first(m);
	return EFFECT_DRAW;
}

static unsigned last(struct model *m)
{
	port_move_last(m);
	return EFFECT_DRAW;
}

static unsigned search(struct model *m)
{
	find_open(m, FIELD_SEARCH);
	return EFFECT_DRAW;
}

static unsigned filter(struct model *m)
{
	find_open(m, FIELD_FILTER);
	return EFFECT_DRAW;
}

static unsigned next(struct model *m)
{
	find_step(m, 1);
	return EFFECT_DRAW;
}

static unsigned previous(struct model *m)
{
	find_step(m, -1);
	return EFFECT_DRAW;
}

static unsigned (*const acts[N_ACTIONS])(struct model *m) = {
	[ACTION_UP] = up,
	[ACTION_DOWN] = down,
	[ACTION_PAGE_UP] = page_up,
	[ACTION_PAGE_DOWN] = page_down,
	[ACTION_FIRST] = first,
	[ACTION_LAST] = last,
	[ACTION_OPEN] = open_or_close,
	[ACTION_LEFT] = close_row,
	[ACTION_RIGHT] = open_row,
	[ACTION_SEARCH] = search,
	[ACTION_NEXT] = next,
	[ACTION_PREVIOUS] = previous,
	[ACTION_FILTER] = filter,
	[ACTION_SORT] = order_next,
	[ACTION_REVERSE] = order_reverse,
	[ACTION_COPY] = copy,
	[ACTION_DROP] = back,
};

unsigned port_act(struct model *m, enum action a)
{
	return acts[a] ? acts[a](m) : 0;
}
