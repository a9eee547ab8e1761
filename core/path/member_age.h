/* Of which generation of the rules an answer about a set is. For core/path only. Pure. */
#ifndef CORE_PATH_MEMBER_AGE_H
#define CORE_PATH_MEMBER_AGE_H

#include "core/firewall/eval/member.h"

/* It was told with these rules, or of something that has no generations (an ipset). */
bool member_is_of(const struct fw_member *m, const struct ruleset *rules);
/* Told behind the rules, and before they were read again; all of it in one generation. */
bool member_is_between(const struct fw_member *m, const struct ruleset *rules,
		       const struct ruleset *again);

#endif
