/* Reading and writing a golden file, for tests that run from the root of the project. */
#ifndef TESTS_UNIT_GOLDEN_FILE_H
#define TESTS_UNIT_GOLDEN_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/str.h"

/* What is in it behind what is in `out`; without it the test fails. */
static inline void golden_read(const char *path, struct str *out)
{
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("%s cannot be opened; UPDATE_GOLDEN=1 writes it", path);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		str_append(out, piece, n);
	fclose(f);
}

static inline void golden_write(const char *path, const struct str *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(str_text(text), 1, text->len, f), text->len);
	assert_int_equal(fclose(f), 0);
}

#endif
