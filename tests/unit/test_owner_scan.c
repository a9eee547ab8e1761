/* The owner scan on this very host: sockets made here, held in every way that the kernel knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/capability.h>

#include "core/host/protocol.h"
#include "core/host/rights.h"
#include "core/host/worker.h"
#include "core/sockets/owners.h"
#include "tests/unit/actor.h"

#define ROLLING 16 /* as in owner_scan.c: runs after which all has been read again */

static struct owner_scan *scan;
static struct actor one, two;
static struct bundle_out out; /* large */

static int open_scan(void **state)
{
	static const struct worker_role alone = {0, 1};

	(void)state;
	one = actor_start();
	two = actor_start();
	scan = owner_scan_new(&alone);
	return scan ? 0 : -1;
}

static int close_scan(void **state)
{
	(void)state;
	owner_scan_free(scan);
	actor_stop(&one);
	actor_stop(&two);
	return 0;
}

/* Sends the answer's parts into the decoder. */
static void decode(int fd, struct owner_decoder *d)
{
	struct mailbox m;
	struct message message;
	struct blob b;

	assert_int_equal(mailbox_init_take(&m, fd), 0);
	do {
		assert_int_equal(mailbox_receive(&m), 1);
		assert_int_equal(message_parse(&message, m.packet, m.packet_len), 0);
		assert_int_equal(message_get_blob(&b, &message), 0);
		assert_int_equal(owners_decode(d, b.bytes, b.len), 0);
	} while (!blob_is_end(&b));
	mailbox_release(&m);
}

static void run_into(struct owner_decoder *d, struct owner_scan *s, const uint32_t *inodes,
		     size_t n)
{
	int fds[2];

	assert_int_equal(mailbox_pair(fds), 0);
	bundle_out_start(&out, fds[1], 1, 0);
	assert_int_equal(owner_scan_run(s, inodes, n, &out), 0);
	assert_int_equal(bundle_out_end(&out, BLOB_LAST, 0), 0);
	close(fds[1]);
	decode(fds[0], d);
}

static struct owner_table *run(const uint32_t *inodes, size_t n)
{
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	assert_non_null(d);
	run_into(d, scan, inodes, n);
	t = owners_finish(d);
	owners_free(d);
	assert_non_null(t);
	return t;
}

static size_t links_of_pid(const struct owner_table *t, uint32_t inode, pid_t pid)
{
	const struct owner_link *link;
	size_t n = owners_of(t, inode, &link), found = 0;

	for (size_t i = 0; i < n; i++)
		found += t->processes[link[i].process].pid == pid;
	return found;
}

/* One run for one inode: how often each actor holds it. */
static void expect_holders(uint32_t inode, size_t n_one, size_t n_two)
{
	struct owner_table *t = run(&inode, 1);

	assert_int_equal(links_of_pid(t, inode, one.pid), n_one);
	assert_int_equal(links_of_pid(t, inode, two.pid), n_two);
	assert_int_equal(t->n_links, n_one + n_two);
	table_unref(t);
}

/* A listening socket of an actor; only it holds it. */
static uint32_t new_socket(struct actor *a, int *its_fd)
{
	int ours;
	uint32_t inode;

	*its_fd = actor_tell(a, ACTOR_LISTEN, -1, -1);
	ours = actor_give(a, *its_fd);
	inode = inode_of_fd(ours);
	close(ours);
	assert_true(inode != 0);
	return inode;
}

static void test_the_holder_is_named_with_what_it_is(void **state)
{
	int fd;
	uint32_t inode = new_socket(&one, &fd);
	struct owner_table *t = run(&inode, 1);
	const struct owner_link *link;

	(void)state;
	assert_int_equal(owners_of(t, inode, &link), 1);
	assert_int_equal(link->fd, fd);
	assert_false(link->in_thread_only);
	assert_int_equal(t->n_processes, 1);
	assert_int_equal(t->processes[0].pid, one.pid);
	assert_int_equal(t->processes[0].uid, getuid());
	assert_true(t->processes[0].start_ticks != 0);
	assert_true(t->processes[0].exe.len > 0);
	assert_true(t->is_whole);
	assert_true(t->n_seen >= 3);
	table_unref(t);
}

static void test_a_socket_that_nobody_holds_has_no_owner(void **state)
{
	int fd;
	uint32_t inode = new_socket(&one, &fd);

	(void)state;
	actor_tell(&one, ACTOR_CLOSE, fd, -1);
	expect_holders(inode, 0, 0);
	expect_holders(inode, 0, 0);
}

static void test_a_duplicate_is_another_link_of_the_same_process(void **state)
{
	int fd;
	uint32_t inode = new_socket(&one, &fd);

	(void)state;
	expect_holders(inode, 1, 0);
	actor_tell(&one, ACTOR_KEEP, -1, actor_give(&one, fd));
	expect_holders(inode, 2, 0);
}

static void test_an_inherited_socket_has_both_holders(void **state)
{
	int fd = listening_socket();
	uint32_t inode = inode_of_fd(fd);
	struct actor heir;
	struct owner_table *t;

	(void)state;
	table_unref(run(&inode, 1));
	heir = actor_start();
	t = run(&inode, 1);
	assert_int_equal(links_of_pid(t, inode, heir.pid), 1);
	assert_int_equal(links_of_pid(t, inode, getpid()), 1);
	assert_int_equal(t->n_links, 2);
	table_unref(t);
	actor_stop(&heir);
	t = run(&inode, 1);
	assert_int_equal(t->n_links, 1);
	table_unref(t);
	close(fd);
}

