/*
 * What a worker reads for a diagnosis, from a kernel that has something to tell: rules,
 * routes, entries of connection tracking, neighbours. Reading makes no table and loads no
 * module. Runs inside tests/net/alone, as root.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "core/host/kernel/netlink.h"
#include "core/host/broker/worker.h"
#include "tests/net/evidence.h"

#define N_ENTRIES 5100 /* more than are kept */

/* ---- Rules ---- */

static int read_ruleset(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	return ruleset_read(out, status);
}

static int read_ruleset_as_nobody(const void *ask, struct bundle_out *out,
				  enum blob_status *status)
{
	if (setgid(65534) || setuid(65534))
		return -EIO;
	return read_ruleset(ask, out, status);
}

static int remove_rules(void **state)
{
	(void)state;
	free(heard.bytes);
	heard.bytes = NULL;
	return try_to_run("nft flush ruleset", "", -1) ? 0 : -1;
}

static void no_rules_are_an_answer_too(void **state)
{
	(void)state;
	hear(read_ruleset, NULL);
	assert_int_equal(heard.end.error, 0);
	assert_int_equal(heard.end.status, BLOB_LAST);
	assert_int_equal(count(NFT(NEWGEN), false, NULL), 2);
	assert_int_equal(count(0, false, NULL), 4);
	expect_one_generation();
}

static void every_part_of_the_rules_is_told(void **state)
{
	(void)state;
	load_rules("table inet one { counter hits { }; set ports { type inet_service; "
		   "elements = { 80, 443 }; }; set empty { type ipv4_addr; }; "
		   "chain in { type filter hook input priority 0; policy accept; "
		   "tcp dport @ports drop; tcp dport { 1, 2, 3 } accept; counter; }; "
		   "chain other { accept; }; }; table ip two { }");
	hear(read_ruleset, NULL);
	assert_int_equal(heard.end.error, 0);
	assert_int_equal(heard.end.status, BLOB_LAST);
	expect_one_generation();
	assert_int_equal(count(NFT(NEWTABLE), false, NULL), 2);
	assert_int_equal(count(NFT(NEWCHAIN), false, NULL), 2);
	assert_int_equal(count(NFT(NEWSET), false, NULL), 3);
	assert_int_equal(count(NFT(NEWRULE), false, NULL), 4);
	assert_true(tells_elements_of("ports") && tells_elements_of("empty") &&
		    tells_elements_of("__set0"));
	assert_int_equal(count(NFT(NEWOBJ), false, NULL), 1);
}

static void many_rules_come_in_parts(void **state)
{
	(void)state;
	load_many_rules(3000);
	hear(read_ruleset, NULL);
	assert_int_equal(heard.end.error, 0);
	assert_true(heard.end.part >= 3);
	assert_int_equal(count(NFT(NEWRULE), false, NULL), 3000);
	expect_one_generation();
}

static void load_huge_set(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	fputs("table ip huge { set s { type ipv4_addr; elements = {\n", f);
	for (unsigned i = 0; i < 11000; i++)
		fprintf(f, "10.0.%u.%u,\n", i / 200, i % 200);
	fputs("10.9.9.9 }\n}\n}\n", f);
	fclose(f);
	load_rules(text);
	free(text);
}

static void elements_of_a_huge_set_are_left_out(void **state)
{
	const struct nlmsghdr *set = NULL;

	(void)state;
	load_huge_set();
	hear(read_ruleset, NULL);
	assert_int_equal(count(NFT(NEWSET), false, &set), 1);
	if (!nlmsg_find_attr((struct nlmsghdr *)set, sizeof(struct nfgenmsg), 20))
		skip(); /* this kernel does not say how many there are */
	assert_int_equal(count(NFT(NEWSETELEM), false, NULL), 0);
}

/* Another process changes them all the time. Whatever is told is of one generation, or says
 * that it is not. */
static void rules_that_change_under_way_are_read_anew(void **state)
{
	bool was_new = false;
	pid_t pid;

	(void)state;
	load_many_rules(4000);
	pid = fork();
	if (pid == 0) {
		while (try_to_run("nft add table ip x", "", -1) &&
		       try_to_run("nft delete table ip x", "", -1))
			;
		_exit(1);
	}
	for (unsigned i = 0; i < 20; i++) {
		hear(read_ruleset, NULL);
		was_new |= heard.n_starts > 1 || heard.end.status == BLOB_INTERRUPTED;
		assert_int_equal(heard.end.error, 0);
		if (heard.end.status == BLOB_LAST)
			expect_one_generation();
		else
			assert_int_equal(heard.end.status, BLOB_INTERRUPTED);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(was_new);
}

static void without_the_right_rules_are_an_error(void **state)
{
	(void)state;
	hear(read_ruleset_as_nobody, NULL);
	assert_int_equal(heard.end.error, EPERM);
	assert_int_equal(heard.len, 0);
}

/* ---- Routes ---- */

static int read_route(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)status;
	return route_read(ask, out);
}

