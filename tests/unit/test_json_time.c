/* JSON values and documents, and times as text. Does not test any schema. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/json.h"
#include "core/base/time.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))
#define LIT(s)     ((struct text){s, sizeof(s) - 1})

static const struct {
	struct text text;
	const char *json;
} text_rows[] = {
	{{NULL, 0}, "null\n"},
	{LIT(""), "\"\"\n"},
	{LIT("sshd"), "\"sshd\"\n"},
	{LIT("a\"b\\c/"), "\"a\\\"b\\\\c/\"\n"},
	{LIT("a\0b"), "\"a\\u0000b\"\n"},
	{LIT("\x1b[31m\x7f"), "\"\\u001B[31m\\u007f\"\n"},
	{LIT("\x7f\x7f."), "\"\\u007f\\u007f.\"\n"},
	{LIT("\xc3\xa9"), "\"\\u00E9\"\n"},
	{LIT("\xc2\x9b"), "\"\\u009B\"\n"},
	{LIT("\xe2\x80\xae"), "\"\\u202E\"\n"},
	{LIT("\xf0\x9f\x98\x80"), "\"\\uD83D\\uDE00\"\n"},
	{LIT("\xff"), "\"\\\\xff\"\n"},
	{LIT("a\xc3"), "\"a\\\\xc3\"\n"},
	{LIT("\xed\xa0\x80"), "\"\\\\xed\\\\xa0\\\\x80\"\n"},
};

#define AT INT64_C(1795354327) /* 2026-11-22 13:32:07 UTC */

static const struct {
	int64_t wall_ns;
	const char *rfc3339, *clock, *compact;
} wall_rows[] = {
	{AT * NS_PER_S + 123 * NS_PER_MS + 999999, "2026-11-22T13:32:07.123Z",
	 "13:32:07 UTC", "20261122T133207Z"},
	{0, "1970-01-01T00:00:00.000Z", "00:00:00 UTC", "19700101T000000Z"},
	{-1, "1969-12-31T23:59:59.999Z", "23:59:59 UTC", "19691231T235959Z"},
	{-NS_PER_S, "1969-12-31T23:59:59.000Z", "23:59:59 UTC", "19691231T235959Z"},
	{INT64_MAX, "2262-04-11T23:47:16.854Z", "23:47:16 UTC", "22620411T234716Z"},
	{INT64_MIN, "1677-09-21T00:12:43.145Z", "00:12:43 UTC", "16770921T001243Z"},
};

/* POSIX writes the offset west of Greenwich. */
static const struct {
	const char *zone, *clock;
} zone_rows[] = {
	{"CET-1", "14:32:07 +01"},      {"IST-5:30", "19:02:07 +05:30"},
	{"NST3:30", "10:02:07 -03:30"}, {"EST5", "08:32:07 -05"},
	{"UTC0", "13:32:07 +00"},       {"AAA-0:20", "13:52:07 +00:20"},
};

#define MIN  60
#define HOUR 3600
#define DAY  INT64_C(86400)
#define YEAR (365 * DAY)

static const struct {
	int64_t ns;
	const char *text;
} span_rows[] = {
	{INT64_MIN, "0 s"},
	{-1, "0 s"},
	{0, "0 s"},
	{NS_PER_S - 1, "0 s"},
	{3 * NS_PER_S, "3 s"},
	{MIN * NS_PER_S - 1, "59 s"},
	{MIN * NS_PER_S, "1 min"},
	{(14 * MIN + 59) * NS_PER_S, "14 min"},
	{HOUR * NS_PER_S - 1, "59 min"},
	{HOUR * NS_PER_S, "1 h"},
	{(5 * HOUR + 12 * MIN) * NS_PER_S, "5 h 12 min"},
	{DAY * NS_PER_S - 1, "23 h 59 min"},
	{DAY * NS_PER_S, "1 d"},
	{(3 * DAY + 4 * HOUR + 59 * MIN) * NS_PER_S, "3 d 4 h"},
	{YEAR * NS_PER_S - 1, "364 d 23 h"},
	{YEAR * NS_PER_S, "1 y"},
	{(2 * YEAR + 40 * DAY + 23 * HOUR) * NS_PER_S, "2 y 40 d"},
	{INT64_MAX, "292 y 171 d"},
};

static void check_document(json_t *value, bool indented, const char *expected)
{
	struct str out = {0};

	assert_non_null(value);
	assert_int_equal(json_write(&out, value, indented), 0);
	assert_string_equal(str_text(&out), expected);
	str_release(&out);
	json_decref(value);
}

static void a_text_becomes_ascii_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(text_rows); i++)
		check_document(json_of_text(text_rows[i].text), false, text_rows[i].json);
}

