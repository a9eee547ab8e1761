/* Any bytes as the parts of an answer about one key of a set. */
#include <assert.h>

#include "core/firewall/eval/member.h"
#include "core/firewall/eval/sets.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t keys[2][64] = {{0}, {10, 9, 0, 2, 0, 80}};
	struct parts p = parts_of(data, size);
	struct member_decoder *d = member_new();
	struct fw_member *m;
	const uint8_t *bytes;
	size_t len;

	assert(d);
	while (parts_next(&p, &bytes, &len))
		member_decode(d, bytes, len);
	m = member_finish(d);
	assert(!member_finish(d));
	member_free(d);
	for (size_t i = 0; m && m->has_set && i < 2; i++) {
		uint32_t found = set_find(&m->set, keys[i], sizeof(keys[i]));

		assert(found == FW_NONE || found < m->set.n_elements);
		if (found != FW_NONE)
			set_end_of(&m->set, found);
	}
	if (m) {
		assert(m->has_set || !m->set.n_elements);
		assert(m->is_in == TRI_YES || m->is_in == TRI_NO || m->is_in == TRI_UNSURE);
		assert(!m->has_set || member_fits(m, &m->set));
	}
	table_unref(m);
	return 0;
}
