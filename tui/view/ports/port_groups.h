/*
 * Headings of groups on the screen Ports (tui/state/groups.h): their words, and what the
 * keys do to them. All shown text.
 */
#ifndef TUI_VIEW_PORT_GROUPS_H
#define TUI_VIEW_PORT_GROUPS_H

#include "tui/model.h"

/* The heading of a group over the whole line y, from column x on. */
void port_group_draw(struct frame *f, int x, int y, const struct model *m,
		     const struct group *g);
/* Its name and how many ports; what the keys do there. */
void port_group_summary(const struct model *m, const struct group *g, struct str *out);
void port_group_remark(const struct group *g, struct str *out);

/* Groups by the next thing in turn. Effects. */
unsigned port_group_next(struct model *m);
/* Closes or opens the group that the selected row heads or is in; its heading is selected
 * afterwards. Effects; 0: there is none. */
unsigned port_group_set(struct model *m, bool is_closed);
/* The selected row is a heading: opens or closes it. Effects; 0: it is none. */
unsigned port_group_turn(struct model *m);

#endif
