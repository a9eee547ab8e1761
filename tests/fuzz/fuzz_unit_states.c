/* Any bytes as the states of units. */
#include <assert.h>

#include "core/services/unit_states.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct unit_state_decoder *d = unit_states_new();
	struct unit_state_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		unit_states_decode(d, bytes, len);
	t = unit_states_finish(d);
	for (size_t i = 0; i < t->n; i++) {
		assert(t->rows[i].id.len > 0);
		assert(i == 0 || text_compare(t->rows[i - 1].id, t->rows[i].id) <= 0);
		assert(unit_states_find(t, t->rows[i].id));
		unit_state_is_down(&t->rows[i]);
	}
	table_unref(t);
	unit_states_free(d);
	return 0;
}
