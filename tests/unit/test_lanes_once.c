/* Lanes of one look: the reader of files is there no longer than it has something to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/lanes_ear.h"

static int open_once(void **state)
{
	int error = open_lanes(state);

	lanes.looks_once = true;
	return error;
}

static void test_the_reader_of_files_starts_when_it_is_asked(void **state)
{
	(void)state;
	lanes_start(&lanes, true);
	assert_int_equal(lanes.lanes[0].pid, 0);
	assert_true(lanes.lanes[1].pid > 0 && lanes.lanes[2].pid > 0);
	ask(REQUEST_FILES);
	assert_true(lanes.lanes[0].pid > 0);
	serve_until(1);
	expect_end(BLOB_LAST, 0);
	assert_true(heard.n_bytes > 0);
}

static void test_it_ends_when_nothing_is_left_to_do(void **state)
{
	pid_t pid;

	(void)state;
	ask(REQUEST_FILES);
	ask(REQUEST_NAMESPACES);
	pid = lanes.lanes[0].pid;
	serve_until(1);
	assert_int_equal(lanes.lanes[0].pid, pid);
	serve_until(2);
	expect_end(BLOB_LAST, 0);
	assert_int_equal(lanes.lanes[0].pid, 0);
	assert_int_equal(heard.n_notices, 0);
}

static void test_what_comes_after_it_is_read_by_an_idle_owner_scan(void **state)
{
	(void)state;
	lanes_start(&lanes, true);
	ask(REQUEST_FILES);
	serve_until(1);
	ask(REQUEST_NAMESPACES);
	assert_int_equal(lanes.lanes[0].pid, 0);
	assert_non_null(lanes.lanes[1].answer);
	assert_null(lanes.lanes[2].answer);
	serve_until(2);
	expect_end(BLOB_LAST, 0);
	assert_int_equal(heard.n_parts, 1);
}

static void test_behind_a_busy_owner_scan_nothing_waits(void **state)
{
	(void)state;
	lanes_start(&lanes, true);
	ask(REQUEST_FILES);
	serve_until(1);
	kill(lanes.lanes[1].pid, SIGSTOP);
	ask(REQUEST_NAMESPACES);
	assert_int_equal(lanes.lanes[0].pid, 0);
	ask(REQUEST_FILES);
	assert_true(lanes.lanes[0].pid > 0);
	assert_int_equal(lanes.lanes[0].answer ? lanes.n_queued : 1, 0);
}

static void test_without_an_owner_scan_it_is_started_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		ask(REQUEST_FILES);
		assert_true(lanes.lanes[0].pid > 0);
		serve_until(i + 1);
		expect_end(BLOB_LAST, 0);
		assert_int_equal(lanes.lanes[0].pid, 0);
	}
	assert_int_equal(heard.n_notices, 0);
}

#define once(test) cmocka_unit_test_setup_teardown(test, open_once, close_lanes)

int main(void)
{
	const struct CMUnitTest tests[] = {
		once(test_the_reader_of_files_starts_when_it_is_asked),
		once(test_it_ends_when_nothing_is_left_to_do),
		once(test_what_comes_after_it_is_read_by_an_idle_owner_scan),
		once(test_behind_a_busy_owner_scan_nothing_waits),
		once(test_without_an_owner_scan_it_is_started_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
