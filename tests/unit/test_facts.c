/* Small files of the host and of a namespace become facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/snapshot/facts.h"

#define N_OF(rows) (sizeof(rows) / sizeof(*(rows)))

struct item {
	const char *name, *data;
	int error;
};

struct bundle {
	uint8_t bytes[8192];
	size_t len;
};

static const struct item host_items[] = {
	{"sys/kernel/hostname", "web1\n", 0},
	{"sys/kernel/osrelease", "6.1.0-18-amd64\n", 0},
	{"sys/kernel/random/boot_id", "0b5c2d3e-0000-4000-8000-0123456789ab\n", 0},
	{"loadavg", "0.00 0.02 0.00 1/94 7991\n", 0},
	{"1/comm", "systemd\n", 0},
	{"dmi/sys_vendor", "Amazon EC2\n", 0},
	{"dmi/product_name", "t3.micro\n", 0},
	{"dmi/bios_version", "1.0\n", 0},
	{"dmi/chassis_asset_tag", "", EACCES},
	{"etc/services", "ssh 22/tcp\n", 0},
	{"etc/passwd", "root:x:0:0:root:/root:/bin/bash\n", 0},
	{"self/status", "Name:\tdport\nUid:\t1000\t998\t0\t0\nCapEff:\t000001ffffffffff\n",
	 0},
	{"stat", "cpu  1 2 3\nbtime 1700000000\nprocesses 12\n", 0},
	{"mount/proc", "24 30 0:22 / /proc rw,relatime shared:13 - proc proc rw\n", 0},
	{"mount/cgroup2", "29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", 0},
	{"self/ns/net", "net:[4026531840]", 0},
	{"clk_tck", "250", 0},
	{"some/other", "is passed over", 0},
};

static const struct item net_items[] = {
	{"sys/net/ipv4/ip_local_port_range", "32768\t60999\n", 0},
	{"sys/net/ipv4/ip_unprivileged_port_start", "80\n", 0},
	{"sys/net/core/somaxconn", "4096\n", 0},
	{"net/sockstat",
	 "sockets: used 290\nTCP: inuse 12 orphan 0 tw 3 alloc 14 mem 2\nUDP: inuse 5 mem "
	 "1\n",
	 0},
	{"net/sockstat6", "TCP6: inuse 4\nUDP6: inuse 2\n", 0},
	{"net/netstat",
	 "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 9 36 40\n"
	 "IpExt: InNoRoutes ListenDrops\nIpExt: 1 2\n",
	 0},
};

static void put(struct bundle *b, const struct item *item)
{
	struct bundle_item it = {text_of(item->name), text_of(item->data), item->error};
	long n = bundle_put(b->bytes + b->len, sizeof(b->bytes) - b->len, &it);

	assert_true(n > 0);
	b->len += (size_t)n;
}

static struct bundle bundle_of(const struct item *items, size_t n)
{
	struct bundle b = {.len = 0};

	for (size_t i = 0; i < n; i++)
		put(&b, &items[i]);
	return b;
}

static struct host_facts *host_of(const struct item *items, size_t n)
{
	struct bundle b = bundle_of(items, n);
	struct facts_decoder *d = facts_new();
	struct host_facts *host;

	assert_non_null(d);
	assert_int_equal(facts_decode(d, b.bytes, b.len), 0);
	host = facts_finish_host(d);
	assert_non_null(host);
	facts_free(d);
	return host;
}

static struct net_facts *net_of(const struct item *items, size_t n)
{
	struct bundle b = bundle_of(items, n);
	struct facts_decoder *d = facts_new();
	struct net_facts *net;

	assert_non_null(d);
	assert_int_equal(facts_decode(d, b.bytes, b.len), 0);
	net = facts_finish_net(d);
	assert_non_null(net);
	facts_free(d);
	return net;
}

static void is_text(struct text t, const char *expected)
{
	assert_int_equal(t.len, strlen(expected));
	assert_memory_equal(t.bytes, expected, t.len);
}

static void a_host_is_known_by_its_small_files(void **state)
{
	struct host_facts *host = host_of(host_items, N_OF(host_items));

	(void)state;
	is_text(host->hostname, "web1");
	is_text(host->kernel, "6.1.0-18-amd64");
	is_text(host->boot_id, "0b5c2d3e-0000-4000-8000-0123456789ab");
	is_text(host->init, "systemd");
	is_text(host->dmi_vendor, "Amazon EC2");
	is_text(host->dmi_product, "t3.micro");
	is_text(host->dmi_bios, "1.0");
	assert_true(text_is_empty(host->dmi_asset));
	is_text(host->services_file, "ssh 22/tcp\n");
	is_text(host->passwd_file, "root:x:0:0:root:/root:/bin/bash\n");
	assert_int_equal(host->services_error, 0);
	assert_int_equal(host->passwd_error, 0);
	assert_int_equal(host->boot_wall_ns, INT64_C(1700000000) * 1000000000);
	assert_int_equal(host->clk_tck, 250);
	assert_int_equal(host->uid, 998);
	assert_int_equal(host->caps, UINT64_C(0x1ffffffffff));
	assert_int_equal(host->n_tasks, 94);
	assert_int_equal(host->hides_pids, TRI_NO);
	assert_true(host->has_cgroup2);
	assert_int_equal(host->netns, UINT64_C(4026531840));
	table_unref(host);
}

static void what_was_not_told_is_not_known(void **state)
{
	static const struct item none[] = {{"some/other", "x", 0}};
	struct host_facts *host = host_of(none, 1);
	struct net_facts *net = net_of(none, 1);

	(void)state;
	assert_true(text_is_empty(host->hostname));
	assert_int_equal(host->services_error, ENOENT);
	assert_int_equal(host->passwd_error, ENOENT);
	assert_int_equal(host->clk_tck, 100);
	assert_int_equal(host->uid, UINT32_MAX);
	assert_int_equal(host->hides_pids, TRI_UNSURE);
	assert_false(host->has_cgroup2);
	assert_int_equal(net->local_port_high, 0);
	assert_int_equal(net->unprivileged_start, 1024);
	assert_false(net->has_listen_counters);
	table_unref(host);
	table_unref(net);
}

static void a_file_that_could_not_be_read_keeps_its_error(void **state)
{
	static const struct item items[] = {
		{"etc/passwd", "root:x:0:", EMSGSIZE},
		{"etc/services", "", EACCES},
		{"mount/cgroup2", "", ENOENT},
	};
	struct host_facts *host = host_of(items, N_OF(items));

	(void)state;
	assert_int_equal(host->passwd_error, EMSGSIZE);
	is_text(host->passwd_file, "root:x:0:");
	assert_int_equal(host->services_error, EACCES);
	assert_true(text_is_empty(host->services_file));
	assert_false(host->has_cgroup2);
	table_unref(host);
}

static void whether_hooks_are_told_is_known_by_the_module_alone(void **state)
{
	static const struct {
		int error;
		enum tri tells;
	} rows[] = {{0, TRI_YES}, {ENOPKG, TRI_NO}, {ENODATA, TRI_UNSURE}};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		const struct item item = {"kernel/nfnetlink_hook", "", rows[i].error};
		struct host_facts *host = host_of(&item, 1);

		assert_int_equal(host->tells_hooks, rows[i].tells);
		table_unref(host);
	}
}

/* Bytes of /etc/services in items of one name, the last with an error or not. */
static struct host_facts *host_of_pieces(size_t size, size_t n, int error)
{
	static uint8_t bytes[70000];
	static char data[65536];
	struct facts_decoder *d = facts_new();
	struct host_facts *host;

