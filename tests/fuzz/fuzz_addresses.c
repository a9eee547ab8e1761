/* Any bytes as the parts of dumps of addresses and of local routes; each address is then
 * asked for. */
#include <assert.h>

#include "core/network/addresses.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct address_decoder a;
	struct local_route_decoder r;
	struct address_table *addresses;
	struct local_route_table *routes;
	const uint8_t *bytes;
	size_t len;

	addresses_init(&a);
	local_routes_init(&r);
	while (parts_next(&p, &bytes, &len)) {
		addresses_decode(&a, bytes, len);
		local_routes_decode(&r, bytes, len);
	}
	addresses = addresses_finish(&a);
	routes = local_routes_finish(&r);
	for (size_t i = 0; i < routes->n; i++) {
		const struct addr *prefix = &routes->rows[i].prefix;

		assert(addr_is_v4_mapped(prefix) ||
		       address_is_here(addresses, routes, prefix) == TRI_YES);
	}
	address_primary(addresses);
	table_unref(addresses);
	table_unref(routes);
	addresses_release(&a);
	local_routes_release(&r);
	return 0;
}
