/* The body of the Guide as lines. Draws nothing. */
#ifndef TUI_VIEW_GUIDE_LINES_H
#define TUI_VIEW_GUIDE_LINES_H

#include "tui/terminal/lines.h"
#include "tui/model.h"

struct guide_page {
	const struct model *m;
	struct lines *lines;
	int width;
	bool is_brief; /* little room: what to do stands before what else is known */
};

/* All of it; step_line: where each step begins. */
void guide_lines(const struct guide_page *p, size_t step_line[N_STEPS]);
/* guide_cause.c: what stands under the steps. */
void guide_cause_lines(const struct guide_page *p);
/* guide_way.c: appends "eth0 -> prerouting -> route: local -> INPUT x"; nothing if no way
 * is known. */
void guide_way(const struct model *m, struct str *out);
/* A line "label   text", wrapped under text; nothing for an empty text. */
void guide_item(const struct guide_page *p, enum role head_role, enum role role,
		const char *label, const struct str *text);

#endif
