/* Dumps of this kernel: what is asked is what comes, in the namespace that was named, and an abandoned dump disturbs no later one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/dumps.h"
#include "core/host/protocol.h"
#include "core/host/rights.h"
#include "tests/unit/actor.h"
#include "tests/unit/open_fds.h"

#define PATIENT (20 * NS_PER_S)
#define LISTEN  (1u << 10) /* TCP_LISTEN */

static struct dumps dumps;

/* The answer under way: its datagrams, one after another. */
static struct {
	uint8_t bytes[1 << 22];
	size_t len;
	unsigned n_parts, n_ends;
	struct blob end;
} heard;

static void hear(void *arg, const struct blob *b)
{
	(void)arg;
	if (b->part == 0)
		heard.len = heard.n_parts = 0;
	assert_int_equal(b->part, heard.n_parts++);
	assert_true(heard.len + b->len <= sizeof(heard.bytes));
	if (b->len)
		memcpy(heard.bytes + heard.len, b->bytes, b->len);
	heard.len += b->len;
	if (blob_is_end(b)) {
		heard.end = *b;
		heard.n_ends++;
	}
}

static unsigned n_fds_before;

static int open_dumps(void **state)
{
	static const struct blob_sink sink = {hear, NULL, NULL};

	(void)state;
	n_fds_before = open_fds();
	heard.n_ends = 0;
	return dumps_init(&dumps, &sink);
}

static int close_dumps(void **state)
{
	(void)state;
	dumps_release(&dumps);
	return open_fds() == n_fds_before ? 0 : -1;
}

static void serve_until(unsigned n_ends)
{
	int64_t end_ns = host_now_ns() + PATIENT;

	while (heard.n_ends < n_ends) {
		struct pollfd p = {.fd = dumps_fd(&dumps), .events = POLLIN};

		if (poll(&p, 1, 10) > 0)
			dumps_step(&dumps, host_now_ns());
		dumps_tick(&dumps, host_now_ns());
		assert_true(host_now_ns() < end_ns);
	}
}

static void request(const struct request *r)
{
	static uint32_t seq;

	assert_int_equal(request_check(r), 0);
	assert_int_equal(dumps_request(&dumps, ++seq, r, host_now_ns()), 0);
}

/* The whole answer. */
static void ask(const struct request *r)
{
	unsigned n = heard.n_ends;

	request(r);
	serve_until(n + 1);
	assert_int_equal(heard.end.seq != 0, 1);
}

static void ask_well(const struct request *r)
{
	ask(r);
	assert_int_equal(heard.end.error, 0);
	assert_true(heard.end.status == BLOB_LAST || heard.end.status == BLOB_INTERRUPTED);
	assert_true(heard.end.wall_ns > 0);
}

static struct request listeners(uint8_t family, uint16_t protocol)
{
	return (struct request){.kind = REQUEST_SOCK_DIAG,
				.sock_diag = {.family = family,
					      .protocol = protocol,
					      .states = LISTEN,
					      .extensions = 0x40}};
}

static struct request dump_of(enum rtnetlink_dump dump)
{
	return (struct request){.kind = REQUEST_RTNETLINK, .rtnetlink.dump = dump};
}

/* The next message of this type that was heard; NULL: none. */
static struct nlmsghdr *next_message(struct nlmsghdr *last, unsigned type)
{
	size_t at = 0;

	if (last)
		at = (size_t)((uint8_t *)last - heard.bytes) + NLMSG_ALIGN(last->nlmsg_len);
	while (at + sizeof(struct nlmsghdr) <= heard.len) {
		struct nlmsghdr *h = (void *)(heard.bytes + at);

		assert_true(h->nlmsg_len >= sizeof(*h) && at + h->nlmsg_len <= heard.len);
		if (h->nlmsg_type == type)
			return h;
		at += NLMSG_ALIGN(h->nlmsg_len);
	}
	return NULL;
}

static unsigned count_messages(unsigned type)
{
	struct nlmsghdr *h = NULL;
	unsigned n = 0;

	while ((h = next_message(h, type)))
		n++;
	return n;
}

