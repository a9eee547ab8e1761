/* Cutting borrowed text from outside into pieces. Knows no format. */
#include "core/base/pieces.h"

#include <string.h>

bool piece_starts(struct text t, const char *prefix)
{
	size_t n = strlen(prefix);

	return t.len >= n && (n == 0 || memcmp(t.bytes, prefix, n) == 0);
}

bool piece_ends(struct text t, const char *suffix)
{
	size_t n = strlen(suffix);

	return t.len >= n && piece_starts(piece_tail(t, t.len - n), suffix);
}

struct text piece_head(struct text t, size_t n)
{
	return n < t.len ? (struct text){t.bytes, n} : t;
}

struct text piece_tail(struct text t, size_t n)
{
	if (n >= t.len)
		return TEXT_NONE;
	return (struct text){t.bytes + n, t.len - n};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct text piece_strip(struct text t)
{
	while (t.len && is_blank(t.bytes[0]))
		t = piece_tail(t, 1);
	while (t.len && is_blank(t.bytes[t.len - 1]))
		t.len--;
	return t;
}

struct text piece_whole_lines(struct text t)
{
	while (t.len && t.bytes[t.len - 1] != '\n')
		t.len--;
	return t;
}

bool piece_next(struct text *rest, char separator, struct text *out)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->bytes, separator, rest->len);
	*out = end ? piece_head(*rest, (size_t)(end - rest->bytes)) : *rest;
	*rest = piece_tail(*rest, out->len + 1);
	return true;
}

bool piece_word(struct text *rest, struct text *out)
{
	size_t n = 0;

	*rest = piece_strip(*rest);
	while (n < rest->len && !is_blank(rest->bytes[n]))
		n++;
	*out = piece_head(*rest, n);
	*rest = piece_tail(*rest, n);
	return n > 0;
}

bool piece_number(struct text *rest, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	size_t n;

	for (n = 0; n < rest->len; n++) {
		unsigned digit = (unsigned)(unsigned char)rest->bytes[n] - '0';

		if (digit > 9)
			break;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value) || value > max)
			return false;
	}
	if (!n)
		return false;
	*rest = piece_tail(*rest, n);
	*out = value;
	return true;
}
