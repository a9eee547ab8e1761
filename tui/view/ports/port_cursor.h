/*
 * Moving over the lines of the screen Ports: a row is one line, an open one also has its
 * details; other ports come behind the rows (tui/state/counts.h). Does not draw.
 */
#ifndef TUI_VIEW_PORT_CURSOR_H
#define TUI_VIEW_PORT_CURSOR_H

#include "tui/model.h"

/* Moves the selection by n lines, or as far as there are. */
void port_move(struct model *m, long n);
void port_move_first(struct model *m);
void port_move_last(struct model *m);
/* Shifts m->top so that the selected line is among the first `height` lines from it, if it
 * is one of an endpoint. */
void port_keep_in_sight(struct model *m, int height);
/* Display lines that the endpoints take, counted up to max. */
int port_n_lines_of_rows(const struct model *m, int max);

#endif
