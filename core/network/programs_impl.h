/* What the two halves of the decoder of programs share: programs.c reads items into it,
 * program_table.c makes the table of it. */
#ifndef CORE_NETWORK_PROGRAMS_IMPL_H
#define CORE_NETWORK_PROGRAMS_IMPL_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/network/programs.h"

/* A number with a name: an interface, a program. */
struct named {
	uint64_t number;
	struct text name;
};

struct program_decoder {
	struct vec rows;     /* struct program_row */
	struct vec qdiscs;   /* struct qdisc_row */
	struct vec links;    /* struct named */
	struct vec groups;   /* struct named */
	struct vec programs; /* struct named: as they were told */
	struct vec kinds;    /* struct named: of a filter the kind and name, by its order */
	struct arena texts;
	int filters_error, hooks_error, groups_error;
	uint32_t n_orders;
};

void programs_reset(struct program_decoder *d);

#endif
