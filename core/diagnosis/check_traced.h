/* What a trace says for or against a rule that a check blames, and what the very packet
 * really met. Tells no fault. */
#ifndef CORE_DIAGNOSIS_CHECK_TRACED_H
#define CORE_DIAGNOSIS_CHECK_TRACED_H

#include "core/diagnosis/checks.h"
#include "core/diagnosis/prove.h"

/* A rule or policy that the trace shows to have dropped a packet of the walk. */
struct traced_denial {
	struct prove prove;
	const struct fw_trace_event *event;
	/* Where it stands; NULL and UINT32_MAX: neither before nor after the window. */
	const struct ruleset *rules; /* evidence.rules, else evidence.rules_after */
	uint32_t chain, rule;        /* rule UINT32_MAX: the chain's policy */
	enum place_kind at;
	bool is_expected; /* the leg is stopped there, as far as that is known */
};

/*
 * True if a packet of the leg (request or reply of the walk) ended there. False also where
 * others of its packets came through: then it is not what stops them.
 */
bool traced_denial(const struct check_view *v, const struct path_leg *leg,
		   struct traced_denial *out);

/*
 * The certainty with the trace beside it: proven where the very packet met this rule; not
 * above possible where it met another one, or where nothing stopped it. Where no trace says
 * anything, as it was.
 */
int certainty_traced(const struct check_view *v, const struct path_leg *leg, int certainty);

#endif
