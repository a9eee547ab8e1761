/* What Enter does in the palette. */
#ifndef TUI_PALETTE_CHOOSE_H
#define TUI_PALETTE_CHOOSE_H

#include "tui/console.h"

/* Carries out what is chosen on the screen beneath. What cannot be done says why, and the
 * palette stays. Effects. */
unsigned palette_choose(struct console *c);

#endif
