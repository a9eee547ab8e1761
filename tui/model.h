/*
 * What the console shows and where the user stands in it: a snapshot, the rows of it that
 * are shown and in which order, selection, scroll, open rows, messages. Pure: no terminal,
 * no clock, no host. Views draw it, actions change it.
 */
#ifndef TUI_MODEL_H
#define TUI_MODEL_H

#include "core/base/vec.h"
#include "core/snapshot/filter.h"
#include "core/snapshot/snapshot.h"
#include "tui/config/columns.h"
#include "tui/complete.h"
#include "tui/state/events.h"
#include "tui/state/groups.h"
#include "tui/terminal/field.h"
#include "tui/state/guide.h"
#include "tui/state/palette.h"
#include "tui/state/guide_ask.h"
#include "tui/state/details.h"
#include "tui/state/logs.h"
#include "tui/state/path_shown.h"
#include "tui/state/published.h"
#include "tui/state/reach.h"
#include "tui/roll.h"
#include "tui/state/tape.h"
#include "tui/terminal/table.h"
#include "tui/state/wire.h"

/* What an action asks of the program; bits. */
enum effect {
	EFFECT_DRAW = 1,          /* the picture changed */
	EFFECT_REDRAW = 2,        /* the terminal's content is not to be trusted */
	EFFECT_REFRESH = 4,       /* ask all sources again */
	EFFECT_INTERVAL = 8,      /* interval_ns changed */
	EFFECT_EXPORT = 16,       /* write what is shown to a file */
	EFFECT_COPY = 32,         /* model.copy to the clipboard */
	EFFECT_SUSPEND = 64,      /* stop the job */
	EFFECT_QUIT = 128,        /* end */
	EFFECT_INTERRUPTED = 256, /* end, by Ctrl-C */
	EFFECT_DIAGNOSE = 512,    /* start a run for what model.guide aims at */
	EFFECT_DIAGNOSE_END = 1024,
	EFFECT_WIRE = 1 << 11,      /* start a capture for what model.wire aims at */
	EFFECT_WIRE_END = 1 << 12,  /* end it */
	EFFECT_PATH = 1 << 13,      /* walk what model.path asks for */
	EFFECT_PATH_ANEW = 1 << 14, /* and read all for it again */
	EFFECT_RECORD = 1 << 17,    /* write a recording, or end it */
	EFFECT_STAND = 1 << 18,     /* a replay goes to the picture of model.tape */
	EFFECT_ANEW = 1 << 19,      /* what stands is asked for again */
	EFFECT_KEEP = 1 << 16       /* write columns and order into the configuration */
};

#define MESSAGE_NS (4 * INT64_C(1000000000))

/* A display line: row of model.rows, and line 0 for itself or the n-th of its details. */
struct place {
	size_t row, line;
};

/* What only the caller knows; borrowed, NULL: not so. */
struct surroundings {
	const char *replay;          /* name of the recording that is shown */
	const char *replay_damage;   /* a sentence */
	const char *record;          /* name of the file that is being written */
	const char *terminal_notice; /* a sentence */
	const char *keeps_in;        /* name of the configuration that may be written */
};

/* What a key may do only after a yes. */
enum consent { CONSENT_NONE, CONSENT_PROVE, CONSENT_QUIT, CONSENT_KEEP, CONSENT_WIRE };

/* An action and the input that it came from, so that it can be done after a yes. */
struct deed {
	int action, input;
	bool is_allowed; /* a yes to what it ends was said */
	bool has_spoken; /* it said something */
};

enum { SCREENS_MAX = 8 };

struct view;

struct model {
	struct surroundings around;
	struct snapshot *snapshot; /* one reference each; NULL: nothing yet */
	struct snapshot *newest;   /* while frozen: what came since */

	struct traffic *traffic;      /* borrowed; NULL: none is looked at */
	struct traffic_table *counts; /* of snapshot (counts.h); NULL: none */
	struct vec others; /* uint32_t: unserved ports of counts that are shown */

