/*
 * What keeps the screens fed beside the snapshot: the dashboard's capture, the Guide's run,
 * who can reach each port. One row each; the loop drives them alike. Shows nothing.
 */
#ifndef TUI_LIVE_LIVE_H
#define TUI_LIVE_LIVE_H

#include "tui/live/dashboard.h"
#include "tui/live/events_feed.h"
#include "tui/live/details_run.h"
#include "tui/live/exposures.h"
#include "tui/live/guide_run.h"
#include "tui/live/path_run.h"
#include "tui/live/wire_run.h"

struct live {
	struct model *model; /* borrowed, as the others */
	struct channel *channel;
	const struct netns_ref *space;
	bool has_display;
	struct dashboard dashboard;
	struct exposures exposures;
	struct events_feed events_feed;
	struct guide_run guide_run;
	struct details_run details_run;
	struct path_run path_run;
	struct wire_run wire_run;
};

/* Borrows all for good. Without a display (--plain) nothing is asked for. */
void live_init(struct live *l, struct model *m, struct channel *c,
	       const struct netns_ref *space, bool has_display);
void live_release(struct live *l);
/* The newest picture, borrowed. */
void live_snapshot(struct live *l, struct snapshot *s);
/* True if the part was for one of them. */
bool live_takes_blob(struct live *l, const struct blob *b);
/* Starts, ends and asks anew what an action of the user wants: effects of model.h. Times as
 * in run.h. */
void live_carry_out(struct live *l, unsigned effects, int64_t now_ns, int64_t wall_ns);
/* What is due by now. 1: the picture changed, 0, or the channel's error. */
int live_turn(struct live *l, int64_t now_ns, int64_t wall_ns);
/* When live_turn() is due without news; INT64_MAX: never. */
int64_t live_due_ns(const struct live *l, int64_t now_ns);

#endif
