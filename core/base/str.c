/* A growable byte string: doubling memory, a sticky failure flag. Knows no encodings. */
#include "core/base/str.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STR_CAP_MIN 64

static int fail(struct str *s)
{
	s->failed = true;
	return -ENOMEM;
}

/* Room for len more bytes and the NUL. */
static int reserve(struct str *s, size_t len)
{
	size_t need, cap;
	char *data;

	if (s->failed)
		return -ENOMEM;
	if (len >= PTRDIFF_MAX - s->len) /* no object is larger */
		return fail(s);
	need = s->len + len + 1;
	if (need <= s->cap)
		return 0;
	cap = s->cap * 2;
	if (cap < need)
		cap = need;
	if (cap < STR_CAP_MIN)
		cap = STR_CAP_MIN;
	data = realloc(s->data, cap);
	if (!data)
		return fail(s);
	s->data = data;
	s->cap = cap;
	return 0;
}

static void grow(struct str *s, size_t len)
{
	s->len += len;
	s->data[s->len] = '\0';
}

void str_init(struct str *s)
{
	*s = (struct str){0};
}

void str_release(struct str *s)
{
	free(s->data);
	str_init(s);
}

void str_reset(struct str *s)
{
	s->failed = false;
	str_truncate(s, 0);
}

void str_truncate(struct str *s, size_t len)
{
	if (len > s->len || !s->data)
		return;
	s->len = len;
	s->data[len] = '\0';
}

const char *str_text(const struct str *s)
{
	return s->data ? s->data : "";
}

int str_append(struct str *s, const void *bytes, size_t len)
{
	int r = reserve(s, len);

	if (r)
		return r;
	if (len)
		memcpy(s->data + s->len, bytes, len);
	grow(s, len);
	return 0;
}

int str_puts(struct str *s, const char *text)
{
	return str_append(s, text, strlen(text));
}

int str_putc(struct str *s, char c)
{
	return str_append(s, &c, 1);
}

int str_fill(struct str *s, char c, size_t n)
{
	int r = reserve(s, n);

	if (r)
		return r;
	memset(s->data + s->len, c, n);
	grow(s, n);
	return 0;
}

int str_printf(struct str *s, const char *format, ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = str_vprintf(s, format, args);
	va_end(args);
	return r;
}

int str_vprintf(struct str *s, const char *format, va_list args)
{
	va_list again;
	int n, r;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	r = n < 0 ? fail(s) : reserve(s, (size_t)n);
	if (!r) {
		vsnprintf(s->data + s->len, (size_t)n + 1, format, again);
		s->len += (size_t)n;
	}
	va_end(again);
	return r;
}
