/* Two tables are the same only if every member of every row is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>

#include "core/snapshot/tables.h"

#define N_OF(rows) (sizeof(rows) / sizeof(*(rows)))
#define TEXT(t)                    \
	{                          \
		(t), sizeof(t) - 1 \
	}
#define HERE                                                 \
	{                                                    \
		.family = AF_INET, .bytes = { 127, 0, 0, 1 } \
	}
#define ELSEWHERE                                           \
	{                                                   \
		.family = AF_INET, .bytes = { 10, 0, 0, 1 } \
	}

/*
 * The first row is the usual one, every other differs from it in one member. Each is put
 * into a table of its own and compared with the first.
 */
#define EACH_ROW_DIFFERS(rows, table_type, member, count, is_same)               \
	for (size_t i = 0; i < N_OF(rows); i++) {                                \
		const table_type a = {.member = (void *)&(rows)[0], .count = 1}; \
		const table_type b = {.member = (void *)&(rows)[i], .count = 1}; \
		const table_type none = {.count = 0};                            \
                                                                                 \
		if (is_same(&a, &b) != (i == 0))                                 \
			fail_msg(#table_type ": row %zu", i);                    \
		assert_false(is_same(&a, &none));                                \
		assert_true(is_same(&none, &none));                              \
	}

static const struct socket_row sockets[] = {
	{.local = HERE, .port = 80, .inode = 9},
	{.local = HERE, .port = 80, .inode = 9, .proto = PROTO_UDP},
	{.local = HERE, .port = 80, .inode = 9, .family = AF_INET6},
	{.local = ELSEWHERE, .port = 80, .inode = 9},
	{.local = HERE, .port = 81, .inode = 9},
	{.local = HERE, .port = 80, .inode = 8},
	{.local = HERE, .port = 80, .inode = 9, .ifindex = 1},
	{.local = HERE, .port = 80, .inode = 9, .uid = 1},
	{.local = HERE, .port = 80, .inode = 9, .cookie = 1},
	{.local = HERE, .port = 80, .inode = 9, .cgroup_id = 1},
	{.local = HERE, .port = 80, .inode = 9, .v6only = TRI_YES},
	{.local = HERE, .port = 80, .inode = 9, .queue_length = 1},
	{.local = HERE, .port = 80, .inode = 9, .queue_limit = 1},
	{.local = HERE, .port = 80, .inode = 9, .send_queue = 1},
	{.local = HERE, .port = 80, .inode = 9, .drops = 1},
};

static const struct connection_group groups[] = {
	{.local = HERE, .port = 80, .counts = {[1] = 2}},
	{.local = ELSEWHERE, .port = 80, .counts = {[1] = 2}},
	{.local = HERE, .port = 81, .counts = {[1] = 2}},
	{.local = HERE, .port = 80, .ifindex = 1, .counts = {[1] = 2}},
	{.local = HERE, .port = 80, .counts = {[1] = 3}},
	{.local = HERE, .port = 80, .counts = {[1] = 2, [12] = 1}},
};

static const struct process_row processes[] = {
	{.pid = 1, .comm = TEXT("a")},
	{.pid = 2, .comm = TEXT("a")},
	{.pid = 1, .comm = TEXT("b")},
	{.pid = 1, .comm = TEXT("a"), .start_ticks = 1},
	{.pid = 1, .comm = TEXT("a"), .uid = 1},
	{.pid = 1, .comm = TEXT("a"), .exe = TEXT("/a")},
	{.pid = 1, .comm = TEXT("a"), .exe_error = 13},
	{.pid = 1, .comm = TEXT("a"), .exe_deleted = true},
	{.pid = 1, .comm = TEXT("a"), .state = 'T'},
	{.pid = 1, .comm = TEXT("a"), .unit = TEXT("a.service")},
	{.pid = 1, .comm = TEXT("a"), .container = TEXT("docker:a")},
	{.pid = 1, .comm = TEXT("a"), .is_user_unit = true},
};

static const struct owner_link links_of[] = {
	{.inode = 5, .fd = 3},
	{.inode = 6, .fd = 3},
	{.inode = 5, .fd = 4},
	{.inode = 5, .fd = 3, .process = 1},
	{.inode = 5, .fd = 3, .in_thread_only = true},
};

static const uint32_t partial[] = {5, 6};

static const struct cgroup_row cgroups[] = {
	{.id = 5, .path = TEXT("/a")},
	{.id = 6, .path = TEXT("/a")},
	{.id = 5, .path = TEXT("/b")},
};

static const struct socket_unit_row units[] = {
	{.unit = TEXT("a.socket"), .local = HERE, .port = 22},
	{.unit = TEXT("b.socket"), .local = HERE, .port = 22},
	{.unit = TEXT("a.socket"), .local = HERE, .port = 22, .service = TEXT("a.service")},
	{.unit = TEXT("a.socket"), .local = HERE, .port = 22, .proto = PROTO_UDP},
	{.unit = TEXT("a.socket"), .local = ELSEWHERE, .port = 22},
	{.unit = TEXT("a.socket"), .local = HERE, .port = 23},
};

static const struct link_row interfaces[] = {
	{.ifindex = 1, .name = TEXT("lo")},
	{.ifindex = 2, .name = TEXT("lo")},
	{.ifindex = 1, .name = TEXT("eth0")},
	{.ifindex = 1, .name = TEXT("lo"), .flags = 1},
	{.ifindex = 1, .name = TEXT("lo"), .master = 1},
	{.ifindex = 1, .name = TEXT("lo"), .kind = TEXT("veth")},
};

static const struct address_row addresses[] = {
	{.local = HERE, .prefix_len = 8},
	{.local = ELSEWHERE, .prefix_len = 8},
	{.local = HERE, .prefix_len = 24},
	{.local = HERE, .prefix_len = 8, .scope = 254},
	{.local = HERE, .prefix_len = 8, .flags = 1},
	{.local = HERE, .prefix_len = 8, .ifindex = 1},
};

static const struct local_route_row routes[] = {
	{.prefix = HERE, .prefix_len = 8},
	{.prefix = ELSEWHERE, .prefix_len = 8},
	{.prefix = HERE, .prefix_len = 32},
	{.prefix = HERE, .prefix_len = 8, .ifindex = 1},
};

static void every_member_of_a_row_counts(void **state)
{
	(void)state;
	EACH_ROW_DIFFERS(sockets, struct socket_table, rows, n, tables_same_sockets);
	EACH_ROW_DIFFERS(groups, struct connection_table, rows, n, tables_same_connections);
	EACH_ROW_DIFFERS(processes, struct owner_table, processes, n_processes,
			 tables_same_owners);
	EACH_ROW_DIFFERS(links_of, struct owner_table, links, n_links, tables_same_owners);
	EACH_ROW_DIFFERS(partial, struct owner_table, partial, n_partial,
			 tables_same_owners);
	EACH_ROW_DIFFERS(cgroups, struct cgroup_table, rows, n, tables_same_cgroups);
	EACH_ROW_DIFFERS(units, struct socket_unit_table, rows, n, tables_same_units);
	EACH_ROW_DIFFERS(interfaces, struct link_table, rows, n, tables_same_links);
	EACH_ROW_DIFFERS(addresses, struct address_table, rows, n, tables_same_addresses);
	EACH_ROW_DIFFERS(routes, struct local_route_table, rows, n,
			 tables_same_local_routes);
}

static const struct owner_table owner_tables[] = {
	{.n_seen = 9},
	{.n_seen = 8},
	{.n_seen = 9, .n_unread = 1},
	{.n_seen = 9, .unread_error = 13},
	{.n_seen = 9, .unread_pid = 1},
	{.n_seen = 9, .is_whole = true},
};

static const struct host_facts hosts[] = {
	{.hostname = TEXT("web1"), .uid = 7},
	{.hostname = TEXT("web2"), .uid = 7},
	{.hostname = TEXT("web1"), .uid = 8},
	{.hostname = TEXT("web1"), .uid = 7, .kernel = TEXT("6.1")},
	{.hostname = TEXT("web1"), .uid = 7, .boot_id = TEXT("1")},
	{.hostname = TEXT("web1"), .uid = 7, .init = TEXT("systemd")},
	{.hostname = TEXT("web1"), .uid = 7, .services_file = TEXT("ssh 22/tcp")},
	{.hostname = TEXT("web1"), .uid = 7, .passwd_file = TEXT("root:x:0:0")},
	{.hostname = TEXT("web1"), .uid = 7, .services_error = 2},
	{.hostname = TEXT("web1"), .uid = 7, .passwd_error = 2},
	{.hostname = TEXT("web1"), .uid = 7, .boot_wall_ns = 1},
	{.hostname = TEXT("web1"), .uid = 7, .clk_tck = 100},
	{.hostname = TEXT("web1"), .uid = 7, .caps = 1},
	{.hostname = TEXT("web1"), .uid = 7, .n_tasks = 1},
	{.hostname = TEXT("web1"), .uid = 7, .hides_pids = TRI_YES},
	{.hostname = TEXT("web1"), .uid = 7, .has_cgroup2 = true},
	{.hostname = TEXT("web1"), .uid = 7, .netns = 1},
};

static const struct net_facts nets[] = {
	{.somaxconn = 128},
	{.somaxconn = 129},
	{.somaxconn = 128, .local_port_low = 1},
	{.somaxconn = 128, .local_port_high = 1},
	{.somaxconn = 128, .unprivileged_start = 1},
	{.somaxconn = 128, .tcp_sockets = 1},
	{.somaxconn = 128, .has_mptcp = TRI_YES},
	{.somaxconn = 128, .mptcp_sockets = 1},
	{.somaxconn = 128, .listen_overflows = 1},
	{.somaxconn = 128, .listen_drops = 1},
	{.somaxconn = 128, .has_listen_counters = true},
};

static void every_member_of_a_table_counts(void **state)
{
	static const struct socket_table by_text = {.from_text = true}, by_diag = {.n = 0};
	static const struct connection_table few = {.total = 1}, many = {.total = 2};

	(void)state;
	assert_false(tables_same_sockets(&by_text, &by_diag));
	assert_false(tables_same_connections(&few, &many));
	for (size_t i = 0; i < N_OF(owner_tables); i++)
		if (tables_same_owners(&owner_tables[0], &owner_tables[i]) != (i == 0))
			fail_msg("owners %zu", i);
	for (size_t i = 0; i < N_OF(hosts); i++)
		if (tables_same_host(&hosts[0], &hosts[i]) != (i == 0))
			fail_msg("host %zu", i);
	for (size_t i = 0; i < N_OF(nets); i++)
		if (tables_same_net(&nets[0], &nets[i]) != (i == 0))
			fail_msg("net %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_of_a_row_counts),
		cmocka_unit_test(every_member_of_a_table_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
