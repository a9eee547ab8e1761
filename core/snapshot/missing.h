/* Why a view is not full, in sentences, with the grant or step that would help. Pure; its
 * texts live in one table. */
#ifndef CORE_SNAPSHOT_MISSING_H
#define CORE_SNAPSHOT_MISSING_H

#include "core/snapshot/snapshot.h"

/* Why owners of an endpoint may lack. */
struct owners_lack {
	/* Of every endpoint: the weightiest one in s->missing; NULL: nothing. */
	const struct missing *whole;
	/* Of one that has only not been looked for everywhere; never NULL. */
	const struct missing *yet;
	/* Of one without an owner, where /proc does not show all processes of the host;
	 * else NULL. */
	const struct missing *outside;
	bool is_cut; /* some sockets were left out of the question for good */
};

/*
 * Fills missing and n_missing of s (in its arena) from its notes, tables and facts, the
 * weightiest first, none twice. What this kernel does not have (MPTCP, UDP-Lite, IPv6) is
 * not missing, nor what was not asked for. 0 or -ENOMEM.
 */
int missing_collect(struct snapshot *s, struct owners_lack *lack);

/* Puts lack->outside first if it is the reason of an endpoint; call it once, at the end. */
void missing_add_outside(struct snapshot *s, const struct owners_lack *lack);

#endif
