/* Recorded answers for tests: read whole, and copied so that a read past their end is seen.
 */
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	uint8_t *bytes; /* malloc */
	size_t len;
};

#define FIXTURE_MAX 65536

/* The file beneath tests/fixtures; tests run from the root. Fails the test without it. */
static inline struct fixture fixture_read(const char *name)
{
	struct fixture f = {.bytes = malloc(FIXTURE_MAX)};
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "tests/fixtures/%s", name);
	file = fopen(path, "rb");
	assert_non_null(f.bytes);
	if (!file)
		fail_msg("no %s", path);
	f.len = fread(f.bytes, 1, FIXTURE_MAX, file);
	fclose(file);
	assert_in_range(f.len, 1, FIXTURE_MAX - 1);
	return f;
}

static inline void fixture_release(struct fixture *f)
{
	free(f->bytes);
}

/*
 * The first len bytes in memory of exactly that size, which starts `shift` bytes behind an
 * aligned place: *at. Free what is returned.
 */
static inline void *fixture_copy(const void *bytes, size_t len, size_t shift, uint8_t **at)
{
	uint8_t *memory = malloc(len + shift + (len + shift == 0));

	assert_non_null(memory);
	*at = memory + shift;
	if (len)
		memcpy(*at, bytes, len);
	return memory;
}

#endif
