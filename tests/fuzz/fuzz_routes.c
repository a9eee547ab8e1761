/* Any bytes as the parts of an answer to a question for a route. */
#include <assert.h>

#include "core/network/routes.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct route_decoder d;
	struct route_answer *t;
	const uint8_t *bytes;
	size_t len;

	routes_init(&d);
	while (parts_next(&p, &bytes, &len))
		routes_decode(&d, bytes, len);
	t = routes_finish(&d, 0);
	assert(t->error >= 0);
	assert(t->prefix_len <= 128);
	table_unref(t);
	routes_init(&d);
	return 0;
}
