/*
 * Who is connected to the port on the screen Details: asked anew every few seconds while it
 * is shown, and not otherwise; and how its owners do (owners_run.h). Shows nothing.
 */
#ifndef TUI_LIVE_DETAILS_RUN_H
#define TUI_LIVE_DETAILS_RUN_H

#include "core/snapshot/inquiry.h"
#include "tui/live/owners_run.h"
#include "tui/model.h"

struct details_run {
	struct model *model; /* borrowed, as the others */
	struct channel *channel;
	const struct netns_ref *space;
	struct inquiry inquiry;
	bool is_asking;
	uint64_t id;       /* of the endpoint that was asked about last */
	int64_t ask_at_ns; /* not before */
	struct owners_run owners;
};

/* Borrows all for good. */
void details_run_init(struct details_run *r, struct model *m, struct channel *c,
		      const struct netns_ref *space);
void details_run_release(struct details_run *r);
/* One part; false: not ours. */
bool details_run_takes_blob(struct details_run *r, const struct blob *b);
/* Asks if it is due, takes what is answered. True: the picture changed. */
bool details_run_turn(struct details_run *r, int64_t now_ns);
/* When the next turn is due without news; INT64_MAX: never. */
int64_t details_run_due_ns(const struct details_run *r);

#endif
