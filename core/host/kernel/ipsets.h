/* What one ipset holds, all of it. Where only one key matters set_member.c asks for that.
 */
#ifndef CORE_HOST_IPSETS_H
#define CORE_HOST_IPSETS_H

#include "core/host/kernel/netlink_query.h"

/* The messages of IPSET_CMD_LIST of the set, elements and all. 0 or -errno: -ENOENT, there
 * is none of the name; -EFBIG: it holds more than anybody would go through. */
int ipset_list(struct netlink_query *query, const char *name, struct bundle_out *out);

#endif
