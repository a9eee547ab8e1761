/*
 * Why an action cannot be carried out now: what the palette says beside it and what a key
 * says that does nothing. Pure. Carries nothing out.
 */
#ifndef TUI_REASONS_H
#define TUI_REASONS_H

#include "tui/view.h"

/* The screen that an action is for: what is seen, or what lies under the palette. */
const struct view *reasons_screen(const struct model *m);
/*
 * Can it be carried out on that screen? False: appends one sentence, without a full stop,
 * that says why not and where to go ("only in the guide: Enter on a port").
 */
bool action_reason(const struct model *m, enum action a, struct str *why);
/* Says it to the user. False: there is nothing to say, it can be done (or is no action). */
bool reasons_refuse(struct model *m, enum action a);
/* Says where a key that does nothing here does something. False: nowhere. */
bool reasons_refuse_key(struct model *m, int input);

#endif
