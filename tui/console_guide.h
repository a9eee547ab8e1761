/*
 * What leads into a diagnosis: from a row of Ports, an event, the time line, a typed
 * target; the questions before it. Each returns effects.
 */
#ifndef TUI_CONSOLE_GUIDE_H
#define TUI_CONSOLE_GUIDE_H

#include "tui/console.h"

/* Of the selected row; a heading of Ports is opened or closed instead. */
unsigned console_open_guide(struct console *c);
/* The same diagnosis once more, beside the result of before. */
unsigned console_again(struct console *c);
/* A row of the time line; where there is none, the diagnosis that makes one. */
unsigned console_open_line(struct console *c);
/* Where an event happened: the row of it, else the diagnosis of its port. */
unsigned console_visit(struct console *c);
/* Takes the chosen answer; goes on without those that are left; one input of a typed one.
 */
unsigned console_answer_question(struct console *c);
unsigned console_start_now(struct console *c);
unsigned console_type_client(struct console *c, int input);

#endif
