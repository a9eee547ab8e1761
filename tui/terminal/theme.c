/*
 * The looks. Blue and orange are told apart by everybody; bold and underline keep the
 * meaning where there is no colour; a symbol and a word always stand beside it. Knows no
 * terminal.
 */
#include "tui/terminal/theme.h"

#define OWN (-1)

/*
 * Of the 256 colours those of middle luminance, which stand out from black and from white
 * alike (contrast of 4.4 or more against either). Of 16 there is no orange and plain blue
 * is too dark: red and light blue, which terminals make of bold blue.
 */
enum { BLUE_256 = 63, ORANGE_256 = 130, GREY_256 = 243, RED_16 = 1, BLUE_16 = 4 };

static const struct role_looks {
	char letter;
	struct look by_palette[PALETTE_256 + 1];
} looks[N_ROLES] = {
#define LOOK(c, f)                         \
	{                                  \
		.color = (c), .flags = (f) \
	}
#define ROW(name, mono, c16, f16, c256, f256) \
	[ROLE_##name].by_palette = {LOOK(OWN, mono), LOOK(c16, f16), LOOK(c256, f256)}
	ROW(NORMAL, 0, OWN, 0, OWN, 0),
	ROW(DIM, 0, OWN, 0, GREY_256, 0),
	ROW(HEADER, 0, OWN, 0, OWN, 0),
	ROW(TITLE, LOOK_BOLD, OWN, LOOK_BOLD, OWN, LOOK_BOLD),
	ROW(GOOD, 0, BLUE_16, LOOK_BOLD, BLUE_256, 0),
	ROW(BAD, LOOK_BOLD, RED_16, LOOK_BOLD, ORANGE_256, LOOK_BOLD),
	ROW(WARN, LOOK_BOLD, RED_16, 0, ORANGE_256, 0),
	ROW(UNKNOWN, 0, OWN, 0, GREY_256, 0),
	ROW(KEY, LOOK_BOLD, OWN, LOOK_BOLD, OWN, LOOK_BOLD),
	ROW(MATCH, LOOK_UNDERLINE | LOOK_BOLD, OWN, LOOK_UNDERLINE | LOOK_BOLD, OWN,
	    LOOK_UNDERLINE | LOOK_BOLD),
	ROW(FIELD, LOOK_UNDERLINE, OWN, LOOK_UNDERLINE, OWN, LOOK_UNDERLINE),
	ROW(NOTICE, LOOK_BOLD, BLUE_16, LOOK_BOLD, BLUE_256, LOOK_BOLD),
	ROW(RULE, 0, OWN, 0, GREY_256, 0),
#undef ROW
#undef LOOK
#define X(name, mark) [ROLE_##name].letter = (mark),
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

struct look theme_look(enum role role, enum palette palette)
{
	return looks[role].by_palette[palette];
}

char theme_letter(enum role role)
{
	return looks[role].letter;
}

const char *symbol_text(enum symbol symbol, bool is_ascii)
{
	return is_ascii ? symbols[symbol].ascii : symbols[symbol].utf8;
}
