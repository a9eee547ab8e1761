/* Owner scans of this host with two processes that hold what they are told. Include
 * cmocka.h first. */
#ifndef TESTS_UNIT_OWNER_RUN_H
#define TESTS_UNIT_OWNER_RUN_H

#include "core/host/broker/protocol.h"
#include "core/host/broker/worker.h"
#include "core/sockets/owners.h"
#include "tests/unit/actor.h"

#define ROLLING                                                                        \
	64 /* as in owner_scan.c on a host of many processes: runs after which all has \
	      been read again */

static struct owner_scan *scan;
static struct actor one, two;
static struct bundle_out out; /* large */

static inline int open_scan(void **state)
{
	static const struct worker_role alone = {.n_shards = 1, .way = OWNERS_BY_FILES};

	(void)state;
	one = actor_start();
	two = actor_start();
	scan = owner_scan_new(&alone);
	return scan ? 0 : -1;
}

static inline int close_scan(void **state)
{
	(void)state;
	owner_scan_free(scan);
	actor_stop(&one);
	actor_stop(&two);
	return 0;
}

/* Sends the answer's parts into the decoder. */
static inline void decode(int fd, struct owner_decoder *d)
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

static inline void run_into(struct owner_decoder *d, struct owner_scan *s,
			    const uint32_t *inodes, size_t n)
{
	int fds[2];

	assert_int_equal(mailbox_pair(fds), 0);
	bundle_out_start(&out, fds[1], 1, 0);
	assert_int_equal(owner_scan_run(s, inodes, n, &out), 0);
	assert_int_equal(bundle_out_end(&out, BLOB_LAST, 0), 0);
	close(fds[1]);
	decode(fds[0], d);
}

static inline struct owner_table *run(const uint32_t *inodes, size_t n)
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

static inline size_t links_of_pid(const struct owner_table *t, uint32_t inode, pid_t pid)
{
	const struct owner_link *link;
	size_t n = owners_of(t, inode, &link), found = 0;

	for (size_t i = 0; i < n; i++)
		found += t->processes[link[i].process].pid == pid;
	return found;
}

/* One run for one inode: how often each actor holds it. */
static inline void expect_holders(uint32_t inode, size_t n_one, size_t n_two)
{
	struct owner_table *t = run(&inode, 1);

	assert_int_equal(links_of_pid(t, inode, one.pid), n_one);
	assert_int_equal(links_of_pid(t, inode, two.pid), n_two);
	assert_int_equal(t->n_links, n_one + n_two);
	table_unref(t);
}

/* A listening socket of an actor; only it holds it. */
static inline uint32_t new_socket(struct actor *a, int *its_fd)
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

#define with_scan(test) cmocka_unit_test_setup_teardown(test, open_scan, close_scan)

#endif
