/* Writing recordings: what was written is read back, and failure leaves a whole archive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "tests/unit/recording.h"

/* What must not be written, because no reader would take it. */
static const struct {
	const char *title, *text;
	struct blob blob;
} unwritable[] = {
	{"no text", "", {.seq = 1}},
	{"a path", "/etc/passwd", {.seq = 1}},
	{"a way up", "../x", {.seq = 1}},
	{"two slashes", "files/a/b", {.seq = 1}},
	{"a space", "files/a b", {.seq = 1}},
	{"a newline", "files/a\n", {.seq = 1}},
	{"number 0", TEXT, {.seq = 0}},
	{"an unknown status", TEXT, {.seq = 1, .status = (enum blob_status)5}},
	{"a negative error", TEXT, {.seq = 1, .error = -EPERM}},
	{"a large error", TEXT, {.seq = 1, .error = 4096}},
	{"a time before 1970", TEXT, {.seq = 1, .wall_ns = -1}},
	{"a time before the start", TEXT, {.seq = 1, .boot_ns = -1}},
	{"more than a part", TEXT, {.seq = 1, .len = BLOB_PART_MAX + 1}},
	{"bytes that are nowhere", TEXT, {.seq = 1, .len = 1}},
};

static void what_was_written_is_read_back(void **state)
{
	static const uint8_t bytes[] = "\0part=1\n\xff\n";
	const struct blob blobs[] = {
		{1, 0, BLOB_MORE, 0, 4026531840, WALL_NS, 77, bytes, sizeof(bytes)},
		{1, 1, BLOB_LAST, 0, 4026531840, WALL_NS + 1, 78, bytes, 0},
		{2, 0, BLOB_LAST, EPERM, 0, 0, 0, NULL, 0},
		{100000000, 0, BLOB_TIMED_OUT, 4095, UINT64_MAX, INT64_MAX, INT64_MAX,
		 bytes, 1},
	};
	int fd = new_file(), kept = dup(fd);
	struct recorder *w = new_recorder(fd);
	struct recording *r;
	char error[256];

	(void)state;
	for (size_t i = 0; i < N_OF(blobs); i++)
		assert_int_equal(recorder_write(w, LONG_TEXT, &blobs[i]), 0);
	assert_int_equal(recorder_close(w), 0);
	lseek(kept, 0, SEEK_SET);
	r = recording_open(kept, error);
	assert_non_null(r);
	assert_null(recording_damage(r));
	assert_int_equal(recording_start_ns(r), WALL_NS);
	assert_int_equal(recording_n_parts(r), N_OF(blobs));
	for (size_t i = 0; i < N_OF(blobs); i++) {
		const struct recorded *p = recording_part(r, i);

		assert_string_equal(p->text, LONG_TEXT);
		assert_int_equal(p->blob.seq, blobs[i].seq);
		assert_int_equal(p->blob.part, blobs[i].part);
		assert_int_equal(p->blob.status, blobs[i].status);
		assert_int_equal(p->blob.error, blobs[i].error);
		assert_int_equal(p->blob.netns, blobs[i].netns);
		assert_int_equal(p->blob.wall_ns, blobs[i].wall_ns);
		assert_int_equal(p->blob.boot_ns, blobs[i].boot_ns);
		assert_int_equal(p->blob.len, blobs[i].len);
		if (blobs[i].len)
			assert_memory_equal(p->blob.bytes, blobs[i].bytes, blobs[i].len);
	}
	recording_free(r);
	close(kept);
}

static void meta_json_names_version_program_byte_order_time_and_rights(void **state)
{
	struct str file = good_recording();
	struct tar_reader tar = {.bytes = (uint8_t *)file.data, .len = file.len};
	struct tar_member m;
	json_t *meta;

	(void)state;
	assert_int_equal(tar_next(&tar, &m), TAR_MEMBER);
	assert_string_equal(m.name, "meta.json");
	meta = json_loadb((const char *)m.data, m.size, 0, NULL);
	assert_int_equal(json_object_size(meta), 5);
	assert_int_equal(json_integer_value(json_object_get(meta, "version")), 1);
	assert_string_equal(json_string_value(json_object_get(meta, "program")),
			    "dport 0.1.0");
	assert_string_equal(json_string_value(json_object_get(meta, "time")),
			    "2020-01-02T03:04:05.123Z");
	assert_string_equal(json_string_value(json_object_get(meta, "rights")), RIGHTS);
	assert_non_null(
		strstr(OWN_ORDER, json_string_value(json_object_get(meta, "byte_order"))));
	json_decref(meta);
	str_release(&file);
}