static void a_parser_reads_back_every_valid_text(void **state)
{
	static const struct text source =
		LIT("a\0\x01\x7f\"\\ \xc3\xa9\xf4\x8f\xbf\xbf\xe2\x80\xa8");
	json_t *value = json_of_text(source), *back;
	struct str out = {0};

	(void)state;
	assert_int_equal(json_write(&out, value, true), 0);
	back = json_loads(str_text(&out), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	assert_non_null(back);
	assert_int_equal(json_string_length(back), source.len);
	assert_memory_equal(json_string_value(back), source.bytes, source.len);
	json_decref(back);
	json_decref(value);
	str_release(&out);
}

static void every_document_is_printable_ascii(void **state)
{
	struct str out = {0};

	(void)state;
	srandom(20261122);
	for (int i = 0; i < 20000; i++) {
		char bytes[12];
		json_t *o = json_object(), *back;

		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (char)random();
		json_object_set_new(o, "k\x7f", json_of_text((struct text){bytes, 12}));
		str_reset(&out);
		assert_int_equal(json_write(&out, o, false), 0);
		for (size_t k = 0; k + 1 < out.len; k++)
			assert_in_range(out.data[k], 0x20, 0x7e);
		back = json_loadb(out.data, out.len, JSON_ALLOW_NUL, NULL);
		assert_true(json_equal(back, o));
		json_decref(back);
		json_decref(o);
	}
	str_release(&out);
}

static json_t *sample(void)
{
	json_t *o = json_object();

	json_object_set_new(o, "zeta", json_integer(1));
	json_object_set_new(o, "alpha", json_array());
	json_array_append_new(json_object_get(o, "alpha"), json_true());
	json_array_append_new(json_object_get(o, "alpha"), json_null());
	json_object_set_new(o, "mid", json_string("\xc3\xa9"));
	return o;
}

static void keys_keep_their_order(void **state)
{
	(void)state;
	check_document(sample(), false,
		       "{\"zeta\":1,\"alpha\":[true,null],\"mid\":\"\\u00E9\"}\n");
	check_document(sample(), true,
		       "{\n  \"zeta\": 1,\n  \"alpha\": [\n    true,\n    null\n  ],\n"
		       "  \"mid\": \"\\u00E9\"\n}\n");
}

static void documents_are_appended_one_per_line(void **state)
{
	json_t *one = json_integer(1);
	struct str out = {0};

	(void)state;
	assert_int_equal(json_write(&out, one, false), 0);
	assert_int_equal(json_write(&out, one, false), 0);
	assert_string_equal(str_text(&out), "1\n1\n");
	str_release(&out);
	json_decref(one);
}

static void a_time_becomes_rfc_3339(void **state)
{
	(void)state;
	check_document(json_of_time(wall_rows[0].wall_ns), false,
		       "\"2026-11-22T13:32:07.123Z\"\n");
}

static void a_span_becomes_milliseconds_of_three_decimals(void **state)
{
	(void)state;
	check_document(json_of_ms(89600), false, "0.09\n");
	check_document(json_of_ms(1234567), false, "1.235\n");
	check_document(json_of_ms(-1499), false, "-0.001\n");
	check_document(json_of_ms(0), false, "0.0\n");
	check_document(json_of_ms(7200000123456), false, "7200000.123\n");
}

static long allocations_left;

static void *counted_malloc(size_t size)
{
	return allocations_left-- > 0 ? malloc(size) : NULL;
}

static void want_of_memory_in_jansson_is_an_error(void **state)
{
	struct str out = {0};
	json_t *document = sample();
	int r = -1;

	(void)state;
	json_set_alloc_funcs(counted_malloc, free);
	allocations_left = 0;
	assert_null(json_of_text(LIT("a")));
	assert_null(json_of_time(0));
	for (long n = 0; n < 100 && r; n++) {
		allocations_left = n;
		str_reset(&out);
		r = json_write(&out, document, false);
		assert_true(n > 0 || r == -ENOMEM);
		assert_true(r == 0 || r == -ENOMEM);
		assert_int_equal(out.failed, r != 0);
	}
	assert_int_equal(r, 0);
	json_set_alloc_funcs(malloc, free);
	json_decref(document);
	str_release(&out);
}

static void a_failed_string_takes_no_document(void **state)
{
	json_t *one = json_integer(1);
	struct str out = {.failed = true};

	(void)state;
	assert_int_equal(json_write(&out, one, false), -ENOMEM);
	assert_string_equal(str_text(&out), "");
	json_decref(one);
}

static void a_moment_is_written_in_utc_and_rounded_down(void **state)
{
	char out[TIME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(wall_rows); i++) {
		assert_ptr_equal(time_rfc3339(wall_rows[i].wall_ns, out), out);
		assert_string_equal(out, wall_rows[i].rfc3339);
		assert_ptr_equal(time_clock(wall_rows[i].wall_ns, true, out), out);
		assert_string_equal(out, wall_rows[i].clock);
		assert_ptr_equal(time_compact(wall_rows[i].wall_ns, out), out);
		assert_string_equal(out, wall_rows[i].compact);
	}
}

static void the_local_clock_names_its_offset(void **state)
{
	char out[TIME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(zone_rows); i++) {
		setenv("TZ", zone_rows[i].zone, 1);
		tzset();
		assert_ptr_equal(time_clock(AT * NS_PER_S, false, out), out);
		assert_string_equal(out, zone_rows[i].clock);
	}
}

static void a_length_of_time_takes_at_most_two_words(void **state)
{
	char out[TIME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(span_rows); i++) {
		assert_ptr_equal(time_span(span_rows[i].ns, out), out);
		assert_string_equal(out, span_rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_becomes_ascii_json),
		cmocka_unit_test(a_parser_reads_back_every_valid_text),
		cmocka_unit_test(every_document_is_printable_ascii),
		cmocka_unit_test(keys_keep_their_order),
		cmocka_unit_test(documents_are_appended_one_per_line),
		cmocka_unit_test(a_time_becomes_rfc_3339),
		cmocka_unit_test(a_span_becomes_milliseconds_of_three_decimals),
		cmocka_unit_test(want_of_memory_in_jansson_is_an_error),
		cmocka_unit_test(a_failed_string_takes_no_document),
		cmocka_unit_test(a_moment_is_written_in_utc_and_rounded_down),
		cmocka_unit_test(the_local_clock_names_its_offset),
		cmocka_unit_test(a_length_of_time_takes_at_most_two_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
