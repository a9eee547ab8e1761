/* Any bytes as the parts of a dump of interfaces. */
#include <assert.h>

#include "core/network/links.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct link_decoder d;
	struct link_table *t;
	const uint8_t *bytes;
	size_t len;

	links_init(&d);
	while (parts_next(&p, &bytes, &len))
		links_decode(&d, bytes, len);
	t = links_finish(&d);
	for (size_t i = 0; i < t->n; i++)
		assert(links_find(t, t->rows[i].ifindex) == &t->rows[i]);
	table_unref(t);
	links_release(&d);
	return 0;
}
