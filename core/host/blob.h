/*
 * A blob: bytes read from this host (or from a recording of one), named by the request that
 * asked for them. The only form in which facts enter. Says nothing of what the bytes mean.
 */
#ifndef CORE_HOST_BLOB_H
#define CORE_HOST_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOB_PART_MAX 65536 /* bytes of one part at most */

enum blob_status {
	BLOB_MORE, /* further parts follow */
	BLOB_LAST, /* the last part of a whole answer, or of an error if error is set */
	BLOB_INTERRUPTED, /* last; it changed while it was read, or its reader died: may be
			     incomplete */
	BLOB_TRUNCATED,   /* last; the kernel or a limit cut it */
	BLOB_TIMED_OUT,   /* last; its deadline passed, what came before stands */
};

/*
 * One part. Parts of one answer share seq and count from 0; a second part 0 means that the
 * answer starts anew (a dump that changed under way) and what came before is void. An
 * answer always ends with one part whose status is not BLOB_MORE, which may be empty.
 */
struct blob {
	uint32_t seq; /* of the request, counted from 1 */
	uint32_t part;
	enum blob_status status;
	int error;       /* 0, or a positive errno value: why there is no (whole) answer */
	uint64_t netns;  /* inode of the network namespace it was read in; 0: not known */
	int64_t wall_ns; /* CLOCK_REALTIME and CLOCK_BOOTTIME when the part was read */
	int64_t boot_ns;
	const uint8_t *bytes; /* borrowed until the next receive on the channel */
	size_t len;
};

static inline bool blob_is_end(const struct blob *b)
{
	return b->status != BLOB_MORE;
}

#endif
