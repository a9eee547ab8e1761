/* core/base/pieces: text from outside is cut without reading beyond it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/base/pieces.h"

static struct text text_of_words(const char *words)
{
	return (struct text){words, strlen(words)};
}

static void check(struct text got, const char *wanted)
{
	assert_int_equal(got.len, strlen(wanted));
	assert_true(!got.len || !memcmp(got.bytes, wanted, got.len));
}

static void pieces_between_separators_come_one_by_one_and_empty_ones_too(void **state)
{
	struct text rest = text_of_words("a::bc:"), piece;

	(void)state;
	assert_true(piece_next(&rest, ':', &piece));
	check(piece, "a");
	assert_true(piece_next(&rest, ':', &piece));
	check(piece, "");
	assert_true(piece_next(&rest, ':', &piece));
	check(piece, "bc");
	assert_false(piece_next(&rest, ':', &piece));
}

static void heads_and_tails_end_where_the_text_does(void **state)
{
	struct text t = text_of_words("abc");

	(void)state;
	check(piece_head(t, 2), "ab");
	check(piece_head(t, 9), "abc");
	check(piece_tail(t, 2), "c");
	check(piece_tail(t, 3), "");
	check(piece_tail(t, 9), "");
	check(piece_strip(text_of_words(" \t a b\r\n")), "a b");
	check(piece_strip(text_of_words(" \t\r\n")), "");
	assert_true(piece_starts(t, "ab") && piece_ends(t, "bc") && piece_ends(t, ""));
	assert_false(piece_starts(t, "abcd") || piece_ends(t, "xabc"));
}

static void a_number_above_its_limit_or_without_a_digit_is_none(void **state)
{
	static const struct {
		const char *words;
		uint64_t max, value;
		const char *rest;
	} rows[] = {
		{"0", 0, 0, ""},
		{"65535/tcp", 65535, 65535, "/tcp"},
		{"18446744073709551615", UINT64_MAX, UINT64_MAX, ""},
		{"65536", 65535, UINT64_MAX, NULL},
		{"18446744073709551616", UINT64_MAX, 1, NULL},
		{"-1", 10, 1, NULL},
		{"", 10, 1, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text t = text_of_words(rows[i].words);
		uint64_t got = 7;

		assert_int_equal(piece_number(&t, rows[i].max, &got), rows[i].rest != NULL);
		assert_true(got == (rows[i].rest ? rows[i].value : 7));
		check(t, rows[i].rest ? rows[i].rest : rows[i].words);
	}
}

static void words_stand_between_blanks_of_any_kind(void **state)
{
	struct text rest = text_of_words(" a\t bc\r\nd "), word;

	(void)state;
	assert_true(piece_word(&rest, &word));
	check(word, "a");
	assert_true(piece_word(&rest, &word));
	check(word, "bc");
	assert_true(piece_word(&rest, &word));
	check(word, "d");
	assert_false(piece_word(&rest, &word));
}

static void what_stands_behind_the_last_newline_is_no_whole_line(void **state)
{
	(void)state;
	check(piece_whole_lines(text_of_words("a 1\nb 12")), "a 1\n");
	check(piece_whole_lines(text_of_words("a 1\n\n")), "a 1\n\n");
	check(piece_whole_lines(text_of_words("a 1")), "");
	check(piece_whole_lines(text_of_words("")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			pieces_between_separators_come_one_by_one_and_empty_ones_too),
		cmocka_unit_test(heads_and_tails_end_where_the_text_does),
		cmocka_unit_test(words_stand_between_blanks_of_any_kind),
		cmocka_unit_test(what_stands_behind_the_last_newline_is_no_whole_line),
		cmocka_unit_test(a_number_above_its_limit_or_without_a_digit_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
