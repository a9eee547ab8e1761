/*
 * The words and signs on the screens, explained: what the help shows below the keys.
 */
#ifndef TUI_VIEW_GLOSSARY_H
#define TUI_VIEW_GLOSSARY_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/terminal/theme.h"

struct glossary {
	unsigned where;  /* the screens on which it stands, WHERE_ bits */
	bool has_symbol; /* symbol stands before the word */
	enum symbol symbol;
	const char *word, *meaning;
};

extern const struct glossary glossary[];
extern const size_t n_glossary;

#endif
