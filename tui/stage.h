/*
 * When a console's frames go to the terminal: at most one per change and 30 a second, fewer
 * to a terminal that does not keep up, none while it is left to the shell. Asks nothing of
 * the host.
 */
#ifndef TUI_STAGE_H
#define TUI_STAGE_H

#include "tui/console.h"
#include "tui/terminal/term.h"

struct stage {
	struct console *console;
	struct display *display;
	struct frame frame;
	bool is_dirty;   /* a frame is wanted */
	bool is_blocked; /* the terminal takes nothing for now */
	bool is_away;    /* it is left (suspend) */
	bool is_resumed; /* and may be taken again once it is ours */
	bool is_gone;    /* there is none any more */
	int64_t frame_at_ns;
};

/* Takes the terminal. 0, or -EIO with a sentence in error. */
int stage_open(struct stage *s, struct console *c, enum theme theme,
	       char error[TERM_ERROR_MAX]);
void stage_close(struct stage *s);
/* Draws if it is wanted, allowed and time. */
void stage_draw(struct stage *s, int64_t now_ns);
/* When stage_draw() is to be called next; INT64_MAX: only after something happened. */
int64_t stage_next_ns(const struct stage *s, int64_t now_ns);
/* The terminal takes bytes again. */
void stage_writable(struct stage *s);
/* Leaves the terminal to the shell. */
void stage_leave(struct stage *s);
/* The job goes on: takes the terminal again, as soon as this job has it (fg, not bg). */
void stage_return(struct stage *s);
/* Sends the console's copy to the clipboard. */
void stage_copy(struct stage *s, bool in_screen);

#endif
