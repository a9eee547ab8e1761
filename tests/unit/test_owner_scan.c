/* The owner scan on this very host: sockets made here, held in every way that the kernel
 * knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include "tests/unit/owner_run.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
