/*
 * The kernel's messages about hooked functions -> lists of them. For ruleset_*.c only.
 */
#ifndef CORE_FIREWALL_HOOKS_DECODE_H
#define CORE_FIREWALL_HOOKS_DECODE_H

#include <netlink/msg.h>

#include "core/firewall/nft/ruleset_rows.h"

/* Number of the list of this hook; FW_HOOK_LISTS: there is none. */
size_t hooks_list_of(uint8_t family, uint32_t hook);
/* A message of NFNL_SUBSYS_HOOK, or core/base/hooks_told.h. 0, -EBADMSG, -ENOMEM. */
int hooks_take(struct ruleset_decoder *d, const struct nlmsghdr *h);
/* hooks_finish.c: the lists into the ruleset, whose tables, chains and rules stand: with
 * the chains' places in them. None where nothing was told. 0 or -ENOMEM. */
int hooks_finish(struct ruleset_decoder *d, struct ruleset *r);

#endif
