/*
 * What was heard of the target so far: packets in numbers and the newest client, for those
 * who watch the run. Judges nothing.
 */
#ifndef CORE_DIAGNOSIS_HEARING_H
#define CORE_DIAGNOSIS_HEARING_H

#include "core/diagnosis/evidence.h"

struct hearing {
	uint64_t n_attempts;
	uint32_t n_syns; /* with those sent again; UDP: the client's datagrams */
	uint32_t n_syn_acks, n_icmp;
	uint32_t n_resets;            /* attempts that met a reset */
	uint64_t n_others;            /* attempts of others, or at other ports */
	const struct attempt *newest; /* borrowed; NULL: nobody was heard */
};

/* Of the window, by the target's address, port and client. */
void hearing_count(const struct evidence *e, struct hearing *out);

#endif
