/*
 * What the kernel's own reasons for dropping a packet say of the faults: a reason confirms
 * the faults that are behind it, and a packet that came as far as its socket was stopped by
 * nothing before it. No reason names a rule. Finds no fault by itself.
 */
#ifndef CORE_DIAGNOSIS_DROP_REASONS_H
#define CORE_DIAGNOSIS_DROP_REASONS_H

#include "core/diagnosis/check_help.h"

struct drop_meaning {
	const char
		*reason;   /* as the kernel names it; a '*' at its end: all that begin so */
	const char *words; /* "no socket takes it" */
	enum step_id step;
	bool is_of_socket;     /* the packet had come as far as that */
	enum fault faults[12]; /* FAULT_NONE ends them */
};

/* NULL: one of which nothing is known. */
const struct drop_meaning *drop_meaning_of(const char *reason);
bool drop_meaning_names(const struct drop_meaning *m, enum fault fault);
/* A packet of this namespace whose loss tells something: one that begins a connection (of
 * UDP: any), the answer to it, or one that was too big. */
bool drop_is_telling(const struct evidence *e, const struct drop_row *d);
/* From the target's client to its port; the answers are the same the other way round. */
bool drop_is_request(const struct evidence *e, const struct drop_row *d);
/*
 * The certainty with the kernel's word beside it: raised by one where a reason is that of
 * this fault alone, lowered to possible where the packets came past the place (which is
 * said among the proofs). Unchanged where nobody watched. A negative error.
 */
int drop_certainty(const struct check_view *v, struct finding *f, enum certainty certainty);

#endif
