/* The processes of an owner scan while it is decoded, found by pid. Private to the owners
 * decoder. */
#ifndef CORE_SOCKETS_OWNER_CANDIDATES_H
#define CORE_SOCKETS_OWNER_CANDIDATES_H

#include "core/base/vec.h"
#include "core/sockets/owners.h"

/* A process that an item named, whether it turns out to hold a socket or not. */
struct candidate {
	struct process_row row;
	bool is_gone; /* it vanished during the scan */
	bool has_links;
	int unread_error; /* why its descriptors could not be read; 0: they could */
	uint32_t index;   /* in the finished table */
};

/* Zeroed memory is a valid empty set. */
struct candidates {
	struct vec rows; /* struct candidate, in the order of their first items */
	uint32_t *slots; /* open addressing by pid: index + 1; 0: free */
	size_t n_slots;  /* a power of two, at least twice the rows */
	size_t last; /* index of the one found last: items of one process come together */
};

void candidates_release(struct candidates *c);
/* Empties the set and keeps its memory. */
void candidates_reset(struct candidates *c);
struct candidate *candidates_at(const struct candidates *c, size_t i);
/* The process with this pid, a new one if need be. 0 or -ENOMEM. */
int candidates_find(struct candidates *c, int32_t pid, size_t *index);

#endif
