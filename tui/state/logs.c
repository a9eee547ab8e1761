/* Which time line is shown, and where on it the user stands. Makes no row. */
#include "tui/state/logs.h"

void logs_release(struct logs_shown *l)
{
	table_unref(l->timeline);
	table_unref(l->of);
	*l = (struct logs_shown){.is_absolute = l->is_absolute};
}

const struct timeline_row *logs_chosen(const struct logs_shown *l)
{
	return l->timeline && l->roll.selected < l->timeline->n
		       ? &l->timeline->rows[l->roll.selected]
		       : NULL;
}

/* The same moment and kind in another line; before: what was chosen there. */
static size_t place_of(const struct timeline *t, const struct timeline_row *before)
{
	size_t last = t->n ? t->n - 1 : 0, at = 0;

	while (at < last && (t->rows[at].wall_ns < before->wall_ns ||
			     (t->rows[at].wall_ns == before->wall_ns &&
			      t->rows[at].kind < before->kind)))
		at++;
	return at;
}

static size_t start_of(const struct timeline *t)
{
	return t->start < t->n ? t->start : t->n ? t->n - 1 : 0;
}

static void take(struct logs_shown *l, struct timeline *t)
{
	const struct timeline_row *before = logs_chosen(l);

	l->roll.selected = l->has_moved && before ? place_of(t, before) : start_of(t);
	table_unref(l->timeline);
	l->timeline = t;
}

void logs_follow(struct logs_shown *l, const struct guide *g)
{
	struct timeline *t;

	if (l->of && l->of == g->result)
		return;
	if (!g->result || !g->evidence) {
		logs_release(l);
		return;
	}
	t = timeline_new(g->evidence, g->result);
	if (!t)
		return;
	take(l, t);
	table_unref(l->of);
	l->of = table_ref(g->result);
}
