/* The steps of a run in which this host is the client: its name resolved, its tries made.
 * Private to run.c. */
#ifndef CORE_DIAGNOSIS_RUN_CLIENT_H
#define CORE_DIAGNOSIS_RUN_CLIENT_H

#include "core/diagnosis/run_ask.h"

/* The target's name, where there is one, is asked of the resolver; what it gives becomes
 * the addresses that are tried. False: no answer yet. */
bool run_take_name(struct run *r, struct asking *a);
/* Has the port tried; false: it is under way. Nothing to try, or not allowed: true. */
bool run_try_port(struct run *r, struct asking *a, int64_t now_ns);
/* How long it is waited for at most. */
int64_t run_try_limit_ns(const struct run *r);

#endif
