/* Walking a dump by libnl, on bytes that may stand anywhere and say anything. */
#include "core/base/messages.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int walk(const void *bytes, int left, int type, int header_size,
		int (*decode)(void *context, const struct nlmsghdr *h), void *context)
{
	struct nlmsghdr *h = (struct nlmsghdr *)bytes; /* libnl's walkers know no const */

	for (; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		int error;

		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_NOOP)
			continue;
		if ((type && h->nlmsg_type != type) || !nlmsg_valid_hdr(h, header_size))
			return -EBADMSG;
		error = decode(context, h);
		if (error)
			return error;
	}
	return left > 0 ? -EBADMSG : 0;
}

int messages_each(const void *bytes, size_t len, int type, int header_size,
		  int (*decode)(void *context, const struct nlmsghdr *h), void *context)
{
	void *copy = NULL;
	int error;

	if (len > INT_MAX - NLMSG_ALIGNTO)
		return -EBADMSG;
	if ((uintptr_t)bytes % NLMSG_ALIGNTO) {
		copy = malloc(len);
		if (!copy)
			return -ENOMEM;
		bytes = memcpy(copy, bytes, len);
	}
	error = walk(bytes, (int)len, type, header_size, decode, context);
	free(copy);
	return error;
}

int messages_into(struct vec *rows, const void *bytes, size_t len, int type,
		  int header_size, int (*decode)(void *context, const struct nlmsghdr *h),
		  void *context)
{
	size_t n_before = rows->n;
	int error = messages_each(bytes, len, type, header_size, decode, context);

	if (error)
		vec_truncate(rows, n_before);
	return error;
}

int messages_attributes(const struct nlmsghdr *h, int header_size, struct nlattr **attr,
			int max_type, const unsigned char *min_sizes)
{
	if (nla_parse(attr, max_type, nlmsg_attrdata(h, header_size),
		      nlmsg_attrlen(h, header_size), NULL) < 0)
		return -EBADMSG;
	for (int type = 0; type <= max_type; type++) {
		if (attr[type] && nla_len(attr[type]) < min_sizes[type])
			return -EBADMSG;
	}
	return 0;
}
