/*
 * What a cell of the screen means (its role), how each meaning looks with 256, 16 or no
 * colours, and the drawing symbols with their ASCII twins. Knows no terminal.
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>

/* X(name, letter): the letter stands for the role in dumps of a frame. */
#define ROLES(X)        \
	X(NORMAL, '.')  \
	X(DIM, 'd')     \
	X(HEADER, 'h')  \
	X(TITLE, 't')   \
	X(GOOD, 'g')    \
	X(BAD, 'b')     \
	X(WARN, 'w')    \
	X(UNKNOWN, 'u') \
	X(KEY, 'k')     \
	X(MATCH, 'm')   \
	X(FIELD, 'f')   \
	X(NOTICE, 'n')  \
	X(RULE, 'r')

enum role {
#define X(name, letter) ROLE_##name,
	ROLES(X)
#undef X
		N_ROLES
};

enum palette { PALETTE_MONO, PALETTE_16, PALETTE_256 };

enum { LOOK_BOLD = 1, LOOK_REVERSE = 2, LOOK_UNDERLINE = 4 };

/* The background is the terminal's own, always. */
struct look {
	int color; /* -1: the terminal's own foreground */
	unsigned flags;
};

/* n_colors as the terminal's description tells it. */
enum palette theme_palette(bool wants_color, int n_colors);
struct look theme_look(enum role role, enum palette palette);
char theme_letter(enum role role);

/* X(name, UTF-8, ASCII) */
#define SYMBOLS(X)             \
	X(LINE, "─", "-")      \
	X(ELLIPSIS, "…", "..") \
	X(POINTER, "▸", ">")   \
	X(DOT, "·", "|")       \
	X(ARROW, "→", "->")    \
	X(INTO, "›", ">")      \
	X(RISING, "▴", "^")    \
	X(FALLING, "▾", "v")   \
	X(GOOD, "✔", "+")      \
	X(BAD, "✖", "x")       \
	X(SOME, "~", "~")      \
	X(UNKNOWN, "?", "?")   \
	X(WAITING, "…", "..")  \
	X(NONE, "–", "-")      \
	X(NO_RIGHT, "⊘", "!")

enum symbol {
#define X(name, utf8, ascii) SYMBOL_##name,
	SYMBOLS(X)
#undef X
		N_SYMBOLS
};

const char *symbol_text(enum symbol symbol, bool is_ascii);

#endif
