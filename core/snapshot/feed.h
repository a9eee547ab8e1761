/*
 * One source in one place (the host, or a namespace): its newest table, and the answer that
 * is coming in. Knows neither when it is due nor what its rows are for.
 */
#ifndef CORE_SNAPSHOT_FEED_H
#define CORE_SNAPSHOT_FEED_H

#include "core/snapshot/sources.h"

struct watched_space;

/* The answer to one request, as far as it came. */
struct reply {
	void *decoder; /* NULL before the first bytes */
	uint32_t n_parts;
	enum blob_status status;
	int error; /* positive errno: what follows is not taken */
	int lack;  /* positive errno: taken, but it is not all */
	bool has_bytes;
};

struct feed {
	enum source_id id;
	const struct source *source;
	struct watched_space *space; /* NULL: the host's */
	void *table;                 /* newest; NULL: none yet, or none to be had */

	unsigned n_sent, n_ended; /* requests of the look under way; 0, 0: none is */
	struct reply replies[SOURCE_REQUESTS_MAX];
	int64_t asked_ns, due_ns, took_ns; /* due_ns: of the next look, INT64_MAX: none */

	bool is_asked, is_answered; /* at least once */
	bool is_doubted;            /* to be looked at once more before it is believed */
	bool is_none; /* this kernel has no such thing, or would load a module for it */
	enum blob_status status; /* of the last answer, the worse of two */
	int error;
	unsigned n_failed; /* answers in a row that were not whole */
};

void feed_init(struct feed *f, enum source_id id, struct watched_space *space);
void feed_release(struct feed *f);

/* A request is on its way. */
void feed_sent(struct feed *f, int64_t now_ns);
bool feed_is_under_way(const struct feed *f);
/* Some requests of this look are not sent yet. */
bool feed_is_half_sent(const struct feed *f);

/*
 * One part of the answer to request i. spoiled: positive errno why it cannot be taken, 0
 * otherwise. 0, or -ENOMEM: it is lost, and the answer ends as failed.
 */
int feed_take(struct feed *f, unsigned i, const struct blob *b, const struct wanted *w,
	      int spoiled);
/* All requests of this look were answered: feed_finish() is due. */
bool feed_is_complete(const struct feed *f);

enum feed_outcome {
	FEED_LOST, /* no memory for a table: the former one stands */
	FEED_KEPT, /* the answer was no good: the former table stands */
	FEED_SAME, /* it says the same: the former table stands */
	FEED_NEW,  /* another table, or none any more */
};

/*
 * Ends a look. An answer that is not whole is used if there is no better one: the first
 * time, if a limit cut it, or if the one before was not whole either.
 */
enum feed_outcome feed_finish(struct feed *f, int64_t now_ns);

enum source_status feed_status(const struct feed *f);

#endif
