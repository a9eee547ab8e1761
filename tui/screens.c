/* The stack of screens and what ends with each. Draws nothing. */
#include "tui/screens.h"

#include <stdint.h>

/* Does a file of packets end when no more than n screens stay? */
static bool ends_a_file(const struct model *m, size_t n)
{
	for (size_t i = n; i < m->n_shown; i++)
		if (m->shown[i] == &view_attempts)
			return wire_saving(&m->wire) != NULL;
	return false;
}

/* True: that was not allowed yet, and now it is asked. */
static bool asks(struct model *m, size_t n)
{
	if (m->deed.is_allowed || !ends_a_file(m, n))
		return false;
	model_say(m, ROLE_WARN, "packets are being saved: end that? [y/N]");
	m->consent = CONSENT_WIRE;
	m->message_until_ns = INT64_MAX;
	return true;
}

bool screens_ask(struct model *m, const struct view *v, bool with_it)
{
	for (size_t i = 0; i < m->n_shown; i++)
		if (m->shown[i] == v)
			return asks(m, with_it ? i : i + 1);
	return false;
}

static unsigned close_last(struct model *m)
{
	const struct view *closed = m->shown[--m->n_shown];

	if (closed == &view_attempts)
		return EFFECT_WIRE_END | EFFECT_DRAW;
	if (closed != &view_guide)
		return EFFECT_DRAW;
	m->guide.is_open = false;
	return EFFECT_DIAGNOSE_END | EFFECT_DRAW;
}

unsigned screens_close(struct model *m)
{
	if (m->n_shown < 2)
		return 0;
	return asks(m, m->n_shown - 1) ? EFFECT_DRAW : close_last(m);
}

unsigned screens_drop(struct model *m, const struct view *v)
{
	unsigned effects = 0;

	while (model_shows(m, v) && m->n_shown > 1)
		effects |= close_last(m);
	return effects;
}

unsigned screens_open(struct model *m, const struct view *v)
{
	unsigned effects = EFFECT_DRAW;

	if (screens_ask(m, v, false))
		return effects;
	if (!model_shows(m, v) && m->n_shown < SCREENS_MAX)
		m->shown[m->n_shown++] = v;
	while (model_shows(m, v) && model_view(m) != v)
		effects |= close_last(m);
	return effects;
}

unsigned screens_toggle(struct model *m, const struct view *v)
{
	return model_view(m) == v ? screens_close(m) : screens_open(m, v);
}
