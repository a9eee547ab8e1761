/* The walk as it would be if one thing about the rules were settled or gone: what their
 * bounds (rates, quotas) say of the packet, or a rule that keeps it from tracking. */
#ifndef CORE_PATH_OTHERWISE_H
#define CORE_PATH_OTHERWISE_H

#include "core/path/path.h"

/*
 * With every rule of core/firewall/bounds.h decided: is_beyond: this packet comes above
 * each bound; else below each. is_object_over: named objects (FW_BOUND_EITHER) match what
 * is above them. What else is not known stays so. 0, -ENOMEM; -ENOENT: there are no rules.
 */
int path_walk_bounded(const struct path_world *w, const struct path_ask *ask,
		      bool is_beyond, bool is_object_over, struct path *out);
/* As if this rule were not there. 0, -ENOMEM; -ENOENT: there is none such. */
int path_walk_without(const struct path_world *w, const struct path_ask *ask, uint32_t rule,
		      struct path *out);

#endif
