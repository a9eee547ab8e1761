/*
 * The list as an aligned table for a person: widths by display columns. Where the terminal
 * is narrow, columns get their limits, those from the right are left out, and owners are as
 * many as there is room for; a cell that is wider than its column pushes the rest of its
 * row, which is cut at the terminal's edge, but never within the columns that are kept.
 */
#include "core/report/list.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/report/list_cells.h"

#define GAP 2

struct layout {
	size_t width[N_LIST_CELLS];   /* 0: left out */
	size_t natural[N_LIST_CELLS]; /* what the widest cell would take; 0: not wanted */
};

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t cell_width(struct list_pass *p, const struct endpoint *e, enum list_cell cell)
{
	struct str text = {0};
	size_t width;

	list_columns[cell].print(&text, p, e);
	width = text_width(text_of_str(&text));
	str_release(&text);
	return width;
}

static void measure(struct layout *l, struct list_pass *p)
{
	const struct endpoint *e;
	size_t at = 0;

	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (list_column_is_wanted(p, (enum list_cell)i))
			l->natural[i] = text_width(text_of(list_columns[i].title));
	}
	while ((e = list_next(p, &at))) {
		for (size_t i = 0; i < N_LIST_CELLS; i++) {
			if (l->natural[i])
				l->natural[i] = max_size(
					l->natural[i], cell_width(p, e, (enum list_cell)i));
		}
	}
	memcpy(l->width, l->natural, sizeof(l->width));
}

static size_t total_width(const struct layout *l)
{
	size_t total = 0;

	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (l->width[i])
			total += l->width[i] + (total ? GAP : 0);
	}
	return total;
}

/* Gives a column of the room that is left. */
static void widen(struct layout *l, enum list_cell cell, size_t columns)
{
	size_t total = total_width(l);
	size_t left = total < columns ? columns - total : 0;
	size_t wanted = l->natural[cell] - l->width[cell];

	if (l->width[cell])
		l->width[cell] += wanted < left ? wanted : left;
}

static void fit(struct layout *l, size_t columns)
{
	if (!columns || total_width(l) <= columns)
		return;
	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (list_columns[i].limit && l->width[i] > list_columns[i].limit)
			l->width[i] = list_columns[i].limit;
	}
	for (size_t i = N_LIST_CELLS; i-- && total_width(l) > columns;) {
		if (!list_columns[i].is_kept)
			l->width[i] = 0;
	}
	widen(l, CELL_OWNER, columns);
	for (size_t i = 0; i < N_LIST_CELLS; i++)
		widen(l, (enum list_cell)i, columns);
}

/* A row under construction. */
struct line {
	struct str text;
	size_t used;  /* columns */
	size_t start; /* of the next column, if nothing was pushed */
	size_t kept;  /* columns that must not be cut */
};

static void put_cell(struct line *line, const struct layout *l, enum list_cell cell,
		     struct text t)
{
	size_t width = text_width(t), at = line->start;

	if (list_columns[cell].is_number && width < l->width[cell])
		at += l->width[cell] - width;
	if (line->used)
		at = max_size(at, line->used + GAP);
	str_fill(&line->text, ' ', at - line->used);
	str_append(&line->text, t.bytes, t.len);
	line->used = at + width;
	line->start += l->width[cell] + GAP;
	if (list_columns[cell].is_kept)
		line->kept = line->used;
}

static void end_line(struct str *out, struct line *line, const struct list_options *o)
{
	size_t columns = o->columns ? max_size(o->columns, line->kept) : SIZE_MAX;

	list_cut(out, text_of_str(&line->text), columns, o->text_mode);
	str_putc(out, '\n');
	if (line->text.failed)
		out->failed = true;
	str_release(&line->text);
}

static void put_titles(struct str *out, const struct layout *l,
		       const struct list_options *o)
{
	struct line line = {0};

	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (l->width[i])
			put_cell(&line, l, (enum list_cell)i,
				 text_of(list_columns[i].title));
	}
	end_line(out, &line, o);
}

static void put_row(struct str *out, const struct layout *l, struct list_pass *p,
		    const struct endpoint *e)
{
	struct line line = {0};
	struct str cell = {0};

	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (!l->width[i])
			continue;
		str_reset(&cell);
		if (i == CELL_OWNER)
			list_owners_print(&cell, p, e, l->width[i]);
		else
			list_columns[i].print(&cell, p, e);
		put_cell(&line, l, (enum list_cell)i, text_of_str(&cell));
		line.text.failed |= cell.failed;
	}
	str_release(&cell);
	end_line(out, &line, p->o);
}

int list_text(struct str *out, const struct snapshot *s, const struct list_options *o)
{
	struct layout layout = {0};
	const struct endpoint *e;
	struct list_pass pass;
	size_t at = 0;
	int error;

	list_begin(&pass, s, o);
	measure(&layout, &pass);
	fit(&layout, o->columns);
	put_titles(out, &layout, o);
	while ((e = list_next(&pass, &at)))
		put_row(out, &layout, &pass, e);
	error = list_end(&pass);
	return out->failed ? -ENOMEM : error;
}