static bool has_socket(uint32_t inode)
{
	struct nlmsghdr *h = NULL;

	while ((h = next_message(h, 20 /* SOCK_DIAG_BY_FAMILY */))) {
		const struct inet_diag_msg *m = NLMSG_DATA(h);

		if (m->idiag_inode == inode)
			return true;
	}
	return false;
}

/* ---- sockets ---- */

static void test_a_listening_socket_is_in_the_dump(void **state)
{
	struct request r = listeners(AF_INET, IPPROTO_TCP);
	int fd = listening_socket();

	(void)state;
	ask_well(&r);
	assert_true(has_socket(inode_of_fd(fd)));
	assert_true(heard.end.netns == dumps.netlink.home.inode && heard.end.netns != 0);
	r.sock_diag.family = AF_INET6;
	ask_well(&r);
	assert_false(has_socket(inode_of_fd(fd)));
	r = listeners(AF_INET, IPPROTO_UDP);
	ask_well(&r);
	assert_false(has_socket(inode_of_fd(fd)));
	close(fd);
}

/* MPTCP's number does not fit the request's field: what comes must not be TCP's. */
static void test_mptcp_is_asked_for_as_such(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct request r = listeners(AF_INET, IPPROTO_MPTCP);
	int tcp = listening_socket();
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

	(void)state;
	if (fd < 0) {
		close(tcp);
		skip();
	}
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1), 0);
	ask_well(&r);
	assert_true(has_socket(inode_of_fd(fd)));
	assert_false(has_socket(inode_of_fd(tcp)));
	r = listeners(AF_INET, IPPROTO_TCP);
	ask_well(&r);
	assert_true(has_socket(inode_of_fd(tcp)));
	close(fd);
	close(tcp);
}

enum { N_MANY = 300 };

static void open_many(int fds[N_MANY])
{
	for (size_t i = 0; i < N_MANY; i++)
		fds[i] = listening_socket();
}

static void close_many(const int fds[N_MANY])
{
	for (size_t i = 0; i < N_MANY; i++)
		close(fds[i]);
}

static void test_a_long_dump_comes_whole_in_several_parts(void **state)
{
	struct request r = listeners(AF_INET, IPPROTO_TCP);
	int fds[N_MANY];

	(void)state;
	open_many(fds);
	ask_well(&r);
	assert_true(heard.n_parts > 1);
	for (size_t i = 0; i < N_MANY; i++)
		assert_true(has_socket(inode_of_fd(fds[i])));
	close_many(fds);
}

static void test_an_overdue_dump_ends_and_disturbs_no_later_one(void **state)
{
	struct request r = listeners(AF_INET, IPPROTO_TCP), links = dump_of(RTNL_LINKS);
	int fds[N_MANY];

	(void)state;
	open_many(fds);
	request(&r);
	dumps_step(&dumps, host_now_ns()); /* one part of it; the rest is in the socket */
	assert_int_equal(heard.n_ends, 0);
	assert_int_equal(heard.n_parts, 1);
	request(&links);
	dumps_tick(&dumps, host_now_ns() + 6 * NS_PER_S);
	assert_int_equal(heard.n_ends, 1);
	assert_int_equal(heard.end.status, BLOB_TIMED_OUT);
	assert_int_equal(heard.end.error, ETIMEDOUT);
	serve_until(2);
	assert_int_equal(heard.end.status, BLOB_LAST);
	assert_true(count_messages(RTM_NEWLINK) > 0);
	ask_well(&r);
	for (size_t i = 0; i < N_MANY; i++)
		assert_true(has_socket(inode_of_fd(fds[i])));
	close_many(fds);
}

static void test_time_in_which_nobody_listened_does_not_count(void **state)
{
	struct request r = listeners(AF_INET, IPPROTO_TCP);

	(void)state;
	request(&r);
	dumps_forgive(&dumps, PATIENT);
	dumps_tick(&dumps, host_now_ns() + 6 * NS_PER_S);
	assert_int_equal(heard.n_ends, 0);
	serve_until(1);
	assert_int_equal(heard.end.status, BLOB_LAST);
}

