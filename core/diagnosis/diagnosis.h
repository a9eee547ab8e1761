/*
 * The result: one judgement over all evidence, made by judge() from the evidence alone, so
 * that a replay gives the same. Reports and the Guide print it, nothing else.
 */
#ifndef CORE_DIAGNOSIS_DIAGNOSIS_H
#define CORE_DIAGNOSIS_DIAGNOSIS_H

#include "core/diagnosis/finding.h"

enum verdict { VERDICT_UNKNOWN, VERDICT_HEALTHY, VERDICT_FAULT };
const char *verdict_word(enum verdict v);

enum step_state {
	STEP_WAITING,
	STEP_PASS,
	STEP_FAIL,
	STEP_WARN,
	STEP_UNKNOWN,
	STEP_DENIED,
	STEP_SKIPPED
};
const char *step_state_word(enum step_state s);

struct step_result {
	enum step_state state;
	struct text summary;
	struct proof proofs[PROOFS_MAX];
	size_t n_proofs;
};

struct client_group {
	struct addr prefix;
	uint8_t prefix_len;
	uint32_t attempts, open, closed, filtered, rejected, half_open;
};

struct near_miss {
	uint32_t rule;
	const char *field;
};

struct past_change {
	int64_t wall_ns;
	struct text what, source;
};

enum { FINDINGS_MAX = 12, GROUPS_MAX = 16, NEAR_MAX = 6, CHANGES_MAX = 6, GAPS_MAX = 16 };

/* Something that was not seen, and what would help. */
struct gap {
	const char *source;
	struct text reason, grant; /* grant none: none would */
};

/* What the kernel's trace of the very packet says, beside what was expected. */
struct traced {
	bool is_reply;
	bool is_met;        /* such a packet was traced; observed is told */
	bool has_agreement; /* something certain was expected, and met or not */
	bool agrees;
	struct text sentence, expected, observed;
};

struct diagnosis {
	struct table head; /* its arena holds every text */
	struct aim target;
	struct text host; /* its name, shown; none: not known */
	int64_t window_start_ns, window_end_ns, time_ns;
	enum verdict verdict;
	enum certainty certainty;
	/* findings[0] is the cause (FAULT), or the leading suspicion (UNKNOWN); the rest
	 * are independent faults beside it. */
	struct finding findings[FINDINGS_MAX];
	size_t n_findings;
	struct text summary; /* one line, fit for a ticket's title, without the symbol */
	enum { WHY_NOT_SAID, WHY_EXPLICIT_DENY, WHY_NOTHING_ALLOWS } why;
	enum { EXTENT_UNKNOWN, EXTENT_ALL, EXTENT_SOME } extent;
	struct text affected; /* "3 of 15 clients, all in 198.51.100.0/24" */
	int64_t since_ns;     /* wall; 0: not known */
	bool has_if_fixed;
	enum verdict if_fixed;
	enum fault if_fixed_cause; /* FAULT_NONE */
	struct step_result steps[N_STEPS];
	struct past_change changes[CHANGES_MAX];
	size_t n_changes;
	/* On the wire. */
	bool has_syn;
	struct sightings syn;
	struct client_group groups[GROUPS_MAX];
	size_t n_groups;
	struct attempt sample; /* the newest attempt of the target, for ladder and words */
	bool has_sample;
	uint64_t capture_drops;
	/* The rule to blame. */
	bool has_rule;
	uint32_t chain, rule;    /* rule UINT32_MAX: the policy */
	struct traced traced[2]; /* request, reply; of a trace only */
	size_t n_traced;
	struct near_miss near[NEAR_MAX];
	size_t n_near;
	struct text near_words; /* of the first, if it is a rule for this very port */
	const struct path
		*path; /* of the walk that was judged; borrowed from the evidence */
	enum fault excluded[N_FAULTS];
	size_t n_excluded;
	struct gap gaps[GAPS_MAX];
	size_t n_gaps;
	struct text hidden; /* "not visible from here, and whom to ask"; none */
};

/* The cause, or the leading suspicion; NULL: there is none. */
const struct finding *diagnosis_cause(const struct diagnosis *d);

/*
 * Judges. The evidence must outlive the result where it is borrowed (path, endpoints,
 * ruleset). May be called at any time: before the window's end steps are WAITING where they
 * may still change. NULL: no memory.
 */
struct diagnosis *judge(const struct evidence *e);

#endif
