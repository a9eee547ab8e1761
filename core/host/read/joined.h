/*
 * Files that the call named as what the other end says, read before any right was given up:
 * a worker hands them on as an answer, so that a recording has them. Opens nothing itself.
 */
#ifndef CORE_HOST_JOINED_H
#define CORE_HOST_JOINED_H

#include <stddef.h>
#include <stdint.h>

enum { JOINED_FILES_MAX = 8, JOINED_BYTES_MAX = 256 * 1024 };

struct joined_file {
	const char *name; /* without its folders; borrowed */
	char *bytes;      /* owned; what is over the limit is left out */
	size_t len;
	int64_t written_ns; /* wall: when it was written last; of a pipe: when it was read
			     */
	int error;          /* positive errno; EMSGSIZE: it is longer */
};

struct joined_files {
	struct joined_file files[JOINED_FILES_MAX];
	size_t n;
};

/* One more, of an open file (not closed), which is read to its end or the limit. path:
 * borrowed. 0, -ENOSPC, -ENOMEM. */
int joined_add(struct joined_files *j, const char *path, int fd);
/* What the workers that are forked from now on have. Borrowed for good. */
void joined_give(const struct joined_files *j);

#endif
