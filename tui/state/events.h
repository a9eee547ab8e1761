/*
 * What the screen Events shows: the events that are kept, which of them by group and
 * search, and where the user stands. Makes no events (core/snapshot/events.h) and draws
 * nothing.
 */
#ifndef TUI_EVENTS_H
#define TUI_EVENTS_H

#include "core/snapshot/events.h"

struct model;

/* Zeroed memory: nothing happened. */
struct events_shown {
	struct events *log; /* NULL: none yet, or no memory for one */
	bool is_chosen;     /* only those of `group` */
	enum event_group group;
	struct str search, search_before;
	uint64_t search_from;

	uint64_t selected; /* number of the event; 0: the newest, which is followed */
	size_t top;
	uint64_t seen; /* events_n_made() when the screen was drawn last */
};

void events_shown_release(struct events_shown *s);
/* The log, made when it is first needed; NULL: no memory. */
struct events *events_shown_log(struct events_shown *s);
/* A warning of the program's own, as the model says it. */
void events_shown_message(struct model *m, const char *sentence);

/* The events that are shown, oldest first: pointers, const struct event *. 0 or -ENOMEM. */
int events_shown_list(const struct events_shown *s, struct vec *out);
/* The place of the selected one in that list; of an event that is not kept any more, of the
 * next. 0 for an empty list. */
size_t events_shown_selected(const struct events_shown *s, const struct vec *list);
/* Selects place i; the last one is followed. */
void events_shown_select(struct events_shown *s, const struct vec *list, size_t i);
/* Selects place i, and stays there: also at the last one when newer ones come. */
void events_shown_stay(struct events_shown *s, const struct vec *list, size_t i);
/* The next group in turn, after the last one all. */
void events_shown_next_group(struct events_shown *s);
/* The event that the user stands on; NULL: none is shown. */
const struct event *events_shown_at(const struct events_shown *s);

/* The listener of an event in the rows of Ports, as they are now; model.rows.n: none. */
size_t events_shown_row(const struct model *m, const struct event *e);

#endif
