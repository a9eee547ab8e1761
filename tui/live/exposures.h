/*
 * The words of the screen Ports for who can reach a listener: has the rules read, anew
 * after a rest that grows with what reading them takes; finds out, a few milliseconds a
 * turn, what is in sight first. What reaches what is core/path.
 */
#ifndef TUI_EXPOSURES_H
#define TUI_EXPOSURES_H

#include "core/host/broker/channel.h"
#include "core/report/exposure.h"
#include "core/snapshot/inquiry.h"
#include "core/snapshot/refresh.h"
#include "tui/model.h"
#include "tui/state/published.h"
#include "tui/state/reach.h"

enum { EXPOSURES_AT_ONCE = 64 };

struct exposures {
	struct netns_ref space;
	struct reach reach;

	struct inquiry inquiries[2];
	unsigned known;    /* of which one the answers are */
	bool has_known;    /* it has answers */
	bool is_asking;    /* the other one is being asked */
	bool awaits_needs; /* the known one is asked for more */
	int64_t asked_ns, ask_at_ns;
	int64_t took_ns;     /* the last reading; 0: there was none */
	int64_t rest_ns;     /* after it, where nothing tells that rules changed */
	int64_t hasty_at_ns; /* not before, even if it is told that they changed */
	int64_t known_until_ns;

	/* Whether the rules are others now, asked at each look (exposures_marks.c). */
	struct inquiry marks;
	struct fw_mark *mark; /* the newest of the known rules, a reference; NULL: none */
	uint32_t generation;  /* that the rules were read in last */
	bool is_marking, has_no_marks;
	int64_t marked_ns; /* when it was asked last */

	/* This host's programs (exposures_programs.c). */
	struct inquiry asked_programs;
	struct program_table *programs;        /* a reference; NULL: not known */
	bool are_programs_asked, has_programs; /* under way; it was answered once */
	int64_t programs_asked_ns, programs_at_ns;

	struct snapshot *snapshot; /* the newest, a reference */
	bool has_space;            /* it has the space that is looked at */
	bool has_stale;            /* it may have listeners without a fresh word */
	uint64_t picture;          /* a number of its addresses and devices */

	/* Published ports, and the namespaces behind them (exposures_published.c). */
	struct published published;
	uint64_t published_epoch;  /* of reach: that the rows are of; 0: none */
	struct refresh *behind;    /* a look into all namespaces; NULL: none under way */
	struct snapshot *spaces;   /* the last one, a reference; NULL: none */
	int64_t behind_ns;         /* when the look began */
	int64_t behind_at_ns;      /* when the next may begin */
	struct vec insides;        /* of them, whose rules are read (exposures_inside.c) */
	struct path_world *worlds; /* of these, for a search */
	int64_t inside_until_ns;   /* then they are read anew */
	bool are_insides_in;
	bool is_published_stale;             /* some row may have no fresh word */
	bool is_published_batch;             /* they are what is searched for */
	uint64_t behind_asked, behind_epoch; /* whose sets were asked for, of which rules */

	/* What is being found out. */
	struct exposure_search *search;
	struct exposure found;
	struct snapshot *searched; /* a reference */
	struct path_world world;
	struct exposure_port ports[EXPOSURES_AT_ONCE];
	struct exposure_wish wish;
	struct {
		uint64_t id, group;
	} batch[EXPOSURES_AT_ONCE];
	size_t n_batch, batch_max;
	uint64_t epoch; /* of the batch */
	unsigned n_rounds;
	int64_t spent_ns, search_at_ns;
	int64_t batch_ns, total_ns; /* spent on the batch; since the rules are known */
	int64_t slice_ns;           /* of one turn */
	int64_t batch_max_ns;       /* of one batch: then it is "many" */
};

void exposures_init(struct exposures *x, const struct netns_ref *space);
void exposures_release(struct exposures *x);
/*
 * For a recording that ends in left_ns: has the rules read, so that a replay knows them,
 * and finds nothing out. Without exposures_init() it does nothing, like those below.
 */
void exposures_record(struct exposures *x, struct channel *c, int64_t left_ns);
/* One part; false: not ours. */
bool exposures_takes_blob(struct exposures *x, const struct blob *b);
/* The console's turn: asks and finds what is due. True: a word changed. Times as in
 * model_tick(). A broker that is gone tells so itself. */
bool exposures_turn(struct exposures *x, struct channel *c, const struct model *m,
		    int64_t now_ns, int64_t wall_ns);
/* When the next turn is due without news; INT64_MAX: never. */
int64_t exposures_due_ns(const struct exposures *x, const struct model *m, int64_t now_ns);
/* Reads the rules again at the next turn. */
void exposures_now(struct exposures *x);

#endif
