/*
 * The console without a terminal and without a host: inputs go in, effects come out, a
 * frame is drawn. What app.c drives and the tests drive as well.
 */
#ifndef TUI_CONSOLE_H
#define TUI_CONSOLE_H

#include "tui/view.h"

enum { CONSOLE_WIDTH_MIN = 40, CONSOLE_HEIGHT_MIN = 10 };

struct console {
	struct model model;
};

/* interval_ns: between two looks; also the shortest that can be chosen. */
void console_init(struct console *c, bool is_ascii, int64_t interval_ns);
void console_release(struct console *c);
/* One input (input.h). Returns effects. Times as in model_tick(). */
unsigned console_input(struct console *c, int input, int64_t now_ns);
/* Shows the Guide for what was typed (services/target.h). Effects, 0 if it is no target:
 * then the model says why. */
unsigned console_open_target(struct console *c, const char *word);
/* Draws the whole screen. */
void console_draw(struct console *c, struct frame *f);
/* Appends the screen as linear text of this width, every row of it, without keys. 0 or
 * -ENOMEM. */
int console_plain(struct console *c, int width, struct str *out);

#endif
