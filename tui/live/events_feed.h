/*
 * Hands what is read for the screens on to the log of events: pictures, traffic, rules and
 * who can reach what. Asks for nothing and decides nothing.
 */
#ifndef TUI_LIVE_EVENTS_FEED_H
#define TUI_LIVE_EVENTS_FEED_H

#include "tui/live/exposures.h"
#include "tui/model.h"

/* Zeroed memory: nothing was handed on yet. */
struct events_feed {
	struct ruleset *rules; /* the last ones that were read, a reference; NULL: none */
	int64_t traffic_at_ns; /* of the next look at it */
	int64_t due_ns;        /* then a mark ends, or something is to be told */
	uint64_t n_made;       /* events that were there at the last turn */
};

void events_feed_release(struct events_feed *f);
/* The newest picture, borrowed. */
void events_feed_snapshot(struct model *m, const struct snapshot *s, int64_t now_ns);
/* Words of who can reach what may be others than before. */
void events_feed_reach(struct model *m, const struct exposures *x, struct moment at);
/* What is due by now. True: what is shown of events changed. */
bool events_feed_turn(struct events_feed *f, struct model *m, const struct exposures *x,
		      struct moment at);
/* When the next turn is due without news; INT64_MAX: never. */
int64_t events_feed_due_ns(const struct events_feed *f, const struct model *m,
			   int64_t now_ns);

#endif
