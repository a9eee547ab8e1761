/* The actions of the screen Ports. Draws nothing. */
#include "tui/view/ports/port_acts.h"

#include <stdint.h>

#include "tui/find.h"
#include "tui/state/counts.h"
#include "tui/view/ports/port_columns.h"
#include "tui/view/ports/port_cursor.h"
#include "tui/view/ports/port_details.h"
#include "tui/view/ports/port_groups.h"
#include "tui/view/ports/port_others.h"

const struct column *port_order(const struct model *m)
{
	return m->sort ? m->sort : port_order_default();
}

/* A userland proxy stands among the listeners while it is open, else only in the row of the
 * published port. */
static unsigned set_proxy_open(struct model *m, const struct endpoint *proxy, bool is_open)
{
	m->has_moved = true;
	model_open(m, proxy, is_open);
	return model_arrange(m) ? 0 : EFFECT_DRAW;
}

static unsigned set_open(struct model *m, bool is_open)
{
	const struct endpoint *e = model_selected(m);
	size_t line = counts_selected(m);

	if (!e && line < counts_n_lines(m) && counts_proxy(m, line))
		return set_proxy_open(m, counts_proxy(m, line), is_open);
	if (!e)
		return 0;
	if (!is_open && e->space->is_own && published_of_proxy(m->published, e) >= 0)
		return set_proxy_open(m, e, false);
	m->has_moved = true;
	model_open(m, e, is_open);
	if (!is_open)
		model_select(m, (struct place){.row = m->selected.row});
	return EFFECT_DRAW;
}

/* The row, if it is open, then the group that it is in. */
static unsigned close_row(struct model *m)
{
	const struct endpoint *e = model_selected(m);
	unsigned effects = e && model_is_open(m, e) ? 0 : port_group_set(m, true);

	return effects ? effects : set_open(m, false);
}

static unsigned open_row(struct model *m)
{
	if (model_group(m, m->selected.row))
		return port_group_set(m, false);
	return set_open(m, true);
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
		model_say(m, ROLE_NOTICE, "nothing to go back from: %.*s quits",
			  KEY_ARGS(ACTION_QUIT));
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
	struct table_choice chosen;
	struct str cell = {0};

	columns_choice(&m->columns, port_columns, n_port_columns, &chosen);
	for (size_t i = 0; i < chosen.n; i++) {
		const struct column *c = &port_columns[chosen.at[i].index];

		if (!chosen.at[i].is_shown || (c->is_shown && !c->is_shown(m)))
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
	const struct group *group = model_group(m, m->selected.row);
	size_t i = counts_selected(m);
	struct str cell = {0};

	if (group) {
		port_group_summary(m, group, &m->copy);
		return EFFECT_COPY;
	}

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
	[ACTION_LEFT] = close_row,
	[ACTION_RIGHT] = open_row,
	[ACTION_SEARCH] = search,
	[ACTION_NEXT] = next,
	[ACTION_PREVIOUS] = previous,
	[ACTION_FILTER] = filter,
	[ACTION_SORT] = order_next,
	[ACTION_REVERSE] = order_reverse,
	[ACTION_COPY] = copy,
	[ACTION_GROUP] = port_group_next,
	[ACTION_GUIDE] = port_group_turn,
	[ACTION_UNDO] = back,
};

unsigned port_act(struct model *m, enum action a)
{
	return acts[a] ? acts[a](m) : 0;
}
