/* Text from outside: nothing acts, nothing hides, nothing is lost. Does not test cells. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

#include "core/base/text.h"
#include "tests/unit/rounds.h"

/* Want of memory is asked for by sizes that no allocator gives; asan is to return NULL too.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

#define N_OF(rows)   (sizeof(rows) / sizeof((rows)[0]))
#define LIT(s)       ((struct text){s, sizeof(s) - 1})
#define N_ITERATIONS 200000

static const struct {
	struct text bytes;
	const char *utf8, *ascii;
	size_t width; /* of utf8 */
} show_rows[] = {
	{{NULL, 0}, "", "", 0},
	{LIT("sshd: root@pts/0"), "sshd: root@pts/0", "sshd: root@pts/0", 16},
	{LIT(" ~"), " ~", " ~", 2},
	{LIT("a\\b"), "a\\\\b", "a\\\\b", 4},
	{LIT("\\x1b"), "\\\\x1b", "\\\\x1b", 5},
	{LIT("\x1b[2J"), "\\x1b[2J", "\\x1b[2J", 7},
	{LIT("a\0\t\n\r\b\x7f"), "a\\x00\\x09\\x0a\\x0d\\x08\\x7f",
	 "a\\x00\\x09\\x0a\\x0d\\x08\\x7f", 25},
	/* C1 as UTF-8 and as bare bytes must not look alike */
	{LIT("\xc2\x9b"), "\\xc2\\x9b", "\\xc2\\x9b", 8},
	{LIT("\x9b"), "\\x9b", "\\x9b", 4},
	{LIT("\xc2\x80\xc2\x9f"), "\\xc2\\x80\\xc2\\x9f", "\\xc2\\x80\\xc2\\x9f", 16},
	/* no UTF-8: alone, cut short, overlong, surrogate, beyond Unicode */
	{LIT("a\xff\xfe"), "a\\xff\\xfe", "a\\xff\\xfe", 9},
	{LIT("\xe2\x82"), "\\xe2\\x82", "\\xe2\\x82", 8},
	{LIT("\xe2\x82z"), "\\xe2\\x82z", "\\xe2\\x82z", 9},
	{LIT("\xc0\xaf"), "\\xc0\\xaf", "\\xc0\\xaf", 8},
	{LIT("\xed\xa0\x80"), "\\xed\\xa0\\x80", "\\xed\\xa0\\x80", 12},
	{LIT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80", 16},
	/* visible characters of one and of two columns */
	{LIT("\xc2\xa1\xc3\xa9"), "\xc2\xa1\xc3\xa9", "\\u{a1}\\u{e9}", 2},
	{LIT("\xe6\xbc\xa2"), "\xe6\xbc\xa2", "\\u{6f22}", 2},
	{LIT("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80", "\\u{1f600}", 2},
	/* bidi, zero width, BOM, tag, soft hyphen, line separator */
	{LIT("a\xe2\x80\xaetxt"), "a\\u{202e}txt", "a\\u{202e}txt", 12},
	{LIT("\xe2\x81\xa6\xd8\x9c"), "\\u{2066}\\u{61c}", "\\u{2066}\\u{61c}", 15},
	{LIT("\xe2\x80\x8b\xef\xbb\xbf"), "\\u{200b}\\u{feff}", "\\u{200b}\\u{feff}", 16},
	{LIT("\xf3\xa0\x81\x81"), "\\u{e0041}", "\\u{e0041}", 9},
	{LIT("\xc2\xad\xe2\x80\xa8"), "\\u{ad}\\u{2028}", "\\u{ad}\\u{2028}", 14},
	/* private, unassigned, no character */
	{LIT("\xee\x80\x80"), "\\u{e000}", "\\u{e000}", 8},
	{LIT("\xcd\xb8\xef\xbf\xbf"), "\\u{378}\\u{ffff}", "\\u{378}\\u{ffff}", 15},
	{LIT("\xf4\x8f\xbf\xbf"), "\\u{10ffff}", "\\u{10ffff}", 10},
	/* letters that show nothing: Hangul filler, variation selector, grapheme joiner */
	{LIT("a\xe3\x85\xa4"), "a\\u{3164}", "a\\u{3164}", 9},
	{LIT("a\xef\xb8\x8f"), "a\\u{fe0f}", "a\\u{fe0f}", 9},
	{LIT("a\xcd\x8f"), "a\\u{34f}", "a\\u{34f}", 8},
	/* combining marks: two per base, none leading, none on an escape */
	{LIT("e\xcc\x81\xcc\x82"), "e\xcc\x81\xcc\x82", "e\\u{301}\\u{302}", 1},
	{LIT("e\xcc\x81\xcc\x82\xcc\x83\xcc\x84z"), "e\xcc\x81\xcc\x82\\u{303}\\u{304}z",
	 "e\\u{301}\\u{302}\\u{303}\\u{304}z", 16},
	{LIT("\xcc\x81"), "\\u{301}", "\\u{301}", 7},
	{LIT("a\x1f\xcc\x81"), "a\\x1f\\u{301}", "a\\x1f\\u{301}", 12},
	{LIT("\\\xcc\x81"), "\\\\\\u{301}", "\\\\\\u{301}", 9},
	{LIT("\xe2\x80\x8b\xcc\x81"), "\\u{200b}\\u{301}", "\\u{200b}\\u{301}", 15},
};

static const struct {
	struct text shown;
	struct text bytes;
} unshow_rows[] = {
	{LIT(""), LIT("")},
	{LIT("\\xFF\\xfF"), LIT("\xff\xff")},
	{LIT("\\u{0}\\u{41}\\u{00E9}\\u{10FFFF}"), LIT("\0A\xc3\xa9\xf4\x8f\xbf\xbf")},
	{LIT("a\\\\\\\\x41"), LIT("a\\\\x41")},
	{LIT("\\x414"), LIT("A4")},
};

static const struct text bad_unshow_rows[] = {
	LIT("\\"),        LIT("a\\"),          LIT("\\x"),         LIT("\\x4"),
	LIT("\\x4g"),     LIT("\\xg4"),        LIT("\\X41"),       LIT("\\n"),
	LIT("\\u"),       LIT("\\u{"),         LIT("\\u{}"),       LIT("\\u{41"),
	LIT("\\u41"),     LIT("\\u{4 }"),      LIT("\\u{110000}"), LIT("\\u{d800}"),
	LIT("\\u{dfff}"), LIT("\\u{0000041}"), LIT("\\\\\\"),
};

static const struct {
	struct text bytes;
	const char *utf8;
} utf8_rows[] = {
	{{NULL, 0}, ""},
	{LIT("plain \\ text\x1b"), "plain \\ text\x1b"},
	{LIT("\xff"), "\\xff"},
	{LIT("a\xc3\xa9\xc3z\xe2\x80"), "a\xc3\xa9\\xc3z\\xe2\\x80"},
	{LIT("\xed\xbf\xbf\xe2\x80\xae"), "\\xed\\xbf\\xbf\xe2\x80\xae"},
};

static const struct {
	const char *haystack, *needle;
	bool found;
} contains_rows[] = {
	{"", "", true},           {"abc", "", true},      {"", "a", false},
	{"nginx", "NGINX", true}, {"NginX", "inx", true}, {"nginx", "nginx2", false},
	{"aaab", "AAB", true},    {"[", "{", false},      {"@", "`", false},
	{"abc", "c", true},       {"abc", "cd", false},   {"\xc3\x89", "\xc3\xa9", false},
};

static bool same_bytes(const struct str *s, struct text t)
{
	return text_equals((struct text){str_text(s), s->len}, t);
}

static void each_row_is_shown_as_written_and_comes_back(void **state)
{
	struct str shown = {0}, ascii = {0}, back = {0};

	(void)state;
	for (size_t i = 0; i < N_OF(show_rows); i++) {
		str_reset(&shown);
		str_reset(&ascii);
		str_reset(&back);
		assert_int_equal(text_show(&shown, show_rows[i].bytes, TEXT_UTF8), 0);
		assert_int_equal(text_show(&ascii, show_rows[i].bytes, TEXT_ASCII), 0);
		assert_string_equal(str_text(&shown), show_rows[i].utf8);
		assert_string_equal(str_text(&ascii), show_rows[i].ascii);
		assert_int_equal(text_width(text_of(str_text(&shown))), show_rows[i].width);
		assert_int_equal(text_width(text_of(str_text(&ascii))), ascii.len);
		assert_int_equal(text_unshow(&back, text_of(str_text(&shown))), 0);
		assert_true(same_bytes(&back, show_rows[i].bytes));
	}
	str_release(&shown);
	str_release(&ascii);
	str_release(&back);
}

static bool is_forbidden(long c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	default:
		return c < 0x20 || (c >= 0x7f && c < 0xa0) ||
		       (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
		       (c >= 0x2066 && c <= 0x2069) || c == 0x61c || c == 0xfeff ||
		       (c >= 0xe0000 && c <= 0xe007f) || wcwidth((wchar_t)c) < 0;
	}
}

static void check_safe_utf8(struct text shown)
{
	unsigned marks = 2; /* so that a leading one is one too many */
	size_t at = 0;

	while (at < shown.len) {
		long c = text_next_char(shown, &at);

		if (c < 0 || is_forbidden(c))
			fail_msg("U+%04lX was shown", (unsigned long)c);
		marks = wcwidth((wchar_t)c) == 0 ? marks + 1 : 0;
		assert_true(marks <= 2);
	}
}

static void check_safe_ascii(struct text shown)
{
	for (size_t i = 0; i < shown.len; i++)
		if (shown.bytes[i] < 0x20 || shown.bytes[i] > 0x7e)
			fail_msg("byte %#x was shown", (unsigned)shown.bytes[i] & 0xff);
}

/* One piece of hostile text: a raw byte, a character of some range, or part of an escape.
 */
static size_t random_piece(char *out)
{
	static const struct {
		long from, to;
	} ranges[] = {
		{0x20, 0x7e},     {0x00, 0x1f},       {0x7f, 0xff},       {0x300, 0x36f},
		{0x590, 0x6ff},   {0x1100, 0x11ff},   {0x2000, 0x206f},   {0x3000, 0x30ff},
		{0xfe00, 0xffff}, {0x1f300, 0x1f6ff}, {0xe0000, 0xe01ef}, {0, 0x10ffff},
	};
	static const char *const bits[] = {"\\", "\\x", "\\u{", "41", "}", "{", "x1b", "e"};
	size_t kind = (size_t)random() % (N_OF(ranges) + 2);
	long c;

	if (kind == N_OF(ranges)) {
		out[0] = (char)random();
		return 1;
	}
	if (kind == N_OF(ranges) + 1) {
		const char *bit = bits[(size_t)random() % N_OF(bits)];
		size_t len = strlen(bit);

		memcpy(out, bit, len);
		return len;
	}
	c = ranges[kind].from + random() % (ranges[kind].to - ranges[kind].from + 1);
	if (c >= 0xd800 && c <= 0xdfff)
		c = 0x301;
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)c, (utf8proc_uint8_t *)out);
}

