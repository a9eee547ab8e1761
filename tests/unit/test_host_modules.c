/* Whether a part of the kernel is there, from lists of this test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/host/kernel/kernel_modules.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static char dir[200], loaded[256], builtin[256], symbols[256];

static const struct {
	const char *title;
	/* NULL: there is no such file */
	const char *loaded, *builtin, *symbols;
	int result;
} rows[] = {
	{"a loaded module", "x 1 0 - Live 0\nnf_tables 1 2 a,b, Live 0\n", NULL, NULL, 0},
	{"one whose name goes on", "nf_tables_x 1 0 - Live 0\n", "", NULL, -ENOPKG},
	{"one that another uses", "x 1 1 nf_tables, Live 0\n", "", NULL, -ENOPKG},
	{"a built-in one", "", "kernel/a.ko\nkernel/net/nf_tables.ko\n", NULL, 0},
	{"a built-in one with the other dash", "", "kernel/net/nf-tables.ko\n", NULL, 0},
	{"another built-in one", "", "kernel/net/nf_tables_x.ko\n", NULL, -ENOPKG},
	{"a built-in one that only symbols tell", "", NULL,
	 "ffff0 T start\nffff1 t nf_tables_getgen\n", 0},
	{"no symbol of it", "", NULL, "ffff0 T start\n", -ENOPKG},
	{"a module's symbol alone", "", NULL,
	 "ffff0 T start\nffff1 t nf_tables_getgen\t[nf_tables]\n", -ENOPKG},
	{"a kernel without modules", NULL, NULL, "0 T start\n0 t nf_tables_getgen\n", 0},
	{"a kernel without modules or it", NULL, NULL, "0 T start\n", -ENOPKG},
	{"no list at all", NULL, NULL, NULL, -ENODATA},
	{"symbols that tell nothing", "", NULL, "", -ENODATA},
};

static void put(const char *path, const char *text)
{
	FILE *f;

	unlink(path);
	if (!text)
		return;
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void it_is_told_from_whatever_list_there_is(void **state)
{
	const struct kernel_lists lists = {loaded, builtin, symbols};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		int got;

		put(loaded, rows[i].loaded);
		put(builtin, rows[i].builtin);
		put(symbols, rows[i].symbols);
		got = kernel_module_find(&lists, "nf_tables", "nf_tables_");
		if (got != rows[i].result)
			fail_msg("%s: %d, not %d", rows[i].title, got, rows[i].result);
	}
}

static int make_place(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/modules-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	snprintf(loaded, sizeof(loaded), "%s/loaded", dir);
	snprintf(builtin, sizeof(builtin), "%s/builtin", dir);
	snprintf(symbols, sizeof(symbols), "%s/symbols", dir);
	return 0;
}

static int remove_place(void **state)
{
	(void)state;
	unlink(loaded);
	unlink(builtin);
	unlink(symbols);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_from_whatever_list_there_is),
	};

	return cmocka_run_group_tests(tests, make_place, remove_place);
}
