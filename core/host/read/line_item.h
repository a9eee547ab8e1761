/*
 * Text of any length as items of one name, each of whole lines where a line is not longer
 * than an item. Does not know what the lines say.
 */
#ifndef CORE_HOST_LINE_ITEM_H
#define CORE_HOST_LINE_ITEM_H

#include "core/host/tape/bundle_out.h"

struct line_item {
	struct bundle_out *out;
	const char *name; /* borrowed */
	size_t len, n_items;
	char bytes[60000]; /* with a name, less than one part */
};

void line_item_start(struct line_item *i, struct bundle_out *out, const char *name);
void line_item_add(struct line_item *i, const char *bytes, size_t len);
/* The rest; there is at least one item. error: of it, positive or 0. 0 or the sticky error
 * of out. */
int line_item_end(struct line_item *i, int error);

/*
 * Of the last `limit` bytes of an open regular file, from its present end, the lines that
 * begin in them. EINVAL is the item's error of what is no regular file, EILSEQ of what is
 * no text (many NULs behind those at the front).
 */
int line_item_tail(struct bundle_out *out, int fd, const char *name, size_t limit);

#endif
