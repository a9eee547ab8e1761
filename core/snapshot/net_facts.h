/* Facts of one network namespace while they are gathered; for facts.c. */
#ifndef CORE_SNAPSHOT_NET_FACTS_H
#define CORE_SNAPSHOT_NET_FACTS_H

#include "core/snapshot/facts.h"

/* Nothing known yet. NULL: no memory. */
struct net_facts *net_facts_new(void);
/* What one item tells; items that are not known, or are damaged, tell nothing. */
void net_facts_take(struct net_facts *net, const struct bundle_item *item);

#endif
