/* Text from outside made visible: no control byte leaves, and the way back is exact. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct text t, enum text_mode mode)
{
	struct str shown = {0}, back = {0};

	if (text_show(&shown, t, mode))
		abort();
	for (size_t i = 0; i < shown.len; i++) {
		uint8_t byte = (uint8_t)shown.data[i];

		if (byte < 0x20 || byte == 0x7f || (mode == TEXT_ASCII && byte > 0x7e))
			abort();
	}
	if (text_unshow(&back, (struct text){shown.data, shown.len}))
		abort();
	if (back.len != t.len || (t.len && memcmp(back.data, t.bytes, t.len) != 0))
		abort();
	str_release(&shown);
	str_release(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text t = {(const char *)data, size};

	check(t, TEXT_UTF8);
	check(t, TEXT_ASCII);
	return 0;
}
