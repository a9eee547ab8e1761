/*
 * What the screen Path shows and where the user stands in it: the packet, the way that was
 * walked for it (place by place, with the rules of each), the chosen place. Asks nothing
 * (live/path_run.h does) and draws nothing.
 */
#ifndef TUI_PATH_SHOWN_H
#define TUI_PATH_SHOWN_H

#include "core/base/vec.h"
#include "core/report/path_rules.h"
#include "tui/roll.h"

enum { PATH_SPACE_MAX = 80 };

/* One packet that could be walked. */
struct path_aim {
	struct path_ask ask;
	bool is_target_chosen;      /* ask.server was named by nobody (path_line.h) */
	bool is_of_guide;           /* it is the packet of a diagnosis */
	char space[PATH_SPACE_MAX]; /* name of the namespace; "": the console's own */
};

/* The request in one namespace, or the reply. */
struct path_lane {
	const struct path_page *page;
	const struct path_leg *leg;
};

/* One place of a lane. */
struct path_place {
	size_t lane, hop;
	size_t first_rule, n_rules; /* of path_shown.rules */
	size_t n_more;              /* rules that were met beyond them */
	bool is_unsure;             /* what is told of it is one of several ways */
};

struct path_shown {
	struct path_aim aim; /* as the screen was opened */
	struct path_ask ask; /* that is shown, or asked for */
	struct str line;     /* as typed; empty: the packet is the aim's */
	bool is_running;     /* an answer is on its way; a former one may be shown */
	const char *failure; /* why there is none, static; NULL: no reason */

	const struct path_page *page; /* borrowed of path_run.h; NULL: none (yet) */
	int64_t read_wall_ns;         /* when its rules were read */
	struct str missing;           /* lines: what could not be read */
	struct vec lanes;             /* struct path_lane: inward, then outward */
	struct vec places;            /* struct path_place: as the packet passes them */
	struct vec rules;             /* struct path_rule */

	size_t selected; /* place */
	bool has_moved;  /* the user chose it */
	bool is_wide;    /* all that the place met is shown */
	struct roll roll;
	bool wants_in_sight; /* the selected place and its rules */
};

void path_shown_release(struct path_shown *s);
/* The screen begins anew with this packet. */
void path_shown_aim(struct path_shown *s, const struct path_aim *aim);
/* Another packet is asked for: line as typed, "" and the aim's for the former one. */
void path_shown_ask(struct path_shown *s, const struct path_ask *ask, const char *line);
/* An answer, borrowed until path_shown_forget(); page NULL: there is none, failure says
 * why. The chosen place stays where the way is of the same length. */
void path_shown_take(struct path_shown *s, const struct path_page *page, int64_t wall_ns,
		     const char *failure);
/* Nothing of the answer may be pointed at any more. */
void path_shown_forget(struct path_shown *s);

/* Rules of the way whose changes nothing tells: the generation is of nf_tables alone. Bits.
 */
enum { PATH_UNTOLD_LEGACY = 1, PATH_UNTOLD_IPSETS = 2 };
unsigned path_shown_untold(const struct path_shown *s);

const struct path_place *path_shown_place(const struct path_shown *s, size_t i);
const struct path_lane *path_shown_lane(const struct path_shown *s, size_t i);
const struct path_hop *path_place_hop(const struct path_shown *s, size_t i);
/* The place that decided it, or left it unsure; of an open way where it ends. */
size_t path_shown_decider(const struct path_shown *s);
/* Goes n places on, or back; to the n-th lane from here. False: there is none. */
bool path_shown_step(struct path_shown *s, int n);
bool path_shown_change_lane(struct path_shown *s, int n);

#endif
