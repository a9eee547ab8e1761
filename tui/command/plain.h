/* What standard output is given: colours or none, and the text of --plain. */
#ifndef TUI_PLAIN_H
#define TUI_PLAIN_H

#include "tui/console.h"

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* AUTO: unless NO_COLOR is set and not empty (no-color.org). */
bool plain_wants_color(enum color_choice choice);
/* Writes the console's screen as linear text. 0 or the exit code 74. */
int plain_print(struct console *c);

#endif