static void what_no_reader_would_take_is_not_written(void **state)
{
	struct recorder *r = new_recorder(new_file());
	int64_t before = recorder_bytes(r);

	(void)state;
	for (size_t i = 0; i < N_OF(unwritable); i++)
		if (recorder_write(r, unwritable[i].text, &unwritable[i].blob) != -EINVAL)
			fail_msg("written: %s", unwritable[i].title);
	assert_int_equal(recorder_error(r), 0);
	assert_int_equal(recorder_bytes(r), before);
	assert_int_equal(recorder_close(r), 0);
}

static void it_stops_at_its_limit_and_says_so(void **state)
{
	static uint8_t bytes[BLOB_PART_MAX];
	struct recorder *r = new_recorder(open("/dev/null", O_WRONLY | O_CLOEXEC));
	struct blob b = part_of(1, 0, BLOB_LAST, bytes, sizeof(bytes));
	int64_t last = 0;
	int err;

	(void)state;
	while ((err = recorder_write(r, TEXT, &b)) == 0) {
		assert_true(recorder_bytes(r) > last);
		last = recorder_bytes(r);
		b.seq++;
	}
	assert_int_equal(err, -EFBIG);
	assert_true(last > RECORD_MAX_BYTES - 70000);
	assert_true(last <= RECORD_MAX_BYTES - TAR_END_MARK);
	b.len = 0;
	assert_int_equal(recorder_write(r, TEXT, &b), -EFBIG);
	assert_int_equal(recorder_error(r), -EFBIG);
	assert_int_equal(recorder_bytes(r), last);
	assert_int_equal(recorder_close(r), -EFBIG);
}

static void a_full_disk_is_an_error_at_the_start(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	if (fd < 0)
		skip();
	assert_null(recorder_open_take(fd, WALL_NS, RIGHTS));
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(recorder_close(NULL), 0);
}

/* A limit on the size of files stands for the full disk: the first write is short, the next
 * fails. */
static void
a_disk_that_fills_up_leaves_what_was_written_and_the_reader_is_told(void **state)
{
	static uint8_t bytes[3000];
	char path[] = "/tmp/test_record.XXXXXX", error[256];
	int fd = mkstemp(path), kept = dup(fd);
	struct recorder *w = new_recorder(fd);
	struct blob b = part_of(1, 0, BLOB_LAST, bytes, sizeof(bytes));
	struct rlimit old, small;
	struct recording *r;

	(void)state;
	unlink(path);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 7000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(recorder_write(w, TEXT, &b), 0);
	b.seq = 2;
	assert_int_equal(recorder_write(w, TEXT, &b), -EFBIG);
	assert_int_equal(recorder_write(w, TEXT, &b), -EFBIG);
	assert_int_equal(recorder_bytes(w), lseek(kept, 0, SEEK_CUR));
	assert_int_equal(recorder_close(w), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_DFL);
	lseek(kept, 0, SEEK_SET);
	r = recording_open(kept, error);
	assert_non_null(r);
	assert_non_null(strstr(recording_damage(r), "ends early"));
	assert_int_equal(recording_n_parts(r), 1);
	recording_free(r);
	close(kept);
}

static void on_alarm(int number)
{
	(void)number;
}

/* Copies slowly from one descriptor to the other until the end. Runs in a child. */
static void copy_slowly(int from, int to)
{
	char chunk[1000];
	ssize_t n;

	while ((n = read(from, chunk, sizeof(chunk))) > 0) {
		usleep(500);
		if (write(to, chunk, (size_t)n) != n)
			_exit(1);
	}
	_exit(0);
}

