/*
 * One diagnosis with everything that it keeps: a run and its inquiry, which the command
 * diagnose and the Guide both drive. Knows no terminal. Times as in run.h.
 */
#ifndef TUI_DIAGNOSE_H
#define TUI_DIAGNOSE_H

#include "core/diagnosis/run.h"
#include "core/services/target.h"
#include "core/snapshot/inquiry.h"
#include "core/snapshot/refresh.h"

struct diagnose {
	struct run run;
	struct inquiry inquiry;
	struct snapshot *snapshot; /* a reference */
};

void diagnose_start(struct diagnose *d, const struct run_options *o,
		    const struct netns_ref *space, int64_t now_ns);
void diagnose_end(struct diagnose *d);
/* The newest picture (borrowed: it takes its own reference). */
void diagnose_snapshot(struct diagnose *d, struct snapshot *s, bool is_settled);
/* One part: as inquiry_blob(). */
int diagnose_blob(struct diagnose *d, const struct blob *b);
/*
 * Goes on and sends what is wanted. wall_ns: the present (a replay: ignored). Returns 1 if
 * something changed, 0, or the channel's error.
 */
int diagnose_step(struct diagnose *d, struct channel *c, int64_t now_ns, int64_t wall_ns);
/*
 * A name that /etc/services has for both transports means the one that is served here; both
 * where both are or none is, and for those that need both (DNS).
 */
void diagnose_keep_served(struct target *t, const struct snapshot *s,
			  const struct space *space);
/* The space of the snapshot that ref means; NULL: not there. */
const struct space *diagnose_space(const struct snapshot *s, const struct netns_ref *ref);
/* The other way round, by a space's name; "": where the console looks, own. */
struct netns_ref diagnose_ref(const char *name, const struct netns_ref *own);
/* How far local time is ahead of UTC at that moment, for run_options; 0: not known. */
int32_t diagnose_utc_offset_s(int64_t wall_ns);

#endif
