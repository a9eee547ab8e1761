/*
 * The terminal: the only file with curses. Draws frames by differences, gives keys as
 * inputs (input.h), leaves the terminal as it was. Knows no view and no model. There is one
 * of it per process.
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "tui/terminal/frame.h"

#define TERM_ERROR_MAX 200
#define TERM_EXIT_MAX  512

struct display;

/*
 * Takes standard input and output. An unknown TERM falls back to xterm-256color, then
 * vt100, with a notice. NULL and one sentence in error if none can be used. Blocks no
 * signal; wants SIGWINCH blocked by the caller.
 */
struct display *term_open(enum theme theme, char error[TERM_ERROR_MAX]);
/* Gives the terminal back as it was. NULL is allowed. */
void term_close(struct display *t);
/* One sentence on a fallback; NULL: none. */
const char *term_notice(const struct display *t);
/* What leaves the terminal clean if this process dies. Returns the length. */
size_t term_exit_bytes(const struct display *t, char out[TERM_EXIT_MAX]);

/* Columns and rows now. */
void term_size(struct display *t, int *width, int *height);
/*
 * Brings the screen to the frame, which has the size of term_size(). 0: sent; 1: the
 * terminal takes no more for now (frames are dropped until term_flush() gives 0); -errno:
 * it is gone.
 */
int term_draw(struct display *t, const struct frame *f);
/* The next drawing paints everything. */
void term_redraw(struct display *t);
/* Bytes that are not text, behind what was drawn. As term_draw(). */
int term_send(struct display *t, const void *bytes, size_t len);
int term_flush(struct display *t);
/* To wait for POLLOUT while it is blocked. */
int term_output_fd(const struct display *t);

/* Reads what was typed: up to room inputs; 0: nothing more for now; -EIO: the end. */
int term_read(struct display *t, int *inputs, int room);

/* For a while as it was before (suspend), and back. */
void term_leave(struct display *t);
void term_enter(struct display *t);
/* False while another job has the terminal. */
bool term_is_foreground(const struct display *t);

#endif
