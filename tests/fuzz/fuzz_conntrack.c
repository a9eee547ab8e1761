/* Any bytes as the parts of a dump of conntrack. */
#include <assert.h>

#include "core/nat/conntrack.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct conntrack_decoder *d = conntrack_new();
	struct conntrack_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		conntrack_decode(d, bytes, len);
	t = conntrack_finish(d);
	for (size_t i = 0; i < t->n; i++) {
		const struct conntrack_row *row = &t->rows[i];

		assert(conntrack_find(t, row->proto, &row->original, false));
		assert(conntrack_find(t, row->proto, &row->reply, true));
		assert(conntrack_is_translated(row) || !conntrack_is_dnat(row));
		assert(conntrack_tcp_state_word(row->tcp_state));
	}
	table_unref(t);
	conntrack_free(d);
	return 0;
}
