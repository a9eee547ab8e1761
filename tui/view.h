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
	/* Takes one input while its field is open. NULL: what is typed is for Ports. */
	unsigned (*typed)(struct model *m, int input);
	/* Is something on its way that it shows as not there yet? NULL: never. */
	bool (*is_waiting)(const struct model *m);
};

extern const struct view view_ports;
extern const struct view view_help;
extern const struct view view_guide;
extern const struct view view_question;
extern const struct view view_ladder;
extern const struct view view_attempts;
extern const struct view view_logs;
extern const struct view view_details;
extern const struct view view_path;
extern const struct view view_palette;
extern const struct view view_columns;
extern const struct view view_events;

#endif
