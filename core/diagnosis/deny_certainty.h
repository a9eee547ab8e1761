/* Whether the deny that a walk met is what happened. */
#ifndef CORE_DIAGNOSIS_DENY_CERTAINTY_H
#define CORE_DIAGNOSIS_DENY_CERTAINTY_H

#include "core/diagnosis/checks.h"

/* How often the leg's decider counted in the window; -1: it does not count, or was not
 * read. */
int64_t deny_moved(const struct check_view *v, const struct path_leg *leg);
/* enum certainty; CERTAINTY_NONE: what was seen speaks against it. */
int deny_certainty(const struct check_view *v, const struct path_leg *leg);
/* The kernel counted another reason of its own to be silent. */
bool deny_has_other_silence(const struct check_view *v);
/* The rules after the window are not those before it. */
bool deny_have_rules_changed(const struct check_view *v);

#endif
