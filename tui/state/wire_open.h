/* How one comes to the screen Wire, and from it. */
#ifndef TUI_WIRE_OPEN_H
#define TUI_WIRE_OPEN_H

#include "tui/view.h"

/* Opens it for what the screen that is seen is about, or goes back to it; where it is seen
 * it leads back. Returns effects. */
unsigned wire_open(struct model *m);

#endif
