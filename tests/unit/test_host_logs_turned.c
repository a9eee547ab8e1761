/* Logs that were turned away a while ago, packed or not, in a directory of this test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "core/base/time.h"
#include "core/host/read/program_run.h"
#include "tests/unit/log_place.h"

static int run_program(const void *argv, struct bundle_out *out, enum blob_status *status)
{
	(void)status;
	return program_run(argv, "said", 5000, 100, out);
}

/* False: the tool is not installed here. */
static bool make_packed(const char *name, const char *tool, const char *text)
{
	char program[32];
	const char *argv[] = {program_find(tool, program), "-q", in_dir(name), NULL};

	if (!argv[0])
		return false;
	put(name, text);
	hear(run_program, argv);
	return heard_item("said").error == 0;
}

static void what_was_turned_away_lately_is_read(void **state)
{
	struct past_ask ask = {.since_wall_ns = 1000 * NS_PER_S};
	struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

	(void)state;
	put("syslog", "now\n");
	put("syslog.1", "turned\n");
	put("messages.1", "turned long ago\n");
	assert_int_equal(utimensat(AT_FDCWD, in_dir("messages.1"), old, 0), 0);
	hear(read_files, &ask);
	assert_true(item_has(file_item("syslog.1"), "turned\n"));
	assert_false(has_file("messages.1"));
}

static void what_was_packed_is_read_where_its_tool_is(void **state)
{
	static const struct {
		const char *tool, *packed;
	} tools[] = {{"gzip", "syslog.1.gz"}, {"xz", "syslog.1.xz"}};
	struct past_ask ask = {.since_wall_ns = 1000 * NS_PER_S};
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		if (!make_packed("syslog.1", tools[i].tool, "turned and packed\n"))
			continue;
		hear(read_files, &ask);
		assert_true(item_has(file_item(tools[i].packed), "turned and packed\n"));
		assert_int_equal(remove(in_dir(tools[i].packed)), 0);
		n++;
	}
	if (!n)
		skip();
}

static void what_only_calls_itself_packed_says_so(void **state)
{
	struct past_ask ask = {.since_wall_ns = 0};
	char program[32];

	(void)state;
	if (!program_find("gzip", program))
		skip();
	put("secure.1.gz", "no packed text\n");
	assert_int_equal(symlink("/etc/passwd", in_dir("auth.log.1.gz")), 0);
	hear(read_files, &ask);
	assert_int_equal(file_item("secure.1.gz").error, EIO);
	assert_int_equal(file_item("secure.1.gz").data.len, 0);
	assert_false(has_file("auth.log.1.gz"));
}

static void of_a_long_packed_file_the_end_is_read_in_whole_lines(void **state)
{
	struct past_ask ask = {.since_wall_ns = 0};
	static char text[400001];

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 10; i += 10)
		snprintf(text + i, 11, "line %04zu\n", i / 10 % 10000);
	if (!make_packed("syslog.1", "gzip", text))
		skip();
	hear(read_files, &ask);
	assert_in_range(file_item("syslog.1.gz").data.len, 32 << 10, 64 << 10);
	assert_memory_equal(file_item("syslog.1.gz").data.bytes, "line ", 5);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(what_was_turned_away_lately_is_read),
		in_place(what_was_packed_is_read_where_its_tool_is),
		in_place(what_only_calls_itself_packed_says_so),
		in_place(of_a_long_packed_file_the_end_is_read_in_whole_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
