/* Lines, words and numbers of the small files of /proc. Knows no file. */
#include "core/network/fields.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct text tail(struct text t, size_t n)
{
	return n < t.len ? (struct text){t.bytes + n, t.len - n} : TEXT_NONE;
}

bool fields_line(struct text *rest, struct text *out)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->bytes, '\n', rest->len);
	*out = *rest;
	if (end)
		out->len = (size_t)(end - rest->bytes);
	*rest = tail(*rest, out->len + 1);
	return true;
}

bool fields_word(struct text *rest, struct text *out)
{
	size_t n = 0;

	while (rest->len && is_blank(rest->bytes[0]))
		*rest = tail(*rest, 1);
	while (n < rest->len && !is_blank(rest->bytes[n]))
		n++;
	*out = (struct text){rest->bytes, n};
	*rest = tail(*rest, n);
	return n > 0;
}

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
	size_t n = strlen(key);

	if (word.len < n || memcmp(word.bytes, key, n))
		return false;
	*value = tail(word, n);
	return true;
}

struct text fields_strip(struct text t)
{
	while (t.len && is_blank(t.bytes[0]))
		t = tail(t, 1);
	while (t.len && is_blank(t.bytes[t.len - 1]))
		t.len--;
	return t;
}
