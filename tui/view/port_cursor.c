/* Lines of rows and their details as places. Counts, does not draw. */
#include "tui/view/port_cursor.h"

#include "tui/view/port_details.h"

static size_t n_details(const struct model *m, size_t row)
{
	return port_n_lines(m, model_endpoint(m, row));
}

bool port_step(const struct model *m, struct place *p, int direction)
{
	if (p->row >= m->rows.n)
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
	if (p->row + 1 >= m->rows.n)
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
		if (!port_step(m, &p, direction))
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
	m->has_moved = true;
	if (m->rows.n)
		model_select(m, (struct place){.row = m->rows.n - 1,
					       .line = n_details(m, m->rows.n - 1)});
}

static bool is_before(struct place a, struct place b)
{
	return a.row < b.row || (a.row == b.row && a.line < b.line);
}

/* A detail line that a refresh took away is not a place any more. */
static void clamp(const struct model *m, struct place *p)
{
	if (!m->rows.n) {
		*p = (struct place){0};
		return;
	}
	if (p->row >= m->rows.n)
		*p = (struct place){.row = m->rows.n - 1};
	if (p->line && p->line > n_details(m, p->row))
		p->line = n_details(m, p->row);
}

void port_keep_in_sight(struct model *m, int height)
{
	struct place first = m->selected;
	struct place end;

	clamp(m, &m->selected);
	clamp(m, &m->top);
	first = m->selected;
	if (is_before(m->selected, m->top))
		m->top = m->selected;
	for (int i = 1; i < height; i++)
		if (!port_step(m, &first, -1))
			break;
	if (is_before(m->top, first))
		m->top = first;
	/* No blank lines below while there are lines above. */
	end = m->top;
	for (int i = 1; i < height; i++)
		if (!port_step(m, &end, 1) && !port_step(m, &m->top, -1))
			break;
}
