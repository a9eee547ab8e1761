/* Headers of tar archives, written and read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/host/tape/tar.h"

#define N_OF(rows) (sizeof(rows) / sizeof(*(rows)))

#define TEN     "abcdefghi/"
#define LINE_10 "abcdefghij"
#define FIFTY   LINE_10 LINE_10 LINE_10 LINE_10 LINE_10
#define HUNDRED FIFTY FIFTY

#define SIZE_AT     124
#define CHECKSUM_AT 148
#define MAGIC_AT    257

static const struct {
	const char *name;
	int err;
} names[] = {
	{"a", 0},
	{"meta.json", 0},
	{HUNDRED, 0},
	{"a/" HUNDRED, 0},
	{HUNDRED FIFTY "abcde/" HUNDRED, 0}, /* all of both fields */
	{TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "x", 0},
	{"", -ENAMETOOLONG},
	{HUNDRED "x", -ENAMETOOLONG},
	{"a/" HUNDRED "x", -ENAMETOOLONG},
	{HUNDRED "/", -ENAMETOOLONG},
	{"/" HUNDRED, -ENAMETOOLONG},
	{HUNDRED FIFTY "abcdef/x", -ENAMETOOLONG},
};

/* The 12 bytes of a size field and what they say; -1: no number that is taken. */
static const struct {
	const char *field;
	long size;
} sizes[] = {
	{"00000000000\0", 0},
	{"00000000012\0", 10},
	{"00000001000 ", 512},
	{"         12\0", 10},
	{"12 \0 \0\0\0\0\0\0\0", 10},
	{"000000000012", 10},
	{"\0\0\0\0\0\0\0\0\0\0\0\0", -1},
	{"            ", -1},
	{"00000000018\0", -1},
	{"-0000000001\0", -1},
	{"+0000000001\0", -1},
	{"0x000000001\0", -1},
	{"1 2\0\0\0\0\0\0\0\0\0", -1},
	{"1\0002\0\0\0\0\0\0\0\0\0", -1},
	{"\x80\0\0\0\0\0\0\0\0\0\0\x0a", -1}, /* GNU's binary number */
	{"777777777777", -1},
	{"04000000001\0", -1}, /* 512 MiB and a byte */
};

static void put_checksum(uint8_t *header)
{
	unsigned sum = 0;
	char digits[8];

	memset(header + CHECKSUM_AT, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += header[i];
	snprintf(digits, sizeof(digits), "%06o", sum & 0777777);
	memcpy(header + CHECKSUM_AT, digits, 7);
}

static void a_name_is_read_as_it_was_written_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		uint8_t block[TAR_BLOCK];
		struct tar_reader r = {.bytes = block, .len = sizeof(block)};
		struct tar_member m;

		assert_int_equal(tar_put_header(block, names[i].name, 0, 0), names[i].err);
		if (names[i].err)
			continue;
		assert_int_equal(tar_next(&r, &m), TAR_MEMBER);
		assert_string_equal(m.name, names[i].name);
	}
}

static void a_size_is_octal_digits_and_in_range(void **state)
{
	static uint8_t bytes[2 * TAR_BLOCK];

	(void)state;
	for (size_t i = 0; i < N_OF(sizes); i++) {
		struct tar_reader r = {.bytes = bytes, .len = sizeof(bytes)};
		struct tar_member m = {.size = 4711};

		tar_put_header(bytes, "a", 0, 0);
		memcpy(bytes + SIZE_AT, sizes[i].field, 12);
		put_checksum(bytes);
		assert_int_equal(tar_next(&r, &m),
				 sizes[i].size < 0 ? TAR_DAMAGED : TAR_MEMBER);
		assert_int_equal(m.size, sizes[i].size < 0 ? 4711 : sizes[i].size);
		assert_true((r.damage != NULL) == (sizes[i].size < 0));
	}
}

