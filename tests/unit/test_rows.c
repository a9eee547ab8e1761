/* Rows as a table keeps them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/rows.h"

struct row {
	int key;
	char other;
};

static struct vec rows;
static struct arena arena;

static int open_rows(void **state)
{
	static const int keys[] = {5, 2, 9, 2, 5, 2};

	(void)state;
	rows = VEC_OF(struct row);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct row *row = vec_push(&rows);

		if (!row)
			return -1;
		*row = (struct row){keys[i], (char)('a' + keys[i])};
	}
	return 0;
}

static int close_rows(void **state)
{
	(void)state;
	vec_release(&rows);
	arena_release(&arena);
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static void assert_keys(const struct row *frozen, size_t n, const int *keys, size_t n_keys)
{
	assert_non_null(frozen);
	assert_int_equal(n, n_keys);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(frozen[i].key, keys[i]);
		assert_int_equal(frozen[i].other, 'a' + keys[i]);
	}
}

static void rows_are_sorted_and_all_are_kept(void **state)
{
	static const int keys[] = {2, 2, 2, 5, 5, 9};
	const struct row *frozen;
	size_t n = 0;

	(void)state;
	frozen = rows_freeze(&arena, &rows, compare_keys, &n);
	assert_keys(frozen, n, keys, 6);
	assert_int_equal(((struct row *)vec_at(&rows, 0))->key, 5);
}

static void of_equal_rows_one_is_kept(void **state)
{
	static const int keys[] = {2, 5, 9};
	const struct row *frozen;
	size_t n = 0;

	(void)state;
	frozen = rows_freeze_once(&arena, &rows, compare_keys, &n);
	assert_keys(frozen, n, keys, 3);
}

static void no_rows_are_not_a_want_of_memory(void **state)
{
	size_t n = 7;

	(void)state;
	vec_reset(&rows);
	assert_non_null(rows_freeze(&arena, &rows, compare_keys, &n));
	assert_int_equal(n, 0);
	n = 7;
	assert_non_null(rows_freeze_once(&arena, &rows, compare_keys, &n));
	assert_int_equal(n, 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, open_rows, close_rows)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows_are_sorted_and_all_are_kept),
		T(of_equal_rows_one_is_kept),
		T(no_rows_are_not_a_want_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