/* At most 31 characters, cut at any byte, in memory that ends where the text does. */
static struct text random_text(void)
{
	char bytes[32 * 4];
	size_t n = (size_t)random() % 32;
	size_t len = 0;
	char *exact;

	while (n-- > 0)
		len += random_piece(bytes + len);
	if (len && random() % 4 == 0)
		len -= (size_t)random() % (len < 4 ? len : 4);
	exact = malloc(len + !len);
	assert_non_null(exact);
	memcpy(exact, bytes, len);
	return (struct text){exact, len};
}

static void check_mode(struct text t, enum text_mode mode, struct str *shown,
		       struct str *back)
{
	struct text s;

	str_reset(shown);
	str_reset(back);
	assert_int_equal(text_show(shown, t, mode), 0);
	s = (struct text){str_text(shown), shown->len};
	check_safe_utf8(s);
	if (mode == TEXT_ASCII)
		check_safe_ascii(s);
	assert_int_equal(text_unshow(back, s), 0);
	assert_true(same_bytes(back, t));
}

static void any_bytes_are_shown_safely_and_come_back(void **state)
{
	struct str shown = {0}, back = {0};

	(void)state;
	srandom(20261122);
	for (unsigned i = rounds(N_ITERATIONS); i; i--) {
		struct text t = random_text();

		check_mode(t, TEXT_UTF8, &shown, &back);
		check_mode(t, TEXT_ASCII, &shown, &back);
		free((char *)t.bytes);
	}
	str_release(&shown);
	str_release(&back);
}

