/*
 * The packets of one attempt as lines, in time: what the screens Ladder and Wire both draw.
 * Knows no judgement.
 */
#ifndef TUI_VIEW_LADDER_LINES_H
#define TUI_VIEW_LADDER_LINES_H

#include "core/report/capture.h"
#include "tui/model.h"
#include "tui/terminal/lines.h"

struct ladder {
	const struct model *m;
	struct lines *lines;
	const struct attempt *attempt; /* NULL: sentences alone */
	int width, arrow;
};

/* All is borrowed; width: of the screen. */
struct ladder ladder_of(const struct model *m, struct lines *lines, int width,
			const struct attempt *a);
/* Both ends, a line for each packet, and that later ones were not kept. */
void ladder_add_packets(const struct ladder *l);
/* The kinds of the first bytes, if there were any. */
void ladder_add_spoken(const struct ladder *l);
/* The outcome and when it began; more: goes on behind it, "". */
void ladder_add_outcome(const struct ladder *l, const char *more);
/* A sentence under the packets; t is shown text or our own. Nothing where it is empty. */
void ladder_add_sentence(const struct ladder *l, enum role role, const char *label,
			 struct text t);
/* Did anything come back? */
bool ladder_is_answered(const struct attempt *a);

#endif
