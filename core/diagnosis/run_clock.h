/* The wall clock of a run, made of when its answers were given: the same in a replay. */
#ifndef CORE_DIAGNOSIS_RUN_CLOCK_H
#define CORE_DIAGNOSIS_RUN_CLOCK_H

#include "core/diagnosis/run.h"

/* While it runs: evidence.now_ns is the time of what came last. */
void run_clock_advance(struct run *r);
/*
 * After a step that began in a phase and waited for answers of which the latest was given
 * at latest_ns (0: none). Of a run that is done evidence.now_ns is the latest that any run
 * waits for at its end: a replay asks for less on the way, and what came too late for the
 * recorded run is in the recording too.
 */
void run_clock_note(struct run *r, enum run_phase before, int64_t latest_ns);
/* When that question was answered; otherwise_ns if it was not. */
int64_t run_clock_answered(const struct run *r, enum question_kind kind, unsigned round,
			   int64_t otherwise_ns);

#endif
