/*
 * Drives the run behind the Guide over the console's channel: starts it, hands it what
 * comes, has it judged at most five times a second, ends it. Shows nothing.
 */
#ifndef TUI_GUIDE_RUN_H
#define TUI_GUIDE_RUN_H

#include "tui/live/diagnose.h"
#include "tui/state/guide.h"

struct guide_run {
	struct diagnose diagnose;
	struct guide *guide; /* where the results go */
	struct channel *channel;
	struct target target;    /* of a run as the client: its name is borrowed */
	struct snapshot *judged; /* a reference: the result points into it */
	bool is_started;
	bool has_news;       /* worth judging again */
	int64_t judge_at_ns; /* not before */
};

/* guide and channel are borrowed for good. */
void guide_run_init(struct guide_run *r, struct guide *guide, struct channel *channel);
/*
 * Starts a run for what the guide aims at, a running one is ended before. own: where the
 * console looks; s: the newest picture, NULL: none. Times as in run.h.
 */
void guide_run_start(struct guide_run *r, const struct netns_ref *own, struct snapshot *s,
		     int64_t now_ns, int64_t wall_ns);
/* Ends it: its capture is cancelled, nothing of it is kept. */
void guide_run_end(struct guide_run *r);
/* The newest picture, borrowed. */
void guide_run_snapshot(struct guide_run *r, struct snapshot *s);
/* True if the part was for the run. */
bool guide_run_takes_blob(struct guide_run *r, const struct blob *b);
/* What is due. 1: the guide has changed, 0, or the channel's error. */
int guide_run_step(struct guide_run *r, int64_t now_ns, int64_t wall_ns);
/* When guide_run_step() is due without news; INT64_MAX: never. */
int64_t guide_run_due_ns(const struct guide_run *r, int64_t now_ns);

#endif
