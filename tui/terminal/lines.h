/*
 * Lines of text for the parts of a screen that are prose: wrapped at words, each with a
 * head in a role of its own ("owner   nginx ..."). All text handed in is shown text.
 */
#ifndef TUI_LINES_H
#define TUI_LINES_H

#include "core/base/vec.h"
#include "tui/terminal/frame.h"

struct line {
	size_t at, len; /* in lines.text */
	int indent;
	int head;            /* columns of its head, in head_role */
	enum role head_role; /* the symbol or word at its start */
	enum role role;
};

struct lines {
	struct str text;
	struct vec lines; /* struct line */
};

#define LINES_EMPTY ((struct lines){.lines = VEC_OF(struct line)})

void lines_release(struct lines *l);
/*
 * Adds head, padded to head_width columns, and text, wrapped to width columns (indent and
 * head included; text goes on under text). Returns the number of lines there are now.
 */
struct line_style {
	int width, indent;
	int head_width;
	enum role head_role, role;
};
size_t lines_add(struct lines *l, const struct line_style *style, const char *head,
		 const char *text);
void lines_draw(const struct lines *l, size_t i, struct frame *f, int x, int y, int width);
/* The top line with which the last of `height` lines shown is the last there is. */
size_t lines_last_top(const struct lines *l, int height);
/* Moves a top line by n, not above the first. Who draws brings it to the last page. */
void lines_scroll(size_t *top, long n);

#endif