static void every_flipped_bit_of_a_header_is_noticed(void **state)
{
	uint8_t block[TAR_BLOCK];
	size_t n_unnoticed = 0;

	(void)state;
	tar_put_header(block, "a", 0, 0);
	for (size_t bit = 0; bit < 8 * TAR_BLOCK; bit++) {
		struct tar_reader r = {.bytes = block, .len = sizeof(block)};
		struct tar_member m;

		block[bit / 8] ^= (uint8_t)(1 << bit % 8);
		n_unnoticed += tar_next(&r, &m) != TAR_DAMAGED;
		block[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* in the checksum: its first zero and the two bytes behind it may be spaces */
	assert_int_equal(n_unnoticed, 3);
}

static void a_size_over_the_limit_is_not_written(void **state)
{
	uint8_t block[TAR_BLOCK];

	(void)state;
	assert_int_equal(tar_put_header(block, "a", (size_t)TAR_SIZE_MAX, 0), 0);
	assert_int_equal(tar_put_header(block, "a", (size_t)TAR_SIZE_MAX + 1, 0), -EFBIG);
}

static void a_time_that_a_header_cannot_hold_is_zero(void **state)
{
	static const int64_t times[] = {-1, INT64_MIN, INT64_MAX, INT64_C(1) << 33};
	uint8_t zero[TAR_BLOCK], block[TAR_BLOCK];

	(void)state;
	tar_put_header(zero, "a", 0, 0);
	for (size_t i = 0; i < N_OF(times); i++) {
		tar_put_header(block, "a", 0, times[i]);
		assert_memory_equal(block, zero, TAR_BLOCK);
	}
}

/* One member of 10 bytes and the end mark. */
static void put_archive(uint8_t bytes[4 * TAR_BLOCK])
{
	memset(bytes, 0, 4 * TAR_BLOCK);
	tar_put_header(bytes, "a", 10, 0);
	memset(bytes + TAR_BLOCK, 'x', 10);
}

static void an_archive_cut_anywhere_says_so(void **state)
{
	uint8_t bytes[4 * TAR_BLOCK];

	(void)state;
	put_archive(bytes);
	for (size_t len = 0; len < sizeof(bytes); len++) {
		struct tar_reader r = {.bytes = bytes, .len = len};
		struct tar_member m;
		enum tar_step step = tar_next(&r, &m);

		assert_int_equal(step, len < TAR_BLOCK + 10 ? TAR_CUT : TAR_MEMBER);
		assert_int_equal(tar_next(&r, &m), TAR_CUT);
		assert_int_equal(tar_next(&r, &m), TAR_CUT);
		assert_true((r.at < len) == (len > 0 && len < TAR_BLOCK + 10));
	}
}

static void what_follows_the_end_mark_is_not_looked_at(void **state)
{
	uint8_t bytes[5 * TAR_BLOCK];
	struct tar_reader r = {.bytes = bytes, .len = sizeof(bytes)};
	struct tar_member m;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	put_archive(bytes);
	assert_int_equal(tar_next(&r, &m), TAR_MEMBER);
	assert_int_equal(tar_next(&r, &m), TAR_END);
	assert_int_equal(tar_next(&r, &m), TAR_END);
}

static void a_lone_block_of_zeros_is_damage(void **state)
{
	uint8_t bytes[4 * TAR_BLOCK];
	struct tar_reader r = {.bytes = bytes, .len = sizeof(bytes)};
	struct tar_member m;

	(void)state;
	put_archive(bytes);
	bytes[3 * TAR_BLOCK] = 1;
	assert_int_equal(tar_next(&r, &m), TAR_MEMBER);
	assert_int_equal(tar_next(&r, &m), TAR_DAMAGED);
	assert_int_equal(r.at, 2 * TAR_BLOCK);
	assert_int_equal(tar_next(&r, &m), TAR_DAMAGED);
}

static void the_prefix_of_a_gnu_header_is_no_part_of_the_name(void **state)
{
	uint8_t block[TAR_BLOCK];
	struct tar_reader r = {.bytes = block, .len = sizeof(block)};
	struct tar_member m;

	(void)state;
	tar_put_header(block, "a/" HUNDRED, 0, 0);
	memcpy(block + MAGIC_AT, "ustar  ", 8);
	put_checksum(block);
	assert_int_equal(tar_next(&r, &m), TAR_MEMBER);
	assert_string_equal(m.name, HUNDRED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_read_as_it_was_written_or_refused),
		cmocka_unit_test(a_size_is_octal_digits_and_in_range),
		cmocka_unit_test(every_flipped_bit_of_a_header_is_noticed),
		cmocka_unit_test(a_size_over_the_limit_is_not_written),
		cmocka_unit_test(a_time_that_a_header_cannot_hold_is_zero),
		cmocka_unit_test(an_archive_cut_anywhere_says_so),
		cmocka_unit_test(what_follows_the_end_mark_is_not_looked_at),
		cmocka_unit_test(a_lone_block_of_zeros_is_damage),
		cmocka_unit_test(the_prefix_of_a_gnu_header_is_no_part_of_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
