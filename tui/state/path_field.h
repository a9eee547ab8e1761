/* How the screen Path is opened, and the field in which another packet is typed for it.
 * Reads the line by path_line.h. */
#ifndef TUI_PATH_FIELD_H
#define TUI_PATH_FIELD_H

#include "tui/model.h"

/* The screen for what is selected, or back from it. Returns effects. */
unsigned path_open(struct model *m);
/* Opens the field with the packet that is shown. */
void path_field_open(struct model *m);
/* One input while it is open. Returns effects: EFFECT_PATH once a packet was typed; an
 * empty line is the packet that the screen was opened with. */
unsigned path_field_input(struct model *m, int input);
/* Appends the packet that is asked for, as it would be typed. */
void path_field_put(struct str *out, const struct model *m);

#endif
