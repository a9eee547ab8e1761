/*
 * What changed on the screen Ports, for some seconds: a word before the owner of a row, and
 * lines for listeners that are gone. Such a line is no row: nothing can be selected there.
 */
#ifndef TUI_VIEW_PORT_MARKS_H
#define TUI_VIEW_PORT_MARKS_H

#include "tui/model.h"

/* What the row of an endpoint is marked with; NULL: nothing. */
const struct event *port_mark(const struct model *m, const struct endpoint *e);
/* The column that carries the mark: OWNER, else the last one. */
const struct column *port_mark_column(const struct layout *layout);
/* The cell of that column, the mark before its text as far as it fits. Returns its role. */
enum role port_mark_print(const struct model *m, const struct event *mark,
			  const struct placed *p, const struct endpoint *e,
			  struct str *out);

/* Lines that listeners which are gone take, of a screen with so many. */
int port_n_gone_lines(const struct model *m, int height);
void port_draw_gone(struct frame *f, int y, int n, const struct model *m);

#endif
