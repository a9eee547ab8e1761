/*
 * The dashboard's capture: one standing request, asked for as long as somebody wants to
 * know who asks for which port: the console, and a recording. Knows no packets.
 */
#ifndef TUI_DASHBOARD_H
#define TUI_DASHBOARD_H

#include "core/host/broker/channel.h"
#include "core/snapshot/traffic.h"
#include "tui/model.h"

struct dashboard {
	struct traffic *traffic; /* own; NULL: not wanted, or no memory */
	struct netns_ref space;
	uint32_t seq; /* of the request under way; 0: none */
	unsigned n_starts;
	bool is_cancelled;
	bool is_renewed; /* it is ended, to be asked for again */
	bool has_ended;  /* and is not asked for again */
	bool is_replay;  /* it ends where the recording does: that is no failure */
	bool has_died;   /* and is asked for again: worth a sentence, once */
	bool has_news;   /* traffic makes another picture */
};

/* 0 or -ENOMEM: nothing is asked for then. */
int dashboard_init(struct dashboard *d, const struct netns_ref *space);
void dashboard_release(struct dashboard *d);
/* For a watch that ends in left_ns: asks, if it was not done yet, and ends it a moment
 * before, so that its last part still comes. Without dashboard_init() it does nothing. */
void dashboard_until(struct dashboard *d, struct channel *c, int64_t left_ns);
/* Begins again: with a recording that begins (what is known of the last minute stays), or
 * at another moment of one that is replayed (nothing of it does). */
void dashboard_anew(struct dashboard *d, struct channel *c, struct model *m);
/* One part; false: not ours. A capture that dies is asked for again, once, by the next
 * turn. */
bool dashboard_takes_blob(struct dashboard *d, const struct blob *b);
/*
 * The console's turn: asks once there are listeners to join with, and shows what is new.
 * True: the picture changed. A broker that is gone tells so itself.
 */
bool dashboard_turn(struct dashboard *d, struct channel *c, struct model *m);

#endif
