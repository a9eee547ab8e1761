/* Words, counted digits and literals at the front of a line. Knows no format. */
#include "core/logs/scan.h"

#include <string.h>

#include "core/base/pieces.h"

bool scan_literal(struct text *rest, const char *literal)
{
	if (!piece_starts(*rest, literal))
		return false;
	*rest = piece_tail(*rest, strlen(literal));
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
	*rest = piece_tail(*rest, n);
	*out = value;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

void scan_blanks(struct text *rest)
{
	while (rest->len && is_blank(rest->bytes[0]))
		*rest = piece_tail(*rest, 1);
}

bool scan_word(struct text *rest, struct text *out)
{
	size_t n = 0;

	scan_blanks(rest);
	while (n < rest->len && !is_blank(rest->bytes[n]))
		n++;
	if (!n)
		return false;
	*out = piece_head(*rest, n);
	*rest = piece_tail(*rest, n);
	return true;
}

size_t scan_find(struct text t, const char *literal)
{
	const char *at = t.len ? memmem(t.bytes, t.len, literal, strlen(literal)) : NULL;

	return at ? (size_t)(at - t.bytes) : SCAN_NOWHERE;
}