static const struct rtmsg *heard_route(void)
{
	const struct nlmsghdr *h = NULL;

	assert_int_equal(heard.end.error, 0);
	assert_int_equal(count(RTM_NEWROUTE, false, &h), 1);
	assert_int_equal(count(0, false, NULL), 1);
	return nlmsg_data(h);
}

static void the_kernel_tells_where_a_packet_goes(void **state)
{
	struct route_ask ask = {.target = addr_v4((uint8_t[]){127, 0, 0, 9})};

	(void)state;
	hear(read_route, &ask);
	assert_int_equal(heard_route()->rtm_type, RTN_LOCAL);
	ask.target = addr_v4((uint8_t[]){10, 77, 0, 9});
	hear(read_route, &ask);
	assert_int_equal(heard_route()->rtm_type, RTN_UNICAST);
	ask.target = addr_v4((uint8_t[]){192, 0, 2, 1});
	hear(read_route, &ask);
	assert_int_equal(heard.end.error, ENETUNREACH);
	assert_int_equal(heard.len, 0);
	ask.target = addr_v4((uint8_t[]){10, 78, 0, 1});
	hear(read_route, &ask);
	assert_int_equal(heard.end.error, EACCES);
	assert_int_equal(inet_pton(AF_INET6, "fd77::9", ask.target.bytes), 1);
	ask.target.family = AF_INET6;
	hear(read_route, &ask);
	assert_int_equal(heard_route()->rtm_type, RTN_UNICAST);
}

/* What comes in where it cannot come from is refused there, not routed. */
static void the_kernel_tells_what_becomes_of_a_packet_from_outside(void **state)
{
	struct route_ask ask = {.target = addr_v4((uint8_t[]){10, 77, 0, 1}),
				.source = addr_v4((uint8_t[]){10, 77, 0, 9}),
				.in_ifindex = if_nametoindex("out0")};

	(void)state;
	hear(read_route, &ask);
	assert_int_equal(heard_route()->rtm_type, RTN_LOCAL);
	set("/proc/sys/net/ipv4/conf/out0/rp_filter", "1");
	ask.source = addr_v4((uint8_t[]){192, 0, 2, 1});
	hear(read_route, &ask);
	assert_true(heard.end.error == EXDEV || heard.end.error == EINVAL);
	set("/proc/sys/net/ipv4/conf/out0/rp_filter", "0");
}

/* A rule by mark, and one by port, lead elsewhere. */
static void marks_and_ports_count(void **state)
{
	struct route_ask ask = {.target = addr_v4((uint8_t[]){10, 77, 0, 9}), .mark = 7};

	(void)state;
	run("ip rule add fwmark 7 unreachable pref 10");
	run("ip rule add ipproto tcp dport 443 prohibit pref 11");
	hear(read_route, &ask);
	assert_int_equal(heard.end.error, ENETUNREACH);
	ask.mark = 0;
	hear(read_route, &ask);
	heard_route();
	ask.proto = IPPROTO_TCP;
	ask.target_port = 443;
	hear(read_route, &ask);
	assert_int_equal(heard.end.error, EACCES);
	run("ip rule del pref 10");
	run("ip rule del pref 11");
}

/* ---- Connection tracking ---- */

static int read_conntrack(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	return conntrack_read(ask, out, status);
}