static void test_waiting_dumps_are_answered_in_their_order(void **state)
{
	struct request r = dump_of(RTNL_LINKS);
	unsigned n = 0;

	(void)state;
	for (; n < 50; n++)
		request(&r);
	for (unsigned i = 1; i <= n; i++) {
		uint32_t before = heard.end.seq;

		serve_until(i);
		assert_true(i == 1 || heard.end.seq > before);
	}
	assert_int_equal(dumps_fd(&dumps), -1);
	assert_true(dumps_due_ns(&dumps) == INT64_MAX);
}

static void test_too_many_waiting_dumps_are_refused(void **state)
{
	struct request r = dump_of(RTNL_LINKS);
	int error = 0;

	(void)state;
	for (unsigned i = 0; !error && i < 100000; i++)
		error = dumps_request(&dumps, 1, &r, host_now_ns());
	assert_int_equal(error, -ENOBUFS);
}

/* ---- links, addresses, routes ---- */

static void test_links_have_the_loopback(void **state)
{
	struct request r = dump_of(RTNL_LINKS);
	struct nlmsghdr *h = NULL;
	bool is_there = false;

	(void)state;
	ask_well(&r);
	while ((h = next_message(h, RTM_NEWLINK))) {
		const struct ifinfomsg *m = NLMSG_DATA(h);

		is_there |= m->ifi_index == (int)if_nametoindex("lo");
	}
	assert_true(is_there);
}

static void test_addresses_have_127_0_0_1(void **state)
{
	static const uint8_t loopback[] = {127, 0, 0, 1};
	struct request r = dump_of(RTNL_ADDRESSES);
	struct nlmsghdr *h = NULL;
	bool is_there = false;

	(void)state;
	ask_well(&r);
	while ((h = next_message(h, RTM_NEWADDR)))
		is_there |= memmem(h, h->nlmsg_len, loopback, sizeof(loopback)) != NULL;
	assert_true(is_there);
}

/* The kernel would send every table if it were not asked strictly. */
static void test_local_routes_are_of_the_local_table_only(void **state)
{
	struct request r = dump_of(RTNL_LOCAL_ROUTES);
	struct nlmsghdr *h = NULL;

	(void)state;
	ask_well(&r);
	assert_true(count_messages(RTM_NEWROUTE) > 0);
	while ((h = next_message(h, RTM_NEWROUTE))) {
		const struct rtmsg *m = NLMSG_DATA(h);

		assert_int_equal(m->rtm_table, RT_TABLE_LOCAL);
		assert_int_equal(m->rtm_type, RTN_LOCAL);
	}
}

/* ---- other namespaces ---- */

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

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) || mkdir("/run/netns", 0755))
		return 2;
	close(open("/run/netns/blue", O_CREAT | O_WRONLY, 0600));
	close(open("/run/netns/stale", O_CREAT | O_WRONLY, 0600));
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	if (mount(path, "/run/netns/blue", NULL, MS_BIND, NULL))
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

#define with_dumps(test) cmocka_unit_test_setup_teardown(test, open_dumps, close_dumps)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dumps(test_a_listening_socket_is_in_the_dump),
		with_dumps(test_mptcp_is_asked_for_as_such),
		with_dumps(test_a_long_dump_comes_whole_in_several_parts),
		with_dumps(test_an_overdue_dump_ends_and_disturbs_no_later_one),
		with_dumps(test_time_in_which_nobody_listened_does_not_count),
		with_dumps(test_waiting_dumps_are_answered_in_their_order),
		with_dumps(test_too_many_waiting_dumps_are_refused),
		with_dumps(test_links_have_the_loopback),
		with_dumps(test_addresses_have_127_0_0_1),
		with_dumps(test_local_routes_are_of_the_local_table_only),
		with_dumps(test_a_namespace_that_is_not_there_is_refused),
		with_dumps(test_a_namespace_is_entered_by_a_pid_and_left_again),
		with_dumps(test_a_namespace_is_entered_by_its_name),
		with_dumps(test_without_rights_another_namespace_is_refused_and_ours_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
