/* Any bytes as the items of a few processes. */
#include <assert.h>

#include "core/sockets/processes.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct process_state_decoder *d = process_states_new();
	struct process_state_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		process_states_decode(d, bytes, len);
	t = process_states_finish(d);
	for (size_t i = 0; i < t->n; i++) {
		assert(process_states_find(t, t->rows[i].pid) == &t->rows[i]);
		assert(t->rows[i].n_fds >= -1 && t->rows[i].fd_limit >= -1);
		assert(t->rows[i].cmdline.len <= PROCESS_CMDLINE_MAX);
		assert(t->rows[i].has_cmdline || !t->rows[i].cmdline.len);
	}
	table_unref(t);
	process_states_free(d);
	return 0;
}
