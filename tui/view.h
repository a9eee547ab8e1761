/* A screen: one file in tui/view ends in one of these. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "tui/keymap.h"
#include "tui/model.h"

struct view {
	const char *name;
	unsigned where; /* its WHERE_ bit of the key table */
	/* Fills the frame, which is blank and at least 40 x 10; notes scroll and page size.
	 */
	void (*draw)(struct frame *f, struct model *m);
	/* Carries out an action of its screen. Returns effects. */
	unsigned (*act)(struct model *m, enum action a);
};

extern const struct view view_ports;
extern const struct view view_help;
extern const struct view view_guide;
extern const struct view view_ladder;

#endif