	const struct reach *reach;         /* borrowed; NULL: nobody finds it out */
	const struct published *published; /* likewise */
	struct vec translated;             /* uint32_t: its rows that are shown */

	struct vec rows; /* uint32_t: indices of endpoints or groups (groups.h), as shown */
	struct groups groups;
	struct columns_shown columns;
	size_t n_taken; /* endpoints that the filter takes */
	size_t n_full;  /* endpoints of the snapshot whose queue is full */
	struct filter *filter;
	struct str filter_line;
	struct str search;
	size_t n_found;
	const struct column *sort; /* NULL: as in the snapshot */
	bool is_reversed;

	uint64_t selected_id;
	struct place selected, top;
	bool has_moved;      /* until then the first row is the selected one */
	struct vec unfolded; /* uint64_t: ids of open rows */
	/* The screens, one over the other: the last is seen, Esc leads to the one before.
	 */
	const struct view *shown[SCREENS_MAX];
	size_t n_shown;
	enum consent consent; /* what the next key answers */
	struct deed deed;     /* what is carried out, or waits for that answer */
	struct roll help;
	struct palette_shown palette;
	struct guide guide;
	struct wire_shown wire;
	struct events_shown events;
	struct logs_shown logs;
	struct details_shown details;
	struct queue_past queues; /* of all endpoints over the last minutes */
	struct path_shown path;
	struct tape tape;
	struct guide_given given;      /* for the first Guide */
	struct guide_ask ask;          /* before the Guide */
	int page, width;               /* lines and columns of the last drawing */
	int wanted[TABLE_COLUMNS_MAX]; /* columns that texts took so far at this width */

	struct field field;
	struct complete complete; /* of what is typed as a filter */
	struct str field_error;   /* why what is typed is no filter (yet) */
	struct str field_before;
	struct place field_from; /* where the search began */

	bool is_frozen, is_utc, is_ascii, is_plain;
	enum graph graph;
	int64_t interval_ns;
	int64_t now_ns;  /* monotonic, of the last event */
	int64_t wall_ns; /* what the clock shows */
	int input;       /* that the action comes from */
	struct str message;
	enum role message_role;
	int64_t message_until_ns;
	int64_t interrupt_until_ns; /* a second Ctrl-C before it ends the program */
	struct str copy;
};

void model_init(struct model *m);
void model_release(struct model *m);

/* A new picture (its reference is taken); frozen: kept for later. 0 or -ENOMEM. */
int model_snapshot_take(struct model *m, struct snapshot *s);
/* Freezes, or goes on with the newest picture. 0 or -ENOMEM. */
int model_freeze(struct model *m, bool is_frozen);
/*
 * Chooses and orders the rows anew; the selection stays on its endpoint, else on its place,
 * and keeps its distance from the top. 0 or -ENOMEM (the old rows stand).
 */
int model_arrange(struct model *m);
/* The time of an event. True if the clock or a message on the screen changed by it. */
bool model_tick(struct model *m, int64_t now_ns, int64_t wall_ns);

/* The screen that is seen; NULL: none yet. */
const struct view *model_view(const struct model *m);
/* Is it seen, or under what is seen? */
bool model_shows(const struct model *m, const struct view *v);
/* What is shown, or what came since it was frozen; NULL: nothing yet. */
struct snapshot *model_newest(const struct model *m);
/* NULL: the row is the heading of a group. */
const struct endpoint *model_endpoint(const struct model *m, size_t row);
/* NULL: the row is none of a heading. */
const struct group *model_group(const struct model *m, size_t row);
/* NULL: there is no row, or it is none of an endpoint. */
const struct endpoint *model_selected(const struct model *m);
void model_select(struct model *m, struct place p);
bool model_is_open(const struct model *m, const struct endpoint *e);
void model_open(struct model *m, const struct endpoint *e, bool is_open);
enum text_mode model_text_mode(const struct model *m);
/* A sentence for four seconds. */
void model_say(struct model *m, enum role role, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
