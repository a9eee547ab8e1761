/*
 * The looks. Blue and orange are told apart by everybody; bold and underline keep the
 * meaning where there is no colour; a symbol and a word always stand beside it. Knows no
 * terminal.
 */
#include "tui/terminal/theme.h"

#include <string.h>

#define OWN (-1)

/*
 * auto: of the 256 colours those of middle luminance, which stand out from black and from
 * white alike (contrast of 4.4 or more against either). Of 16 there is no orange and plain
 * blue is too dark: red and light blue, which terminals make of bold blue.
 */
enum { BLUE_256 = 63, ORANGE_256 = 130, GREY_256 = 243, RED_16 = 1, BLUE_16 = 4 };
/* light: darker ones, for white and yellowish backgrounds; bold does not brighten them. */
enum { DARK_BLUE = 25, DARK_ORANGE = 130, DARK_GREY = 240 };
/* dark: brighter ones. */
enum { LIGHT_BLUE = 75, LIGHT_ORANGE = 214, LIGHT_GREY = 248, YELLOW_16 = 3, CYAN_16 = 6 };
/* blind: as auto; what is bad is underlined, so that its colour tells nothing alone. */

/* Of each kind of colours what the roles take of it. */
struct kind {
	int good, bad, dim;
	unsigned good_flags, bad_flags, warn_flags;
};

static const struct kind kinds[N_PALETTES] = {
	[PALETTE_MONO] = {OWN, OWN, OWN, 0, LOOK_BOLD, LOOK_BOLD},
	[PALETTE_16] = {BLUE_16, RED_16, OWN, LOOK_BOLD, LOOK_BOLD, 0},
	[PALETTE_256] = {BLUE_256, ORANGE_256, GREY_256, 0, LOOK_BOLD, 0},
	[PALETTE_LIGHT_16] = {BLUE_16, RED_16, OWN, 0, LOOK_BOLD, 0},
	[PALETTE_LIGHT_256] = {DARK_BLUE, DARK_ORANGE, DARK_GREY, 0, LOOK_BOLD, 0},
	[PALETTE_DARK_16] = {CYAN_16, YELLOW_16, OWN, LOOK_BOLD, LOOK_BOLD, 0},
	[PALETTE_DARK_256] = {LIGHT_BLUE, LIGHT_ORANGE, LIGHT_GREY, 0, LOOK_BOLD, 0},
	[PALETTE_BLIND_16] = {BLUE_16, RED_16, OWN, LOOK_BOLD, LOOK_BOLD | LOOK_UNDERLINE,
			      LOOK_UNDERLINE},
	[PALETTE_BLIND_256] = {BLUE_256, ORANGE_256, GREY_256, 0,
			       LOOK_BOLD | LOOK_UNDERLINE, LOOK_UNDERLINE},
};

static const char letters[N_ROLES] = {
#define X(name, mark) [ROLE_##name] = (mark),
	ROLES(X)
#undef X
};

static const struct {
	const char *utf8, *ascii;
} symbols[N_SYMBOLS] = {
#define X(name, utf8_text, ascii_text) \
	[SYMBOL_##name] = {.utf8 = (utf8_text), .ascii = (ascii_text)},
	SYMBOLS(X)
#undef X
};

enum palette theme_palette(bool wants_color, int n_colors)
{
	if (!wants_color || n_colors < 8)
		return PALETTE_MONO;
	return n_colors < 256 ? PALETTE_16 : PALETTE_256;
}

enum palette theme_palette_of(enum theme theme, int n_colors)
{
	static const enum palette palettes[N_THEMES][2] = {
		[THEME_AUTO] = {PALETTE_16, PALETTE_256},
		[THEME_LIGHT] = {PALETTE_LIGHT_16, PALETTE_LIGHT_256},
		[THEME_DARK] = {PALETTE_DARK_16, PALETTE_DARK_256},
		[THEME_BLIND] = {PALETTE_BLIND_16, PALETTE_BLIND_256},
		[THEME_MONO] = {PALETTE_MONO, PALETTE_MONO},
	};

	return n_colors < 8 ? PALETTE_MONO : palettes[theme][n_colors >= 256];
}

struct look theme_look(enum role role, enum palette palette)
{
	const struct kind *k = &kinds[palette];
	bool is_mono = palette == PALETTE_MONO;

	switch (role) {
	case ROLE_NORMAL:
	case ROLE_HEADER:
		break;
	case ROLE_DIM:
	case ROLE_UNKNOWN:
	case ROLE_RULE:
		return (struct look){k->dim, 0};
	case ROLE_GOOD:
		return (struct look){k->good, k->good_flags};
	case ROLE_BAD:
		return (struct look){k->bad, k->bad_flags};
	case ROLE_WARN:
		return (struct look){k->bad, k->warn_flags};
	case ROLE_NOTICE:
		return (struct look){is_mono ? OWN : k->good, LOOK_BOLD};
	case ROLE_TITLE:
	case ROLE_KEY:
		return (struct look){OWN, LOOK_BOLD};
	case ROLE_MATCH:
		return (struct look){OWN, LOOK_UNDERLINE | LOOK_BOLD};
	case ROLE_FIELD:
		return (struct look){OWN, LOOK_UNDERLINE};
	case N_ROLES:
		break;
	}
	return (struct look){OWN, 0};
}

char theme_letter(enum role role)
{
	return letters[role];
}

static const char *const theme_words[N_THEMES] = {
#define X(name, word) [THEME_##name] = (word),
	THEMES(X)
#undef X
};

bool theme_find(const char *word, enum theme *out)
{
	for (int i = 0; i < N_THEMES; i++)
		if (strcmp(word, theme_words[i]) == 0) {
			*out = (enum theme)i;
			return true;
		}
	return false;
}

static const char *const graph_words[N_GRAPHS] = {
#define X(name, word) [GRAPH_##name] = (word),
	GRAPHS(X)
#undef X
};

bool graph_find(const char *word, enum graph *out)
{
	for (int i = 0; i < N_GRAPHS; i++)
		if (strcmp(word, graph_words[i]) == 0) {
			*out = (enum graph)i;
			return true;
		}
	return false;
}

const char *graph_level(enum graph graph, bool is_ascii, unsigned level)
{
	static const char *const blocks[GRAPH_LEVELS] = {"▁", "▂", "▃", "▄",
							 "▅", "▆", "▇", "█"};
	static const char *const braille[GRAPH_LEVELS] = {" ", "⡀", "⡄", "⡆",
							  "⡇", "⣇", "⣧", "⣷"};
	static const char *const ascii[GRAPH_LEVELS] = {" ", ".", ":", "-",
							"=", "+", "*", "#"};

	if (graph == GRAPH_NONE || level >= GRAPH_LEVELS)
		return "";
	if (is_ascii || graph == GRAPH_ASCII)
		return ascii[level];
	return graph == GRAPH_BRAILLE ? braille[level] : blocks[level];
}

const char *symbol_text(enum symbol symbol, bool is_ascii)
{
	return is_ascii ? symbols[symbol].ascii : symbols[symbol].utf8;
}
