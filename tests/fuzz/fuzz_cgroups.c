/* Any bytes as the parts of the tree of control groups. */
#include <assert.h>

#include "core/sockets/cgroups.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct cgroup_decoder *d = cgroups_new();
	struct cgroup_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		cgroups_decode(d, bytes, len);
	t = cgroups_finish(d);
	for (size_t i = 0; i < t->n; i++)
		assert(!text_is_empty(cgroups_path(t, t->rows[i].id)));
	table_unref(t);
	cgroups_free(d);
	return 0;
}
