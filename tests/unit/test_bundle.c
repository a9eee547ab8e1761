/* Cursors and bundles: what was written is read, what is damaged is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bundle.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))
#define LIT(s)     ((struct text){s, sizeof(s) - 1})

static const struct bundle_item good_rows[] = {
	{.name = LIT("812/stat"), .data = LIT("812 (sshd) S 1")},
	{.name = LIT("812/fd/3"), .data = LIT("socket:[123]")},
	{.name = LIT("812/exe"), .error = EACCES},
	{.name = LIT(""), .data = LIT("nameless")},
	{.name = LIT("empty"), .data = LIT("")},
	{.name = LIT("a\nb"), .data = LIT("\0\xff\0"), .error = EMSGSIZE},
	{.name = LIT(""), .data = LIT(""), .error = INT16_MAX},
};

/* Each is no whole bundle. */
static const struct text damaged_rows[] = {
	LIT("\0"),
	LIT("\0\0\0\0\0\0\0"),               /* a head cut short */
	LIT("\1\0\0\0\0\0\0\0"),             /* data missing */
	LIT("\0\0\0\0\1\0\0\0"),             /* name missing */
	LIT("\2\0\0\0\1\0\0\0nd"),           /* data cut short */
	LIT("\xff\xff\xff\xff\1\0\0\0n"),    /* data_len beyond everything */
	LIT("\xff\xff\xff\xff\xff\xff\0\0"), /* both */
	LIT("\0\0\0\0\0\0\xff\xff"),         /* error -1 */
	LIT("\0\0\0\0\0\0\0\x80"),           /* error -32768 */
};

static size_t put_all(uint8_t *out, size_t room)
{
	size_t used = 0;

	for (size_t i = 0; i < N_OF(good_rows); i++) {
		long n = bundle_put(out + used, room - used, &good_rows[i]);

		assert_true(n >= BUNDLE_HEAD);
		used += (size_t)n;
	}
	return used;
}

static void items_are_read_as_they_were_written(void **state)
{
	uint8_t wire[1024];
	size_t used = put_all(wire, sizeof(wire));
	struct bundle_reader r;
	struct bundle_item item;

	(void)state;
	bundle_read(&r, wire, used);
	for (size_t i = 0; i < N_OF(good_rows); i++) {
		assert_int_equal(bundle_next(&r, &item), 1);
		assert_true(text_equals(item.name, good_rows[i].name));
		assert_true(text_equals(item.data, good_rows[i].data));
		assert_int_equal(item.error, good_rows[i].error);
	}
	assert_int_equal(bundle_next(&r, &item), 0);
	assert_int_equal(bundle_next(&r, &item), 0);
}

static void the_wire_format_is_little_endian_without_padding(void **state)
{
	static const char expected[] = "\3\0\0\0\1\0\x0d\0nabc";
	struct bundle_item item = {.name = LIT("n"), .data = LIT("abc"), .error = EACCES};
	uint8_t wire[12];

	(void)state;
	assert_int_equal(bundle_put(wire, sizeof(wire), &item), 12);
	assert_memory_equal(wire, expected, 12);
}

static void an_item_that_does_not_fit_is_not_written_at_all(void **state)
{
	struct bundle_item item = {.name = LIT("name"), .data = LIT("data")};
	uint8_t wire[16], before[16];

	(void)state;
	memset(wire, 0x5a, sizeof(wire));
	memcpy(before, wire, sizeof(wire));
	for (size_t room = 0; room < 16; room++) {
		assert_int_equal(bundle_put(wire, room, &item), -EMSGSIZE);
		assert_memory_equal(wire, before, sizeof(wire));
	}
	assert_int_equal(bundle_put(wire, 16, &item), 16);
	item.data.len = SIZE_MAX;
	assert_int_equal(bundle_put(wire, 16, &item), -EMSGSIZE);
}

static void a_name_too_long_or_an_error_too_large_is_invalid(void **state)
{
	static char name[BUNDLE_NAME_MAX + 1];
	static uint8_t wire[BUNDLE_NAME_MAX + BUNDLE_HEAD + 1];
	struct bundle_item item = {.name = {name, sizeof(name)}};

	(void)state;
	assert_int_equal(bundle_put(wire, sizeof(wire), &item), -EINVAL);
	item.name.len = SIZE_MAX;
	assert_int_equal(bundle_put(wire, sizeof(wire), &item), -EINVAL);
	item.name.len = BUNDLE_NAME_MAX;
	assert_int_equal(bundle_put(wire, sizeof(wire), &item),
			 BUNDLE_NAME_MAX + BUNDLE_HEAD);
	item.error = INT16_MAX + 1;
	assert_int_equal(bundle_put(wire, sizeof(wire), &item), -EINVAL);
	item.error = -EACCES;
	assert_int_equal(bundle_put(wire, sizeof(wire), &item), -EINVAL);
}

