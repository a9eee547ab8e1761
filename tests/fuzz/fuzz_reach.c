/* Any bytes as the parts of what our own tries of a port gave. */
#include <assert.h>

#include "core/network/reach.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct reach_table *t = reach_new();
	const struct reach_result *winner;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		reach_decode(t, bytes, len);
	assert(t->n <= REACH_MAX && t->n_variables <= REACH_VARIABLES_MAX);
	winner = reach_winner(t);
	for (size_t i = 0; i < t->n; i++) {
		const struct reach_result *r = &t->rows[i];

		assert((unsigned)r->outcome < N_REACH_OUTCOMES);
		assert((unsigned)r->said.heard < N_HEARD);
		assert((unsigned)r->second.heard < N_HEARD);
		assert(reach_result_word(r) && reach_talk_word(r->second.said));
		assert(!r->is_told || reach_result_of(t, &r->to));
		assert(winner || !r->is_told || r->outcome != REACH_CONNECTED);
	}
	table_unref(t);
	return 0;
}
