/* Lines of rows and their details as places. Counts, does not draw. */
#include "tui/view/ports/port_cursor.h"

#include "tui/state/counts.h"
#include "tui/view/ports/port_details.h"

/* Rows of endpoints and, behind them, lines of other ports, which have no details. */
static size_t n_rows(const struct model *m)
{
	return m->rows.n + counts_n_lines(m);
}

static size_t n_details(const struct model *m, size_t row)
{
	if (row >= m->rows.n || !model_endpoint(m, row))
		return 0;
	return port_n_lines(m, model_endpoint(m, row));
}

/* One line down (+1) or up (-1) within the first n rows; false at the end. */
static bool step(const struct model *m, size_t n, struct place *p, int direction)
{
	if (p->row >= n)
		return false;
	if (direction < 0 && p->line > 0) {
		p->line--;
		return true;
	}
	if (direction < 0) {
		if (p->row == 0)
			return false;
		p->row--;
		p->line = n_details(m, p->row);
		return true;
	}
	if (p->line < n_details(m, p->row)) {
		p->line++;
		return true;
	}
	if (p->row + 1 >= n)
		return false;
	*p = (struct place){.row = p->row + 1};
	return true;
}

void port_move(struct model *m, long n)
{
	struct place p = m->selected;
	int direction = n < 0 ? -1 : 1;

	m->has_moved = true;
	for (long i = 0; i != n; i += direction)
		if (!step(m, n_rows(m), &p, direction))
			break;
	model_select(m, p);
}

void port_move_first(struct model *m)
{
	m->has_moved = true;
	model_select(m, (struct place){0});
}

void port_move_last(struct model *m)
{
	size_t n = n_rows(m);

	m->has_moved = true;
	if (n)
		model_select(m, (struct place){.row = n - 1, .line = n_details(m, n - 1)});
}

static bool is_before(struct place a, struct place b)
{
	return a.row < b.row || (a.row == b.row && a.line < b.line);
}

/* A detail line that a refresh took away is not a place any more. */
static void clamp(const struct model *m, size_t n, struct place *p)
{
	if (!n) {
		*p = (struct place){0};
		return;
	}
	if (p->row >= n)
		*p = (struct place){.row = n - 1};
	if (p->line && p->line > n_details(m, p->row))
		p->line = n_details(m, p->row);
}

/* The first place from which the selected one is still in sight. */
static struct place lowest_top(const struct model *m, int height)
{
	struct place p = m->selected;

	for (int i = 1; i < height; i++)
		if (!step(m, m->rows.n, &p, -1))
			break;
	return p;
}

void port_keep_in_sight(struct model *m, int height)
{
	struct place end;

	clamp(m, n_rows(m), &m->selected);
	clamp(m, m->rows.n, &m->top);
	if (m->selected.row < m->rows.n) {
		struct place lowest = lowest_top(m, height);

		if (is_before(m->selected, m->top))
			m->top = m->selected;
		if (is_before(m->top, lowest))
			m->top = lowest;
	}
	/* No blank lines below while there are lines above. */
	end = m->top;
	for (int i = 1; i < height; i++)
		if (!step(m, m->rows.n, &end, 1) && !step(m, m->rows.n, &m->top, -1))
			break;
}

int port_n_lines_of_rows(const struct model *m, int max)
{
	struct place p = {0};
	int n = 1;

	if (!m->rows.n)
		return 1; /* why there is none */
	while (n < max && step(m, m->rows.n, &p, 1))
		n++;
	return n;
}
