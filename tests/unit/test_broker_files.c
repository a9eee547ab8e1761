/* Files that the broker makes for the child stand where the caller himself could make them,
 * whatever the program's file has been given: here as if it were setuid root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/host/broker/broker.h"
#include "core/host/broker/channel.h"

enum { PATIENCE_MS = 5000, NEVER_TOLD = 255, CALLER = 65533 };

static const char name[] = "made.json";

/* The error of the answer, 0: it is made; NEVER_TOLD. */
static int ask_for_export(int socket, void *arg)
{
	struct channel *c = channel_live_take(socket);
	struct pollfd p = {.fd = c ? channel_fd(c) : -1, .events = POLLIN};
	int error = NEVER_TOLD, fd;
	struct blob b;

	(void)arg;
	if (c && !channel_export(c, name) && poll(&p, 1, PATIENCE_MS) > 0 &&
	    channel_receive(c, &b) == CHANNEL_EXPORT) {
		fd = channel_take_export(c);
		error = fd < 0 ? -fd : 0;
		if (fd >= 0)
			close(fd);
	}
	channel_free(c);
	return error;
}

static int ask_for_saved_packets(int socket, void *arg)
{
	struct channel *c = channel_live_take(socket);
	struct request r = {.kind = REQUEST_CAPTURE, .capture.save = "made.json"};
	struct pollfd p = {.fd = c ? channel_fd(c) : -1, .events = POLLIN};
	int error = NEVER_TOLD;
	struct blob b;
	uint32_t seq;

	(void)arg;
	if (c && !channel_request(c, &r, &seq) && poll(&p, 1, PATIENCE_MS) > 0 &&
	    channel_receive(c, &b) == CHANNEL_BLOB && b.seq == seq)
		error = b.error;
	channel_free(c);
	return error;
}

/* In a process that root started for a caller, as a setuid program is. */
static int run_as_setuid(int dir_fd, int (*ask)(int socket, void *arg))
{
	struct broker_options o = {
		.serves = true, .export_dir_fd = dir_fd, .without_owners = true};
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (setresgid(CALLER, 0, 0) || setresuid(CALLER, 0, 0))
			_exit(NEVER_TOLD);
		_exit(broker_run(&o, ask, NULL));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

struct room {
	char path[32];
	int fd;
};

static int build(void **state)
{
	static struct room room;

	room = (struct room){.path = "/tmp/broker.XXXXXX"};
	assert_non_null(mkdtemp(room.path));
	room.fd = open(room.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(room.fd >= 0);
	*state = &room;
	return 0;
}

static int tear_down(void **state)
{
	struct room *room = *state;

	unlinkat(room->fd, name, 0);
	close(room->fd);
	return rmdir(room->path);
}

static void of_a_directory_that_is_not_the_callers_nothing_is_made(void **state)
{
	struct room *room = *state;

	if (getuid())
		skip();
	assert_int_equal(run_as_setuid(room->fd, ask_for_export), EACCES);
	assert_int_equal(run_as_setuid(room->fd, ask_for_saved_packets), EACCES);
	assert_int_equal(faccessat(room->fd, name, F_OK, 0), -1);
}

static void in_the_callers_directory_the_file_is_his(void **state)
{
	struct room *room = *state;
	struct stat s;

	if (getuid())
		skip();
	assert_int_equal(fchown(room->fd, CALLER, CALLER), 0);
	assert_int_equal(run_as_setuid(room->fd, ask_for_export), 0);
	assert_int_equal(fstatat(room->fd, name, &s, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(s.st_uid, CALLER);
	assert_int_equal(s.st_mode & 0777, 0600);
}

static void packets_that_nobody_captures_leave_no_file(void **state)
{
	struct room *room = *state;
	struct broker_options o = {
		.serves = true, .export_dir_fd = room->fd, .without_owners = true};

	assert_int_equal(broker_run(&o, ask_for_saved_packets, NULL), ENOSYS);
	assert_int_equal(faccessat(room->fd, name, F_OK, 0), -1);
}

/* A capture that cannot begin: after it did something with its file, or nothing. */
static int fail_to_open(void **handle, const struct request *r, int save_fd,
			const void *arg, char *error, size_t size)
{
	const char *written = arg;
	ssize_t n = (ssize_t)strlen(written);

	(void)handle;
	(void)r;
	snprintf(error, size, "it cannot be opened");
	return write(save_fd, written, strlen(written)) == n ? -EPERM : -EIO;
}

static void check_file_of_failure(const struct room *room, const char *written,
				  bool is_there)
{
	struct broker_options o = {.serves = true,
				   .export_dir_fd = room->fd,
				   .without_owners = true,
				   .taps = {.open = fail_to_open, .arg = written}};

	assert_int_equal(broker_run(&o, ask_for_saved_packets, NULL), EPERM);
	assert_int_equal(faccessat(room->fd, name, F_OK, 0), is_there ? 0 : -1);
	unlinkat(room->fd, name, 0);
}

static void a_capture_that_cannot_begin_takes_its_empty_file_along(void **state)
{
	check_file_of_failure(*state, "", false);
	check_file_of_failure(*state, "packets", true);
}

static void a_file_that_was_there_is_neither_written_nor_removed(void **state)
{
	struct room *room = *state;
	struct broker_options o = {.serves = true,
				   .export_dir_fd = room->fd,
				   .without_owners = true,
				   .taps = {.open = fail_to_open, .arg = ""}};
	int fd = openat(room->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(broker_run(&o, ask_for_saved_packets, NULL), EEXIST);
	assert_int_equal(faccessat(room->fd, name, F_OK, 0), 0);
}

int main(void)
{
#define IN_ROOM(f) cmocka_unit_test_setup_teardown(f, build, tear_down)
	const struct CMUnitTest tests[] = {
		IN_ROOM(of_a_directory_that_is_not_the_callers_nothing_is_made),
		IN_ROOM(in_the_callers_directory_the_file_is_his),
		IN_ROOM(packets_that_nobody_captures_leave_no_file),
		IN_ROOM(a_capture_that_cannot_begin_takes_its_empty_file_along),
		IN_ROOM(a_file_that_was_there_is_neither_written_nor_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
