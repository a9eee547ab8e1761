/*
 * How the owners of the listener on the screen Details do, with their command lines: asked
 * when it is opened, when they are others, and once in a while. Shows nothing.
 */
#ifndef TUI_LIVE_OWNERS_RUN_H
#define TUI_LIVE_OWNERS_RUN_H

#include "core/snapshot/inquiry.h"
#include "tui/model.h"

struct owners_run {
	struct model *model; /* borrowed, as the others */
	struct channel *channel;
	const struct netns_ref *space;
	struct inquiry inquiry;
	bool is_asking;
	uint64_t id;           /* of the endpoint that was asked about last */
	struct pid_list asked; /* its owners then */
	int64_t ask_at_ns;     /* not before, if they are the same */
};

/* Borrows all for good. */
void owners_run_init(struct owners_run *r, struct model *m, struct channel *c,
		     const struct netns_ref *space);
void owners_run_release(struct owners_run *r);
/* One part; false: not ours. */
bool owners_run_takes_blob(struct owners_run *r, const struct blob *b);
/* Asks if it is due, takes what is answered. True: the picture changed. */
bool owners_run_turn(struct owners_run *r, int64_t now_ns);
/* When the next turn is due without news; INT64_MAX: never. */
int64_t owners_run_due_ns(const struct owners_run *r);

#endif
