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

/* X(name, word): whose eyes and which background the colours are for. */
#define THEMES(X)         \
	X(AUTO, "auto")   \
	X(LIGHT, "light") \
	X(DARK, "dark")   \
	X(BLIND, "blind") \
	X(MONO, "mono")

enum theme {
#define X(name, word) THEME_##name,
	THEMES(X)
#undef X
		N_THEMES
};

/* X(name, word): what a row of numbers is drawn with. */
#define GRAPHS(X)             \
	X(AUTO, "auto")       \
	X(BLOCKS, "blocks")   \
	X(BRAILLE, "braille") \
	X(ASCII, "ascii")     \
	X(NONE, "none")

enum graph {
#define X(name, word) GRAPH_##name,
	GRAPHS(X)
#undef X
		N_GRAPHS
};

/* The first three are those of THEME_AUTO. */
enum palette {
	PALETTE_MONO,
	PALETTE_16,
	PALETTE_256,
	PALETTE_LIGHT_16,
	PALETTE_LIGHT_256,
	PALETTE_DARK_16,
	PALETTE_DARK_256,
	PALETTE_BLIND_16,
	PALETTE_BLIND_256,
	N_PALETTES
};

enum { LOOK_BOLD = 1, LOOK_REVERSE = 2, LOOK_UNDERLINE = 4 };

/* The background is the terminal's own, always. */
struct look {
	int color; /* -1: the terminal's own foreground */
	unsigned flags;
};

/* n_colors as the terminal's description tells it. */
enum palette theme_palette(bool wants_color, int n_colors);
enum palette theme_palette_of(enum theme theme, int n_colors);
/* By their words. False: there is none of that word. */
bool theme_find(const char *word, enum theme *out);
bool graph_find(const char *word, enum graph *out);
/* Level 0 to GRAPH_LEVELS - 1 as one character. The empty text: nothing is drawn. */
enum { GRAPH_LEVELS = 8 };
const char *graph_level(enum graph graph, bool is_ascii, unsigned level);
struct look theme_look(enum role role, enum palette palette);
char theme_letter(enum role role);

/* X(name, UTF-8, ASCII) */
#define SYMBOLS(X)                    \
	X(LINE, "─", "-")             \
	X(ELLIPSIS, "…", "..")        \
	X(POINTER, "▸", ">")          \
	X(DOT, "·", "|")              \
	X(ARROW, "→", "->")           \
	X(INTO, "›", ">")             \
	X(RISING, "▴", "^")           \
	X(FALLING, "▾", "v")          \
	X(GOOD, "✔", "+")             \
	X(BAD, "✖", "x")              \
	X(SOME, "~", "~")             \
	X(UNKNOWN, "?", "?")          \
	X(WAITING, "…", "..")         \
	X(NONE, "–", "-")             \
	X(NO_RIGHT, "⊘", "!")         \
	X(BOX_TOP_LEFT, "┌", "+")     \
	X(BOX_TOP_RIGHT, "┐", "+")    \
	X(BOX_BOTTOM_LEFT, "└", "+")  \
	X(BOX_BOTTOM_RIGHT, "┘", "+") \
	X(BOX_SIDE, "│", "|")         \
	X(ARROW_HEAD, "▶", ">")       \
	X(DOTTED, "┄", ".")

enum symbol {
#define X(name, utf8, ascii) SYMBOL_##name,
	SYMBOLS(X)
#undef X
		N_SYMBOLS
};

const char *symbol_text(enum symbol symbol, bool is_ascii);

#endif
