/* Any bytes as the parts of what bridges have learned. */
#include <assert.h>

#include "core/network/bridge_tables.h"
#include "tests/fuzz/parts.h"

static void look(const struct bridge_table *t)
{
	for (size_t i = 0; i < t->n_learned && i < 64; i++) {
		const struct bridge_learned *row = &t->learned[i];
		uint32_t port = bridge_port_of(t, row->bridge, row->mac);

		assert(!port || port == row->port);
		assert(!row->is_own || !port);
	}
	for (size_t i = 0; i < t->n_vlans && i < 64; i++) {
		const struct bridge_vlans *row = &t->vlans[i];

		assert(row->first && row->first <= row->last);
		assert(bridge_vlan_at(t, row->ifindex, row->last));
		assert(!row->is_pvid || bridge_vlan_of(t, row->ifindex));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct bridge_decoder d;
	struct bridge_table *t;
	const uint8_t *bytes;
	size_t len;

	bridges_init(&d);
	while (parts_next(&p, &bytes, &len))
		bridges_decode(&d, bytes, len);
	t = bridges_finish(&d);
	look(t);
	table_unref(t);
	bridges_release(&d);
	return 0;
}
