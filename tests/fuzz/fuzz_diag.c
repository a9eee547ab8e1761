/* Any bytes as the parts of a sock_diag answer. */
#include <assert.h>

#include "core/sockets/diag.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct diag_decoder d;
	struct socket_table *t;
	const uint8_t *bytes;
	size_t len;

	diag_init(&d);
	while (parts_next(&p, &bytes, &len))
		diag_decode(&d, p.select % N_PROTOS, bytes, len);
	t = diag_finish(&d);
	for (size_t i = 1; i < t->n; i++)
		assert(socket_row_compare(&t->rows[i - 1], &t->rows[i]) <= 0);
	table_unref(t);
	diag_release(&d);
	return 0;
}
