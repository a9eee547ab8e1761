/* Names from outside within commands that people paste into a shell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/diagnosis/check_help.h"

static const struct {
	const char *name, *word;
} rows[] = {
	{"input", "input"},
	{"eth0.100", "eth0.100"},
	{"nginx@web.service", "nginx@web.service"},
	{"a;reboot", "'a;reboot'"},
	{"$(reboot)", "'$(reboot)'"},
	{"`id`", "'`id`'"},
	{"it's", "'it'\\''s'"},
	{"-rf", "'-rf'"},
	{"two words", "'two words'"},
	{"a\nb", "'a\\x0ab'"},
	{"\x1b[2J", "'\\x1b[2J'"},
};

static void a_name_is_one_word_and_runs_nothing(void **state)
{
	struct arena arena = {0};
	struct check_view v = {.arena = &arena};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(view_word(&v, text_of(rows[i].name)), rows[i].word);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_one_word_and_runs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
