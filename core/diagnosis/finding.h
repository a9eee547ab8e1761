/* What one check found: the fault with its arguments and proofs. */
#ifndef CORE_DIAGNOSIS_FINDING_H
#define CORE_DIAGNOSIS_FINDING_H

#include "core/base/arena.h"
#include "core/diagnosis/evidence.h"
#include "core/diagnosis/faults.h"

enum certainty { CERTAINTY_NONE, CERTAINTY_POSSIBLE, CERTAINTY_LIKELY, CERTAINTY_PROVEN };
const char *certainty_word(enum certainty c);

/* One sentence with its source and what a person could type to see the same. All texts live
 * in the diagnosis' arena and are plain: names in them went through text_show() in ASCII.
 */
struct proof {
	struct text text;
	const char
		*source; /* "capture", "sock_diag", "nf_tables", "counters", "route", ... */
	struct text command; /* none: there is none */
	bool is_observed;    /* seen happening, not concluded from configuration */
};

struct next_step {
	struct text text;
	struct text command, undo; /* none */
	struct text risk;
};

enum { PROOFS_MAX = 8, NEXT_MAX = 4 };

struct finding {
	enum fault fault;
	enum certainty certainty;
	enum step_id step;
	/* Where on the packet's way it stands: lower is met earlier; the request leg before
	 * the reply. See order in judge.c. */
	int position;
	struct text summary; /* one line: the fact, with rule, owner, address */
	struct proof proofs[PROOFS_MAX];
	size_t n_proofs;
	struct next_step next[NEXT_MAX];
	size_t n_next;
	uint32_t chain, rule; /* of the ruleset that is to blame; UINT32_MAX: none */
	const struct endpoint *endpoint; /* NULL */
	struct addr client, server;      /* of the walk it was found on; none: any */
	/* What a client would see of it. */
	bool explains_silence, explains_reset, explains_icmp;
	/* With CERTAINTY_NONE: the evidence excludes it (for "not the cause"). */
	bool is_ruled_out;
	/* With CERTAINTY_NONE: something speaks for it and does not suffice; what another
	 * check excludes stays open then. */
	bool is_undecided;
};

/*
 * Each appends to f with texts in the arena; names in the arguments must be shown texts
 * already (text_show, addr_format). What has no more room is left out. 0 or -ENOMEM.
 */
int finding_say(struct finding *f, struct arena *a, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* command: NULL, or what a person could type. */
int finding_prove(struct finding *f, struct arena *a, const char *source, bool is_observed,
		  const char *command, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
/* command, undo, risk: NULL for none. */
int finding_advise(struct finding *f, struct arena *a, const char *command,
		   const char *undo, const char *risk, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

#endif
