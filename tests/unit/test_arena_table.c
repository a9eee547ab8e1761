/* Memory that dies together and the tables that hold it. Does not test any row. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/table.h"

/* Want of memory is asked for by sizes that no allocator gives; asan is to return NULL too.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* volatile: the compiler is not to see, and warn of, what is asked for on purpose */
static const volatile size_t too_much = SIZE_MAX / 4;

static int is_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return 0;
	return 1;
}

static void every_piece_is_zeroed_aligned_and_apart_from_all_others(void **state)
{
	enum { N = 3000 };
	static unsigned char *pieces[N];
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < N; i++) {
		size_t size = i * 7 % 301;

		pieces[i] = arena_alloc(&a, size);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		assert_true(is_zero(pieces[i], size));
		memset(pieces[i], (int)(i % 255 + 1), size);
	}
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < i * 7 % 301; k++)
			assert_int_equal(pieces[i][k], i % 255 + 1);
	arena_release(&a);
}

static void alignment_holds_after_a_text_of_odd_length(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t n = 0; n < 40; n++) {
		assert_non_null(
			arena_copy(&a, "0123456789012345678901234567890123456789", n));
		assert_int_equal((uintptr_t)arena_alloc(&a, 8) % _Alignof(max_align_t), 0);
	}
	arena_release(&a);
}

static void a_large_piece_does_not_waste_the_block_in_use(void **state)
{
	struct arena a = {0};
	char *before, *large, *after;

	(void)state;
	before = arena_alloc(&a, 16);
	large = arena_alloc(&a, (size_t)1 << 20);
	after = arena_alloc(&a, 16);
	assert_true(is_zero((unsigned char *)large, (size_t)1 << 20));
	memset(large, 'x', (size_t)1 << 20);
	assert_ptr_equal(after, before + 16);
	assert_true(is_zero((unsigned char *)after, 16));
	arena_release(&a);
}

static void bytes_counts_what_was_handed_out(void **state)
{
	struct arena a = {0};

	(void)state;
	arena_alloc(&a, 100);
	arena_alloc(&a, 70000);
	arena_copy(&a, "abc", 3);
	assert_int_equal(a.bytes, 100 + 70000 + 4);
	arena_release(&a);
	assert_int_equal(a.bytes, 0);
	assert_null(a.blocks);
}

static void a_copy_ends_in_nul_and_keeps_inner_ones(void **state)
{
	struct arena a = {0};
	char *copy = arena_copy(&a, "a\0b", 3);

	(void)state;
	assert_memory_equal(copy, "a\0b", 4);
	assert_string_equal(arena_copy(&a, NULL, 0), "");
	arena_release(&a);
}

static void a_text_is_copied_and_an_empty_one_becomes_no_text(void **state)
{
	char source[] = "nginx";
	struct arena a = {0};
	struct text t = arena_text(&a, text_of(source));

	(void)state;
	source[0] = 'X';
	assert_true(text_equals_str(t, "nginx"));
	assert_null(arena_text(&a, TEXT_NONE).bytes);
	assert_null(arena_text(&a, text_of("")).bytes);
	arena_release(&a);
}

static void want_of_memory_gives_null_and_leaves_the_arena_usable(void **state)
{
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 16, SIZE_MAX / 2};
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_null(arena_alloc(&a, sizes[i]));
		assert_null(arena_copy(&a, "x", sizes[i]));
		assert_null(arena_text(&a, (struct text){"x", sizes[i]}).bytes);
		assert_int_equal(arena_text(&a, (struct text){"x", sizes[i]}).len, 0);
	}
	assert_int_equal(a.bytes, 0);
	assert_string_equal(arena_copy(&a, "ok", 2), "ok");
	assert_null(arena_alloc(&a, too_much));
	assert_int_equal(a.bytes, 3);
	arena_release(&a);
}

struct numbers {
	struct table table;
	int *values;
	int extra;
};

static int n_released;

static void numbers_release(struct table *t)
{
	const struct numbers *n = (const struct numbers *)t;

	assert_int_equal(n->values[0], 42);
	n_released++;
}

static void a_table_dies_with_its_last_reference_and_its_arena_after_it(void **state)
{
	struct numbers *n = table_new(sizeof(*n), numbers_release);

	(void)state;
	n_released = 0;
	assert_non_null(n);
	assert_int_equal(n->table.refs, 1);
	assert_int_equal(n->extra, 0);
	n->values = arena_alloc(&n->table.arena, sizeof(int));
	n->values[0] = 42;
	assert_ptr_equal(table_ref(n), n);
	table_unref(n);
	assert_int_equal(n_released, 0);
	assert_int_equal(n->values[0], 42);
	table_unref(n);
	assert_int_equal(n_released, 1);
}

static void a_table_without_release_frees_its_arena(void **state)
{
	struct table *t = table_new(sizeof(*t), NULL);

	(void)state;
	assert_non_null(arena_alloc(&t->arena, 100000));
	assert_int_equal(t->refs, 1);
	table_unref(t);
}

static void no_table_is_no_mistake(void **state)
{
	(void)state;
	assert_null(table_ref(NULL));
	table_unref(NULL);
	assert_null(table_new(too_much, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_piece_is_zeroed_aligned_and_apart_from_all_others),
		cmocka_unit_test(alignment_holds_after_a_text_of_odd_length),
		cmocka_unit_test(a_large_piece_does_not_waste_the_block_in_use),
		cmocka_unit_test(bytes_counts_what_was_handed_out),
		cmocka_unit_test(a_copy_ends_in_nul_and_keeps_inner_ones),
		cmocka_unit_test(a_text_is_copied_and_an_empty_one_becomes_no_text),
		cmocka_unit_test(want_of_memory_gives_null_and_leaves_the_arena_usable),
		cmocka_unit_test(
			a_table_dies_with_its_last_reference_and_its_arena_after_it),
		cmocka_unit_test(a_table_without_release_frees_its_arena),
		cmocka_unit_test(no_table_is_no_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