	memset(data, 'x', sizeof(data));
	for (size_t i = 0; i < n; i++) {
		struct bundle_item it = {
			text_of("etc/services"), {data, size}, i + 1 == n ? error : 0};
		long len = bundle_put(bytes, sizeof(bytes), &it);

		assert_true(len > 0);
		assert_int_equal(facts_decode(d, bytes, (size_t)len), 0);
	}
	host = facts_finish_host(d);
	facts_free(d);
	return host;
}

static void a_long_file_comes_in_pieces(void **state)
{
	struct host_facts *whole = host_of_pieces(60000, 5, 0);
	struct host_facts *broken = host_of_pieces(60000, 2, EIO);
	struct host_facts *endless = host_of_pieces(60000, 20, 0);

	(void)state;
	assert_int_equal(whole->services_file.len, 300000);
	assert_int_equal(whole->services_error, 0);
	assert_int_equal(broken->services_file.len, 120000);
	assert_int_equal(broken->services_error, EIO);
	assert_int_equal(endless->services_file.len, 1 << 20);
	assert_int_equal(endless->services_error, EMSGSIZE);
	table_unref(whole);
	table_unref(broken);
	table_unref(endless);
}

#define FIRST "pid:[4026531836]"
#define INNER "pid:[4026532290]"

/* NULL: refused or not there. */
static const struct {
	const char *name, *own, *of_1, *nspid;
	enum tri is_inner;
} proc_rows[] = {
	{"a host, as root", FIRST, FIRST, "4711", TRI_NO},
	{"a host, as a user", FIRST, NULL, "4711", TRI_NO},
	{"a container, as root", INNER, INNER, "12", TRI_YES},
	{"a container, as a user", INNER, NULL, "12", TRI_YES},
	{"a namespace of its own with the host's /proc", INNER, FIRST, "4711\t12", TRI_NO},
	{"the same, as a user: it may be an ancestor's", INNER, NULL, "4711\t12", TRI_YES},
	{"a container's mounts entered from the host", NULL, INNER, NULL, TRI_YES},
	{"a recording that does not tell", NULL, NULL, "12", TRI_UNSURE},
	{"nothing", NULL, NULL, NULL, TRI_UNSURE},
};