/* Starts a child that copies what comes through the pipe into file. Returns the pipe's
 * other end. */
static int slow_pipe(int file, pid_t *child)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETPIPE_SZ, 4096);
	*child = fork();
	assert_true(*child >= 0);
	if (*child == 0) {
		close(fds[1]);
		copy_slowly(fds[0], file);
	}
	close(fds[0]);
	return fds[1];
}

/* A signal every 300 microseconds until it is called with false. */
static void alarm_often(bool on)
{
	const struct itimerval often = {{0, on ? 300 : 0}, {0, on ? 300 : 0}};
	const struct sigaction act = {.sa_handler = on ? on_alarm : SIG_IGN};

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void interrupted_and_short_writes_lose_nothing(void **state)
{
	static uint8_t bytes[30000];
	struct blob b = part_of(1, 0, BLOB_LAST, bytes, sizeof(bytes));
	int file = new_file(), status, err;
	struct recording *r;
	struct recorder *w;
	char error[256];
	pid_t child;

	(void)state;
	w = new_recorder(slow_pipe(file, &child));
	alarm_often(true);
	for (; b.seq <= 3; b.seq++)
		recorder_write(w, TEXT, &b);
	err = recorder_close(w);
	alarm_often(false);
	assert_int_equal(err, 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	lseek(file, 0, SEEK_SET);
	r = recording_open(file, error);
	assert_non_null(r);
	assert_null(recording_damage(r));
	assert_int_equal(recording_n_parts(r), 3);
	recording_free(r);
	close(file);
}

/* Runs tar and appends what it prints, errors too. Returns its exit code; 127: there is
 * none. */
static int run_tar(struct str *out, const char *words, const char *file, const char *dir)
{
	int fds[2], status;
	char chunk[1024];
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		execlp("tar", "tar", words, file, "-C", dir, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	while ((n = read(fds[0], chunk, sizeof(chunk))) > 0)
		str_append(out, chunk, (size_t)n);
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void tar_lists_and_extracts_what_was_written(void **state)
{
	static const char names[] = "meta.json\n"
				    "00000001/4026531840/" TEXT "\n"
				    "00000002/4026531840/" LONG_TEXT "\n";
	char dir[] = "/tmp/test_record.XXXXXX", path[400], data[256] = "";
	struct str listed = {0}, extracted = {0};
	struct blob one = part_of(1, 0, BLOB_LAST, "hello", 5);
	struct blob two = part_of(2, 0, BLOB_LAST, "world\n", 6);
	struct recorder *r;
	int code, fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a.tar", dir);
	r = new_recorder(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	assert_int_equal(recorder_write(r, TEXT, &one), 0);
	assert_int_equal(recorder_write(r, LONG_TEXT, &two), 0);
	assert_int_equal(recorder_close(r), 0);
	code = run_tar(&listed, "-tf", path, dir);
	if (code == 0)
		code = run_tar(&extracted, "-xf", path, dir);
	snprintf(path, sizeof(path), "%s/00000002/4026531840/" LONG_TEXT, dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, data, sizeof(data) - 1) < 0)
		data[0] = '\0';
	close(fd);
	nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	if (code == 127)
		skip();
	assert_int_equal(code, 0);
	assert_string_equal(str_text(&listed), names);
	assert_string_equal(str_text(&extracted), "");
	assert_string_equal(data, "part=0 status=last error=0 wall=1577934245123456791 "
				  "boot=2\nworld\n");
	str_release(&listed);
	str_release(&extracted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(
			meta_json_names_version_program_byte_order_time_and_rights),
		cmocka_unit_test(what_no_reader_would_take_is_not_written),
		cmocka_unit_test(it_stops_at_its_limit_and_says_so),
		cmocka_unit_test(a_full_disk_is_an_error_at_the_start),
		cmocka_unit_test(
			a_disk_that_fills_up_leaves_what_was_written_and_the_reader_is_told),
		cmocka_unit_test(interrupted_and_short_writes_lose_nothing),
		cmocka_unit_test(tar_lists_and_extracts_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
