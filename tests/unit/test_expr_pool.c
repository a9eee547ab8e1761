/* One expression for all that say the same, and never for two that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/firewall/expr_pool.h"

static struct expr_pool pool;
static struct arena arena;

static int start(void **state)
{
	(void)state;
	memset(&pool, 0, sizeof(pool));
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct fw_expr comparison(struct text value)
{
	return (struct fw_expr){
		.kind = FW_EXPR_CMP, .set = FW_NONE, .chain = FW_NONE, .value = value};
}

static struct fw_expr *keep(const struct fw_expr *e)
{
	struct fw_expr *kept = expr_pool_keep(&pool, &arena, e);

	assert_non_null(kept);
	return kept;
}

static void what_says_the_same_is_one_and_its_texts_are_copied(void **state)
{
	char bytes[] = {10, 0, 0, 1};
	struct fw_expr e = comparison((struct text){bytes, sizeof(bytes)});
	struct fw_expr *first = keep(&e);

	(void)state;
	assert_ptr_equal(keep(&e), first);
	assert_ptr_not_equal(first->value.bytes, bytes);
	bytes[3] = 2;
	assert_int_equal(first->value.bytes[3], 1);
	assert_ptr_not_equal(keep(&e), first);
}

/* Of each field one that differs, to the end of the struct. */
static void what_differs_in_one_field_is_another(void **state)
{
	struct fw_expr like = comparison(text_of("aa"));
	struct fw_expr others[] = {like, like, like, like, like, like, like, like, like,
				   like, like, like, like, like, like, like, like};
	size_t n = 0;

	(void)state;
	others[n++].sreg = 4;
	others[n++].dreg = 4;
	others[n++].sreg2 = 4;
	others[n++].sreg3 = 4;
	others[n++].sreg4 = 4;
	others[n++].op = 1;
	others[n++].base = 1;
	others[n++].code = 1;
	others[n++].family = 1;
	others[n++].direction = 1;
	others[n++].revision = 1;
	others[n++].is_inverted = true;
	others[n++].flags = 1;
	others[n++].key = 1;
	others[n++].offset = 1;
	others[n++].len = 1;
	others[n++].value = text_of("ab");
	assert_int_equal(n, sizeof(others) / sizeof(*others));
	for (size_t i = 0; i < n; i++) {
		struct fw_expr *kept = keep(&like);

		assert_ptr_not_equal(keep(&others[i]), kept);
	}
}

/* Of the fields that lie in one place those that the kind has. */
static void what_differs_in_what_only_its_kind_has_is_another(void **state)
{
	const struct fw_expr like = {.set = FW_NONE, .chain = FW_NONE};
	struct fw_expr pairs[][2] = {{like, like}, {like, like}, {like, like},
				     {like, like}, {like, like}, {like, like}};
	const enum fw_expr_kind kinds[] = {FW_EXPR_XT_MATCH, FW_EXPR_RANGE,
					   FW_EXPR_BITWISE,  FW_EXPR_LIMIT,
					   FW_EXPR_LIMIT,    FW_EXPR_VERDICT};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		pairs[i][0].kind = pairs[i][1].kind = kinds[i];
	pairs[0][0].name = text_of("tcp");
	pairs[0][1].name = text_of("udp");
	pairs[1][0].value2 = pairs[2][0].value2 = text_of("aa");
	pairs[1][1].value2 = pairs[2][1].value2 = text_of("ab");
	pairs[3][1].amount = pairs[4][1].amount2 = 1;
	pairs[5][1].verdict = 1;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct fw_expr *kept = keep(&pairs[i][0]);

		assert_ptr_equal(keep(&pairs[i][0]), kept);
		assert_ptr_not_equal(keep(&pairs[i][1]), kept);
	}
}

static void texts_of_every_kind_are_copied(void **state)
{
	char bytes[] = "ab", other[] = "cd";
	struct fw_expr match = {.kind = FW_EXPR_XT_MATCH, .set = FW_NONE, .chain = FW_NONE};
	struct fw_expr range = {.kind = FW_EXPR_RANGE, .set = FW_NONE, .chain = FW_NONE};
	struct fw_expr *kept_match, *kept_range;

	(void)state;
	match.value = range.value = text_of(bytes);
	match.name = range.value2 = text_of(other);
	kept_match = keep(&match);
	kept_range = keep(&range);
	memset(bytes, 0, sizeof(bytes));
	memset(other, 0, sizeof(other));
	assert_true(text_equals_str(kept_match->value, "ab"));
	assert_true(text_equals_str(kept_match->name, "cd"));
	assert_true(text_equals_str(kept_range->value, "ab"));
	assert_true(text_equals_str(kept_range->value2, "cd"));
}

static void jumps_to_chains_of_one_name_stay_apart(void **state)
{
	struct fw_expr jump = {.kind = FW_EXPR_VERDICT,
			       .verdict = -3,
			       .set = FW_NONE,
			       .chain = FW_NONE,
			       .value = text_of("web")};
	struct fw_expr accept = jump, nowhere = jump;

	(void)state;
	accept.value = TEXT_NONE;
	accept.verdict = 1;
	assert_false(expr_is_free(&jump));
	nowhere.value = TEXT_NONE;
	assert_false(expr_is_free(&nowhere));
	assert_ptr_not_equal(keep(&jump), keep(&jump));
	assert_true(expr_is_free(&accept));
	assert_ptr_equal(keep(&accept), keep(&accept));
}

static void what_was_forgotten_is_kept_anew(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 3 * EXPR_POOL_KEPT; i++) {
			struct fw_expr e = comparison((struct text){(char *)&i, sizeof(i)});
			struct fw_expr *kept = keep(&e);

			assert_int_equal(kept->kind, FW_EXPR_CMP);
			assert_memory_equal(kept->value.bytes, &i, sizeof(i));
		}
	}
}

static void bytes_are_known_again_until_others_take_their_place(void **state)
{
	uint8_t bytes[EXPR_TOLD_MAX + 1] = {1};
	struct fw_expr e = comparison(text_of("aa"));
	struct fw_expr *kept = keep(&e);

	(void)state;
	assert_null(expr_pool_told(&pool, bytes, 8));
	expr_pool_note(&pool, bytes, 8, kept);
	assert_ptr_equal(expr_pool_told(&pool, bytes, 8), kept);
	assert_null(expr_pool_told(&pool, bytes, 9));
	bytes[7] = 1;
	assert_null(expr_pool_told(&pool, bytes, 8));
	expr_pool_note(&pool, bytes, sizeof(bytes), kept);
	assert_null(expr_pool_told(&pool, bytes, sizeof(bytes)));
	assert_null(expr_pool_told(&pool, bytes, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_says_the_same_is_one_and_its_texts_are_copied, start, end),
		cmocka_unit_test_setup_teardown(what_differs_in_one_field_is_another, start,
						end),
		cmocka_unit_test_setup_teardown(
			what_differs_in_what_only_its_kind_has_is_another, start, end),
		cmocka_unit_test_setup_teardown(texts_of_every_kind_are_copied, start, end),
		cmocka_unit_test_setup_teardown(jumps_to_chains_of_one_name_stay_apart,
						start, end),
		cmocka_unit_test_setup_teardown(what_was_forgotten_is_kept_anew, start,
						end),
		cmocka_unit_test_setup_teardown(
			bytes_are_known_again_until_others_take_their_place, start, end),
	};

	return cmocka_run_group_tests_name("expr_pool", tests, NULL, NULL);
}
