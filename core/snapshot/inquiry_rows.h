/* Every kind of question: its request, and the decoder of its answer. A table without I/O.
 */
#ifndef CORE_SNAPSHOT_INQUIRY_ROWS_H
#define CORE_SNAPSHOT_INQUIRY_ROWS_H

#include "core/host/request.h"
#include "core/snapshot/question.h"

/* What the decoders of one inquiry need to know. */
struct inquiry_setting {
	int32_t utc_offset_s;
	int64_t wall_ns; /* about now: the year of log lines that tell none */
};

struct inquiry_row {
	void *(*open)(const struct inquiry_setting *s,
		      const struct question *q); /* NULL: no memory */
	void (*close)(void *d);
	int (*decode)(void *d, const void *bytes, size_t len);
	/* The table; error: the answer's, positive or 0. NULL: no memory, or nothing came.
	 */
	void *(*finish)(void *d, int error);
	/* This error of the answer is no failure: it means "there is none". 0: no such */
	int none_error;
	/* Errors of the kernel are the answer itself (a route). */
	bool takes_errors;
};

extern const struct inquiry_row inquiry_rows[N_QUESTION_KINDS];

struct request inquiry_request(const struct question *q, const struct netns_ref *space);

#endif
