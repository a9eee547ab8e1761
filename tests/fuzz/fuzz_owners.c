/* Any bytes as the parts of an owner scan, and as the cgroup file of a process. */
#include <assert.h>

#include "core/sockets/owners.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct owner_decoder *d = owners_new();
	const struct owner_link *first;
	struct owner_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		owners_decode(d, bytes, len);
	t = owners_finish(d);
	for (size_t i = 0; i < t->n_links; i++) {
		assert(t->links[i].process < t->n_processes);
		assert(owners_of(t, t->links[i].inode, &first) && first <= &t->links[i]);
	}
	for (size_t i = 0; i < t->n_partial; i++)
		assert(owners_is_partial(t, t->partial[i]));
	table_unref(t);
	owners_free(d);
	cgroup_names_of((struct text){(const char *)data, size});
	return 0;
}