static void every_code_point_is_shown_safely_and_comes_back(void **state)
{
	struct str shown = {0}, back = {0};
	utf8proc_uint8_t utf8[4];
	int step = (int)stride(37);

	(void)state;
	for (utf8proc_int32_t c = 0; c <= 0x10ffff; c += step) {
		struct text t = {(const char *)utf8, 0};
		size_t at = 0;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		t.len = (size_t)utf8proc_encode_char(c, utf8);
		if (text_next_char(t, &at) != c || at != t.len)
			fail_msg("U+%04X was not read", (unsigned)c);
		check_mode(t, TEXT_UTF8, &shown, &back);
	}
	str_release(&shown);
	str_release(&back);
}

static void escapes_written_by_hand_are_read(void **state)
{
	struct str back = {0};

	(void)state;
	for (size_t i = 0; i < N_OF(unshow_rows); i++) {
		str_reset(&back);
		assert_int_equal(text_unshow(&back, unshow_rows[i].shown), 0);
		assert_true(same_bytes(&back, unshow_rows[i].bytes));
	}
	str_release(&back);
}

static void a_broken_escape_is_refused_and_appends_nothing(void **state)
{
	struct str back = {0};

	(void)state;
	for (size_t i = 0; i < N_OF(bad_unshow_rows); i++) {
		str_reset(&back);
		str_puts(&back, "before");
		if (text_unshow(&back, bad_unshow_rows[i]) != -EINVAL)
			fail_msg("row %zu was taken", i);
		assert_string_equal(str_text(&back), "before");
		assert_false(back.failed);
	}
	str_release(&back);
}

