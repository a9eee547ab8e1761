/*
 * The Guide's model: what is aimed at, how far the run is, the newest judgement and the
 * result before it, and where the user stands. Pure: guide_run.h drives the run, views draw
 * this.
 */
#ifndef TUI_GUIDE_H
#define TUI_GUIDE_H

#include "core/base/str.h"
#include "core/diagnosis/run.h"
#include "core/services/target.h"
#include "tui/roll.h"

enum { GUIDE_SPACE_MAX = 80, GUIDE_WAIT_S = 5 };

/* What the run before said; nothing of it is borrowed. */
struct guide_before {
	bool is_there;
	enum verdict verdict;
	struct str words;   /* one line, shown text */
	struct addr client; /* that did not get through; none: nobody was seen */
};

struct guide {
	bool is_open; /* it is on the screen, or under the ladder or the help */
	struct aim aim;
	char space[GUIDE_SPACE_MAX]; /* name of the namespace; "": the console's own */
	char host[TARGET_HOST_MAX];  /* as typed and not looked up; "" */
	char service[32];            /* the word that gave the port; "" */
	bool is_elsewhere;           /* the address is none of this host's */
	struct addr asked_for;       /* such a one that leads here all the same; none */
	enum symptom symptom;        /* what the client says */
	bool is_untestable;          /* nobody can try now: nobody is waited for */

	bool is_running;
	enum run_phase phase;
	int64_t phase_ns;                /* monotonic: it began then */
	int64_t limits_ns[N_RUN_PHASES]; /* how long each may take */
	bool wants_proof;                /* the next run traces */
	struct diagnosis *result;        /* a reference; NULL: nothing was judged yet */
	const struct evidence *evidence; /* what it was judged from; the run's */
	struct guide_before before;

	enum step_id step; /* selected */
	bool has_moved;    /* the user chose it */
	bool is_unfolded[N_STEPS];
	bool is_at_end; /* Enter went through all: once more, and it is diagnosed again */
	size_t top;
	struct roll ladder;
	/* Of the last drawing. */
	size_t step_line[N_STEPS], next_line; /* where each begins, and what to do */
	bool wants_in_sight;
};

void guide_release(struct guide *g);
/* Aims at what a row of Ports shows: its address only where it is bound to that one. */
void guide_aim_endpoint(struct guide *g, const struct endpoint *e);
/* Aims at a port that nobody serves. */
void guide_aim_port(struct guide *g, uint8_t proto, uint16_t port);
/*
 * Aims at what was typed. s: where its names and addresses are looked up. *n_ports: how
 * many ports the word stands for (diagnose_keep_served()); the first is taken. 0, or
 * -EINVAL with one sentence.
 */
int guide_aim_target(struct guide *g, const char *word, const struct snapshot *s,
		     size_t *n_ports, char error[TARGET_ERROR_MAX]);
/* A word of the call that names a port, and is no word of a filter: "port:443" is one,
 * though it could name a host. */
bool guide_is_target(const char *word);
/* A new run begins: former results go (guide_remember() keeps their words). */
void guide_begin(struct guide *g);
/* The result becomes the one before, and the client's words are of then. Once a fault, it
 * stays so until a client got through.
 */
void guide_remember(struct guide *g);
/* Takes a judgement (its reference; NULL: none) and how far the run is. */
void guide_take(struct guide *g, struct diagnosis *d, const struct evidence *e,
		const struct run *r);
/* Whose packets a trace would be of: the client that is aimed at, else that of the newest
 * attempt; none: nobody is known. */
struct addr guide_prover(const struct guide *g);
/* The next run traces that client's packets, and looks at no others. */
void guide_aim_proof(struct guide *g);
/* Nothing of a run may be pointed at any more. */
void guide_forget(struct guide *g);

/* The newest handshake of the client that failed before (or of anybody, if nobody was
 * seen), in this window; NULL: none. Never one of our own. */
const struct attempt *guide_handshake(const struct guide *g);
/* It was a fault before, and no client was seen to get through since. */
bool guide_is_unproven(const struct guide *g);
/* The end of the run was reached and there is a result. */
bool guide_is_done(const struct guide *g);
/* Nobody was seen trying. */
bool guide_is_untried(const struct guide *g);
/* How long the run may still take until that phase is over; 0: it is. */
int64_t guide_left_ns(const struct guide *g, enum run_phase until, int64_t now_ns);
/* The address that a client would use: the target's, else this host's first; none. */
struct addr guide_server(const struct guide *g, const struct snapshot *s);

#endif