static void a_name_on_the_wire_may_not_be_longer_than_one_written(void **state)
{
	enum { HEAD_AND_NAME = BUNDLE_HEAD + BUNDLE_NAME_MAX };
	static uint8_t wire[HEAD_AND_NAME + 1] = {[5] = BUNDLE_NAME_MAX >> 8};
	struct bundle_reader r;
	struct bundle_item item;

	(void)state;
	bundle_read(&r, wire, HEAD_AND_NAME);
	assert_int_equal(bundle_next(&r, &item), 1);
	assert_int_equal(item.name.len, BUNDLE_NAME_MAX);
	wire[4] = 1;
	bundle_read(&r, wire, sizeof(wire));
	assert_int_equal(bundle_next(&r, &item), -EBADMSG);
}

static void damage_is_found_and_stays(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(damaged_rows); i++) {
		struct text row = damaged_rows[i];
		struct bundle_item item = {.error = 77};
		struct bundle_reader r;

		bundle_read(&r, row.bytes, row.len);
		for (int again = 0; again < 3; again++)
			assert_int_equal(bundle_next(&r, &item), -EBADMSG);
		assert_int_equal(item.error, 77);
	}
}

static void a_bundle_cut_anywhere_gives_its_whole_items_only(void **state)
{
	uint8_t wire[1024];
	size_t used = put_all(wire, sizeof(wire));
	struct bundle_item item;
	size_t n_whole = 0;

	(void)state;
	for (size_t len = 0; len <= used; len++) {
		uint8_t *copy = malloc(len + 1); /* of its own, so that asan sees its end */
		struct bundle_reader r;
		size_t n = 0;
		int got;

		memcpy(copy, wire, len);
		bundle_read(&r, copy, len);
		while ((got = bundle_next(&r, &item)) > 0)
			n++;
		assert_true(n == n_whole || (n == n_whole + 1 && got == 0));
		assert_true(got == 0 || got == -EBADMSG);
		n_whole = n;
		free(copy);
	}
	assert_int_equal(n_whole, N_OF(good_rows));
}

static void random_damage_never_leads_outside_the_input(void **state)
{
	uint8_t wire[1024], damaged[1024];
	size_t used = put_all(wire, sizeof(wire));

	(void)state;
	srandom(20261122);
	for (int i = 0; i < 50000; i++) {
		struct bundle_reader r;
		struct bundle_item item;
		int got;

		memcpy(damaged, wire, used);
		for (int k = 0; k < 3; k++)
			damaged[(size_t)random() % used] = (uint8_t)random();
		bundle_read(&r, damaged, used);
		while ((got = bundle_next(&r, &item)) > 0) {
			assert_true(item.name.bytes >= (char *)damaged + BUNDLE_HEAD);
			assert_ptr_equal(item.name.bytes + item.name.len, item.data.bytes);
			assert_true(item.data.bytes + item.data.len <=
				    (char *)damaged + used);
		}
		assert_true(got == 0 || got == -EBADMSG);
	}
}

static void an_empty_bundle_has_an_end_and_no_damage(void **state)
{
	struct bundle_reader r;
	struct bundle_item item;

	(void)state;
	bundle_read(&r, NULL, 0);
	assert_int_equal(bundle_next(&r, &item), 0);
}

static void a_cursor_reads_both_byte_orders(void **state)
{
	static const uint8_t bytes[] = {
		0x01, 0x02, 0x83, 0x02, 0x83, 0xf4, 0xf5, 0xf6, 0xf7, 0xf4, 0xf5, 0xf6,
		0xf7, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0xaa, 0xbb,
	};
	struct cursor c = cursor_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(cursor_left(&c), sizeof(bytes));
	assert_int_equal(cursor_u8(&c), 0x01);
	assert_int_equal(cursor_le16(&c), 0x8302);
	assert_int_equal(cursor_be16(&c), 0x0283);
	assert_int_equal(cursor_le32(&c), 0xf7f6f5f4);
	assert_int_equal(cursor_be32(&c), 0xf4f5f6f7);
	assert_true(cursor_le64(&c) == UINT64_C(0x8887868584838281));
	assert_ptr_equal(cursor_bytes(&c, 2), bytes + 21);
	assert_int_equal(cursor_left(&c), 0);
	assert_false(c.short_read);
}

static void a_short_read_gives_zero_and_is_remembered(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3};
	struct cursor c = cursor_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(cursor_le32(&c), 0);
	assert_true(c.short_read);
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_u8(&c), 0);
	assert_null(cursor_bytes(&c, 1));
	assert_non_null(cursor_bytes(&c, 0));
	assert_true(c.short_read);
	c = cursor_of(bytes, sizeof(bytes));
	assert_null(cursor_bytes(&c, SIZE_MAX));
	assert_true(c.short_read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_read_as_they_were_written),
		cmocka_unit_test(the_wire_format_is_little_endian_without_padding),
		cmocka_unit_test(an_item_that_does_not_fit_is_not_written_at_all),
		cmocka_unit_test(a_name_too_long_or_an_error_too_large_is_invalid),
		cmocka_unit_test(a_name_on_the_wire_may_not_be_longer_than_one_written),
		cmocka_unit_test(damage_is_found_and_stays),
		cmocka_unit_test(a_bundle_cut_anywhere_gives_its_whole_items_only),
		cmocka_unit_test(random_damage_never_leads_outside_the_input),
		cmocka_unit_test(an_empty_bundle_has_an_end_and_no_damage),
		cmocka_unit_test(a_cursor_reads_both_byte_orders),
		cmocka_unit_test(a_short_read_gives_zero_and_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
