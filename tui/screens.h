/*
 * The screens, one over the other: the last is seen, Esc leads to the one before. Each
 * returns effects, those of screens that are closed among them.
 */
#ifndef TUI_SCREENS_H
#define TUI_SCREENS_H

#include "tui/view.h"

/* Closes what is seen; never the first screen. */
unsigned screens_close(struct model *m);
/* Over what is shown, or back to it where it is already there. */
unsigned screens_open(struct model *m, const struct view *v);
/* The key that opens a screen leads back from it as well. */
unsigned screens_toggle(struct model *m, const struct view *v);

#endif
