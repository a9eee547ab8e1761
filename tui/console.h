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
/* Carries out an action as if its key were pressed on the screen that is seen, or says why
 * not. Effects. */
unsigned console_carry_out(struct console *c, enum action a);
/* Draws the whole screen. */
void console_draw(struct console *c, struct frame *f);

/* ---- without a terminal: console_plain.c ---- */

/* The action whose name is word (keymap_put_name()). Effects, 0 if there is none. */
unsigned console_do(struct console *c, const char *word);
/* Is the screen of that name seen? */
bool console_is_on(const struct console *c, const char *word);
/* Does it say "not yet" of something that is on its way? */
bool console_is_waiting(const struct console *c);
/* Selects the row of Ports that serves the target. False: there is none. */
bool console_select(struct console *c, const char *target);
/*
 * Appends the screen as linear text of this width: all of its lines, no keys, nothing that
 * is drawn of lines, no more than one empty line in a row. 0 or -ENOMEM.
 */
int console_plain(struct console *c, int width, struct str *out);

#endif
