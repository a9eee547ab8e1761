/*
 * The attempts that were told so far, newest state of each, as the receiving side keeps
 * them. Bounded: the oldest decided ones go first, and how many went is known.
 */
#ifndef CORE_WIRE_ATTEMPTS_H
#define CORE_WIRE_ATTEMPTS_H

#include "core/base/vec.h"
#include "core/wire/records.h"

struct attempts {
	struct vec rows;  /* struct attempt, in the order of their first packet as told */
	struct vec ports; /* struct port_count: the newest told of each (proto, port,
			     server) */
	struct vec links; /* struct link_sight: the newest told of each that counts together
			   */
	bool has_links;   /* frames are looked at: those that are not here were not seen */
	uint64_t n_links_lost; /* but for so many */
	struct capture_state state;
	bool is_ready, has_ended;
	int error;                 /* positive errno of a RECORD_PROBLEM; 0: none */
	char problem[PROBLEM_MAX]; /* its text */
	uint64_t n_forgotten;      /* rows that made room */
	uint64_t n_taken;          /* records: with any of them something may be new */
	size_t max;                /* of rows */
	/* Index for finding rows; private. */
	uint32_t *slots;
	size_t n_slots;
};

void attempts_init(struct attempts *a, size_t max);
void attempts_release(struct attempts *a);
/*
 * Takes the records of one part. An attempt told again (same tuple, proto and SYN sequence
 * number, UDP: same first_ns) replaces its row. 0, -EBADMSG (those before the damage are
 * kept), -ENOMEM. *changed: whether anything is new; may be NULL.
 */
int attempts_take(struct attempts *a, const void *bytes, size_t len, bool *changed);
/* The same for one record. 0 or -ENOMEM. */
int attempts_take_record(struct attempts *a, const struct record *r);
size_t attempts_n(const struct attempts *a);
const struct attempt *attempts_at(const struct attempts *a, size_t i);

/* The row of the same attempt, as it was told last; NULL: none. */
const struct attempt *attempts_find(const struct attempts *a, const struct attempt *like);

#endif