static struct item link_item(const char *name, const char *target)
{
	return (struct item){name, target ? target : "", target ? 0 : EACCES};
}

static void a_container_shows_its_own_processes_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(proc_rows); i++) {
		char status[64];
		struct item items[] = {
			link_item("self/ns/pid", proc_rows[i].own),
			link_item("1/ns/pid", proc_rows[i].of_1),
			{"self/status", status, 0},
		};
		struct host_facts *host;

		snprintf(status, sizeof(status), "Name:\tdport\n%s%s\n",
			 proc_rows[i].nspid ? "NSpid:\t" : "",
			 proc_rows[i].nspid ? proc_rows[i].nspid : "");
		host = host_of(items, N_OF(items));
		if (host->is_inner_proc != proc_rows[i].is_inner)
			fail_msg("%s: %d", proc_rows[i].name, host->is_inner_proc);
		table_unref(host);
	}
}

static void no_process_at_all_is_no_proc(void **state)
{
	static const struct item none[] = {{"1/comm", "", ENOENT},
					   {"self/status", "", ENOENT}};
	static const struct item hidden[] = {{"1/comm", "", ENOENT},
					     {"self/status", "Name:\tdport\n", 0}};
	static const struct item foreign[] = {{"1/comm", "sh\n", 0},
					      {"self/status", "", ENOENT}};
	const struct item *const rows[] = {none, hidden, foreign};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct host_facts *host = host_of(rows[i], 2);

		assert_int_equal(host->has_no_proc, i == 0);
		table_unref(host);
	}
}

static const struct {
	const char *release;
	enum tri wanted; /* since 5.8 */
} releases[] = {
	{"5.8.0", TRI_YES},  {"5.7.19-x", TRI_NO}, {"4.19", TRI_NO},
	{"6.0", TRI_YES},    {"5.10", TRI_YES},    {"5", TRI_UNSURE},
	{"5.", TRI_UNSURE},  {"x5.8", TRI_UNSURE}, {"", TRI_UNSURE},
	{"5x8", TRI_UNSURE}, {"10.0", TRI_YES},    {"99999999999999999999.1", TRI_UNSURE},
};

