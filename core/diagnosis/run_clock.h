/* The wall clock of a run, made of when its answers were given: the same in a replay. */
#ifndef CORE_DIAGNOSIS_RUN_CLOCK_H
#define CORE_DIAGNOSIS_RUN_CLOCK_H

#include "core/diagnosis/run.h"

/* While it watches: evidence.now_ns is the time of what came last. */
void run_clock_advance(struct run *r);
/* The window has ended: evidence.now_ns stays there. What was asked on the way, and which
 * answer came late, differs in a replay. */
void run_clock_stop(struct run *r);
/* When that question was answered; otherwise_ns if it was not. */
int64_t run_clock_answered(const struct run *r, enum question_kind kind, unsigned round,
			   int64_t otherwise_ns);

#endif
