/*
 * Tables of iptables-legacy, of the network namespace that we are in. Only tables that
 * /proc/net/ip_tables_names (ip6_tables_names) names are asked for: to ask for another one
 * would make it. Source: net/ipv4/netfilter/ip_tables.c, its user API.
 */
#ifndef CORE_HOST_XTABLES_H
#define CORE_HOST_XTABLES_H

#include <stdbool.h>

#include "core/host/tape/bundle_out.h"

/*
 * Messages of core/base/xtables.h behind what stands in the answer. 0; or the first error
 * that kept a table from being read (-EPERM: no right; it stands in the messages too);
 * -EAGAIN: a table changed again and again. The sticky error of out, if that is set.
 */
int xtables_read(struct bundle_out *out);
/* The same without the tables' bytes: of each the numbers that its first piece begins with.
 */
int xtables_read_heads(struct bundle_out *out);

#endif
