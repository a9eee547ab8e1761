/* Any bytes as the text tables of /proc/net, whole and cut: listeners and connections. */
#include <errno.h>
#include <string.h>

#include "core/sockets/connections.h"
#include "core/sockets/procnet.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"net/tcp", "net/tcp6", "net/udp", "net/udp6"};
	struct parts p = parts_of(data, size);
	struct vec rows = VEC_OF(struct socket_row);
	struct bundle_item item = {.name = text_of(names[p.select % 4])};
	struct connection_counter *c;
	uint8_t ports[8192];
	const uint8_t *bytes;

	memset(ports, 0xff, sizeof(ports));
	c = connections_new(ports);
	while (parts_next(&p, &bytes, &item.data.len)) {
		item.data.bytes = (const char *)bytes;
		item.error = p.select & 4 ? EMSGSIZE : 0;
		procnet_decode(&rows, &item);
		connections_decode_text(c, &item);
	}
	table_unref(procnet_finish(&rows));
	table_unref(connections_finish(c));
	connections_free(c);
	vec_release(&rows);
	return 0;
}
