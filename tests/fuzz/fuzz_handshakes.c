/* Any bytes as the parts of a dump of one port's listeners and handshakes. */
#include <assert.h>

#include "core/sockets/handshakes.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct handshake_decoder *d = handshakes_new();
	struct addr anybody = {0};
	struct handshake_table *t;
	const uint8_t *bytes;
	uint8_t n_repeats;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		handshakes_decode(d, bytes, len);
	t = handshakes_finish(d);
	assert(handshakes_of(t, &anybody, &n_repeats) == t->n);
	for (size_t i = 0; i < t->n_listeners; i++)
		assert(!t->listeners[i].cookie ||
		       handshakes_listener(t, t->listeners[i].cookie) == &t->listeners[i]);
	table_unref(t);
	handshakes_free(d);
	return 0;
}