static void a_kernel_is_as_old_as_its_release_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(releases); i++) {
		struct host_facts host = {.kernel = text_of(releases[i].release)};

		if (host_kernel_since(&host, 5, 8) != releases[i].wanted)
			fail_msg("release \"%s\"", releases[i].release);
	}
}

#define PROTOCOLS_HEAD "protocol  size sockets  memory press maxhdr  slab module\n"
#define PROTOCOLS_TCP  "TCP       2432      9       3   no     320   yes  kernel\n"

static const struct {
	struct item item;
	enum tri has_mptcp;
	uint32_t n;
} protocol_rows[] = {
	{{"net/protocols", PROTOCOLS_HEAD PROTOCOLS_TCP, 0}, TRI_NO, 0},
	{{"net/protocols",
	  PROTOCOLS_HEAD
	  "MPTCPv6   2064      1     375   no       0   yes  kernel\n"
	  "MPTCP     1936      3     375   no       0   yes  kernel\n" PROTOCOLS_TCP,
	  0},
	 TRI_YES,
	 4},
	{{"net/protocols", PROTOCOLS_HEAD "MPTCP 1936 0 375 no\nMPTCPx 1 9 1 no\n", 0},
	 TRI_YES,
	 0},
	{{"net/protocols", "", 0}, TRI_UNSURE, 0},
	{{"net/protocols", "", ENOENT}, TRI_UNSURE, 0},
	{{"net/protocols", PROTOCOLS_HEAD PROTOCOLS_TCP, EMSGSIZE}, TRI_UNSURE, 0},
};

static void mptcp_sockets_are_counted_among_the_protocols(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(protocol_rows); i++) {
		struct net_facts *net = net_of(&protocol_rows[i].item, 1);

		if (net->has_mptcp != protocol_rows[i].has_mptcp ||
		    net->mptcp_sockets != protocol_rows[i].n)
			fail_msg("row %zu: %u sockets", i, net->mptcp_sockets);
		table_unref(net);
	}
}

static const struct {
	const char *lines;
	enum tri hides;
} hidepid_rows[] = {
	{"24 30 0:22 / /proc rw shared:13 - proc proc rw,hidepid=2\n", TRI_YES},
	{"24 30 0:22 / /proc rw shared:13 - proc proc rw,hidepid=invisible\n", TRI_YES},
	{"24 30 0:22 / /proc rw shared:13 - proc proc rw,gid=4,hidepid=noaccess\n",
	 TRI_YES},
	{"24 30 0:22 / /proc rw shared:13 - proc proc rw,hidepid=off\n", TRI_NO},
	{"24 30 0:22 / /proc rw shared:13 - proc proc rw,hidepid=0\n", TRI_NO},
	{"24 30 0:22 / /proc rw shared:13 - proc proc rw\n"
	 "90 30 0:22 / /srv/jail/proc rw - proc proc rw,hidepid=2\n",
	 TRI_NO},
	{"90 30 0:22 / /srv/jail/proc rw - proc proc rw,hidepid=2\n", TRI_UNSURE},
	{"", TRI_UNSURE},
};

static void processes_are_hidden_by_the_options_of_the_mount_at_proc(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(hidepid_rows); i++) {
		const struct item item = {"mount/proc", hidepid_rows[i].lines, 0};
		struct host_facts *host = host_of(&item, 1);

		if (host->hides_pids != hidepid_rows[i].hides)
			fail_msg("row %zu gives %d", i, host->hides_pids);
		table_unref(host);
	}
}

static void a_namespace_is_known_by_its_small_files(void **state)
{
	struct net_facts *net = net_of(net_items, N_OF(net_items));

	(void)state;
	assert_int_equal(net->local_port_low, 32768);
	assert_int_equal(net->local_port_high, 60999);
	assert_int_equal(net->unprivileged_start, 80);
	assert_int_equal(net->somaxconn, 4096);
	assert_int_equal(net->tcp_sockets, 12 + 3 + 4);
	assert_true(net->has_listen_counters);
	assert_int_equal(net->listen_overflows, 36);
	assert_int_equal(net->listen_drops, 40);
	table_unref(net);
}

