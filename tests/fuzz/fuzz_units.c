/* Any bytes as the parts of the socket unit files. */
#include <assert.h>

#include "core/sockets/units.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct socket_unit_decoder *d = socket_units_new();
	struct socket_unit_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		socket_units_decode(d, bytes, len);
	t = socket_units_finish(d);
	for (size_t i = 0; i < t->n; i++) {
		const struct socket_row s = {
			.proto = t->rows[i].proto,
			.local = t->rows[i].local,
			.port = t->rows[i].port,
		};

		assert(socket_units_find(t, &s));
	}
	table_unref(t);
	socket_units_free(d);
	return 0;
}
