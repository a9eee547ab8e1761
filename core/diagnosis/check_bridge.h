/* What was seen of a request on its way over a bridge. */
#ifndef CORE_DIAGNOSIS_CHECK_BRIDGE_H
#define CORE_DIAGNOSIS_CHECK_BRIDGE_H

#include "core/diagnosis/checks.h"

/* A hook of the family bridge. */
bool bridge_is_place(enum place_kind place);
/* An answer that the leg stops there has been seen at the bridge: its ports come later; or,
 * of one that is passed on, where it came in, and nowhere that it left. */
bool bridge_is_behind_capture(const struct check_view *v, const struct path_leg *leg);
/* The request was seen at the bridge: the chains between its port and IP let it through. */
bool bridge_was_passed(const struct check_view *v);
/* Seen at the port and not at the bridge: tells so. 0, -ENOMEM. */
int bridge_prove_between(const struct check_view *v, struct finding *f);

#endif
