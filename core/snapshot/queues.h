/* The queue of an endpoint: its fullest member, and what that did before. Pure. */
#ifndef CORE_SNAPSHOT_QUEUES_H
#define CORE_SNAPSHOT_QUEUES_H

#include "core/snapshot/fold.h"
#include "core/snapshot/link.h"

/*
 * Takes the members of this snapshot into the history; what is not among them any more is
 * forgotten. 0, or -ENOMEM (the history stays as it was). h may be NULL.
 */
int queues_update(struct queue_history *h, const struct space *spaces,
		  const struct fold_member *members, size_t n);

/*
 * The queue of the fullest of n > 0 members: the highest length to capacity; of equals the
 * one with most drops, then the first. A TCP queue takes limit + 1 connections. h may be
 * NULL.
 */
struct queue queues_fullest(const struct queue_history *h, const struct space *spaces,
			    const struct fold_member *members, size_t n);

#endif
