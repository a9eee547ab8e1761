/*
 * A grid of cells that views write into: the only picture of a screen that the program has.
 * Pure; the terminal, --plain and the tests read it. All text handed in is an output of
 * text_show() or our own; anything else comes out as "?".
 */
#ifndef TUI_FRAME_H
#define TUI_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/text.h"
#include "tui/terminal/theme.h"

#define CELL_TEXT_MAX 12 /* bytes: a character and two combining marks */

struct cell {
	char text[CELL_TEXT_MAX];
	uint8_t len;   /* bytes of text */
	uint8_t width; /* columns; 0: the right half of the wide one before it */
	uint8_t role;  /* enum role */
	bool is_selected;
};

/* Zeroed memory is an empty frame. */
struct frame {
	int width, height;
	bool is_ascii; /* which twin of a symbol is drawn */
	struct cell *cells;
};

enum align { ALIGN_LEFT, ALIGN_RIGHT };
enum clip { CLIP_END, CLIP_MIDDLE }; /* where the ellipsis stands */

void frame_release(struct frame *f);
/* All blank afterwards. 0 or -ENOMEM (then nothing has changed). */
int frame_resize(struct frame *f, int width, int height);
void frame_clear(struct frame *f);

/*
 * Writes what fits into the max_width columns from (x, y), without padding. Returns the
 * columns written. A wide character that would reach over the edge is left out.
 */
int frame_put(struct frame *f, int x, int y, int max_width, enum role role,
	      struct text shown);
/* The same, left-aligned, an ellipsis at the end of what is too long, padded with blanks.
 */
void frame_text(struct frame *f, int x, int y, int max_width, enum role role,
		struct text shown);
void frame_field(struct frame *f, int x, int y, int max_width, enum role role,
		 enum align align, enum clip clip, struct text shown);
/* The symbol again and again. */
void frame_fill(struct frame *f, int x, int y, int width, enum role role, enum symbol s);
/* Marks cells as those of the selected row. */
void frame_select(struct frame *f, int x, int y, int width);
/* Gives the cells that spell needle (ASCII case does not matter) the role ROLE_MATCH. */
void frame_mark(struct frame *f, int x, int y, int width, struct text needle);

/* Appends row y as text, without blanks at its end. 0 or -ENOMEM. */
int frame_row_text(const struct frame *f, int y, struct str *out);
/*
 * Appends all rows as lines. with_roles: then a line "roles" and one letter per cell
 * (theme_letter, upper case or '*' for '.' where selected; normal ones at the end of a line
 * are left out). 0 or -ENOMEM.
 */
int frame_dump(const struct frame *f, bool with_roles, struct str *out);

#endif
