/* Any bytes as the parts of a dump of neighbours. */
#include <assert.h>

#include "core/network/neighbours.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct neighbour_decoder d;
	struct neighbour_table *t;
	const uint8_t *bytes;
	size_t len;

	neighbours_init(&d);
	while (parts_next(&p, &bytes, &len))
		neighbours_decode(&d, bytes, len);
	t = neighbours_finish(&d);
	for (size_t i = 0; i < t->n; i++) {
		struct addr plain = addr_unmapped(&t->rows[i].address);

		assert(!addr_equals(&plain, &t->rows[i].address) ||
		       neighbours_find(t, &plain, t->rows[i].ifindex) == &t->rows[i]);
		assert(neighbour_state_word(t->rows[i].state));
	}
	table_unref(t);
	neighbours_release(&d);
	return 0;
}
