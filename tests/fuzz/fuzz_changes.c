/* Any bytes as what changed on the host, and as zones of firewalld. */
#include <assert.h>

#include "core/logs/changes.h"
#include "core/services/zones.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct change_decoder *d = changes_new(3600);
	struct change_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		changes_decode(d, bytes, len);
	t = changes_finish(d);
	for (size_t i = 0; i < t->n; i++) {
		assert(!text_is_empty(t->rows[i].what));
		assert(i == 0 || t->rows[i - 1].wall_ns >= t->rows[i].wall_ns);
	}
	for (size_t i = 0; i < t->n_files; i++) {
		struct text zone = zone_file_name(&t->files[i]);
		enum tri opens =
			zone_file_opens(&t->files[i], t->files, t->n_files, 6, 443);

		assert(t->files[i].path.len);
		assert(!t->files[i].error || opens == TRI_UNSURE);
		assert(!zone.len || zone.len < t->files[i].path.len);
	}
	table_unref(t);
	changes_free(d);
	return 0;
}
