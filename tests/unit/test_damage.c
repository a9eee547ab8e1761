/* Damaged recordings: any bytes give a recording or a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>

#include "tests/unit/recording.h"
#include "tests/unit/rounds.h"

static void bytes_that_are_no_recording_give_a_sentence(void **state)
{
	static const char zeros[4096];
	char error[256];

	(void)state;
	assert_null(recording_from_bytes(NULL, 0, error));
	assert_string_equal(error, "no recording: the file is empty");
	assert_null(recording_from_bytes(zeros, sizeof(zeros), error));
	assert_string_equal(error, "no recording: the archive is empty");
	assert_null(recording_from_bytes("#!/bin/sh\n", 10, error));
	assert_ptr_equal(strstr(error, "no recording: "), error);
	assert_null(recording_open(-1, error));
	assert_ptr_equal(strstr(error, "the recording cannot be read: "), error);
}

static void a_file_that_is_too_large_is_refused_unread(void **state)
{
	char error[256];
	int fd = new_file();

	(void)state;
	assert_int_equal(ftruncate(fd, 2 * RECORD_MAX_BYTES + 1), 0);
	assert_null(recording_open(fd, error));
	assert_string_equal(error, "no recording: the file is larger than 512 MiB");
	close(fd);
}

/* Every answer stands in one run, counts from 0, ends, and is found by its text. */
static void assert_is_in_order(const struct recording *r)
{
	size_t n = recording_n_parts(r), first, end;
	uint32_t next = 0, sum = 0;
	bool is_repeat;

	for (size_t i = 0; i < n; i++) {
		const struct recorded *p = recording_part(r, i);

		assert_int_equal(p->blob.part, next);
		next = blob_is_end(&p->blob) ? 0 : next + 1;
		assert_true(p->blob.len <= BLOB_PART_MAX);
		for (size_t k = 0; k < p->blob.len; k++)
			sum += p->blob.bytes[k];
		assert_int_equal(recording_find(r, p->text, 0, &first, &end, &is_repeat),
				 0);
		assert_true(first < end && end <= n);
		assert_true(blob_is_end(&recording_part(r, end - 1)->blob));
	}
	assert_int_equal(next, 0);
	assert_true(sum < UINT32_MAX);
}

/* Opens a copy of its own, so that a read past the end is seen. True: it opened. */
static bool try_bytes(const void *bytes, size_t len, char error[256])
{
	char *copy = malloc(len ? len : 1);
	struct recording *r;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	strcpy(error, "");
	r = recording_from_bytes(copy, len, error);
	assert_true((r == NULL) == (error[0] != '\0'));
	assert_true(strlen(error) < 256 && !strchr(error, '\n'));
	if (r) {
		assert_is_in_order(r);
		snprintf(error, 256, "%s",
			 recording_damage(r) ? recording_damage(r) : "whole");
	}
	recording_free(r);
	free(copy);
	return r != NULL;
}

static void a_recording_cut_anywhere_opens_and_says_so(void **state)
{
	struct str file = good_recording();
	size_t meta_size = strtoul(file.data + 124, NULL, 8);
	char error[256];

	(void)state;
	assert_true(try_bytes(file.data, file.len, error));
	assert_string_equal(error, "whole");
	for (size_t len = 0; len < file.len; len += stride(7)) {
		bool opened = try_bytes(file.data, len, error);

		assert_int_equal(opened, len >= TAR_BLOCK + meta_size);
		if (opened)
			assert_non_null(strstr(error, "the recording ends early, at byte"));
		else
			assert_ptr_equal(strstr(error, "no recording: "), error);
	}
	assert_true(try_bytes(file.data, file.len - TAR_END_MARK - 600, error));
	assert_non_null(strstr(error, ": 7 of about 8 parts could be read"));
	assert_true(try_bytes(file.data, file.len - TAR_END_MARK, error));
	assert_non_null(strstr(error, ": 8 parts could be read, and whether more"));
	str_release(&file);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static size_t flip(struct str *file, uint64_t *seed)
{
	size_t at = next_random(seed) % file->len;

	if (next_random(seed) % 2)
		file->data[at] = (char)next_random(seed);
	else
		file->data[at] = "0123456789/=. lm"[next_random(seed) % 16];
	return at;
}

/* Flips at the places that are read with care: a header or a head line. */
static void flip_in_member(struct str *file, uint64_t *seed)
{
	size_t block = next_random(seed) % (file->len / TAR_BLOCK) * TAR_BLOCK;
	size_t at = next_random(seed) % 64;
	bool is_header = !memcmp(file->data + block + 257, "ustar", 6);

	if (is_header && next_random(seed) % 2)
		at = 124 + at % 33;
	file->data[block + at] = "0123456789/=. lm\0"[next_random(seed) % 17];
	if (is_header)
		mend_checksum(file->data + block);
}

static void a_damaged_recording_gives_a_recording_or_a_sentence(void **state)
{
	struct str good = good_recording(), file = {0};
	uint64_t seed = UINT64_C(0x5eed0002);
	size_t n_runs = rounds(20000), n_opened = 0, n_refused = 0;
	char error[256];

	(void)state;
	for (size_t run = 0; run < n_runs; run++) {
		str_reset(&file);
		str_append(&file, good.data, good.len);
		for (uint64_t n = next_random(&seed) % 4; n > 0; n--)
			flip_in_member(&file, &seed);
		for (uint64_t n = next_random(&seed) % 3; n > 0; n--)
			flip(&file, &seed);
		if (next_random(&seed) % 4 == 0)
			file.len = next_random(&seed) % file.len;
		if (try_bytes(file.data, file.len, error))
			n_opened++;
		else
			n_refused++;
	}
	assert_true(n_opened > n_runs / 20 && n_refused > n_runs / 20);
	str_release(&good);
	str_release(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_that_are_no_recording_give_a_sentence),
		cmocka_unit_test(a_file_that_is_too_large_is_refused_unread),
		cmocka_unit_test(a_recording_cut_anywhere_opens_and_says_so),
		cmocka_unit_test(a_damaged_recording_gives_a_recording_or_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
