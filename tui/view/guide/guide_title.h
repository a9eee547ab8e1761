/* The first line of the Guide and of the Ladder: what is aimed at, and the headline. */
#ifndef TUI_VIEW_GUIDE_TITLE_H
#define TUI_VIEW_GUIDE_TITLE_H

#include "tui/terminal/frame.h"
#include "tui/model.h"

/* Draws it on line 0. Where both do not fit, the target is cut, then the headline. */
void guide_draw_title(struct frame *f, const struct model *m);

#endif
