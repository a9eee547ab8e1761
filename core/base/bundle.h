/*
 * A bundle: what reading files gave, as bytes. The answer of every source that reads
 * procfs, sysfs or files is one: a run of items {name, error, data}. It says nothing of
 * what the data means.
 *
 * An item on the wire, little endian: u32 data_len, u16 name_len, i16 error, name, data; no
 * padding. error is 0 or a positive errno value (then data is what was read before it,
 * often nothing). A blob part holds whole items only; data longer than a part's room is cut
 * and the error is EMSGSIZE.
 */
#ifndef CORE_BASE_BUNDLE_H
#define CORE_BASE_BUNDLE_H

#include <stdbool.h>

#include "core/base/cursor.h"
#include "core/base/text.h"

#define BUNDLE_HEAD     8    /* bytes before an item's name */
#define BUNDLE_NAME_MAX 4096 /* longer names are refused */

struct bundle_item {
	struct text name; /* "812/stat", "812/fd/3", "etc/services" */
	struct text data; /* a file's content, a link's target, or digits */
	int error;
};

struct bundle_reader {
	struct cursor cursor;
};

void bundle_read(struct bundle_reader *r, const void *bytes, size_t len);
/* 1: an item, borrowed from the input; 0: the end; -EBADMSG: damaged (then always so). */
int bundle_next(struct bundle_reader *r, struct bundle_item *out);

/*
 * Calls take(context, item) for every item. A shortage of memory ends it; what else take
 * says is wrong with an item does not keep the later ones from it. 0; -ENOMEM; -EBADMSG:
 * the bundle or any item is damaged; else the last error of take.
 */
int bundle_each(const void *bytes, size_t len,
		int (*take)(void *context, const struct bundle_item *item), void *context);

/*
 * Writes one item into room bytes at out. Returns its size, or -EMSGSIZE if it does not fit
 * (nothing is written), or -EINVAL for a name longer than BUNDLE_NAME_MAX or an error
 * outside 0..32767.
 */
long bundle_put(void *out, size_t room, const struct bundle_item *item);

#endif
