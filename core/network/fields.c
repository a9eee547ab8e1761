/* Numbers and named values of the small files of /proc. Knows no file. */
#include "core/network/fields.h"

#include <string.h>

#include "core/base/pieces.h"

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

bool fields_number(struct text t, unsigned base, uint64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < t.len; i++) {
		unsigned digit = digit_of(t.bytes[i]);

		if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return false;
	}
	if (!t.len)
		return false;
	*out = value;
	return true;
}

bool fields_value(struct text word, const char *key, struct text *value)
{
	if (!piece_starts(word, key))
		return false;
	*value = piece_tail(word, strlen(key));
	return true;
}
