/*
 * Moving over the lines of the screen Ports: a row is one line, an open one also has its
 * details. Does not draw.
 */
#ifndef TUI_VIEW_PORT_CURSOR_H
#define TUI_VIEW_PORT_CURSOR_H

#include "tui/model.h"

/* One line down (+1) or up (-1) from p; false at the end. */
bool port_step(const struct model *m, struct place *p, int direction);
/* Moves the selection by n lines, or as far as there are. */
void port_move(struct model *m, long n);
void port_move_first(struct model *m);
void port_move_last(struct model *m);
/* Shifts m->top so that the selected line is among the first `height` lines from it. */
void port_keep_in_sight(struct model *m, int height);

#endif
