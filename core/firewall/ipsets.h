/*
 * The ipsets that rules name by number: what they are called and what they hold in which
 * dimension. Knows none of their elements but the sets that a list lists.
 * linux/netfilter/ipset/ip_set.h, ipset(8).
 */
#ifndef CORE_FIREWALL_IPSETS_H
#define CORE_FIREWALL_IPSETS_H

#include <netlink/msg.h>

#include "core/firewall/ruleset.h"

struct ruleset_decoder;

/* A message of IPSET_CMD_LIST. 0, -EBADMSG, -ENOMEM. */
int ipsets_take(struct ruleset_decoder *d, const struct nlmsghdr *h);
/* All of them with their lists resolved, into the ruleset. 0 or -ENOMEM. */
int ipsets_finish(struct ruleset_decoder *d, struct ruleset *r);
/* NULL: there is none of this number, or it was not told. */
const struct fw_ipset *ipsets_find(const struct ruleset *r, uint16_t number);
bool ipsets_are_same(const struct ruleset *a, const struct ruleset *b);

#endif
