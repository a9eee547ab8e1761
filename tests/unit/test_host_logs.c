/* Logs and times of files, from a directory of this test's own, and what a program prints.
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
#include "core/host/read/changes.h"
#include "core/host/read/firewalld_files.h"
#include "core/host/read/open_beneath.h"
#include "core/host/read/program_run.h"
#include "tests/unit/log_place.h"

static void known_and_lately_written_files_are_read(void **state)
{
	struct past_ask ask = {.since_wall_ns = 1000 * NS_PER_S};
	struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

	(void)state;
	put("syslog", "known\n");
	put("other.log", "written lately\n");
	put("stale.log", "written long ago\n");
	put("other.txt", "no log\n");
	assert_int_equal(mkdir(in_dir("nginx"), 0700), 0);
	put("nginx/error.log", "in a directory\n");
	put("nginx/other.log", "other in a directory\n");
	assert_int_equal(utimensat(AT_FDCWD, in_dir("stale.log"), old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, in_dir("syslog"), old, 0), 0);
	hear(read_files, &ask);
	assert_true(item_has(file_item("syslog"), "known\n"));
	assert_true(item_has(file_item("other.log"), "written lately\n"));
	assert_true(item_has(file_item("nginx/error.log"), "in a directory\n"));
	assert_true(item_has(file_item("nginx/other.log"), "other in"));
	assert_false(has_file("stale.log"));
	assert_false(has_file("other.txt"));
}

static void no_link_and_no_pipe_is_followed(void **state)
{
	struct past_ask ask = {.since_wall_ns = 0};

	(void)state;
	assert_int_equal(symlink("/etc/passwd", in_dir("kern.log")), 0);
	assert_int_equal(symlink("/etc/passwd", in_dir("more.log")), 0);
	assert_int_equal(symlink("/etc", in_dir("nginx")), 0);
	assert_int_equal(mkfifo(in_dir("auth.log"), 0600), 0);
	hear(read_files, &ask);
	assert_int_equal(file_item("kern.log").error, ELOOP);
	assert_int_equal(file_item("kern.log").data.len, 0);
	assert_false(has_file("more.log"));
	assert_false(has_file("auth.log"));
	assert_false(heard_words("root:"));
}

static void what_is_no_text_says_so(void **state)
{
	struct past_ask ask = {.since_wall_ns = 0};
	FILE *f = fopen(in_dir("syslog"), "we");

	(void)state;
	assert_non_null(f);
	assert_int_equal(fwrite("a\0b", 1, 3, f), 3);
	fclose(f);
	hear(read_files, &ask);
	assert_int_equal(file_item("syslog").error, EILSEQ);
}

static void write_bytes(const char *name, const char *bytes, size_t n)
{
	FILE *f = fopen(in_dir(name), "we");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void a_nul_hides_no_line(void **state)
{
	static const char one[] = "the first line that is whole\na\0b\nthe last line\n";
	struct past_ask ask = {.since_wall_ns = 0};
	char hole[20000] = {0};

	(void)state;
	memcpy(hole + sizeof(hole) - 9, "behind it", 9);
	write_bytes("syslog", one, sizeof(one) - 1);
	write_bytes("auth.log", hole, sizeof(hole));
	hear(read_files, &ask);
	assert_int_equal(file_item("syslog").error, 0);
	assert_int_equal(file_item("syslog").data.len, sizeof(one) - 1);
	assert_int_equal(file_item("auth.log").error, 0);
	assert_true(item_has(file_item("auth.log"), "behind it"));
}

static void the_rest_of_a_line_is_no_line(void **state)
{
	struct past_ask ask = {.since_wall_ns = 0};
	static char line[100000];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 30, "\nIt begins here", 15);
	write_bytes("syslog", line, sizeof(line));
	write_bytes("auth.log", line, sizeof(line) - 30);
	hear(read_files, &ask);
	assert_int_equal(file_item("syslog").data.len, 29);
	assert_int_equal(file_item("auth.log").data.len, 0);
}

static void of_a_long_file_the_end_is_read_in_whole_lines(void **state)
{
	struct past_ask ask = {.since_wall_ns = 0};
	FILE *f = fopen(in_dir("syslog"), "we");
	struct bundle_item item = {.error = 0};
	char name[512], last[32] = "";
	size_t sum = 0;
	unsigned n = 0;

	(void)state;
	assert_non_null(f);
	for (unsigned i = 0; i < 10000; i++)
		fprintf(f, "line number %05u\n", i);
	fclose(f);
	hear(read_files, &ask);
	snprintf(name, sizeof(name), "file:%s/syslog", dir);
	for (; heard_nth(name, n, &item); n++) {
		sum += item.data.len;
		assert_int_equal(item.data.bytes[item.data.len - 1], '\n');
		snprintf(last, sizeof(last), "%.18s",
			 (const char *)item.data.bytes + item.data.len - 18);
	}
	assert_int_equal(n, 2);
	/* Nor does it begin with the rest of a line. */
	assert_int_equal(sum, 65536 / 18 * 18);
	assert_string_equal(last, "line number 09999\n");
}