static void test_a_passed_socket_has_its_new_holder_at_the_next_run(void **state)
{
	int fd;
	uint32_t inode = new_socket(&one, &fd);

	(void)state;
	expect_holders(inode, 1, 0);
	actor_tell(&two, ACTOR_KEEP, -1, actor_give(&one, fd));
	expect_holders(inode, 1, 1);
	actor_tell(&one, ACTOR_CLOSE, fd, -1);
	expect_holders(inode, 0, 1);
}

/* The number of descriptors of the new holder is what it was: only its links tell. */
static void test_a_socket_moved_into_an_unchanged_number_of_fds_is_found(void **state)
{
	int fd, other_fd;
	uint32_t inode = new_socket(&one, &fd);

	(void)state;
	new_socket(&two, &other_fd);
	expect_holders(inode, 1, 0);
	actor_tell(&two, ACTOR_KEEP, other_fd, actor_give(&one, fd));
	actor_tell(&one, ACTOR_CLOSE, fd, -1);
	expect_holders(inode, 0, 1);
}

static void test_a_hidden_second_holder_is_found_within_a_round(void **state)
{
	int fd, other_fd;
	uint32_t inode = new_socket(&one, &fd);

	(void)state;
	new_socket(&two, &other_fd);
	expect_holders(inode, 1, 0);
	actor_tell(&two, ACTOR_KEEP, other_fd, actor_give(&one, fd));
	for (int i = 0; i < ROLLING; i++)
		table_unref(run(&inode, 1));
	expect_holders(inode, 1, 1);
}

static void test_a_number_that_was_closed_and_opened_again_is_looked_at(void **state)
{
	int fd, other_fd;
	uint32_t inodes[2];
	struct owner_table *t;

	(void)state;
	inodes[0] = new_socket(&one, &fd);
	inodes[1] = new_socket(&two, &other_fd);
	t = run(inodes, 2);
	assert_int_equal(links_of_pid(t, inodes[0], one.pid), 1);
	assert_int_equal(t->n_links, 2);
	table_unref(t);
	assert_int_equal(actor_tell(&one, ACTOR_KEEP, fd, actor_give(&two, other_fd)), fd);
	t = run(inodes, 2);
	assert_int_equal(links_of_pid(t, inodes[0], one.pid), 0);
	assert_int_equal(links_of_pid(t, inodes[1], one.pid), 1);
	assert_int_equal(links_of_pid(t, inodes[1], two.pid), 1);
	table_unref(t);
}

static void test_a_new_process_is_read_at_once(void **state)
{
	struct actor late;
	struct owner_table *t;
	uint32_t inode;
	int fd;

	(void)state;
	inode = new_socket(&one, &fd);
	expect_holders(inode, 1, 0);
	late = actor_start();
	actor_tell(&late, ACTOR_KEEP, -1, actor_give(&one, fd));
	t = run(&inode, 1);
	assert_int_equal(links_of_pid(t, inode, late.pid), 1);
	table_unref(t);
	actor_stop(&late);
	expect_holders(inode, 1, 0);
}

/* ---- threads ---- */

struct stray {
	pthread_t thread;
	int inode_pipe[2], end_pipe[2];
};

static void *hold_alone(void *arg)
{
	struct stray *s = arg;
	uint32_t inode = 0;
	char c;
	int fd;

	if (!unshare(CLONE_FILES)) {
		fd = listening_socket();
		inode = inode_of_fd(fd);
	}
	if (write(s->inode_pipe[1], &inode, sizeof(inode)) < 0 ||
	    read(s->end_pipe[0], &c, 1) < 0)
		return s;
	return NULL;
}

static void test_a_socket_in_a_threads_own_table_is_found(void **state)
{
	const struct owner_link *link;
	struct owner_table *t;
	struct stray s;
	uint32_t inode;

	(void)state;
	assert_int_equal(pipe(s.inode_pipe) | pipe(s.end_pipe), 0);
	assert_int_equal(pthread_create(&s.thread, NULL, hold_alone, &s), 0);
	assert_int_equal(read(s.inode_pipe[0], &inode, sizeof(inode)), sizeof(inode));
	assert_true(inode != 0);
	for (int i = 0; i < 2; i++) {
		t = run(&inode, 1);
		assert_int_equal(owners_of(t, inode, &link), 1);
		assert_true(link->in_thread_only);
		assert_int_equal(t->processes[link->process].pid, getpid());
		table_unref(t);
	}
	assert_int_equal(write(s.end_pipe[1], "", 1), 1);
	pthread_join(s.thread, NULL);
	expect_holders(inode, 0, 0);
	for (int i = 0; i < 2; i++)
		close(s.inode_pipe[i]), close(s.end_pipe[i]);
}

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
		struct worker_role role = {i, 2};
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
	struct worker_role role = {0, 2};
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

/* CAP_SYS_PTRACE away: the list of a root process' descriptors is ours to read, its links are not. */
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

#define with_scan(test) cmocka_unit_test_setup_teardown(test, open_scan, close_scan)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_scan(test_the_holder_is_named_with_what_it_is),
		with_scan(test_a_socket_that_nobody_holds_has_no_owner),
		with_scan(test_a_duplicate_is_another_link_of_the_same_process),
		with_scan(test_an_inherited_socket_has_both_holders),
		with_scan(test_a_passed_socket_has_its_new_holder_at_the_next_run),
		with_scan(test_a_socket_moved_into_an_unchanged_number_of_fds_is_found),
		with_scan(test_a_hidden_second_holder_is_found_within_a_round),
		with_scan(test_a_number_that_was_closed_and_opened_again_is_looked_at),
		with_scan(test_a_new_process_is_read_at_once),
		with_scan(test_a_socket_in_a_threads_own_table_is_found),
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