static void send_from_many_ports(uint16_t to, unsigned n)
{
	struct sockaddr_in from = {.sin_family = AF_INET,
				   .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in target = from;

	target.sin_port = htons(to);
	for (unsigned i = 0; i < n; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		from.sin_port = htons((uint16_t)(20000 + i));
		assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
		assert_int_equal(
			sendto(fd, "x", 1, 0, (struct sockaddr *)&target, sizeof(target)),
			1);
		close(fd);
	}
}

static void entries_of_one_port_are_told(void **state)
{
	struct conntrack_ask ask = {IPPROTO_UDP, 9};
	uint16_t entry = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;

	(void)state;
	load_rules("table ip t { chain c { type filter hook output priority 0; "
		   "ct state new accept; }; }");
	hear(read_conntrack, &ask);
	assert_int_equal(heard.end.error, 0);
	assert_int_equal(count(0, false, NULL), 0);
	send_from_many_ports(9, 3);
	send_from_many_ports(10, 5);
	hear(read_conntrack, &ask);
	assert_int_equal(heard.end.status, BLOB_LAST);
	assert_int_equal(count(entry, false, NULL), 3);
	ask.port = 20004;
	hear(read_conntrack, &ask);
	assert_int_equal(count(entry, false, NULL), 1);
	ask.proto = IPPROTO_TCP;
	hear(read_conntrack, &ask);
	assert_int_equal(count(0, false, NULL), 0);
}

static void too_many_entries_are_cut_and_said_to_be(void **state)
{
	struct conntrack_ask ask = {IPPROTO_UDP, 11};

	(void)state;
	load_rules("table ip t { chain c { type filter hook output priority 0; "
		   "ct state new accept; }; }");
	send_from_many_ports(11, N_ENTRIES);
	hear(read_conntrack, &ask);
	assert_int_equal(heard.end.status, BLOB_TRUNCATED);
	assert_int_equal(heard.end.error, 0);
	assert_int_equal(count(0, false, NULL), 5000);
}

/* ---- Neighbours ---- */

static void neighbours_of_both_families_are_told(void **state)
{
	struct dump d = {
		.request = {.kind = REQUEST_RTNETLINK, .rtnetlink = {RTNL_NEIGHBOURS}},
		.part = {.seq = 1}};
	struct pollfd p = {.events = POLLIN};
	struct netlink nl;
	struct blob b;

	(void)state;
	run("ip neigh add 10.77.0.5 lladdr 02:00:00:00:00:05 dev out0 nud permanent");
	run("ip neigh add fd77::5 lladdr 02:00:00:00:00:05 dev out0 nud permanent");
	assert_int_equal(netlink_init(&nl), 0);
	assert_int_equal(dump_start(&nl, &d), 0);
	p.fd = dump_fd(&d);
	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(dump_step(&nl, &d, &b), 1);
	assert_int_equal(b.error, 0);
	assert_non_null(memmem(b.bytes, b.len, (uint8_t[]){10, 77, 0, 5}, 4));
	assert_non_null(memmem(b.bytes, b.len, (uint8_t[]){0xfd, 0x77, 0, 0}, 4));
	dump_end(&nl, &d, false);
	netlink_release(&nl);
}

/* ---- What reading leaves behind: nothing ---- */

static size_t read_state(char *out, size_t room)
{
	static const char *const sources[] = {
		"cat -s /proc/net/ip_tables_names",
		"cat -s /proc/net/ip6_tables_names",
		"cat -s /proc/net/arp_tables_names",
		"cat -s /proc/modules",
		"ls /proc/sys/net/netfilter",
		"nft -a list ruleset",
		"ip -d link",
		"ip rule",
		"ip route show table all",
	};
	int kept = memfd_create("state", MFD_CLOEXEC);
	ssize_t n;

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		dprintf(kept, "%s: %d\n", sources[i], try_to_run(sources[i], "", kept));
	n = pread(kept, out, room - 1, 0);
	assert_true(n > 0);
	out[n] = '\0';
	close(kept);
	return (size_t)n;
}

static int read_settings(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	(void)status;
	return files_read_settings(out);
}

static int read_counters(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	(void)status;
	return files_read_counters(out);
}

static void reading_makes_and_loads_nothing(void **state)
{
	static char before[1 << 18], after[1 << 18];
	struct route_ask route = {.target = addr_v4((uint8_t[]){10, 77, 0, 9})};
	struct conntrack_ask entries = {IPPROTO_TCP, 443};

	(void)state;
	assert_true(read_state(before, sizeof(before)) > 100);
	hear(read_ruleset, NULL);
	hear(read_route, &route);
	hear(read_conntrack, &entries);
	hear(read_settings, NULL);
	hear(read_counters, NULL);
	read_state(after, sizeof(after));
	assert_string_equal(before, after);
}

static void a_legacy_table_is_named_once_it_is_there(void **state)
{
	(void)state;
	hear(read_settings, NULL);
	if (heard_item("net/ip_tables_names").error ||
	    !try_to_run("iptables-legacy -t mangle -S", "", -1))
		skip(); /* there are no legacy tables here */
	assert_int_equal(heard_item("net/ip_tables_names").data.len, 0);
	hear(read_settings, NULL);
	assert_true(item_has(heard_item("net/ip_tables_names"), "mangle"));
}

static int make_network(void **state)
{
	(void)state;
	run("ip link add out0 type veth peer name in0");
	run("ip link set in0 up");
	run("ip addr add 10.77.0.1/24 dev out0");
	run("ip addr add fd77::1/64 dev out0 nodad");
	run("ip link set out0 up");
	run("ip route add prohibit 10.78.0.0/24");
	set("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
	set("/proc/sys/net/ipv4/conf/out0/rp_filter", "0");
	return 0;
}

#define clean(test) cmocka_unit_test_teardown(test, remove_rules)

int main(void)
{
	const struct CMUnitTest tests[] = {
		clean(reading_makes_and_loads_nothing),
		clean(no_rules_are_an_answer_too),
		clean(every_part_of_the_rules_is_told),
		clean(many_rules_come_in_parts),
		clean(elements_of_a_huge_set_are_left_out),
		clean(rules_that_change_under_way_are_read_anew),
		clean(without_the_right_rules_are_an_error),
		clean(the_kernel_tells_where_a_packet_goes),
		clean(the_kernel_tells_what_becomes_of_a_packet_from_outside),
		clean(marks_and_ports_count),
		clean(entries_of_one_port_are_told),
		clean(too_many_entries_are_cut_and_said_to_be),
		clean(neighbours_of_both_families_are_told),
		clean(a_legacy_table_is_named_once_it_is_there),
	};

	return cmocka_run_group_tests(tests, make_network, NULL);
}
