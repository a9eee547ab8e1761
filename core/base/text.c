/*
 * Text from outside, and the one way by which it becomes visible. Does not lay out: it
 * knows characters and their widths, not cells.
 */
#include "core/base/text.h"

#include <errno.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

#define MARKS_PER_BASE 2
#define UTF8_MAX       4    /* bytes of one character */
#define HEX_DIGITS_MAX 6    /* of a code point */
#define CONTROL_END    0xa0 /* the first code point after the C1 controls */

struct text text_of(const char *nul_terminated)
{
	if (!nul_terminated)
		return TEXT_NONE;
	return (struct text){nul_terminated, strlen(nul_terminated)};
}

struct text text_of_str(const struct str *s)
{
	return (struct text){str_text(s), s->len};
}

bool text_is_empty(struct text t)
{
	return t.len == 0;
}

bool text_equals(struct text a, struct text b)
{
	return a.len == b.len && text_compare(a, b) == 0;
}

bool text_equals_str(struct text a, const char *b)
{
	return text_equals(a, text_of(b));
}

int text_compare(struct text a, struct text b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int order = shared ? memcmp(a.bytes, b.bytes, shared) : 0;

	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static int fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool starts_nocase(const char *bytes, struct text needle)
{
	for (size_t i = 0; i < needle.len; i++)
		if (fold(bytes[i]) != fold(needle.bytes[i]))
			return false;
	return true;
}

bool text_contains_nocase(struct text haystack, struct text needle)
{
	if (needle.len == 0)
		return true;
	for (size_t i = 0; i < haystack.len && needle.len <= haystack.len - i; i++)
		if (starts_nocase(haystack.bytes + i, needle))
			return true;
	return false;
}

long text_next_char(struct text t, size_t *at)
{
	const char *start = t.bytes + *at;
	size_t left = t.len - *at;
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	n = utf8proc_iterate((const utf8proc_uint8_t *)start,
			     (utf8proc_ssize_t)(left < UTF8_MAX ? left : UTF8_MAX), &c);
	if (n <= 0) {
		*at += 1;
		return -1;
	}
	*at += (size_t)n;
	return c;
}

static bool is_control(long c)
{
	return c < 0x20 || (c >= 0x7f && c < CONTROL_END);
}

/* Printable ASCII that stands for itself. */
static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '\\';
}

static size_t plain_run(struct text t, size_t at)
{
	size_t end = at;

	while (end < t.len && is_plain(t.bytes[end]))
		end++;
	return end - at;
}

/* Characters that a terminal shows as nothing, as a blank, or as it likes. */
static bool is_hidden(long c)
{
	const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)c);

	switch (p->category) {
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CS:
		return true;
	default:
		return p->ignorable;
	}
}

static void show_bytes(struct str *out, struct text bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.bytes[i];
		char shown[4] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};

		str_append(out, shown, sizeof(shown));
	}
}

/* One character c, which came from the bytes; *marks: combining marks that may stand here.
 */
static void show_char(struct str *out, struct text bytes, long c, enum text_mode mode,
		      unsigned *marks)
{
	int width = -1;

	if (c >= CONTROL_END && mode == TEXT_UTF8 && !is_hidden(c))
		width = wcwidth((wchar_t)c);
	if (width > 0 || (width == 0 && *marks > 0)) {
		*marks = width > 0 ? MARKS_PER_BASE : *marks - 1;
		str_append(out, bytes.bytes, bytes.len);
		return;
	}
	*marks = 0;
	if (c == '\\')
		str_puts(out, "\\\\");
	else if (is_control(c))
		show_bytes(out, bytes);
	else
		str_printf(out, "\\u{%lx}", (unsigned long)c);
}

int text_show(struct str *out, struct text t, enum text_mode mode)
{
	unsigned marks = 0;
	size_t at = 0;

	while (at < t.len && !out->failed) {
		size_t start = at;
		size_t run = plain_run(t, at);
		long c;

		if (run) {
			str_append(out, t.bytes + at, run);
			marks = MARKS_PER_BASE;
			at += run;
			continue;
		}
		c = text_next_char(t, &at);
		show_char(out, (struct text){t.bytes + start, at - start}, c, mode, &marks);
	}
	return out->failed ? -ENOMEM : 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)fold(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads up to max hexadecimal digits at *at and moves past them. Returns their number. */
static size_t read_hex(struct text t, size_t *at, size_t max, long *value)
{
	size_t n = 0;

	*value = 0;
	while (n < max && *at < t.len && hex_value(t.bytes[*at]) >= 0) {
		*value = *value * 16 + hex_value(t.bytes[*at]);
		*at += 1;
		n++;
	}
	return n;
}

/* h} behind \u{ */
static int unshow_code_point(struct str *out, struct text shown, size_t *at)
{
	utf8proc_uint8_t utf8[UTF8_MAX];
	long c;

	if (!read_hex(shown, at, HEX_DIGITS_MAX, &c) || *at == shown.len ||
	    shown.bytes[*at] != '}' || !utf8proc_codepoint_valid((utf8proc_int32_t)c))
		return -EINVAL;
	*at += 1;
	return str_append(out, utf8,
			  (size_t)utf8proc_encode_char((utf8proc_int32_t)c, utf8));
}

/* The escape whose backslash stands at *at. */
static int unshow_escape(struct str *out, struct text shown, size_t *at)
{
	struct text rest = {shown.bytes + *at, shown.len - *at};
	long byte;

	if (rest.len >= 2 && memcmp(rest.bytes, "\\\\", 2) == 0) {
		*at += 2;
		return str_putc(out, '\\');
	}
	if (rest.len >= 2 && memcmp(rest.bytes, "\\x", 2) == 0) {
		*at += 2;
		if (read_hex(shown, at, 2, &byte) != 2)
			return -EINVAL;
		return str_putc(out, (char)byte);
	}
	if (rest.len >= 3 && memcmp(rest.bytes, "\\u{", 3) == 0) {
		*at += 3;
		return unshow_code_point(out, shown, at);
	}
	return -EINVAL;
}

int text_unshow(struct str *out, struct text shown)
{
	size_t before = out->len;
	size_t at = 0;
	int r = 0;

	while (at < shown.len && !r) {
		const char *start = shown.bytes + at;
		const char *escape = memchr(start, '\\', shown.len - at);
		size_t raw = escape ? (size_t)(escape - start) : shown.len - at;

		at += raw;
		if (raw)
			r = str_append(out, start, raw);
		else
			r = unshow_escape(out, shown, &at);
	}
	if (r)
		str_truncate(out, before);
	return r;
}

size_t text_width(struct text shown)
{
	size_t width = 0;
	size_t at = 0;

	while (at < shown.len) {
		long c = (unsigned char)shown.bytes[at];
		int columns = 1;

		if (c < 0x7f)
			at++;
		else if ((c = text_next_char(shown, &at)) >= 0)
			columns = wcwidth((wchar_t)c);
		width += columns > 0 ? (size_t)columns : 0;
	}
	return width;
}

int text_utf8(struct str *out, struct text t)
{
	size_t at = 0;
	size_t valid = 0; /* where the valid bytes begin that were not appended yet */

	while (at < t.len) {
		size_t start = at;

		if (text_next_char(t, &at) >= 0)
			continue;
		str_append(out, t.bytes + valid, start - valid);
		show_bytes(out, (struct text){t.bytes + start, 1});
		valid = at;
	}
	return str_append(out, t.len ? t.bytes + valid : NULL, t.len - valid);
}
