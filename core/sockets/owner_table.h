/* The last step of the owners decoder: what was collected -> a frozen table. Private. */
#ifndef CORE_SOCKETS_OWNER_TABLE_H
#define CORE_SOCKETS_OWNER_TABLE_H

#include "core/sockets/owner_candidates.h"

/*
 * Fills rows, links, partial inodes and the sums over unread processes of t from
 * candidates, links (struct owner_link, process: index of a candidate) and partial
 * (uint32_t): sorted, without duplicates, without processes that are gone or hold nothing.
 * Reorders what it reads. 0, or -ENOMEM (t is unusable).
 */
int owner_table_fill(struct owner_table *t, struct candidates *candidates,
		     struct vec *links, struct vec *partial);

#endif
