/*
 * What the kernel's trace says of the very packets of one walk, beside what was expected
 * from the rules as they were read. Pure; the words of both for a person.
 */
#ifndef CORE_DIAGNOSIS_PROVE_H
#define CORE_DIAGNOSIS_PROVE_H

#include "core/diagnosis/evidence.h"

enum prove_state {
	PROVE_NOT_ASKED,
	PROVE_FAILED,      /* there was no trace: evidence.trace_error */
	PROVE_NOTHING_MET, /* no such packet was traced */
	PROVE_UNTRACED,    /* what is expected to decide tells no trace (legacy, ingress) */
	PROVE_OPEN,        /* nothing certain was expected; what was met is told */
	PROVE_AGREES,
	PROVE_DIFFERS
};

/* Of one leg. */
struct prove {
	enum prove_state state;
	bool is_reply;
	int64_t wall_ns;                    /* of the packet */
	bool is_denied;                     /* a rule or policy ended its way */
	const struct fw_trace_event *event; /* that did, or the last that let it on; NULL */
	int64_t moved;           /* UNTRACED: of the rule's counter; -1: not known */
	bool have_rules_changed; /* while the trace ran */
};

/* Of the leg, `reply` or `request` of w->path. */
struct prove prove_of(const struct evidence *e, const struct walk *w,
		      const struct path_leg *leg);

/* "inet filter input handle 27: drop", "no rule stops it"; "" where nothing is certain. */
int prove_expected(struct str *out, const struct evidence *e, const struct path_leg *leg);
/* The same of what was met. */
int prove_observed(struct str *out, const struct evidence *e, const struct prove *p);
/* One sentence: "the packet of 10:00:03.412 met inet filter input handle 27: drop, as
 * expected". Appends nothing if none was asked for. */
int prove_sentence(struct str *out, const struct evidence *e, const struct path_leg *leg,
		   const struct prove *p);

#endif
