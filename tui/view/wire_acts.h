/* What keys do on the screen Wire. */
#ifndef TUI_VIEW_WIRE_ACTS_H
#define TUI_VIEW_WIRE_ACTS_H

#include "tui/terminal/lines.h"
#include "tui/view.h"

/* Carries out an action of the screen. Returns effects. */
unsigned wire_act(struct model *m, enum action a);
/* One input while the search is typed. Returns effects. */
unsigned wire_typed(struct model *m, int input);
/* The attempt that is shown alone, as lines. */
void wire_attempt_lines(const struct model *m, struct lines *lines, int width);

#endif
