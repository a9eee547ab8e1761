/*
 * What the screen Details is about and where the user stands in it; what was read for it
 * alone: who is connected (live/details_run.h asks), from where the port can be reached
 * (live/exposures.h finds out). Draws nothing, asks nothing.
 */
#ifndef TUI_DETAILS_H
#define TUI_DETAILS_H

#include "core/base/str.h"
#include "core/snapshot/question.h"
#include "core/snapshot/queue_past.h"
#include "tui/roll.h"

struct model;
struct endpoint;

/* X(name, title) */
#define DETAILS_PANES(X)              \
	X(NOTES, "what stands out")   \
	X(SOCKETS, "sockets")         \
	X(OWNERS, "owners")           \
	X(QUEUE, "queue")             \
	X(CONNECTIONS, "connections") \
	X(CLIENTS, "clients")         \
	X(REACH, "reached by")        \
	X(LOGS, "logs")

enum details_pane {
#define X(name, title) PANE_##name,
	DETAILS_PANES(X)
#undef X
		N_PANES
};

const char *details_pane_title(enum details_pane p);

enum peers_state {
	PEERS_WAITING,
	PEERS_KNOWN,
	PEERS_FAILED, /* peers_error says why; peers may be those of before */
	PEERS_NOT_TCP
};

struct details_shown {
	uint64_t id; /* of the endpoint; 0: none */
	uint16_t port;
	uint8_t proto;          /* IPPROTO_ */
	enum details_pane pane; /* in which the user stands */
	struct roll roll;
	size_t pane_line[N_PANES]; /* of the last drawing: where each begins */
	bool wants_in_sight;       /* the pane was chosen just now */

	struct peer_table *peers; /* a reference; NULL: none yet */
	enum peers_state peers_state;
	int peers_error; /* positive errno; 0: none told */

	struct process_state_table *owners; /* how they do; a reference; NULL: none yet */
	bool has_asked_owners;              /* they were told, or why not */
	int owners_error;                   /* positive errno */
};

void details_release(struct details_shown *d);
/* Aims at what is selected in Ports (of a published port at who serves it behind the
 * translation, else at its userland proxy) or, over a Guide, at what that aims at; what was
 * read for another endpoint goes. False: nobody listens there, or nothing is selected. */
bool details_aim_at_shown(struct model *m);
/* In the shown snapshot, or in that of published ports; NULL: it is gone. */
const struct endpoint *details_endpoint(const struct model *m);
/* From where it can be reached, as lines of text (reach.h); NULL: not known (yet). */
const char *details_sets(const struct model *m);
/* Takes the answer to who is connected (its reference; NULL: none). */
void details_take_peers(struct details_shown *d, struct peer_table *t, int error);
/* The same of how its owners do. */
void details_take_owners(struct details_shown *d, struct process_state_table *t, int error);
/* What was read of an owner, here or by a diagnosis of its port; NULL: nothing, or it was
 * another process of that number. */
const struct process_state *details_owner(const struct model *m,
					  const struct process_row *owner);

#endif
