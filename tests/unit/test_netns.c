/* Dumps of another network namespace: the one that was named, or a refusal; then we are at
 * home again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

#include "core/host/broker/rights.h"
#include "tests/unit/dump_ear.h"

static void expect_refusal(struct request r, int error)
{
	uint64_t home = dumps.netlink.home.inode;
	struct stat now;

	ask(&r);
	assert_int_equal(heard.end.status, BLOB_LAST);
	assert_int_equal(heard.end.error, error);
	assert_int_equal(heard.len, 0);
	assert_int_equal(stat("/proc/self/ns/net", &now), 0);
	assert_true(now.st_ino == home);
}

static struct request named(const char *name)
{
	struct request r = listeners(AF_INET, IPPROTO_TCP);

	r.netns.kind = NETNS_NAME;
	strcpy(r.netns.name, name);
	return r;
}

static struct request of_pid(pid_t pid)
{
	struct request r = listeners(AF_INET, IPPROTO_TCP);

	r.netns.kind = NETNS_PID;
	r.netns.pid = pid;
	return r;
}

static void test_a_namespace_that_is_not_there_is_refused(void **state)
{
	(void)state;
	expect_refusal(named("dport-test-no-such"), ENOENT);
	expect_refusal(of_pid(INT32_MAX), ENOENT);
}

/* A process with a namespace of its own in which it listens; pipe ends when it is ready. */
static pid_t other_namespace(uint32_t *inode)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		*inode = unshare(CLONE_NEWNET) ? 0 : 1;
		if (*inode) {
			int fd = socket(AF_INET, SOCK_STREAM, 0);

			*inode = fd >= 0 && !listen(fd, 1) ? inode_of_fd(fd) : 0;
		}
		if (write(fds[1], inode, sizeof(*inode)) > 0)
			pause();
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], inode, sizeof(*inode)), sizeof(*inode));
	close(fds[0]);
	return pid;
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_a_namespace_is_entered_by_a_pid_and_left_again(void **state)
{
	struct request own = listeners(AF_INET, IPPROTO_TCP);
	int fd = listening_socket();
	uint32_t inode;
	pid_t pid = other_namespace(&inode);

	(void)state;
	if (!inode) {
		end_process(pid);
		close(fd);
		skip();
	}
	own.netns = of_pid(pid).netns;
	ask_well(&own);
	assert_true(has_socket(inode));
	assert_false(has_socket(inode_of_fd(fd)));
	assert_true(heard.end.netns != 0 && heard.end.netns != dumps.netlink.home.inode);
	own.netns = (struct netns_ref){.kind = NETNS_OWN};
	ask_well(&own);
	assert_true(has_socket(inode_of_fd(fd)));
	assert_false(has_socket(inode));
	end_process(pid);
	close(fd);
}

/* In a mount namespace with a directory of names of its own: nothing of it stays. */
static int ask_named_in_private(pid_t pid, uint32_t inode)
{
	char path[64];
	struct request r = named("blue");

	if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) || mkdir("/run/netns", 0755))
		return 2;
	close(open("/run/netns/blue", O_CREAT | O_WRONLY, 0600));
	close(open("/run/netns/stale", O_CREAT | O_WRONLY, 0600));
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	if (mount(path, "/run/netns/blue", "none", MS_BIND, NULL))
		return 2;
	ask_well(&r);
	if (!has_socket(inode))
		return 1;
	expect_refusal(named("stale"), EINVAL);
	return 0;
}

static void test_a_namespace_is_entered_by_its_name(void **state)
{
	uint32_t inode;
	pid_t holder = other_namespace(&inode), pid;
	int status;

	(void)state;
	pid = fork();
	if (pid == 0)
		_exit(inode ? ask_named_in_private(holder, inode) : 2);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	end_process(holder);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_without_rights_another_namespace_is_refused_and_ours_is_not(void **state)
{
	struct request own = listeners(AF_INET, IPPROTO_TCP);
	uint32_t inode;
	pid_t holder = other_namespace(&inode), pid;
	int status;

	(void)state;
	pid = fork();
	if (pid == 0) {
		if (!inode || rights_drop())
			_exit(2);
		expect_refusal(of_pid(holder), EACCES);
		ask_well(&own);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	end_process(holder);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dumps(test_a_namespace_that_is_not_there_is_refused),
		with_dumps(test_a_namespace_is_entered_by_a_pid_and_left_again),
		with_dumps(test_a_namespace_is_entered_by_its_name),
		with_dumps(
			test_without_rights_another_namespace_is_refused_and_ours_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
