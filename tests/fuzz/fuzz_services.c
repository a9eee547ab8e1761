/* Any bytes as /etc/services and as /etc/passwd; each name is then asked for. */
#include <assert.h>

#include "core/services/names.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text file = {(const char *)data, size};
	struct port_name_table *ports = port_names_parse(file);
	struct user_table *users = users_parse(file);

	for (size_t i = 0; i < ports->n; i++) {
		const struct port_name *row = &ports->rows[i];

		assert(text_equals(port_names_find(ports, row->port, row->is_udp),
				   row->name));
		assert(port_names_port(ports, row->name, row->is_udp) != 0);
	}
	for (size_t i = 0; i < users->n; i++)
		assert(text_equals(users_find(users, users->rows[i].uid),
				   users->rows[i].name));
	table_unref(ports);
	table_unref(users);
	return 0;
}
