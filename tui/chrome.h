/*
 * What every screen has around its body: the header line, the rule beneath it with what
 * narrows the picture (partial, filter, frozen, ...), and at the bottom a rule with
 * messages and the line of keys or the text field.
 */
#ifndef TUI_CHROME_H
#define TUI_CHROME_H

#include "tui/model.h"

void chrome_header(struct frame *f, int y, const struct model *m);
/* where: the screen, for what narrows only the rows of Ports. */
void chrome_rule(struct frame *f, int y, const struct model *m, unsigned where);
/* The lower rule; range: "1-17 of 400" at its right end, "" for none. */
void chrome_message(struct frame *f, int y, const struct model *m, const char *range);
void chrome_footer(struct frame *f, int y, const struct model *m, unsigned where);

/* "1 row", "2 rows"; appends. */
void chrome_count(struct str *out, size_t n, const char *one, const char *many);

#endif
