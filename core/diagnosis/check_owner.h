/* What is known of the processes that hold a socket. Shared by checks_*.c only. */
#ifndef CORE_DIAGNOSIS_CHECK_OWNER_H
#define CORE_DIAGNOSIS_CHECK_OWNER_H

#include "core/diagnosis/check_help.h"

/* How this very process does (not its successor with the same number); NULL: not known. */
const struct process_state *view_owner_state(const struct check_view *v,
					     const struct process_row *p);
/* By a signal, a debugger or its frozen control group. */
bool owner_is_stopped(const struct process_state *s);
/* How it was stopped. */
const char *owner_stop_words(const struct process_state *s);
/* How to let a stopped owner of e go on. 0 or -ENOMEM. */
int owner_advise_go_on(const struct check_view *v, struct finding *f,
		       const struct endpoint *e, const struct process_state *s);

#endif