static void valid_utf8_stays_and_other_bytes_are_named(void **state)
{
	struct str out = {0};

	(void)state;
	for (size_t i = 0; i < N_OF(utf8_rows); i++) {
		str_reset(&out);
		assert_int_equal(text_utf8(&out, utf8_rows[i].bytes), 0);
		assert_string_equal(str_text(&out), utf8_rows[i].utf8);
	}
	str_reset(&out);
	assert_int_equal(text_utf8(&out, LIT("a\0b")), 0);
	assert_true(same_bytes(&out, LIT("a\0b")));
	str_release(&out);
}

static void texts_are_compared_by_bytes(void **state)
{
	(void)state;
	assert_true(text_equals(TEXT_NONE, text_of("")));
	assert_null(text_of(NULL).bytes);
	assert_true(text_is_empty(TEXT_NONE) && !text_is_empty(text_of("a")));
	assert_true(text_equals_str((struct text){"nginx2", 5}, "nginx"));
	assert_false(text_equals_str(text_of("nginx2"), "nginx"));
	assert_false(text_equals(text_of("a"), text_of("b")));
	assert_int_equal(text_compare(text_of("ab"), text_of("ab")), 0);
	assert_true(text_compare(text_of("ab"), text_of("abc")) < 0);
	assert_true(text_compare(text_of("b"), text_of("abc")) > 0);
	assert_true(text_compare(TEXT_NONE, text_of("a")) < 0);
	assert_true(text_compare(text_of("\xff"), text_of("a")) > 0);
}

static void a_search_folds_the_case_of_ascii_letters_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(contains_rows); i++)
		if (text_contains_nocase(text_of(contains_rows[i].haystack),
					 text_of(contains_rows[i].needle)) !=
		    contains_rows[i].found)
			fail_msg("\"%s\" in \"%s\"", contains_rows[i].needle,
				 contains_rows[i].haystack);
}

static void a_failed_string_is_reported_by_every_writer(void **state)
{
	struct str failed = {.failed = true};

	(void)state;
	assert_int_equal(text_show(&failed, LIT("a\x1b"), TEXT_UTF8), -ENOMEM);
	assert_int_equal(text_unshow(&failed, LIT("a\\x1b")), -ENOMEM);
	assert_int_equal(text_utf8(&failed, LIT("a\xff")), -ENOMEM);
	assert_null(failed.data);
}

/* As long as no memory is: the next append asks for more than any allocator gives. */
#define FULL ((struct str){.len = SIZE_MAX / 8, .cap = SIZE_MAX / 8})

static void want_of_memory_is_an_error_and_no_abort(void **state)
{
	struct str show = FULL, unshow = FULL, utf8 = FULL;

	(void)state;
	assert_int_equal(text_show(&show,
				   LIT("\x1b"
				       "a"),
				   TEXT_UTF8),
			 -ENOMEM);
	assert_int_equal(text_unshow(&unshow, LIT("\\x1b")), -ENOMEM);
	assert_int_equal(text_utf8(&utf8, LIT("\xff"
					      "a")),
			 -ENOMEM);
	assert_true(show.failed && unshow.failed && utf8.failed);
	str_release(&show);
	assert_int_equal(text_show(&show, LIT("usable"), TEXT_UTF8), 0);
	str_release(&show);
}

static int set_locale(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_shown_as_written_and_comes_back),
		cmocka_unit_test(any_bytes_are_shown_safely_and_come_back),
		cmocka_unit_test(every_code_point_is_shown_safely_and_comes_back),
		cmocka_unit_test(escapes_written_by_hand_are_read),
		cmocka_unit_test(a_broken_escape_is_refused_and_appends_nothing),
		cmocka_unit_test(valid_utf8_stays_and_other_bytes_are_named),
		cmocka_unit_test(texts_are_compared_by_bytes),
		cmocka_unit_test(a_search_folds_the_case_of_ascii_letters_only),
		cmocka_unit_test(a_failed_string_is_reported_by_every_writer),
		cmocka_unit_test(want_of_memory_is_an_error_and_no_abort),
	};

	return cmocka_run_group_tests(tests, set_locale, NULL);
}
