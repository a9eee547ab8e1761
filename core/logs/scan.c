/* Words, digits and literals at the front of a line. Knows no format. */
#include "core/logs/scan.h"

#include <string.h>

struct text scan_head(struct text t, size_t n)
{
	return n < t.len ? (struct text){t.bytes, n} : t;
}

struct text scan_tail(struct text t, size_t n)
{
	return n < t.len ? (struct text){t.bytes + n, t.len - n} : TEXT_NONE;
}

bool scan_starts(struct text t, const char *literal)
{
	size_t n = strlen(literal);

	return t.len >= n && (!n || !memcmp(t.bytes, literal, n));
}

bool scan_literal(struct text *rest, const char *literal)
{
	if (!scan_starts(*rest, literal))
		return false;
	*rest = scan_tail(*rest, strlen(literal));
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool scan_digits(struct text *rest, unsigned n, int *out)
{
	int value = 0;

	if (rest->len < n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		if (!is_digit(rest->bytes[i]))
			return false;
		value = value * 10 + (rest->bytes[i] - '0');
	}
	*rest = scan_tail(*rest, n);
	*out = value;
	return true;
}

bool scan_number(struct text *rest, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	size_t n;

	for (n = 0; n < rest->len && is_digit(rest->bytes[n]); n++) {
		uint64_t digit = (uint64_t)(rest->bytes[n] - '0');

		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value) || value > max)
			return false;
	}
	if (!n)
		return false;
	*rest = scan_tail(*rest, n);
	*out = value;
	return true;
}

bool scan_line(struct text *rest, struct text *out)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->bytes, '\n', rest->len);
	*out = end ? scan_head(*rest, (size_t)(end - rest->bytes)) : *rest;
	*rest = scan_tail(*rest, out->len + 1);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

void scan_blanks(struct text *rest)
{
	while (rest->len && is_blank(rest->bytes[0]))
		*rest = scan_tail(*rest, 1);
}

bool scan_word(struct text *rest, struct text *out)
{
	size_t n = 0;

	scan_blanks(rest);
	while (n < rest->len && !is_blank(rest->bytes[n]))
		n++;
	if (!n)
		return false;
	*out = scan_head(*rest, n);
	*rest = scan_tail(*rest, n);
	return true;
}

size_t scan_find(struct text t, const char *literal)
{
	const char *at = t.len ? memmem(t.bytes, t.len, literal, strlen(literal)) : NULL;

	return at ? (size_t)(at - t.bytes) : SCAN_NOWHERE;
}

struct text scan_strip(struct text t)
{
	scan_blanks(&t);
	while (t.len && (is_blank(t.bytes[t.len - 1]) || t.bytes[t.len - 1] == '\n'))
		t.len--;
	return t;
}