static const struct item odd_items[] = {
	{"sys/net/ipv4/ip_local_port_range", "32768", 0},
	{"sys/net/ipv4/ip_local_port_range", "1 70000", 0},
	{"sys/net/ipv4/ip_unprivileged_port_start", "65536", 0},
	{"sys/net/core/somaxconn", "-1", 0},
	{"net/sockstat", "TCP: inuse", 0},
	{"net/sockstat", "TCP: inuse x tw 4294967296", 0},
	{"net/netstat", "TcpExt: ListenDrops\n", 0},
	{"net/netstat", "TcpExt: ListenDrops\nIpExt: 3\n", 0},
	{"net/netstat", "TcpExt: ListenDrops\nTcpExt: many\n", 0},
};

static void numbers_that_are_none_tell_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(odd_items); i++) {
		struct net_facts *net = net_of(&odd_items[i], 1);

		if (net->local_port_low || net->local_port_high || net->somaxconn ||
		    net->unprivileged_start != 1024 || net->tcp_sockets ||
		    net->has_listen_counters)
			fail_msg("row %zu tells something", i);
		table_unref(net);
	}
}

static void items_before_a_damage_are_kept(void **state)
{
	struct bundle b = bundle_of(host_items, 2);
	struct facts_decoder *d = facts_new();
	struct host_facts *host;

	(void)state;
	assert_int_equal(facts_decode(d, b.bytes, b.len - 1), -EBADMSG);
	host = facts_finish_host(d);
	is_text(host->hostname, "web1");
	assert_true(text_is_empty(host->kernel));
	table_unref(host);
	facts_free(d);
}

static void parts_add_up_until_a_reset_or_the_end(void **state)
{
	struct bundle name = bundle_of(&host_items[0], 1);
	struct bundle kernel = bundle_of(&host_items[1], 1);
	struct facts_decoder *d = facts_new();
	struct host_facts *both, *one, *none;

	(void)state;
	assert_int_equal(facts_decode(d, name.bytes, name.len), 0);
	assert_int_equal(facts_decode(d, kernel.bytes, kernel.len), 0);
	both = facts_finish_host(d);
	assert_int_equal(facts_decode(d, name.bytes, name.len), 0);
	facts_reset(d);
	assert_int_equal(facts_decode(d, kernel.bytes, kernel.len), 0);
	one = facts_finish_host(d);
	none = facts_finish_host(d);
	is_text(both->hostname, "web1");
	is_text(both->kernel, "6.1.0-18-amd64");
	assert_true(text_is_empty(one->hostname));
	is_text(one->kernel, "6.1.0-18-amd64");
	assert_true(text_is_empty(none->kernel));
	table_unref(both);
	table_unref(one);
	table_unref(none);
	facts_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_known_by_its_small_files),
		cmocka_unit_test(what_was_not_told_is_not_known),
		cmocka_unit_test(a_file_that_could_not_be_read_keeps_its_error),
		cmocka_unit_test(whether_hooks_are_told_is_known_by_the_module_alone),
		cmocka_unit_test(a_long_file_comes_in_pieces),
		cmocka_unit_test(a_container_shows_its_own_processes_only),
		cmocka_unit_test(no_process_at_all_is_no_proc),
		cmocka_unit_test(a_kernel_is_as_old_as_its_release_says),
		cmocka_unit_test(mptcp_sockets_are_counted_among_the_protocols),
		cmocka_unit_test(processes_are_hidden_by_the_options_of_the_mount_at_proc),
		cmocka_unit_test(a_namespace_is_known_by_its_small_files),
		cmocka_unit_test(numbers_that_are_none_tell_nothing),
		cmocka_unit_test(items_before_a_damage_are_kept),
		cmocka_unit_test(parts_add_up_until_a_reset_or_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
