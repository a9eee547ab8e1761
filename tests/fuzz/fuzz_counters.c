/* Any bytes as the counters of a namespace. */
#include <assert.h>

#include "core/network/counters.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct counter_decoder *d = counters_new();
	struct counter_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		counters_decode(d, bytes, len);
	t = counters_finish(d);
	for (size_t i = 0; i < t->n; i++) {
		uint64_t value;

		assert(counters_get(t, t->rows[i].name.bytes, &value));
		assert(value == t->rows[i].value);
	}
	table_unref(t);
	counters_free(d);
	return 0;
}
