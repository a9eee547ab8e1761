/* Which of several sockets of a port takes the packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

/* inode of the one that is right; 0: none */
struct row {
	const char *what;
	struct hand_socket sockets[4];
	const char *server;
	uint32_t in_ifindex;
	uint8_t proto;
	enum tri served;
	uint32_t inode;
};

#define TCP(address, number, ...) SOCK(PROTO_TCP, address, 80, number, ##__VA_ARGS__)
#define UDP(address, number, ...) SOCK(PROTO_UDP, address, 80, number, ##__VA_ARGS__)

static const struct row rows[] = {
	{"any address", {TCP("0.0.0.0", 1)}, "10.0.0.5", ETH0, IPPROTO_TCP, TRI_YES, 1},
	{"an exact one is first",
	 {TCP("0.0.0.0", 1), TCP("10.0.0.5", 2), TCP("::", 3)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_YES,
	 2},
	{"an exact one beats a bound one",
	 {TCP("0.0.0.0", 1, .ifindex = ETH0), TCP("10.0.0.5", 2)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_YES,
	 2},
	{"another address",
	 {TCP("10.0.0.5", 1)},
	 "192.168.7.1",
	 ETH1,
	 IPPROTO_TCP,
	 TRI_NO,
	 0},
	{"both families by one socket",
	 {TCP("::", 1)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_YES,
	 1},
	{"its own family is first",
	 {TCP("::", 1), TCP("0.0.0.0", 2)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_YES,
	 2},
	{"IPv6 only",
	 {TCP("::", 1, .v6only = TRI_YES)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_NO,
	 0},
	{"IPv6 only takes IPv6",
	 {TCP("::", 1, .v6only = TRI_YES)},
	 "2001:db8::5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_YES,
	 1},
	{"perhaps IPv6 only",
	 {TCP("::", 1, .v6only = TRI_UNSURE)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_UNSURE,
	 1},
	{"that does not matter to IPv6",
	 {TCP("::", 1, .v6only = TRI_UNSURE)},
	 "2001:db8::5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_YES,
	 1},
	{"nor beside one that is sure",
	 {TCP("::", 1, .v6only = TRI_UNSURE), TCP("0.0.0.0", 2)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_YES,
	 2},
	{"any of IPv4 takes no IPv6",
	 {TCP("0.0.0.0", 1)},
	 "2001:db8::5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_NO,
	 0},
	{"a mapped address is one of IPv4",
	 {TCP("::ffff:10.0.0.5", 1)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_YES,
	 1},
	{"a mapped any takes no IPv6",
	 {TCP("::ffff:0.0.0.0", 1)},
	 "2001:db8::5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_NO,
	 0},
	{"bound to the way in",
	 {TCP("0.0.0.0", 1), TCP("0.0.0.0", 2, .ifindex = ETH0)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_YES,
	 2},
	{"bound to another device",
	 {TCP("0.0.0.0", 1, .ifindex = ETH1)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_TCP,
	 TRI_NO,
	 0},
	{"bound, and nobody knows the way in",
	 {TCP("0.0.0.0", 1, .ifindex = ETH1)},
	 "10.0.0.5",
	 0,
	 IPPROTO_TCP,
	 TRI_UNSURE,
	 1},
	{"bound and not bound, and nobody knows the way in",
	 {TCP("0.0.0.0", 1, .ifindex = ETH1), TCP("0.0.0.0", 2)},
	 "10.0.0.5",
	 0,
	 IPPROTO_TCP,
	 TRI_YES,
	 2},
	{"datagrams have sockets of their own",
	 {TCP("0.0.0.0", 1)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_UDP,
	 TRI_NO,
	 0},
	{"of datagrams a device counts more than the family",
	 {UDP("0.0.0.0", 1), UDP("::", 2, .ifindex = ETH0)},
	 "10.0.0.5",
	 ETH0,
	 IPPROTO_UDP,
	 TRI_YES,
	 2},
	{"a protocol without ports is not known",
	 {TCP("0.0.0.0", 1)},
	 "10.0.0.5",
	 ETH0,
	 47,
	 TRI_UNSURE,
	 0},
};

static void the_socket_is_the_one_that_the_kernel_takes(void **state)
{
	for (size_t i = 0; i < N_OF(rows); i++) {
		const struct row *r = &rows[i];
		struct addr server = hand_addr(r->server);
		const struct endpoint *e = NULL;
		const struct socket_row *s;
		enum tri served = TRI_NO;

		host_start(state);
		host_serves(r->sockets);
		s = path_socket(&host.snapshot->spaces[0], r->proto, &server, 80,
				r->in_ifindex, &e, host.snapshot, &served);
		if (served != r->served || (s ? s->inode : 0) != r->inode)
			fail_msg("%s: served %d by %u", r->what, (int)served,
				 s ? s->inode : 0);
		assert_true((s != NULL) == (e != NULL));
		if (e)
			assert_int_equal(e->port, 80);
		host_end(state);
	}
}

static enum tri is_served(uint16_t port)
{
	struct addr server = hand_addr("10.0.0.5");
	const struct endpoint *e;
	enum tri served;

	path_socket(&host.snapshot->spaces[0], IPPROTO_TCP, &server, port, ETH0, &e,
		    host.snapshot, &served);
	return served;
}

static void a_table_that_is_missing_or_cut_proves_no_absence(void **state)
{
	struct source_note cut = {.source = "tcp", .status = SOURCE_TRUNCATED};
	struct source_note other = {.source = "udp", .status = SOURCE_TRUNCATED};

	(void)state;
	assert_int_equal(is_served(81), TRI_NO);
	host.snapshot->notes = &other;
	host.snapshot->n_notes = 1;
	assert_int_equal(is_served(81), TRI_NO);
	host.snapshot->notes = &cut;
	assert_int_equal(is_served(81), TRI_UNSURE);
	assert_int_equal(is_served(80), TRI_YES);
	host.snapshot->n_notes = 0;
	table_unref(host.snapshot->spaces[0].tcp);
	host.snapshot->spaces[0].tcp = NULL;
	assert_int_equal(is_served(81), TRI_UNSURE);
}

static void behind_a_vrf_both_names_of_the_way_in_count(void **state)
{
	static const struct hand_socket bound[] = {TCP("0.0.0.0", 1, .ifindex = 9),
						   {.local = NULL}};
	static const struct hand_socket unbound[] = {TCP("0.0.0.0", 1), {.local = NULL}};
	struct link_row links[] = {
		{.ifindex = ETH0, .master = 9, .name = text_of("eth0")},
		{.ifindex = 9, .name = text_of("red"), .kind = text_of("vrf")},
	};
	struct link_table table = {.rows = links, .n = 2};

	(void)state;
	host.snapshot->spaces[0].links = &table;
	host_serves(bound);
	assert_int_equal(is_served(80), TRI_YES);
	/* net.ipv4.tcp_l3mdev_accept is not looked at. */
	host_serves(unbound);
	assert_int_equal(is_served(80), TRI_UNSURE);
	host.snapshot->spaces[0].links = &path_link_table;
	assert_int_equal(is_served(80), TRI_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_socket_is_the_one_that_the_kernel_takes),
		IN_HOST(a_table_that_is_missing_or_cut_proves_no_absence),
		IN_HOST(behind_a_vrf_both_names_of_the_way_in_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
