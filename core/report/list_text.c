/*
 * The list as an aligned table for a person: widths by display columns, columns from the
 * right left out when the terminal is narrow, owners as many as there is room for.
 */
#include "core/report/list.h"

#include <errno.h>

#include "core/report/list_cells.h"

#define GAP 2

struct layout {
	size_t width[N_LIST_CELLS]; /* 0: left out */
	size_t owners_width;        /* what all owners would take */
	enum list_cell last;
};

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

static struct text text_in(const struct str *s)
{
	return (struct text){s->data, s->len};
}

/* Columns that this cell asks for at least. */
static size_t cell_width(struct list_pass *p, const struct endpoint *e, enum list_cell cell)
{
	const struct list_column *column = &list_columns[cell];
	struct str text = {0};
	size_t width;

	if (cell == CELL_OWNER && p->o->columns)
		list_owners_print(&text, p, e, 1);
	else
		column->print(&text, p, e);
	width = text_width(text_in(&text));
	str_release(&text);
	if (p->o->columns && column->limit && width > column->limit)
		width = column->limit;
	return width;
}

static size_t owners_width(struct list_pass *p, const struct endpoint *e, size_t columns)
{
	struct str text = {0};
	size_t width;

	list_owners_print(&text, p, e, columns);
	width = text_width(text_in(&text));
	str_release(&text);
	return width;
}

static void measure(struct layout *l, struct list_pass *p)
{
	const struct endpoint *e;
	size_t at = 0;

	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (list_column_is_wanted(p, (enum list_cell)i))
			l->width[i] = text_width(text_of(list_columns[i].title));
	}
	while ((e = list_next(p, &at))) {
		for (size_t i = 0; i < N_LIST_CELLS; i++) {
			if (l->width[i])
				l->width[i] = max_size(l->width[i],
						       cell_width(p, e, (enum list_cell)i));
		}
		l->owners_width =
			max_size(l->owners_width, owners_width(p, e, p->o->columns));
	}
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

/* Leaves out from the right what has no room, then gives the room that is left to the
 * owners. */
static void fit(struct layout *l, size_t columns)
{
	size_t total;

	if (columns) {
		for (size_t i = N_LIST_CELLS; i-- && total_width(l) > columns;) {
			if (!list_columns[i].is_kept)
				l->width[i] = 0;
		}
		total = total_width(l);
		if (total < columns && l->owners_width > l->width[CELL_OWNER]) {
			size_t wanted = l->owners_width - l->width[CELL_OWNER];
			size_t left = columns - total;

			l->width[CELL_OWNER] += wanted < left ? wanted : left;
		}
	}
	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (l->width[i])
			l->last = (enum list_cell)i;
	}
}

/* One cell in its place; the last of a line gets no blanks behind it. */
static void put_cell(struct str *out, const struct layout *l, enum list_cell cell,
		     struct text t, enum text_mode mode)
{
	size_t room = l->width[cell], width = text_width(t);
	size_t pad = width < room ? room - width : 0;

	if (list_columns[cell].is_number)
		str_fill(out, ' ', pad);
	list_cut(out, t, room, mode);
	if (cell == l->last) {
		str_putc(out, '\n');
		return;
	}
	str_fill(out, ' ', GAP + (list_columns[cell].is_number ? 0 : pad));
}

static void put_titles(struct str *out, const struct layout *l, enum text_mode mode)
{
	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (l->width[i])
			put_cell(out, l, (enum list_cell)i, text_of(list_columns[i].title),
				 mode);
	}
}

static void put_row(struct str *out, const struct layout *l, struct list_pass *p,
		    const struct endpoint *e)
{
	struct str text = {0};

	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (!l->width[i])
			continue;
		str_reset(&text);
		if (i == CELL_OWNER && p->o->columns)
			list_owners_print(&text, p, e, l->width[i]);
		else
			list_columns[i].print(&text, p, e);
		put_cell(out, l, (enum list_cell)i, text_in(&text), p->o->text_mode);
		if (text.failed)
			out->failed = true;
	}
	str_release(&text);
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
	put_titles(out, &layout, o->text_mode);
	while ((e = list_next(&pass, &at)))
		put_row(out, &layout, &pass, e);
	error = list_end(&pass);
	return out->failed ? -ENOMEM : error;
}
