/*
 * The parts of a recording in order: those of one answer beside each other, void ones left
 * out, an end where it is missing, and the nth answer for a text found at once. Reads no
 * bytes of a file.
 */
#ifndef CORE_HOST_ANSWERS_H
#define CORE_HOST_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/vec.h"
#include "core/host/tape/record.h"

/* A part as it was met. */
struct found {
	struct recorded part; /* text and bytes are borrowed */
	size_t order;         /* how many were met before it */
	size_t at;            /* byte of its header */
};

/* Parts [first, end) answer one request. */
struct answer {
	const char *text;
	size_t first;
	size_t end;
	size_t order; /* of the first part met, also of a void one */
};

struct answers {
	struct vec parts;   /* struct recorded; by answer, in the order of the file */
	struct vec answers; /* struct answer; by text, then in the order of the file */
};

void answers_init(struct answers *set);
void answers_release(struct answers *set);

/*
 * Fills an empty set from found (struct found, in the order of the file; sorted anew by
 * this). 0, -ENOMEM, or -EBADMSG: the part at byte *at cannot stand there, *wrong says why.
 */
int answers_arrange(struct answers *set, struct vec *found, size_t *at, const char **wrong);

/* The (nth+1)th of *n answers for text, the last if nth is past it; NULL: there are none.
 */
const struct answer *answers_find(const struct answers *set, const char *text, unsigned nth,
				  size_t *n);

#endif
