/* What an owner scan has not looked at yet, may not look at, or shares with another worker:
 * it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sys/capability.h>

#include "core/host/broker/rights.h"
#include "tests/unit/owner_run.h"

/* ---- what is not known yet ---- */

static void test_a_first_run_has_looked_everywhere(void **state)
{
	int fd;
	uint32_t inode = new_socket(&one, &fd);
	struct owner_table *t = run(&inode, 1);

	(void)state;
	assert_int_equal(t->n_partial, 0);
	table_unref(t);
}

static void test_a_new_socket_is_partial_until_all_were_read_again(void **state)
{
	int fd, late_fd;
	uint32_t inodes[2] = {new_socket(&one, &fd)};
	struct owner_table *t;
	int n_runs = 0;

	(void)state;
	table_unref(run(inodes, 1));
	inodes[1] = new_socket(&one, &late_fd);
	t = run(inodes, 2);
	assert_int_equal(links_of_pid(t, inodes[1], one.pid), 1);
	assert_true(owners_is_partial(t, inodes[1]));
	assert_false(owners_is_partial(t, inodes[0]));
	while (t->n_partial) {
		table_unref(t);
		t = run(inodes, 2);
		assert_true(++n_runs <= ROLLING);
	}
	assert_int_equal(links_of_pid(t, inodes[1], one.pid), 1);
	table_unref(t);
}

static void test_an_unexplained_socket_makes_the_run_whole(void **state)
{
	int fd, late_fd;
	uint32_t inodes[2] = {new_socket(&one, &fd)};
	struct owner_table *t;

	(void)state;
	table_unref(run(inodes, 1));
	inodes[1] = new_socket(&one, &late_fd);
	actor_tell(&one, ACTOR_CLOSE, late_fd, -1);
	t = run(inodes, 2);
	assert_int_equal(t->n_partial, 0);
	assert_int_equal(t->n_links, 1);
	table_unref(t);
}

/* ---- shares ---- */

static void test_two_workers_together_see_all(void **state)
{
	int fd_one, fd_two;
	uint32_t inodes[2] = {new_socket(&one, &fd_one), new_socket(&two, &fd_two)};
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct worker_role role = {
			.shard = i, .n_shards = 2, .way = OWNERS_BY_FILES};
		struct owner_scan *share = owner_scan_new(&role);

		assert_non_null(share);
		run_into(d, share, inodes, 2);
		owner_scan_free(share);
	}
	t = owners_finish(d);
	assert_true(t->is_whole);
	assert_int_equal(links_of_pid(t, inodes[0], one.pid), 1);
	assert_int_equal(links_of_pid(t, inodes[1], two.pid), 1);
	assert_int_equal(t->n_links, 2);
	table_unref(t);
	owners_free(d);
}

static void test_half_of_two_workers_is_not_whole(void **state)
{
	struct worker_role role = {.n_shards = 2, .way = OWNERS_BY_FILES};
	struct owner_scan *share = owner_scan_new(&role);
	struct owner_decoder *d = owners_new();
	struct owner_table *t;
	uint32_t inode = 1;

	(void)state;
	run_into(d, share, &inode, 1);
	owner_scan_free(share);
	t = owners_finish(d);
	assert_false(t->is_whole);
	table_unref(t);
	owners_free(d);
}

/* In a process without rights: those of others are refused and counted, not forgotten. */
static int scan_without_rights(void)
{
	struct owner_table *t;
	uint32_t inode = 1;
	bool is_right;

	if (rights_drop())
		return 1;
	t = run(&inode, 1);
	is_right = t->n_unread > 0 && t->unread_error == EACCES && t->unread_pid == 1;
	table_unref(t);
	return is_right ? 0 : 2;
}

static void test_processes_that_may_not_be_read_are_counted(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(scan_without_rights());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* CAP_SYS_PTRACE away: the list of a root process' descriptors is ours to read, its links
 * are not. */
static int scan_without_links(uint32_t inode)
{
	const cap_value_t ptrace = CAP_SYS_PTRACE;
	struct owner_table *t;
	cap_t caps = cap_get_proc();
	bool is_right;

	if (!caps || cap_set_flag(caps, CAP_EFFECTIVE, 1, &ptrace, CAP_CLEAR) ||
	    cap_set_flag(caps, CAP_PERMITTED, 1, &ptrace, CAP_CLEAR) || cap_set_proc(caps))
		return 1;
	cap_free(caps);
	t = run(&inode, 1);
	is_right = t->n_unread > 1 && t->unread_error == EACCES && t->n_links == 0;
	table_unref(t);
	return is_right ? 0 : 2;
}

static void test_processes_whose_links_are_refused_are_counted(void **state)
{
	int fd, status;
	uint32_t inode = new_socket(&one, &fd);
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(scan_without_links(inode));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_scan(test_a_first_run_has_looked_everywhere),
		with_scan(test_a_new_socket_is_partial_until_all_were_read_again),
		with_scan(test_an_unexplained_socket_makes_the_run_whole),
		with_scan(test_two_workers_together_see_all),
		with_scan(test_half_of_two_workers_is_not_whole),
		with_scan(test_processes_that_may_not_be_read_are_counted),
		with_scan(test_processes_whose_links_are_refused_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
