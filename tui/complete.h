/*
 * Completion of a filter line (core/snapshot/filter.h): which keys, and which values of the
 * picture, go on with the word at the cursor. Draws nothing.
 */
#ifndef TUI_COMPLETE_H
#define TUI_COMPLETE_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/snapshot/filter.h"
#include "tui/terminal/field.h"

/* Zeroed memory: nothing is completed. */
struct complete {
	struct arena arena;
	struct vec fits; /* struct text: words that fit, sorted, as they are inserted */
	size_t from, to; /* the part of the line that they replace, bytes */
	bool is_cycling; /* one of them stands there; Tab gives the next */
	size_t at;       /* which */
};

void complete_release(struct complete *c);
/* What fits the word at the cursor; s NULL: keys only. Without memory nothing does. */
void complete_look(struct complete *c, const struct snapshot *s, const struct field *f);
/*
 * Tab: what all that fit begin with; then, and again, one after the other. A single one is
 * taken whole. True: the field has changed. Whoever changes it otherwise looks anew.
 */
bool complete_step(struct complete *c, const struct snapshot *s, struct field *f);
/* Appends what fits, the chosen one in [], in at most width columns, "+3" for the rest. */
void complete_words(const struct complete *c, int width, enum text_mode mode,
		    struct str *out);

#endif
