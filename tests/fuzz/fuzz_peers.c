/* Any bytes as the parts of a dump of one port's connections. */
#include <assert.h>

#include "core/sockets/peers.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct peer_decoder *d = peers_new(443);
	uint64_t n = 0, n_of_nets = 0;
	struct peer_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		peers_decode(d, bytes, len);
	t = peers_finish(d);
	for (size_t i = 0; i < t->n; i++)
		n += t->rows[i].n;
	for (size_t i = 0; i < t->n_nets; i++)
		n_of_nets += t->nets[i].n;
	assert(n == n_of_nets && (n == t->total || t->is_cut));
	table_unref(t);
	peers_free(d);
	return 0;
}
