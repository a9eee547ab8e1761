/* Any bytes as the settings of a namespace. */
#include <assert.h>

#include "core/network/settings.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct setting_decoder *d = settings_new();
	struct setting_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		settings_decode(d, bytes, len);
	t = settings_finish(d);
	for (size_t i = 0; i < t->n; i++) {
		int64_t value;

		assert(i == 0 || text_compare(t->rows[i - 1].name, t->rows[i].name) < 0);
		(void)settings_int(t, t->rows[i].name.bytes, &value);
		(void)settings_device_int(t, 2, t->rows[i].name, "rp_filter", &value);
	}
	assert(t->legacy_error >= 0);
	table_unref(t);
	settings_free(d);
	return 0;
}