static void many_files_are_bounded(void **state)
{
	struct past_ask ask = {.since_wall_ns = 0};
	struct bundle_reader r;
	struct bundle_item item;
	char name[32];
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "%u.log", i);
		put(name, "line\n");
	}
	hear(read_files, &ask);
	bundle_read(&r, heard.bytes, heard.len);
	while (bundle_next(&r, &item) == 1)
		n++;
	assert_int_equal(n, 32);
}

static int read_firewalld(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	(void)status;
	return firewalld_files_put(out, dir);
}

static void make_all(const char *const *names)
{
	for (; *names; names++)
		assert_int_equal(mkdir(in_dir(*names), 0700), 0);
}

/* What somebody wrote wins over what came with it. */
static void zones_of_firewalld_are_kept_as_they_stand(void **state)
{
	static const char *const places[] = {
		"etc", "etc/firewalld", "etc/firewalld/zones", "etc/firewalld/services",
		"usr", "usr/lib",       "usr/lib/firewalld",   "usr/lib/firewalld/zones",
		NULL};

	(void)state;
	make_all(places);
	put("etc/firewalld/zones/public.xml", "<zone>written</zone>");
	put("etc/firewalld/zones/public.xml.old", "<zone>older</zone>");
	put("etc/firewalld/services/web.xml", "<service/>");
	put("usr/lib/firewalld/zones/public.xml", "<zone>shipped</zone>");
	put("usr/lib/firewalld/zones/drop.xml", "<zone>dropping</zone>");
	hear(read_firewalld, NULL);
	assert_true(
		item_has(heard_item("file:/etc/firewalld/zones/public.xml"), "written"));
	assert_true(
		item_has(heard_item("file:/etc/firewalld/services/web.xml"), "<service/>"));
	assert_true(
		item_has(heard_item("file:/usr/lib/firewalld/zones/drop.xml"), "dropping"));
	assert_false(heard_words("older"));
	assert_false(heard_words("shipped"));
}

static void without_firewalld_nothing_of_it_is_told(void **state)
{
	static const char *const places[] = {
		"etc", "usr", "usr/lib", "usr/lib/firewalld", "usr/lib/firewalld/zones",
		NULL};

	(void)state;
	make_all(places);
	put("usr/lib/firewalld/zones/public.xml", "<zone>shipped</zone>");
	hear(read_firewalld, NULL);
	assert_int_equal(heard.len, 0);
}

