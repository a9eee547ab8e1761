/*
 * One block format of tar archives: ustar (POSIX.1-1988, tar(5)), as far as a recording
 * needs it. Works on memory only: opens no file, extracts nothing, knows no extended
 * headers.
 */
#ifndef CORE_HOST_TAR_H
#define CORE_HOST_TAR_H

#include <stddef.h>
#include <stdint.h>

#define TAR_BLOCK    512
#define TAR_NAME_MAX 256                   /* prefix (155), '/', name (100) */
#define TAR_SIZE_MAX (UINT64_C(512) << 20) /* of one member; more is refused */
#define TAR_END_MARK (2 * TAR_BLOCK)       /* zero bytes after the last member */

/* Zero bytes after size bytes of data. */
static inline size_t tar_padding(size_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

/*
 * Writes the header of a regular file (0600, root) of size bytes. 0, -ENAMETOOLONG for a
 * name that is empty or cannot be split at a '/', -EFBIG for a size over TAR_SIZE_MAX. A
 * time that ustar cannot hold becomes 0.
 */
int tar_put_header(uint8_t out[TAR_BLOCK], const char *name, size_t size, int64_t mtime_s);

/* The place in an archive. Zeroed but for bytes and len it stands at the first header. */
struct tar_reader {
	const uint8_t *bytes; /* borrowed */
	size_t len;
	size_t at;          /* the next header; after TAR_DAMAGED the damage */
	const char *damage; /* after TAR_DAMAGED: what is wrong there, in words */
};

struct tar_member {
	char name[TAR_NAME_MAX + 1];
	char type;           /* '0' or NUL: a regular file */
	const uint8_t *data; /* borrowed, size bytes */
	size_t size;
	size_t at; /* of its header */
};

enum tar_step {
	TAR_MEMBER,  /* *out is the next member, whole */
	TAR_END,     /* the end mark; what follows it is not looked at */
	TAR_CUT,     /* the bytes end first: inside a member if at < len */
	TAR_DAMAGED, /* see at and damage */
};

/* Any bytes are allowed. *out changes with TAR_MEMBER only; the other steps repeat
 * themselves. */
enum tar_step tar_next(struct tar_reader *r, struct tar_member *out);

#endif
