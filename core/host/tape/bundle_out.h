/* Writing a bundle as the parts of one answer, to the broker. */
#ifndef CORE_HOST_BUNDLE_OUT_H
#define CORE_HOST_BUNDLE_OUT_H

#include "core/base/bundle.h"
#include "core/host/blob.h"

struct bundle_out {
	int fd;           /* packet socket, blocking for us */
	struct blob part; /* seq, part, netns of what comes next */
	uint8_t bytes[BLOB_PART_MAX];
	size_t len;
	int error; /* sticky, negative: nothing more can be sent */
};

void bundle_out_start(struct bundle_out *o, int fd, uint32_t seq, uint64_t netns);
/* One item; sends a part when the room is full. 0 or the sticky error. */
int bundle_out_item(struct bundle_out *o, const char *name, const void *data, size_t len,
		    int error);
/* The last part with its status and error (positive errno or 0). 0 or the sticky error. */
int bundle_out_end(struct bundle_out *o, enum blob_status status, int error);

/*
 * Reads a file (at most limit bytes; the error of a longer one is EMSGSIZE) relative to
 * dir_fd and writes it as one item, or where one part has no room for it as several of the
 * same name. What cannot be read is an item with the error. Never waits for a FIFO or
 * device: only regular files are read (EINVAL).
 */
int bundle_out_file(struct bundle_out *o, int dir_fd, const char *path, const char *name,
		    size_t limit);

#endif
