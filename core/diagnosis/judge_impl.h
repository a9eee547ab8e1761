/* The inside of the judgement, shared by judge*.c only. */
#ifndef CORE_DIAGNOSIS_JUDGE_IMPL_H
#define CORE_DIAGNOSIS_JUDGE_IMPL_H

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/diagnosis.h"

/* One judgement under way. */
struct judging {
	const struct evidence *e;
	struct diagnosis *d;
	struct arena *arena;        /* of d */
	struct vec found;           /* struct finding: of all walks */
	bool is_excluded[N_FAULTS]; /* on a walk */
	bool is_open[N_FAULTS];     /* on a walk it could not be excluded */
	const struct walk *walk;    /* that the verdict is about */
	const struct endpoint
		*endpoint;           /* that would take its packet; NULL: none is known */
	struct sightings walk_sight; /* the attempts at its address by its client */
	struct totals {              /* of everybody at the port */
		uint64_t n, n_open;
		int64_t first_failed_ns; /* 0: none failed */
		bool has_more_groups;    /* than there is room for */
	} totals;
	uint64_t n_in_vain; /* of the target, and nothing better came for their client */
	int error;          /* sticky, negative */
};

enum wire judge_wire(struct judging *j); /* of the walk that is judged */

/* A sentence in the arena; names in it must be shown texts. */
struct text judge_text(struct judging *j, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A text from outside, made visible, in the arena. */
struct text judge_shown(struct judging *j, struct text t);
/* Appends a proof to a step; command NULL: none. */
void judge_prove(struct judging *j, enum step_id step, const char *source, bool is_observed,
		 const char *command, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* judge_rank.c: findings in order of the packet's way, effects taken out, into d. */
void judge_rank(struct judging *j);
/* judge_steps.c: what each of the five steps says. */
void judge_steps(struct judging *j);
/* judge_extent.c: who tried; then since when, some or all, what changed before. */
void judge_count(struct judging *j);
void judge_extent(struct judging *j);
/* judge_gaps.c: what was not seen, and what would help. */
void judge_gaps(struct judging *j);
/* judge_logs.c: lines that carry the cause. */
void judge_logs(struct judging *j);

/* Rules are there that were not read. */
bool judge_has_unread_rules(const struct judging *j);
/* Whose processes matter: of the endpoint that takes the packet, else of the cause. */
const struct endpoint *judge_owner(const struct judging *j);
/* True if the target's client (or anybody, if none is named) got through in the window. */
bool judge_was_answered(const struct judging *j);
bool judge_was_seen(const struct judging *j);
/* judge_verdict.c: fault, healthy or unknown, in one sentence. */
void judge_decide(struct judging *j);
/* judge_behind.c: what the packet, then its answer, would meet once the cause is gone. */
void judge_behind(struct judging *j);
bool judge_is_way_open(const struct path *p);
/* judge_trace.c: what the traced packets met. */
void judge_trace(struct judging *j);
/* judge_drops.c: what the kernel dropped, in its own words. */
void judge_drops(struct judging *j);
/* judge_way.c: where packets that are passed on were seen; in words, of a flow that came to
 * nothing (none: not known). */
void judge_way(struct judging *j);
struct text judge_way_words(struct judging *j);
/* judge_zone.c: what firewalld keeps of the zone that lets the packet in. */
void judge_zone(struct judging *j);
/* judge_name.c: what else the name that was typed publishes, and nobody serves. */
void judge_name(struct judging *j);
/* judge_joined.c: what the other end says, in the first step. */
void judge_joined(struct judging *j);
/* judge_near.c: rules that accept, and miss the packet by one field. */
void judge_near(struct judging *j);
/* judge_client.c: this host is the client. Which checks look at a walk; the verdict; what
 * its steps say beside judge_steps(); what cannot be seen from here. */
bool judge_wants_check(const struct judging *j, const struct check *c,
		       const struct walk *w);
void judge_client_decide(struct judging *j);
void judge_client_steps(struct judging *j);
void judge_client_hidden(struct judging *j);

#endif
