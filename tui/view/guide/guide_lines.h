/* The body of the Guide as lines. Draws nothing. */
#ifndef TUI_VIEW_GUIDE_LINES_H
#define TUI_VIEW_GUIDE_LINES_H

#include "tui/terminal/lines.h"
#include "tui/model.h"

struct guide_page {
	const struct model *m;
	struct lines *lines;
	int width;
	size_t *next_line; /* is told where what to do begins */
	bool is_brief;     /* little room: what to do stands before what else is known */
};

/* All of it; step_line: where each step begins. */
void guide_lines(const struct guide_page *p, size_t step_line[N_STEPS]);
/* guide_cause.c: what stands under the steps. */
void guide_cause_lines(const struct guide_page *p);
/* guide_end.c: whom to ask, and commands that show the same. */
void guide_end_lines(const struct guide_page *p);
/* guide_live.c: under the selected step while the run goes on: its question, and what was
 * heard so far. */
void guide_live_lines(const struct guide_page *p, enum step_id s);
/* Likewise: what to type at the client. */
void guide_hint_lines(const struct guide_page *p);
/* guide_way.c: appends "eth0 -> prerouting -> route: local -> INPUT x"; nothing if no way
 * is known. */
void guide_way(const struct model *m, struct str *out);
/* A line "label   text", wrapped under text; nothing for an empty text. */
void guide_item(const struct guide_page *p, enum role head_role, enum role role,
		const char *label, const struct str *text);

#endif
