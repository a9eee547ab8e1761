/* The allow that stands behind the rule that stops a packet. Shared by checks_*.c only. */
#ifndef CORE_DIAGNOSIS_CHECK_ALLOW_H
#define CORE_DIAGNOSIS_CHECK_ALLOW_H

#include "core/diagnosis/checks.h"

/*
 * The rule that was meant to let this packet in and never gets to it: it names the port,
 * stands in the same base chain behind the rule that decides, and that one is no exception
 * from it. NULL: there is none.
 */
const struct fw_rule *deny_shadowed_allow(const struct check_view *v,
					  const struct path_leg *leg);
/* Says which it is, and how to move it before the other. 0 or -ENOMEM. */
int deny_tell_allow(const struct check_view *v, struct finding *f,
		    const struct path_leg *leg);

#endif
