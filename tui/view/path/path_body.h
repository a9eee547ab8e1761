/*
 * The screen Path line by line: sentences, bands of boxes, the rules of the chosen place.
 * Made anew for each drawing.
 */
#ifndef TUI_VIEW_PATH_BODY_H
#define TUI_VIEW_PATH_BODY_H

#include "tui/terminal/lines.h"
#include "tui/view/path/path_boxes.h"

/* One line of the screen. */
struct path_slot {
	enum path_slot_kind { PATH_SLOT_TEXT, PATH_SLOT_MARKS, PATH_SLOT_BOXES } kind;
	size_t i; /* TEXT, MARKS: line; BOXES: band */
	int row;  /* BOXES */
};

struct path_body {
	const struct model *m;
	int width;
	struct lines lines;
	struct path_boxes boxes;
	struct vec slots;        /* struct path_slot */
	size_t focus, focus_end; /* slots of the chosen place: its boxes and its rules */
};

void path_body_fill(struct path_body *b, const struct model *m, int width);
void path_body_release(struct path_body *b);
void path_body_draw(const struct path_body *b, size_t slot, struct frame *f, int y);
/* Lines like lines_add(), as slots. */
void path_body_add(struct path_body *b, const struct line_style *style, const char *head,
		   const char *text, enum path_slot_kind kind);

/* path_details.c: what happened at the chosen place, and its rules. */
void path_add_details(struct path_body *b);

#endif
