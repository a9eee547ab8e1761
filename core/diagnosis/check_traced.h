/* What a trace says for or against a rule that a check blames. */
#ifndef CORE_DIAGNOSIS_CHECK_TRACED_H
#define CORE_DIAGNOSIS_CHECK_TRACED_H

#include "core/diagnosis/checks.h"

/*
 * The certainty with the trace beside it: proven where the very packet met this rule; not
 * above likely where it met another one, not above possible where nothing stopped it. Where
 * no trace says anything, as it was.
 */
int certainty_traced(const struct check_view *v, const struct path_leg *leg, int certainty);

#endif
