/*
 * The queue of every endpoint over the last minutes, a value for each few seconds: the
 * highest length that was seen in them. Bounded, whatever comes. Pure: its clock is that of
 * the pictures it takes.
 */
#ifndef CORE_SNAPSHOT_QUEUE_PAST_H
#define CORE_SNAPSHOT_QUEUE_PAST_H

#include "core/base/vec.h"
#include "core/snapshot/snapshot.h"

enum {
	QUEUE_PAST_SLOTS = 60,
	QUEUE_PAST_SLOT_S = 5,
	QUEUE_PAST_ENDPOINTS_MAX = 1024 /* the first ones that were seen */
};

struct queue_past {
	struct vec rows;   /* struct queue_past_row, by id */
	int64_t slot;      /* of the newest picture */
	size_t n_left_out; /* endpoints that had no room in it */
};

struct queue_past_row {
	uint64_t id;                        /* of the endpoint */
	int64_t slot;                       /* the newest that has a value */
	uint32_t lengths[QUEUE_PAST_SLOTS]; /* of slot s: at s % QUEUE_PAST_SLOTS */
};

void queue_past_init(struct queue_past *p);
void queue_past_release(struct queue_past *p);
/* The lengths of this picture; what was not seen for all slots is forgotten. 0 or -ENOMEM
 * (what could be kept is). */
int queue_past_take(struct queue_past *p, const struct snapshot *s);
/*
 * The slots up to that of the newest picture, oldest first, from the first that has a value
 * on; QUEUE_UNKNOWN: nobody looked then, or it was not told. Returns how many; 0: nothing
 * is known of it.
 */
size_t queue_past_of(const struct queue_past *p, uint64_t id,
		     uint32_t out[QUEUE_PAST_SLOTS]);

#endif
