/*
 * Text from outside: process names, unit names, log lines, file names, rule comments. It is
 * bytes of unknown encoding and intent. It becomes visible in one function only,
 * text_show().
 */
#ifndef CORE_BASE_TEXT_H
#define CORE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/str.h"

/* Borrowed bytes, not NUL-terminated as a rule; {NULL, 0} is "no text". */
struct text {
	const char *bytes;
	size_t len;
};

#define TEXT_NONE ((struct text){NULL, 0})

struct text text_of(const char *nul_terminated);
/* What the string holds; borrowed until the next append. */
struct text text_of_str(const struct str *s);
bool text_is_empty(struct text t);
bool text_equals(struct text a, struct text b);
bool text_equals_str(struct text a, const char *b);
/* <0, 0, >0 by bytes, the shorter first */
int text_compare(struct text a, struct text b);
/* ASCII case folded search, as the console's filters do. An empty needle is everywhere. */
bool text_contains_nocase(struct text haystack, struct text needle);

enum text_mode {
	TEXT_UTF8,  /* the terminal shows UTF-8 */
	TEXT_ASCII, /* only printable ASCII leaves: the rest as \u{...} */
};

/*
 * Appends t so that a terminal cannot be made to do anything by it, and nothing hides in
 * it: control characters (C0, DEL, C1) and bytes that are no UTF-8 as \xHH, each byte for
 * itself; format, separator, private and unassigned code points (categories Cf Zl Zp Co Cn
 * Cs: bidi controls, zero-width characters, BOM, tags), default ignorable ones (fillers,
 * variation selectors) and characters whose wcwidth() is -1 as \u{h}; a backslash as \\; at
 * most two combining marks (width 0) per base character, further or leading ones as \u{h};
 * no escape is a base. A tab or newline is \x09, \x0a. Needs setlocale() to have been
 * called for TEXT_UTF8 widths. utf8proc(3), wcwidth(3). Returns 0 or -ENOMEM.
 */
int text_show(struct str *out, struct text t, enum text_mode mode);

/*
 * The inverse of text_show(): appends the bytes that `shown` came from. 0, -EINVAL,
 * -ENOMEM; on failure nothing is appended.
 */
int text_unshow(struct str *out, struct text shown);

/* Columns that `shown` (an output of text_show) takes on a terminal: sum of wcwidth(). */
size_t text_width(struct text shown);

/*
 * Appends t as valid UTF-8 for JSON and other machine formats: bytes that are no UTF-8
 * become \xHH (four characters), everything else stays. Returns 0 or -ENOMEM.
 */
int text_utf8(struct str *out, struct text t);

/*
 * Reads one UTF-8 character at *at (< t.len) and moves *at past it. Returns the code point,
 * or -1 for a byte that starts none (then *at moves by one). Surrogates and overlong forms
 * are refused.
 */
long text_next_char(struct text t, size_t *at);

#endif
