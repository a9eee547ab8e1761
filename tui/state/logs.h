/*
 * Where the user stands in the screen Logs, and the time line that it shows: made anew when
 * the Guide has another judgement. Draws nothing, asks nothing.
 */
#ifndef TUI_LOGS_H
#define TUI_LOGS_H

#include "core/diagnosis/timeline.h"
#include "tui/state/guide.h"
#include "tui/roll.h"

struct logs_shown {
	struct timeline *timeline; /* a reference; NULL: there is none (yet) */
	struct diagnosis *of;      /* that it was made of, a reference */
	struct roll roll;          /* the chosen row; the first line that is seen */
	bool has_moved;            /* the user chose the row; until then it is the first
				      of the fault */
	bool is_open;              /* the chosen row is shown whole */
	bool is_absolute;          /* times as a clock tells them, not from the start on */
};

void logs_release(struct logs_shown *l);
/* Takes what the Guide has now: another judgement makes another line, on which the user
 * stays where he was. */
void logs_follow(struct logs_shown *l, const struct guide *g);
/* The chosen row; NULL: there is none. */
const struct timeline_row *logs_chosen(const struct logs_shown *l);

#endif
