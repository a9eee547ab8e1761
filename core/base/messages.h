/* The netlink messages of one part of a dump, in turn. Knows framing, no meaning. */
#ifndef CORE_BASE_MESSAGES_H
#define CORE_BASE_MESSAGES_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stddef.h>

#include "core/base/vec.h"

/*
 * Calls decode(context, message) for every message of this type (0: of any), whose header
 * of header_size bytes is there. Messages are aligned, DONE and NOOP passed over. 0;
 * -EBADMSG: damaged, or of another type; -ENOMEM; or the first error of decode.
 */
int messages_each(const void *bytes, size_t len, int type, int header_size,
		  int (*decode)(void *context, const struct nlmsghdr *h), void *context);

/* The same for a decode that appends to rows: nothing is kept of a part that ends with an
 * error. */
int messages_into(struct vec *rows, const void *bytes, size_t len, int type,
		  int header_size, int (*decode)(void *context, const struct nlmsghdr *h),
		  void *context);

/*
 * The attributes behind the header, attr[0 .. max_type]; NULL where there is none. 0 or
 * -EBADMSG: one of them is shorter than min_sizes[type] tells.
 */
int messages_attributes(const struct nlmsghdr *h, int header_size, struct nlattr **attr,
			int max_type, const unsigned char *min_sizes);

#endif
