/* Any bytes as what changed on the host. */
#include <assert.h>

#include "core/logs/changes.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct change_decoder *d = changes_new(3600);
	struct change_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		changes_decode(d, bytes, len);
	t = changes_finish(d);
	for (size_t i = 0; i < t->n; i++) {
		assert(!text_is_empty(t->rows[i].what));
		assert(i == 0 || t->rows[i - 1].wall_ns >= t->rows[i].wall_ns);
	}
	table_unref(t);
	changes_free(d);
	return 0;
}
