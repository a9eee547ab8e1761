/* Numbers in the small files of procfs. Knows no file. */
#include "core/snapshot/words.h"

#include <string.h>

#include "core/base/pieces.h"

bool words_number(struct text t, uint64_t max, uint64_t *out)
{
	t = piece_strip(t);
	return piece_number(&t, max, out);
}

uint64_t words_hex(struct text t)
{
	uint64_t value = 0;

	for (size_t i = 0; i < t.len; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = t.bytes[i] ? strchr(digits, t.bytes[i]) : NULL;

		if (!digit)
			break;
		value = value << 4 | (uint64_t)(digit - digits);
	}
	return value;
}
