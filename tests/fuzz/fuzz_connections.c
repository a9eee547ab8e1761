/* Any bytes as the parts of a dump of connections; each end is then looked for among
 * listeners of the same bytes. */
#include <assert.h>
#include <string.h>

#include "core/sockets/connections.h"
#include "core/sockets/diag.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct connection_counter *c;
	struct connection_table *t;
	struct diag_decoder d;
	struct socket_table *listeners;
	uint8_t ports[8192];
	const uint8_t *bytes;
	size_t len;

	memset(ports, p.select % 2 ? 0xff : 0x55, sizeof(ports));
	c = connections_new(ports);
	diag_init(&d);
	while (parts_next(&p, &bytes, &len)) {
		connections_decode(c, bytes, len);
		diag_decode(&d, PROTO_TCP, bytes, len);
	}
	listeners = diag_finish(&d);
	t = connections_finish(c);
	for (size_t i = 0; i < t->n; i++)
		assert(connections_listener(listeners, &t->rows[i]) < (long)listeners->n);
	table_unref(t);
	table_unref(listeners);
	diag_release(&d);
	connections_free(c);
	return 0;
}
