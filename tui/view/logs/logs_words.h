/* The words of the screen Logs: a row of the time line, whole, and what stands above all
 * rows. Draws nothing. All texts come out shown, in the screen's alphabet. */
#ifndef TUI_VIEW_LOGS_WORDS_H
#define TUI_VIEW_LOGS_WORDS_H

#include "tui/model.h"
#include "tui/terminal/lines.h"

/* "-22.000" seconds from the line's begin, "-3 h 5 min"; "13:32:07.123", with the date in
 * place of what is smaller than a minute where it is of another day. */
void logs_put_relative(struct str *out, int64_t wall_ns, int64_t start_ns);
void logs_put_clock(const struct model *m, struct str *out, int64_t wall_ns);
/* "SYN", "old log" */
const char *logs_kind(const struct timeline_row *row);
/* "kernel: DROP-IN ...": source (of lines and changes) and text. */
void logs_put_text(const struct model *m, const struct timeline_row *row, struct str *out);
/* Whether it counts: a symbol. Returns the row's role. */
enum role logs_mark(const struct timeline_row *row, enum symbol *symbol);
/* The row whole: when, what, its text, where from, why it counts, how to see the same. */
void logs_add_whole(const struct model *m, const struct timeline_row *row, int width,
		    struct lines *out);
/* The same as one line of text, for the clipboard. */
void logs_put_whole(const struct model *m, const struct timeline_row *row, struct str *out);
/* How many rows of each kind there are, then what is not among them and why. */
void logs_add_head(const struct model *m, int width, struct lines *out);
/* What the screen is for, where there is no diagnosis. */
void logs_add_invitation(const struct model *m, int width, struct lines *out);

#endif