/* It is ours: this process holds one for writing, one for reading only. */
static void files_held_open_for_writing_are_read_once(void **state)
{
	struct past_ask ask = {.since_wall_ns = 0, .pids = {{(uint32_t)getpid()}, 1}};
	int written, read_only, again;
	char name[512];

	(void)state;
	put("app.log", "held\n");
	put("input-log", "only read\n");
	put("data", "no log by its name\n");
	written = open(in_dir("app.log"), O_WRONLY | O_APPEND);
	read_only = open(in_dir("input-log"), O_RDONLY);
	again = open(in_dir("data"), O_RDWR);
	assert_true(written >= 0 && read_only >= 0 && again >= 0);
	hear(read_files, &ask);
	snprintf(name, sizeof(name), "pid:%d:%s/app.log", (int)getpid(), dir);
	assert_true(item_has(heard_item(name), "held\n"));
	assert_false(has_file("app.log"));
	assert_false(heard_words("only read"));
	assert_false(heard_words("no log by"));
	close(written);
	close(read_only);
	close(again);
}

static void both_ways_to_open_refuse_what_leads_out(void **state)
{
	static const struct {
		const char *path;
		int error; /* 0: it opens */
	} rows[] = {
		{"syslog", 0},           {"sub/inner", 0},     {"sub", 0},
		{"link", -ELOOP},        {"sublink/inner", 1}, {"../x", -EXDEV},
		{"sub/../../x", -EXDEV}, {"absent", -ENOENT},  {"syslog/x", -ENOTDIR},
		{"/etc/passwd", -EXDEV},
	};
	int (*const ways[])(int, const char *, int) = {open_beneath, open_beneath_by_parts};
	int at;

	(void)state;
	put("syslog", "x");
	assert_int_equal(mkdir(in_dir("sub"), 0700), 0);
	put("sub/inner", "x");
	assert_int_equal(symlink("syslog", in_dir("link")), 0);
	assert_int_equal(symlink("sub", in_dir("sublink")), 0);
	at = open(dir, O_RDONLY | O_DIRECTORY);
	for (size_t way = 0; way < 2; way++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			int fd = ways[way](at, rows[i].path, O_RDONLY);

			if (rows[i].error == 1)
				assert_true(fd == -ELOOP || fd == -ENOTDIR);
			else if ((fd < 0 ? fd : 0) != rows[i].error)
				fail_msg("way %zu, %s: %d", way, rows[i].path, fd);
			if (fd >= 0)
				close(fd);
		}
	}
	close(at);
}

/* ---- What a program prints ---- */

struct run {
	const char *const *argv;
	int timeout_ms;
	size_t limit;
};

static int run_program(const void *run, struct bundle_out *out, enum blob_status *status)
{
	const struct run *r = run;

	(void)status;
	return program_run(r->argv, "said", r->timeout_ms, r->limit, out);
}

/* The last item; the others are heard too. */
static struct bundle_item said(const char *const *argv, int timeout_ms, size_t limit)
{
	struct run r = {argv, timeout_ms, limit};
	struct bundle_item last = {.error = 0};

	hear(run_program, &r);
	for (unsigned n = 0; heard_nth("said", n, &last); n++)
		;
	return last;
}

#define PROGRAM(...)              \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

static void a_programs_output_is_an_item(void **state)
{
	(void)state;
	put("two", "one\ntwo\n");
	assert_true(item_has(said(PROGRAM("/bin/cat", in_dir("two")), 5000, 100),
			     "one\ntwo\n"));
	assert_int_equal(heard_item("said").error, 0);
	assert_int_equal(said(PROGRAM("/bin/true"), 5000, 100).data.len, 0);
	assert_int_equal(heard_item("said").error, 0);
	assert_int_equal(said(PROGRAM("/bin/false"), 5000, 100).error, EIO);
	assert_int_equal(said(PROGRAM("/is/not/there"), 5000, 100).error, EIO);
}

