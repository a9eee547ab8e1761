/* A growable byte string. Knows no encodings; text from outside goes through text.h. */
#ifndef CORE_BASE_STR_H
#define CORE_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * data is always NUL-terminated once something was appended, or NULL; len leaves the NUL
 * out. failed is sticky: after one failed allocation every append does nothing, so a writer
 * may append freely and look once at the end.
 */
struct str {
	char *data;
	size_t len;
	size_t cap;
	bool failed;
};

/* Zeroed memory is a valid empty string as well. */
void str_init(struct str *s);
/* Frees the bytes; the string is empty and usable again. */
void str_release(struct str *s);
/* Empties the string, keeps its memory, clears failed. */
void str_reset(struct str *s);
/* Keeps the first len bytes; a longer len changes nothing. */
void str_truncate(struct str *s, size_t len);
/* Never NULL: "" for an empty string. Borrowed until the next append. */
const char *str_text(const struct str *s);

/* Each appends and returns 0 or -ENOMEM (which stays in failed). */
int str_append(struct str *s, const void *bytes, size_t len);
int str_puts(struct str *s, const char *text);
int str_putc(struct str *s, char c);
/* n copies of c */
int str_fill(struct str *s, char c, size_t n);
int str_printf(struct str *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int str_vprintf(struct str *s, const char *format, va_list args);

#endif
