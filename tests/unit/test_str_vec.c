/* Byte strings and arrays: growth, the sticky failure. Does not test encodings. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "core/base/str.h"
#include "core/base/vec.h"

/* Want of memory is asked for by sizes that no allocator gives; asan is to return NULL too.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* volatile: the compiler is not to see, and warn of, what is asked for on purpose */
static const volatile size_t too_much = SIZE_MAX / 4;

static void an_empty_string_reads_as_empty_text(void **state)
{
	struct str s = {0};

	(void)state;
	assert_string_equal(str_text(&s), "");
	str_reset(&s);
	assert_int_equal(str_append(&s, NULL, 0), 0);
	assert_string_equal(str_text(&s), "");
	str_release(&s);
	assert_null(s.data);
}

static void appends_of_every_kind_follow_each_other(void **state)
{
	struct str s;

	(void)state;
	str_init(&s);
	assert_int_equal(str_puts(&s, "port "), 0);
	assert_int_equal(str_printf(&s, "%d/%s", 443, "tcp"), 0);
	assert_int_equal(str_putc(&s, ' '), 0);
	assert_int_equal(str_fill(&s, '-', 3), 0);
	assert_int_equal(str_append(&s, "a\0b", 3), 0);
	assert_int_equal(s.len, 19);
	assert_memory_equal(s.data, "port 443/tcp ---a\0b", 19);
	assert_int_equal(s.data[s.len], '\0');
	str_release(&s);
}

static void a_long_printf_is_not_cut(void **state)
{
	struct str s = {0};

	(void)state;
	assert_int_equal(str_printf(&s, "%0*d", 100000, 7), 0);
	assert_int_equal(s.len, 100000);
	assert_int_equal(s.data[99999], '7');
	assert_int_equal(s.data[100000], '\0');
	str_release(&s);
}

static void memory_doubles_so_that_many_appends_move_it_seldom(void **state)
{
	struct str s = {0};
	size_t moves = 0;

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		size_t cap = s.cap;

		assert_int_equal(str_putc(&s, 'x'), 0);
		moves += s.cap != cap;
		assert_true(s.cap > s.len);
	}
	assert_int_equal(s.len, 1000000);
	assert_true(moves <= 20);
	str_release(&s);
}

static void a_reset_keeps_the_memory_and_clears_the_failure(void **state)
{
	struct str s = {0};
	char *data;

	(void)state;
	str_puts(&s, "abc");
	data = s.data;
	assert_int_equal(str_fill(&s, ' ', too_much), -ENOMEM);
	str_reset(&s);
	assert_false(s.failed);
	assert_string_equal(str_text(&s), "");
	assert_int_equal(str_puts(&s, "d"), 0);
	assert_ptr_equal(s.data, data);
	assert_string_equal(str_text(&s), "d");
	str_release(&s);
}

static void truncating_shortens_and_never_lengthens(void **state)
{
	struct str s = {0};

	(void)state;
	str_truncate(&s, 0);
	str_truncate(&s, 4);
	assert_string_equal(str_text(&s), "");
	str_puts(&s, "abcdef");
	str_truncate(&s, 7);
	assert_int_equal(s.len, 6);
	assert_string_equal(str_text(&s), "abcdef");
	str_truncate(&s, 2);
	assert_int_equal(s.len, 2);
	assert_string_equal(str_text(&s), "ab");
	str_release(&s);
}

static void want_of_memory_is_an_error_and_stays(void **state)
{
	struct str s = {0};

	(void)state;
	str_puts(&s, "kept");
	assert_int_equal(str_fill(&s, 'x', too_much), -ENOMEM);
	assert_true(s.failed);
	assert_int_equal(str_puts(&s, "a"), -ENOMEM);
	assert_int_equal(str_putc(&s, 'a'), -ENOMEM);
	assert_int_equal(str_append(&s, "a", 1), -ENOMEM);
	assert_int_equal(str_fill(&s, 'a', 0), -ENOMEM);
	assert_int_equal(str_printf(&s, "%d", 1), -ENOMEM);
	assert_string_equal(str_text(&s), "kept");
	str_release(&s);
	assert_int_equal(str_puts(&s, "again"), 0);
	assert_string_equal(str_text(&s), "again");
	str_release(&s);
}

static void a_length_beyond_all_numbers_is_refused(void **state)
{
	static const size_t lengths[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 2,
					 SIZE_MAX - 3};
	struct str s = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		str_reset(&s);
		str_puts(&s, "ab");
		assert_int_equal(str_fill(&s, 'x', lengths[i]), -ENOMEM);
		assert_string_equal(str_text(&s), "ab");
	}
	str_release(&s);
}

struct pair {
	uint64_t a;
	uint8_t b;
};

static void elements_keep_their_values_while_the_array_grows(void **state)
{
	struct vec v = VEC_OF(struct pair);

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		struct pair *p = vec_push(&v);

		assert_non_null(p);
		p->a = i * i;
		p->b = (uint8_t)i;
	}
	assert_int_equal(v.n, 1000);
	for (size_t i = 0; i < 1000; i++) {
		const struct pair *p = vec_at(&v, i);

		assert_int_equal(p->a, i * i);
		assert_int_equal(p->b, (uint8_t)i);
	}
	vec_release(&v);
	assert_int_equal(v.n, 0);
	assert_int_equal(v.size, sizeof(struct pair));
}

static void a_pushed_element_is_zero_also_where_another_was(void **state)
{
	struct vec v;
	void *data;

	(void)state;
	vec_init(&v, sizeof(int));
	for (int i = 0; i < 5; i++)
		*(int *)vec_push(&v) = -1;
	data = v.data;
	vec_truncate(&v, 3);
	assert_int_equal(*(int *)vec_push(&v), 0);
	assert_int_equal(*(int *)vec_at(&v, 2), -1);
	assert_int_equal(v.n, 4);
	vec_reset(&v);
	assert_int_equal(v.n, 0);
	assert_int_equal(*(int *)vec_push(&v), 0);
	assert_ptr_equal(v.data, data);
	vec_release(&v);
}

static void a_released_array_can_be_used_again(void **state)
{
	struct vec v = VEC_OF(int);

	(void)state;
	vec_push(&v);
	vec_release(&v);
	*(int *)vec_push(&v) = 4;
	assert_int_equal(*(int *)vec_at(&v, 0), 4);
	vec_release(&v);
}

static void a_push_without_memory_gives_null_and_changes_nothing(void **state)
{
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX / 8 + 1, SIZE_MAX / 32};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct vec v = {.size = sizes[i]};

		assert_null(vec_push(&v));
		assert_int_equal(v.n, 0);
		assert_null(v.data);
		vec_release(&v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_string_reads_as_empty_text),
		cmocka_unit_test(appends_of_every_kind_follow_each_other),
		cmocka_unit_test(a_long_printf_is_not_cut),
		cmocka_unit_test(memory_doubles_so_that_many_appends_move_it_seldom),
		cmocka_unit_test(a_reset_keeps_the_memory_and_clears_the_failure),
		cmocka_unit_test(truncating_shortens_and_never_lengthens),
		cmocka_unit_test(want_of_memory_is_an_error_and_stays),
		cmocka_unit_test(a_length_beyond_all_numbers_is_refused),
		cmocka_unit_test(elements_keep_their_values_while_the_array_grows),
		cmocka_unit_test(a_pushed_element_is_zero_also_where_another_was),
		cmocka_unit_test(a_released_array_can_be_used_again),
		cmocka_unit_test(a_push_without_memory_gives_null_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
