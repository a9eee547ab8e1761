/* What the keys of the screen Ports do to the model. */
#ifndef TUI_VIEW_PORT_ACTS_H
#define TUI_VIEW_PORT_ACTS_H

#include "tui/keymap.h"
#include "tui/model.h"

/* Carries one out; returns effects, 0 for what is not of this screen. */
unsigned port_act(struct model *m, enum action a);
/* The column that the rows are in order of. */
const struct column *port_order(const struct model *m);

#endif