static void a_program_has_nothing_of_ours(void **state)
{
	struct bundle_item item;

	(void)state;
	setenv("SECRET_OF_OURS", "secret", 1);
	item = said(PROGRAM("/usr/bin/env"), 5000, 10000);
	assert_true(text_equals_str(item.data, "PATH=/usr/bin:/bin\nLC_ALL=C.UTF-8\n"));
	unsetenv("SECRET_OF_OURS");
	/* and of its own the directory's */
	item = said(PROGRAM("/bin/ls", "/proc/self/fd"), 5000, 10000);
	assert_true(text_equals_str(item.data, "0\n1\n2\n3\n"));
	item = said(PROGRAM("/bin/cat"), 5000, 10000);
	assert_int_equal(item.data.len, 0);
	assert_int_equal(item.error, 0);
}

static void a_program_that_takes_too_long_is_ended(void **state)
{
	int64_t start_ns = host_now_ns();
	struct bundle_item item;

	(void)state;
	put("begun", "begun\n");
	item = said(PROGRAM("/usr/bin/tail", "-f", in_dir("begun")), 500, 100);
	assert_int_equal(item.error, ETIMEDOUT);
	assert_true(item_has(item, "begun\n"));
	assert_true(host_now_ns() - start_ns < 15 * NS_PER_S);
}

static void a_program_that_says_too_much_is_ended(void **state)
{
	struct bundle_item item;
	size_t sum = 0;

	(void)state;
	assert_int_equal(said(PROGRAM("/usr/bin/yes"), 10000, 150000).error, EMSGSIZE);
	for (unsigned n = 0; heard_nth("said", n, &item); n++)
		sum += item.data.len;
	assert_int_equal(sum, 150000);
}

/* ---- Times ---- */

static int read_times(const void *since, struct bundle_out *out, enum blob_status *status)
{
	struct change_list l = {
		.out = out, .since_ns = *(const int64_t *)since, .pid_word = "pid:7:"};

	(void)status;
	change_files_put(&l, -1, dir, 1);
	return 0;
}

static void files_written_since_then_are_told_with_their_times(void **state)
{
	struct timespec late[2] = {{4000, 5}, {4000, 5}}, old[2] = {{1, 0}, {1, 0}};
	int64_t since = 3000 * NS_PER_S;
	char name[512];

	(void)state;
	put("late", "x");
	put("old", "x");
	assert_int_equal(utimensat(AT_FDCWD, in_dir("late"), late, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, in_dir("old"), old, 0), 0);
	hear(read_times, &since);
	snprintf(name, sizeof(name), "pid:7:mtime:%s/late", dir);
	assert_true(item_has(heard_item(name), "4000000000005"));
	snprintf(name, sizeof(name), "pid:7:mtime:%s", dir);
	assert_true(heard_item(name).data.len > 0);
	assert_false(heard_words("/old"));
}

static void times_are_bounded(void **state)
{
	struct bundle_reader r;
	struct bundle_item item;
	int64_t since = 0;
	char name[32];
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		put(name, "");
	}
	hear(read_times, &since);
	bundle_read(&r, heard.bytes, heard.len);
	while (bundle_next(&r, &item) == 1)
		n++;
	assert_int_equal(n, CHANGE_ITEMS_MAX);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(known_and_lately_written_files_are_read),
		in_place(no_link_and_no_pipe_is_followed),
		in_place(what_is_no_text_says_so),
		in_place(a_nul_hides_no_line),
		in_place(the_rest_of_a_line_is_no_line),
		in_place(of_a_long_file_the_end_is_read_in_whole_lines),
		in_place(many_files_are_bounded),
		in_place(zones_of_firewalld_are_kept_as_they_stand),
		in_place(without_firewalld_nothing_of_it_is_told),
		in_place(files_held_open_for_writing_are_read_once),
		in_place(both_ways_to_open_refuse_what_leads_out),
		in_place(a_programs_output_is_an_item),
		in_place(a_program_has_nothing_of_ours),
		in_place(a_program_that_takes_too_long_is_ended),
		in_place(a_program_that_says_too_much_is_ended),
		in_place(files_written_since_then_are_told_with_their_times),
		in_place(times_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
