/*
 * All that one diagnosis has seen, as one line of time: SYNs and what answered them,
 * packets that the kernel dropped, counters that moved, log lines, changes of the host, and
 * the moments of the diagnosis itself. Made from evidence and judgement alone; it borrows
 * nothing of either, so it may outlive them. Judges nothing: what counts, the judgement
 * said.
 */
#ifndef CORE_DIAGNOSIS_TIMELINE_H
#define CORE_DIAGNOSIS_TIMELINE_H

#include "core/diagnosis/diagnosis.h"

/* X(name, word on the line, what such a row is). Rows of one moment stand in this order. */
#define TIMELINE_KINDS(X)                                                                  \
	X(CHANGE, "changed", "something was changed on the host")                          \
	X(FAULT, "fault", "since this moment clients fail, as far as was seen")            \
	X(EVENT, "dport", "what the diagnosis itself did")                                 \
	X(SYN, "SYN", "a client asks; UDP: a datagram of a client")                        \
	X(ANSWER, "answer", "something answered the client")                               \
	X(RESET, "reset", "the client refused an answer, or ended the connection at once") \
	X(DROP, "drop", "the kernel threw a packet away, with its own word for why")       \
	X(LOG, "log", "a line of a log")                                                   \
	X(COUNTER, "counter", "a counter of the kernel moved while this was watched")

/* clang-format off */
enum timeline_kind {
#define X(name, word, help) TIMELINE_##name,
	TIMELINE_KINDS(X)
#undef X
	N_TIMELINE_KINDS
};
/* clang-format on */

const char *timeline_kind_word(enum timeline_kind k);
const char *timeline_kind_help(enum timeline_kind k);

struct timeline_row {
	int64_t wall_ns;
	int64_t from_ns;  /* it happened between this and wall_ns; 0: at wall_ns */
	int64_t slack_ns; /* wall_ns may be off by so much, either way */
	enum timeline_kind kind;
	bool is_old;    /* from before the window that was watched */
	bool is_marked; /* the judgement or its checks count it; why says for what */
	bool is_bad;    /* it tells of a packet that came to nothing, or of the fault */
	/* text and source are bytes from outside; else plain sentences, in which names were
	 * shown in ASCII already. */
	bool is_raw;
	struct text text, source;
	struct text why;     /* plain; none: it is there for its time alone */
	struct text command; /* plain, what a person could type to see the same; none */
};

enum {
	TIMELINE_PACKETS_MAX = 600,
	TIMELINE_DROPS_MAX = 200,
	TIMELINE_LINES_MAX = 400,
	TIMELINE_CHANGES_MAX = 60
};

struct timeline {
	struct table head;
	struct timeline_row *rows; /* sorted by (wall_ns, kind, order of arrival) */
	size_t n;
	int64_t start_ns; /* times are relative to this: the fault's moment, else the
			     first packet of a client, else the window's begin */
	size_t start;     /* the first row that is not before start_ns; n: none */
	/* What was looked at: where it was not, that no row is there says nothing. */
	bool has_capture, has_drops, has_counters, has_logs, has_changes;
	size_t n_left_out; /* rows for which there was no room */
};

/* NULL: no memory. */
struct timeline *timeline_new(const struct evidence *e, const struct diagnosis *d);

#endif
