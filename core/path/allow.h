/* A rule that would have accepted a packet, had an earlier one not decided. Pure. */
#ifndef CORE_PATH_ALLOW_H
#define CORE_PATH_ALLOW_H

#include "core/path/path.h"

/*
 * The rule that would accept the packet of a leg that a rule of a hook stopped, behind that
 * rule and in the same base chain, jumps and returns included; what stands between and
 * stops it as well is passed by. UINT32_MAX: none, a policy stopped it, or it depends on
 * what is not known.
 */
uint32_t path_allow_behind(const struct path_world *w, const struct path_leg *leg);

#endif
