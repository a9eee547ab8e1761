/*
 * What the screen Wire shows: which attempts are looked at, those that a capture told of,
 * what it saves, and where the user stands. Pure: live/wire_run.h drives the capture, the
 * view draws this. Times: wall_ns since 1970, the others monotonic.
 */
#ifndef TUI_WIRE_H
#define TUI_WIRE_H

#include "core/report/capture.h"
#include "tui/roll.h"
#include "tui/state/wire_count.h"
#include "tui/terminal/table.h"

enum {
	WIRE_ROWS_MAX = 4000, /* the oldest decided ones make room */
	WIRE_LIMIT_S = 300,   /* then a capture ends by itself */
	WIRE_SPACE_MAX = 80,
	WIRE_NAME_MAX = 128,
};

/* Whose attempts; zero is everybody's at all ports. */
struct wire_aim {
	uint8_t proto; /* 0: TCP and UDP */
	uint16_t port;
	struct addr client;
	char space[WIRE_SPACE_MAX]; /* name of the namespace; "": the console's own */
};

enum wire_phase { WIRE_IDLE, WIRE_BEGINS, WIRE_RUNS, WIRE_ENDED };

/* Why no capture runs. */
enum wire_end {
	WIRE_END_TOLD, /* it was to end, or all that was recorded is here */
	WIRE_END_LIMIT,
	WIRE_END_NO_RIGHT,
	WIRE_END_NOT_RECORDED,
	WIRE_END_FAILED /* problem says why */
};

/* A file of packets. */
struct wire_saved {
	char name[WIRE_NAME_MAX];
	uint64_t n_packets;        /* that are in it, as told last */
	bool is_closed;            /* nothing more is written to it */
	char problem[PROBLEM_MAX]; /* why it is not whole, text from outside; "" */
};

struct wire_shown {
	struct wire_aim aim;
	enum wire_phase phase;
	enum wire_end end;
	char problem[PROBLEM_MAX]; /* text from outside */
	int64_t since_wall_ns;     /* the capture sees packets since; 0: not yet */
	int64_t until_ns;          /* then it ends; 0: no end of itself */
	struct attempts attempts;
	struct wire_count count;
	/* Of the moment in which the picture was frozen. */
	struct attempts still;
	struct wire_count still_count;
	bool is_still;

	char wanted_name[WIRE_NAME_MAX]; /* of the file for the next capture; "": none */
	struct vec saved;                /* struct wire_saved, in order */

	bool has_moved;        /* until then the newest attempt is the selected one */
	struct attempt chosen; /* with has_moved */
	size_t top;
	bool is_open; /* the chosen attempt is shown alone */
	struct roll ladder;
	struct str search;
	struct str search_before; /* and where it began */
	size_t search_from;
	int widths[TABLE_COLUMNS_MAX]; /* columns that texts took so far at this width */
	int width;
};

void wire_init(struct wire_shown *w);
void wire_release(struct wire_shown *w);
/* Looks at something else: former rows go, files stay. */
void wire_aim_at(struct wire_shown *w, const struct wire_aim *aim);
/* A capture begins; rows stay. */
void wire_begin(struct wire_shown *w);
/*
 * One record of the capture that counts; of a capture that makes room for it (is_former)
 * attempts alone are taken. 1: something is new, 0, or -ENOMEM.
 */
int wire_take(struct wire_shown *w, const struct record *r, bool is_former);
void wire_end(struct wire_shown *w, enum wire_end end);
/* Keeps the rows as they are, or goes on. 0 or -ENOMEM. */
int wire_freeze(struct wire_shown *w, bool is_frozen);

/* Those that are shown: of now, or of the moment that is frozen. */
const struct attempts *wire_attempts(const struct wire_shown *w);
size_t wire_n(const struct wire_shown *w);
const struct attempt *wire_at(const struct wire_shown *w, size_t i);
/* The selected row; 0 if there is none. */
size_t wire_selected(const struct wire_shown *w);
void wire_select(struct wire_shown *w, size_t i);
/* The newest is selected again and goes on being so. */
void wire_follow(struct wire_shown *w);
/* The attempt that is shown alone, as it was told last; NULL: there is no row. */
const struct attempt *wire_chosen(const struct wire_shown *w);
/* Something may still come of it. */
bool wire_awaits(const struct wire_shown *w, const struct attempt *a);
/* The counts that the screen shows: over all captures since it was opened. */
struct capture_state wire_totals(const struct wire_shown *w);
/* The moment from which they count, and whether all of the time since was looked at. */
const struct wire_count *wire_count(const struct wire_shown *w);
/* Rows that something may still come of. */
uint64_t wire_n_awaited(const struct wire_shown *w);

/* The file that is written to; NULL: none. */
const struct wire_saved *wire_saving(const struct wire_shown *w);
struct wire_saved *wire_saved_at(const struct wire_shown *w, size_t i);
/* "dport-HOST-443-20261122T133207Z.pcap". */
void wire_name_file(struct wire_shown *w, struct text host, int64_t wall_ns);
/* "dport: saved NAME, 12 packets": a line each. */
int wire_put_saved(const struct wire_shown *w, struct str *out);

#endif
