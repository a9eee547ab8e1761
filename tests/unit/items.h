/* Bundles for tests: made of rows, or taken apart into their items. */
#ifndef TESTS_UNIT_ITEMS_H
#define TESTS_UNIT_ITEMS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/bundle.h"

#define N_OF(rows) (sizeof(rows) / sizeof(*(rows)))
#define LIT(s)     ((struct text){s, sizeof(s) - 1})
#define ITEM(n, d)                             \
	{                                      \
		.name = LIT(n), .data = LIT(d) \
	}
#define ITEM_ERROR(n, e)                   \
	{                                  \
		.name = LIT(n), .error = e \
	}
#define ITEMS_MAX 128

/* Writes rows up to the first without a name and data, at most n. Returns the bytes used.
 */
static inline size_t items_put(uint8_t *out, size_t room, const struct bundle_item *rows,
			       size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n && (rows[i].name.bytes || rows[i].data.bytes); i++) {
		long size = bundle_put(out + used, room - used, &rows[i]);

		assert_true(size > 0);
		used += (size_t)size;
	}
	return used;
}

/* The items of a whole bundle, borrowed. */
static inline size_t items_of(const void *bytes, size_t len,
			      struct bundle_item out[ITEMS_MAX])
{
	struct bundle_reader reader;
	size_t n = 0;

	bundle_read(&reader, bytes, len);
	while (n < ITEMS_MAX && bundle_next(&reader, &out[n]) == 1)
		n++;
	assert_in_range(n, 1, ITEMS_MAX - 1);
	return n;
}

/* Fails with the name of the row. */
static inline void assert_text(const char *row, struct text actual, const char *expected)
{
	if (!text_equals_str(actual, expected))
		fail_msg("%s: \"%.*s\", not \"%s\"", row, (int)actual.len,
			 actual.len ? actual.bytes : "", expected);
}

#endif
