/*
 * A line that the user types: its text and cursor. While it is open no key is an action.
 * Does not know what the text is for.
 */
#ifndef TUI_FIELD_H
#define TUI_FIELD_H

#include "core/base/str.h"
#include "tui/terminal/frame.h"

/* X(keys, help): the keys of a field, for the help. */
#define FIELD_KEYS(X)                                               \
	X("Enter", "keep what was typed")                           \
	X("Esc Ctrl-C", "leave the field, everything as before")    \
	X("Left Right Home End", "move in the text")                \
	X("Backspace Delete", "rub out a character")                \
	X("Ctrl-W Ctrl-U", "rub out a word, all before the cursor") \
	X("Tab", "filter: complete the word; again: the next that fits")

enum field_kind { FIELD_CLOSED, FIELD_SEARCH, FIELD_FILTER, FIELD_CLIENT, FIELD_PATH };

/* Zeroed memory is a closed field. */
struct field {
	enum field_kind kind;
	struct str text; /* UTF-8, at most FIELD_MAX bytes */
	size_t cursor;   /* byte offset */
};

#define FIELD_MAX 256

enum field_event { FIELD_NOTHING, FIELD_CHANGED, FIELD_DONE, FIELD_CANCELLED };

void field_release(struct field *field);
void field_open(struct field *field, enum field_kind kind, const char *text);
void field_close(struct field *field);
/* Takes one input (input.h). DONE and CANCELLED leave closing to the caller. */
enum field_event field_input(struct field *field, int input);
/* Puts other text (UTF-8) in place of the bytes [from, to); the cursor stands behind it.
 * CHANGED, or NOTHING: there is no room. */
enum field_event field_replace(struct field *field, size_t from, size_t to,
			       struct text text);
/* The text with its cursor in width columns, moved so that the cursor is seen. */
void field_draw(const struct field *field, struct frame *f, int x, int y, int width);

#endif
