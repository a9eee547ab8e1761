/* Dumps of this kernel: what is asked is what comes, and an abandoned dump disturbs no
 * later one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <net/if.h>

#include "core/base/str.h"
#include "tests/unit/dump_ear.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

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

static int listening_socket_v6(int is_v6only)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	assert_int_equal(
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &is_v6only, sizeof(is_v6only)),
		0);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 9),
			 0);
	return fd;
}

static int connected_socket(int listener)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	getsockname(listener, (struct sockaddr *)&peer, &len);
	assert_int_equal(connect(fd, (struct sockaddr *)&peer, len), 0);
	return fd;
}

/* What is told of a socket, behind the head of its message; false: nothing. */
static bool copy_answer(const struct request *r, unsigned type, int fd, struct str *out)
{
	struct nlmsghdr *h = NULL;

	ask_well(r);
	while ((h = next_message(h, type))) {
		const struct inet_diag_msg *m = NLMSG_DATA(h);

		if (m->idiag_inode == inode_of_fd(fd))
			return str_append(out, NLMSG_DATA(h), NLMSG_PAYLOAD(h, 0)) == 0;
	}
	return false;
}

/* To the last attribute: v6only, cookie, memory, control group, device. */
static void test_one_walk_tells_what_two_families_tell(void **state)
{
	int fds[] = {listening_socket(), listening_socket_v6(0), listening_socket_v6(1), 0};

	(void)state;
	fds[3] = connected_socket(fds[0]);
	for (size_t i = 0; i < N_OF(fds); i++) {
		bool is_v6 = i == 1 || i == 2;
		struct request r = listeners(is_v6 ? AF_INET6 : AF_INET, IPPROTO_TCP);
		struct str of_family = {0}, of_both = {0};

		if (i == 3)
			r.sock_diag.states = ~LISTEN;
		assert_true(copy_answer(&r, SOCK_DIAG_BY_FAMILY, fds[i], &of_family));
		r.sock_diag.family = AF_UNSPEC;
		assert_true(copy_answer(&r, TCPDIAG_GETSOCK, fds[i], &of_both));
		assert_int_equal(of_both.len, of_family.len);
		assert_memory_equal(of_both.data, of_family.data, of_both.len);
		str_release(&of_family);
		str_release(&of_both);
	}
	for (size_t i = 0; i < N_OF(fds); i++)
		close(fds[i]);
}

/* A list of modules without the one that would answer. */
static void test_what_would_load_a_module_is_not_sent(void **state)
{
	struct request r = listeners(AF_INET, IPPROTO_TCP), links = dump_of(RTNL_LINKS);

	(void)state;
	dumps.modules.loaded = "/dev/null";
	dumps.modules.builtin[0] = '\0';
	ask(&r);
	assert_int_equal(heard.end.status, BLOB_LAST);
	assert_int_equal(heard.end.error, ENOPKG);
	assert_int_equal(heard.n_parts, 1);
	assert_int_equal(heard.len, 0);
	assert_null(dumps.netlink.own[0]); /* not even a socket was opened */
	ask_well(&links);
	assert_true(count_messages(RTM_NEWLINK) > 0);
}

/* MPTCP's number does not fit the request's field: what comes must not be TCP's. */
static void test_mptcp_is_asked_for_as_such(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dumps(test_a_listening_socket_is_in_the_dump),
		with_dumps(test_one_walk_tells_what_two_families_tell),
		with_dumps(test_what_would_load_a_module_is_not_sent),
		with_dumps(test_mptcp_is_asked_for_as_such),
		with_dumps(test_a_long_dump_comes_whole_in_several_parts),
		with_dumps(test_an_overdue_dump_ends_and_disturbs_no_later_one),
		with_dumps(test_time_in_which_nobody_listened_does_not_count),
		with_dumps(test_waiting_dumps_are_answered_in_their_order),
		with_dumps(test_too_many_waiting_dumps_are_refused),
		with_dumps(test_links_have_the_loopback),
		with_dumps(test_addresses_have_127_0_0_1),
		with_dumps(test_local_routes_are_of_the_local_table_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
