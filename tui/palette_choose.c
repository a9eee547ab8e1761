/* The chosen entry: closes the palette, then an action, a screen or a target. */
#include "tui/palette_choose.h"

#include "tui/screens.h"

unsigned palette_choose(struct console *c)
{
	struct model *m = &c->model;
	struct palette_entry e;
	struct str why = {0};

	if (!palette_chosen(m, &e))
		return EFFECT_DRAW;
	palette_put_reason(m, &e, &why);
	if (why.len)
		model_say(m, ROLE_NOTICE, "%s", str_text(&why));
	str_release(&why);
	if (!e.can)
		return EFFECT_DRAW;
	if (e.kind == PALETTE_SCREEN && screens_ask(m, e.view, false))
		return EFFECT_DRAW; /* the palette stays: after a yes this is done again */
	if (e.kind == PALETTE_TARGET && screens_ask(m, &view_guide, true))
		return EFFECT_DRAW;
	screens_close(m);
	if (e.kind == PALETTE_SCREEN)
		return screens_open(m, e.view);
	if (e.kind == PALETTE_TARGET)
		return EFFECT_DRAW | console_open_target(c, palette_word(&m->palette));
	m->input = keymap_variant(e.action, e.variant);
	return EFFECT_DRAW | console_carry_out(c, e.action);
}
