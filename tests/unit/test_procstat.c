/* stat and status of a process, whatever it calls itself. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "core/sockets/procstat.h"
#include "tests/unit/items.h"

/* As proc(5) has them; comm may be anything. */
static const struct {
	struct text file;
	int err;
	const char *comm;
	char state;
	uint64_t start_ticks;
} stat_rows[] = {
	{LIT("1 (init) S 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 2 3 4\n"), 0, "init", 'S',
	 2},
	{LIT("1 (init) S 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 2"), 0, "init", 'S', 2},
	{LIT("1 (a) R 1 1 (b) Z 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 18446744073709551615 "
	     "0"),
	 0, "a) R 1 1 (b", 'Z', UINT64_MAX},
	{LIT("1 () t 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 9 0"), 0, "", 't', 9},
	{LIT("1 (() D 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 9 0"), 0, "(", 'D', 9},
	{LIT("1 ()) D 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 9 0"), 0, ")", 'D', 9},
	{LIT("1 (a\nb) D 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 9 0"), 0, "a\nb", 'D', 9},
	{LIT("1 (a) D 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 18446744073709551616 0"),
	 -EBADMSG, "", 0, 0},
	{LIT("1 (a) D 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 -9 0"), -EBADMSG, "", 0, 0},
	{LIT("1 (a) D 0 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 9x 0"), -EBADMSG, "", 0, 0},
	{LIT("1 (a) D  1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 9 0"), -EBADMSG, "", 0, 0},
	{LIT("1 (a)"), -EBADMSG, "", 0, 0},
	{LIT("1 (a) "), -EBADMSG, "", 0, 0},
	{LIT("1 (a"), -EBADMSG, "", 0, 0},
	{LIT(")("), -EBADMSG, "", 0, 0},
	{LIT(""), -EBADMSG, "", 0, 0},
};

static void stat_is_split_at_its_last_parenthesis(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(stat_rows); i++) {
		struct procstat s = {.state = '?'};

		assert_int_equal(procstat_parse(stat_rows[i].file, &s), stat_rows[i].err);
		if (stat_rows[i].err) {
			assert_int_equal(s.state, '?');
			continue;
		}
		assert_text(stat_rows[i].comm, s.comm, stat_rows[i].comm);
		assert_int_equal(s.state, stat_rows[i].state);
		assert_int_equal(s.start_ticks, stat_rows[i].start_ticks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_is_split_at_its_last_parenthesis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
