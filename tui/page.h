/*
 * A screen that is lines of text under a header: the rule, the lines from where the user
 * stands, how many there are, messages and keys. The header (row 0) is the caller's.
 */
#ifndef TUI_PAGE_H
#define TUI_PAGE_H

#include "tui/model.h"
#include "tui/terminal/lines.h"

enum { PAGE_HEAD = 2, PAGE_FOOT = 2 };

/* Lines that have room; what m->page is afterwards. */
int page_height(const struct frame *f);
/* where: the screen. Brings roll->top back to the last page. */
void page_draw(struct frame *f, struct model *m, unsigned where, const struct lines *lines,
	       struct roll *roll);
/* The mark of the chosen line, over what stands in row y. Not in --plain. */
void page_pointer(struct frame *f, int y, const struct model *m);

#endif
