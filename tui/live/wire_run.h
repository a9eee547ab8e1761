/*
 * Drives the captures behind the screen Wire: one at a time, and for a moment a second one
 * while a file is begun or ended, so that nothing is missed between them. Each ends by
 * itself after WIRE_LIMIT_S. Shows nothing.
 */
#ifndef TUI_WIRE_RUN_H
#define TUI_WIRE_RUN_H

#include "core/host/broker/channel.h"
#include "tui/model.h"

enum { WIRE_TAPS = 3, WIRE_NO_FILE = -1 };

/* A capture under way. */
struct wire_tap {
	uint32_t seq;  /* of its request; 0: free */
	bool is_ready; /* it sees packets */
	bool is_cancelled;
	bool has_said;   /* why it does not begin */
	bool is_foreign; /* of what is not looked at any more: its file alone counts */
	int file;        /* index in model.wire.saved; WIRE_NO_FILE */
};

struct wire_run {
	struct channel *channel;
	struct model *model;
	const struct netns_ref *space; /* where the console looks */
	struct wire_tap taps[WIRE_TAPS];
	struct wire_tap *now; /* whose capture counts; NULL: none */
	unsigned n_tried;     /* in a replay: forms of the request without an answer */
	bool is_over;         /* the limit was reached */
	bool has_news;
};

/* All is borrowed for good. */
void wire_run_init(struct wire_run *r, struct model *m, struct channel *c,
		   const struct netns_ref *space);
/*
 * Starts a capture for what model.wire aims at, into model.wire.wanted_name if that is set.
 * One that runs for the same ends when this one sees packets, and goes on if it never does.
 */
void wire_run_start(struct wire_run *r);
/* Ends all. What is still told of files is heard. */
void wire_run_end(struct wire_run *r);
/* True if the part was for it. */
bool wire_run_takes_blob(struct wire_run *r, const struct blob *b);
/* What is due. True: the picture changed. */
bool wire_run_turn(struct wire_run *r, int64_t now_ns);
/* When wire_run_turn() is due without news; INT64_MAX: never. */
int64_t wire_run_due_ns(const struct wire_run *r);

#endif
