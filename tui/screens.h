/*
 * The screens, one over the other: the last is seen, Esc leads to the one before. Each
 * returns effects, those of screens that are closed among them.
 */
#ifndef TUI_SCREENS_H
#define TUI_SCREENS_H

#include "tui/view.h"

/*
 * Would going back to this screen, or with_it to the one beneath it, end the saving of
 * packets? Then that is asked, once (model.deed is done again after a yes), and nothing may
 * be changed: true. Closing and opening ask by themselves; who changes more asks before.
 */
bool screens_ask(struct model *m, const struct view *v, bool with_it);
/* Closes what is seen; never the first screen. */
unsigned screens_close(struct model *m);
/* Closes it and all over it, where it is shown. Does not ask. */
unsigned screens_drop(struct model *m, const struct view *v);
/* Over what is shown, or back to it where it is already there. */
unsigned screens_open(struct model *m, const struct view *v);
/* The key that opens a screen leads back from it as well. */
unsigned screens_toggle(struct model *m, const struct view *v);

#endif
