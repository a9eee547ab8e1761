/* The stack of screens and what ends with each. Draws nothing. */
#include "tui/screens.h"

unsigned screens_close(struct model *m)
{
	const struct view *closed;

	if (m->n_shown < 2)
		return 0;
	closed = m->shown[--m->n_shown];
	if (closed == &view_attempts)
		return EFFECT_WIRE_END | EFFECT_DRAW;
	if (closed != &view_guide)
		return EFFECT_DRAW;
	m->guide.is_open = false;
	return EFFECT_DIAGNOSE_END | EFFECT_DRAW;
}

unsigned screens_open(struct model *m, const struct view *v)
{
	unsigned effects = EFFECT_DRAW;

	if (!model_shows(m, v) && m->n_shown < SCREENS_MAX)
		m->shown[m->n_shown++] = v;
	while (model_shows(m, v) && model_view(m) != v)
		effects |= screens_close(m);
	return effects;
}

unsigned screens_toggle(struct model *m, const struct view *v)
{
	return model_view(m) == v ? screens_close(m) : screens_open(m, v);
}
