/*
 * Comparing documents with golden files (tests/golden/report; UPDATE_GOLDEN=1 writes them
 * anew), and want of memory at will. Tests that include it run from the root of the
 * project.
 */
#ifndef TESTS_UNIT_REPORT_GOLDEN_H
#define TESTS_UNIT_REPORT_GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/base/str.h"
#include "core/base/version.h"
#include "tests/unit/golden_file.h"

/* The version changes with every release; the documents' form does not. */
static inline void hide_version(struct str *document)
{
	const char quoted[] = DPORT_VERSION;
	struct str hidden = {0};
	const char *at = str_text(document), *hit;

	while ((hit = strstr(at, quoted))) {
		str_append(&hidden, at, (size_t)(hit - at));
		str_puts(&hidden, "VERSION");
		at = hit + sizeof(quoted) - 1;
	}
	str_puts(&hidden, at);
	str_release(document);
	*document = hidden;
}

static inline void assert_golden(struct str *document, const char *name)
{
	struct str wanted = {0};
	char path[256];

	snprintf(path, sizeof(path), "tests/golden/report/%s", name);
	if (getenv("UPDATE_GOLDEN"))
		golden_write(path, document);
	golden_read(path, &wanted);
	assert_string_equal(str_text(document), str_text(&wanted));
	str_release(&wanted);
	str_release(document);
}

/* For json_set_alloc_funcs(). */
static size_t allocations_left;

static inline void *scarce_malloc(size_t size)
{
	if (!allocations_left)
		return NULL;
	allocations_left--;
	return malloc(size);
}

#endif
