/* Words and numbers in the small files of procfs. Knows no file. */
#include "core/snapshot/words.h"

#include <string.h>

#include "core/base/pieces.h"

bool words_number(struct text t, uint64_t max, uint64_t *out)
{
	t = piece_strip(t);
	return piece_number(&t, max, out);
}

bool words_next(struct text *rest, struct text *out)
{
	size_t n = 0;

	*rest = piece_strip(*rest);
	while (n < rest->len && rest->bytes[n] != ' ' && rest->bytes[n] != '\t')
		n++;
	*out = piece_head(*rest, n);
	*rest = piece_tail(*rest, n);
	return n > 0;
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
