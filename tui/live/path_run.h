/*
 * Walks the packet that the screen Path shows, over the console's channel: asks what the
 * walk needs, and goes on behind the cable into another namespace of this host. While the
 * screen is open it looks whether the rules are others now, and then reads them again.
 * Shows nothing.
 */
#ifndef TUI_PATH_RUN_H
#define TUI_PATH_RUN_H

#include "core/host/broker/channel.h"
#include "core/snapshot/inquiry.h"
#include "core/snapshot/refresh.h"
#include "tui/live/path_trip.h"
#include "tui/state/path_shown.h"

/* One packet with all that was asked for it. */
struct path_walked {
	struct path_pool *pool;
	struct path_trips *trips;
	int64_t wall_ns; /* when the first of it was asked for */
};

struct path_run {
	struct path_shown *shown; /* borrowed, as the channel */
	struct channel *channel;
	struct netns_ref space;  /* where the packet is */
	struct snapshot *newest; /* of the console, a reference; NULL: it is closed */
	bool is_open;
	bool is_wanted; /* shown->ask waits to be walked */
	bool is_anew;   /* and nothing that was read before counts */
	int64_t wanted_wall_ns;
	struct path_walked walked; /* that is shown */
	struct path_walked next;   /* under way */

	/* All namespaces, for a way that leaves by a cable. */
	struct refresh *look;    /* NULL: none under way */
	struct snapshot *spaces; /* a reference; NULL: nobody has looked */
	bool has_looked;
	int64_t look_until_ns;

	/* Whether the rules are others now. */
	struct inquiry marks;
	bool is_marking, has_no_marks;
	int64_t mark_at_ns;
};

void path_run_init(struct path_run *r, struct path_shown *shown, struct channel *c);
/* A newer picture, borrowed. */
void path_run_snapshot(struct path_run *r, struct snapshot *s);
/*
 * Walks shown->ask in this picture (borrowed; NULL: there is none, and it fails); a former
 * answer is shown until then. own: where the console looks. is_anew: nothing that was read
 * before counts. Times as in run.h.
 */
void path_run_start(struct path_run *r, const struct netns_ref *own, struct snapshot *s,
		    bool is_anew, int64_t wall_ns);
/* The screen was closed: nothing of it is kept. */
void path_run_end(struct path_run *r);
/* True if the part was for it. */
bool path_run_takes_blob(struct path_run *r, const struct blob *b);
/* What is due. 1: the answer is another one, 0, or the channel's error. */
int path_run_turn(struct path_run *r, int64_t now_ns, int64_t wall_ns);
/* When path_run_turn() is due without news; INT64_MAX: never. */
int64_t path_run_due_ns(const struct path_run *r, int64_t now_ns);

#endif
