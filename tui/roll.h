/*
 * Where the user stands in a screen that is a list of lines: the first one that is seen
 * and, where lines can be chosen, the chosen one. Does not draw.
 */
#ifndef TUI_ROLL_H
#define TUI_ROLL_H

#include "tui/keymap.h"

struct roll {
	size_t top, selected;
};

/* Moves what is seen, if the action is a movement: the first, the last, by lines or pages
 * of `page` lines. Who draws brings top back to the last page. */
bool roll_scroll(struct roll *r, enum action a, int page);
/* Likewise the chosen one of n. */
bool roll_choose(struct roll *r, enum action a, int page, size_t n);
/* Moves what is seen so that line `first` up to before `end` is in sight, its begin if not
 * all fits, and the last page is full. n: how many lines there are. */
void roll_show(struct roll *r, size_t first, size_t end, int page, size_t n);

#endif
