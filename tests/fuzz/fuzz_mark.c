/* Any bytes as the parts of an answer about the generation of the rules. */
#include <assert.h>

#include "core/firewall/mark.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct fw_mark_decoder *d = fw_mark_new();
	struct fw_mark *m, *empty;
	const uint8_t *bytes;
	size_t len;

	assert(d);
	while (parts_next(&p, &bytes, &len))
		fw_mark_decode(d, bytes, len);
	m = fw_mark_finish(d);
	empty = fw_mark_finish(d);
	assert(m && empty);
	assert(!empty->has_generation && !empty->n_legacy && !empty->is_changing);
	assert(fw_mark_is_same(m, m) == !m->is_changing);
	assert(m->n_legacy <= size / 16);
	fw_mark_free(d);
	table_unref(m);
	table_unref(empty);
	return 0;
}
