/* Which sockets are one endpoint: rows of sockets and holders, and what they fold into. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/by_hand.h"

#define TCP   PROTO_TCP
#define UDP   PROTO_UDP
#define MPTCP PROTO_MPTCP

static const struct row {
	const char *name;
	struct hand_socket sockets[8];
	struct hand_process processes[6];
	struct hand_link links[10];
	const char *endpoints; /* "PORT/PROTO SCOPE ADDRESS xSOCKETS; ..." */
} rows[] = {
	{"nothing at all", NONE, NONE, NONE, ""},
	{"two families of one process are one service",
	 {SOCK(TCP, "0.0.0.0", 22, 1), SOCK(TCP, "::", 22, 2, .v6only = TRI_YES)},
	 {PROC(812, 10, "sshd", .exe = "/usr/sbin/sshd")},
	 {{1, 812, 3}, {2, 812, 4}},
	 "22/tcp any :: x2"},
	{"loopback twins of one process are one service",
	 {SOCK(TCP, "127.0.0.1", 5432, 1), SOCK(TCP, "::1", 5432, 2, .v6only = TRI_YES)},
	 {PROC(9, 1, "postgres", .exe = "/usr/bin/postgres")},
	 {{1, 9, 5}, {2, 9, 6}},
	 "5432/tcp loopback ::1 x2"},
	{"other loopback addresses are no twins",
	 {SOCK(UDP, "127.0.0.53", 53, 1), SOCK(UDP, "127.0.0.54", 53, 2)},
	 {PROC(9, 1, "systemd-resolve", .exe = "/usr/lib/systemd/systemd-resolved")},
	 {{1, 9, 5}, {2, 9, 6}},
	 "53/udp loopback 127.0.0.53 x1; 53/udp loopback 127.0.0.54 x1"},
	{"any and loopback are no twins",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "127.0.0.1", 80, 2)},
	 {PROC(9, 1, "nginx", .exe = "/usr/sbin/nginx")},
	 {{1, 9, 5}, {2, 9, 6}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp loopback 127.0.0.1 x1"},
	{"two services that share a port by family are two",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "nginx", .exe = "/usr/sbin/nginx", .unit = "nginx.service"),
	  PROC(20, 2, "apache2", .exe = "/usr/sbin/apache2", .unit = "apache2.service")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"two programs without units are two",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "nginx", .exe = "/usr/sbin/nginx"),
	  PROC(20, 2, "nginx", .exe = "/opt/nginx/nginx")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"processes that share nothing but an unreadable program are two",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "a"), PROC(20, 2, "a")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"two programs of one login are two, their scope is no service",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "a", .exe = "/bin/a", .unit = "session-3.scope"),
	  PROC(20, 2, "b", .exe = "/bin/b", .unit = "session-3.scope")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"two docker-proxies of one engine are one",
	 {SOCK(TCP, "0.0.0.0", 8080, 1), SOCK(TCP, "::", 8080, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "docker-proxy", .exe = "/usr/bin/docker-proxy",
	       .unit = "docker.service"),
	  PROC(20, 2, "docker-proxy", .exe = "/usr/bin/docker-proxy",
	       .unit = "docker.service")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "8080/tcp any :: x2"},
	{"the same user unit of two users is two services",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "web", .exe = "/bin/web", .unit = "web.service", .uid = 1000,
	       .is_user_unit = true),
	  PROC(20, 2, "web", .exe = "/bin/web", .unit = "web.service", .uid = 1001,
	       .is_user_unit = true)},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"one container is one service",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "a", .exe = "/bin/a", .container = "docker:3f2a"),
	  PROC(20, 2, "b", .exe = "/bin/b", .container = "docker:3f2a")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any :: x2"},
	{"a system container holds many services",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "a", .exe = "/bin/a", .container = "lxc:web"),
	  PROC(20, 2, "b", .exe = "/bin/b", .container = "lxc:web")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"the same unit in two containers is two services",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "a", .exe = "/bin/a", .unit = "a.service", .container = "lxc:web"),
	  PROC(20, 2, "a", .exe = "/bin/a", .unit = "a.service", .container = "lxc:db")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"four REUSEPORT workers of TCP are one, whoever holds them",
	 {SOCK(TCP, "0.0.0.0", 443, 1), SOCK(TCP, "0.0.0.0", 443, 2),
	  SOCK(TCP, "0.0.0.0", 443, 3), SOCK(TCP, "0.0.0.0", 443, 4)},
	 {PROC(10, 1, "a", .exe = "/bin/a"), PROC(20, 2, "b", .exe = "/bin/b")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "443/tcp any-v4 0.0.0.0 x4"},
	{"REUSEPORT workers of UDP are one if the program is",
	 {SOCK(UDP, "0.0.0.0", 53, 1), SOCK(UDP, "0.0.0.0", 53, 2)},
	 {PROC(10, 1, "unbound", .exe = "/usr/sbin/unbound", .parent = 9),
	  PROC(20, 2, "unbound", .exe = "/usr/sbin/unbound", .parent = 9)},
	 {{1, 10, 3}, {2, 20, 3}},
	 "53/udp any-v4 0.0.0.0 x2"},
	{"two scripts of one interpreter are two services",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "node", .exe = "/usr/bin/node", .parent = 1),
	  PROC(20, 2, "node", .exe = "/usr/bin/node", .parent = 1)},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"siblings of one program but of two names are two services",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "a", .exe = "/bin/busybox", .parent = 9),
	  PROC(20, 2, "b", .exe = "/bin/busybox", .parent = 9)},
	 {{1, 10, 3}, {2, 20, 3}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"avahi and chrome on one UDP port are two",
	 {SOCK(UDP, "0.0.0.0", 5353, 1), SOCK(UDP, "0.0.0.0", 5353, 2),
	  SOCK(UDP, "::", 5353, 3, .v6only = TRI_YES), SOCK(UDP, "0.0.0.0", 5353, 4)},
	 {PROC(10, 1, "avahi-daemon", .exe = "/usr/sbin/avahi-daemon",
	       .unit = "avahi-daemon.service"),
	  PROC(20, 2, "chrome", .exe = "/opt/chrome", .unit = "app-chrome.scope")},
	 {{1, 10, 3}, {3, 10, 4}, {2, 20, 5}, {4, 20, 6}},
	 "5353/udp any :: x2; 5353/udp any-v4 0.0.0.0 x2"},
	{"forked workers share their parent's socket",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "nginx"), PROC(11, 2, "nginx"), PROC(12, 2, "nginx")},
	 {{1, 10, 3}, {1, 11, 3}, {2, 11, 4}, {2, 12, 4}},
	 "80/tcp any :: x2"},
	{"owners of several units have no unit in common",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "a", .exe = "/bin/a", .unit = "a.service"),
	  PROC(11, 2, "b", .exe = "/bin/b", .unit = "b.service"),
	  PROC(12, 2, "a", .exe = "/bin/a", .unit = "a.service")},
	 {{1, 10, 3}, {1, 11, 3}, {2, 12, 4}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"without owners, the same user and control group are one",
	 {SOCK(TCP, "0.0.0.0", 80, 1, .uid = 33, .cgroup = 500),
	  SOCK(TCP, "::", 80, 2, .v6only = TRI_YES, .uid = 33, .cgroup = 500)},
	 NONE,
	 NONE,
	 "80/tcp any :: x2"},
	{"without owners, another user is another service",
	 {SOCK(TCP, "0.0.0.0", 80, 1, .uid = 33, .cgroup = 500),
	  SOCK(TCP, "::", 80, 2, .v6only = TRI_YES, .uid = 34, .cgroup = 500)},
	 NONE,
	 NONE,
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"without owners, the root control group says nothing",
	 {SOCK(TCP, "0.0.0.0", 80, 1, .cgroup = 1),
	  SOCK(TCP, "::", 80, 2, .v6only = TRI_YES, .cgroup = 1)},
	 NONE,
	 NONE,
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v6 :: x1"},
	{"without owners and control groups nothing is guessed",
	 {SOCK(TCP, "0.0.0.0", 80, 1, .has_no_cookie = true),
	  SOCK(TCP, "::", 80, 2, .has_no_cookie = true, .v6only = TRI_UNSURE)},
	 NONE,
	 NONE,
	 "80/tcp any :: x1; 80/tcp any-v4 0.0.0.0 x1"},
	{"a socket without owners joins the only service of its control group",
	 {SOCK(UDP, "0.0.0.0", 53, 1, .cgroup = 500),
	  SOCK(UDP, "::", 53, 2, .v6only = TRI_YES, .cgroup = 500)},
	 {PROC(10, 1, "a", .exe = "/bin/a")},
	 {{1, 10, 3}},
	 "53/udp any :: x2"},
	{"a socket without owners does not make two services one",
	 {SOCK(UDP, "0.0.0.0", 53, 1, .cgroup = 500),
	  SOCK(UDP, "0.0.0.0", 53, 2, .cgroup = 500),
	  SOCK(UDP, "::", 53, 3, .v6only = TRI_YES, .cgroup = 500)},
	 {PROC(10, 1, "a", .exe = "/bin/a"), PROC(20, 1, "b", .exe = "/bin/b")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "53/udp any-v4 0.0.0.0 x1; 53/udp any-v4 0.0.0.0 x1; 53/udp any-v6 :: x1"},
	{"another device is another endpoint",
	 {SOCK(TCP, "0.0.0.0", 80, 1, .ifindex = 2), SOCK(TCP, "0.0.0.0", 80, 2)},
	 {PROC(10, 1, "a", .exe = "/bin/a")},
	 {{1, 10, 3}, {2, 10, 4}},
	 "80/tcp any-v4 0.0.0.0 x1; 80/tcp any-v4 0.0.0.0 x1"},
	{"TCP and UDP are two endpoints",
	 {SOCK(TCP, "0.0.0.0", 53, 1), SOCK(UDP, "0.0.0.0", 53, 2)},
	 {PROC(10, 1, "a", .exe = "/bin/a")},
	 {{1, 10, 3}, {2, 10, 4}},
	 "53/tcp any-v4 0.0.0.0 x1; 53/udp any-v4 0.0.0.0 x1"},
	{"an MPTCP listener is one with its TCP subflow",
	 {SOCK(TCP, "::", 443, 7, .cookie = 1), SOCK(MPTCP, "::", 443, 7, .cookie = 2)},
	 {PROC(10, 1, "a", .exe = "/bin/a")},
	 {{7, 10, 3}},
	 "443/tcp any :: x2"},
	{"an MPTCP listener is one with a subflow that has no inode",
	 {SOCK(TCP, "10.0.0.5", 443, 0, .cookie = 1),
	  SOCK(MPTCP, "10.0.0.5", 443, 7, .cookie = 2)},
	 {PROC(10, 1, "a", .exe = "/bin/a")},
	 {{7, 10, 3}},
	 "443/tcp address 10.0.0.5 x2"},
	{"an MPTCP listener seen alone is a TCP port",
	 {SOCK(MPTCP, "10.0.0.5", 443, 7, .cookie = 2)},
	 NONE,
	 NONE,
	 "443/tcp address 10.0.0.5 x1"},
	{"a v4-mapped address is that IPv4 address",
	 {SOCK(TCP, "::ffff:10.0.0.5", 80, 1), SOCK(TCP, "10.0.0.5", 80, 2)},
	 NONE,
	 NONE,
	 "80/tcp address 10.0.0.5 x2"},
	{"the v4-mapped any-address takes IPv4 only",
	 {SOCK(TCP, "::ffff:0.0.0.0", 80, 1)},
	 NONE,
	 NONE,
	 "80/tcp any-v4 0.0.0.0 x1"},
	{"sockets of one activated unit are one, the manager holds many",
	 {SOCK(TCP, "0.0.0.0", 80, 1), SOCK(TCP, "::", 80, 2, .v6only = TRI_YES)},
	 {PROC(1, 1, "systemd", .exe = "/usr/lib/systemd/systemd", .unit = "init.scope"),
	  PROC(10, 5, "a", .exe = "/bin/a", .unit = "a.service"),
	  PROC(20, 5, "b", .exe = "/bin/b", .unit = "b.service")},
	 {{1, 1, 30}, {2, 1, 31}},
	 "80/tcp any :: x2"},
	{"names of processes do not make owners",
	 {SOCK(UDP, "0.0.0.0", 53, 1), SOCK(UDP, "::", 53, 2, .v6only = TRI_YES)},
	 {PROC(10, 1, "\x1b[31m) S 1 (x", .exe = "/tmp/a"),
	  PROC(20, 1, "\x1b[31m) S 1 (x", .exe = "/tmp/b")},
	 {{1, 10, 3}, {2, 20, 3}},
	 "53/udp any-v4 0.0.0.0 x1; 53/udp any-v6 :: x1"},
};

static void print_endpoints(struct str *out, const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_endpoints; i++) {
		const struct endpoint *e = &s->endpoints[i];
		char address[ADDR_TEXT_MAX];

		str_puts(out, i ? "; " : "");
		endpoint_port_text(out, e);
		str_printf(out, " %s %s x%zu", scope_word(e->scope),
			   addr_format(&e->address, address), e->n_sockets);
	}
}

static void sockets_fold_by_service(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct snapshot *s = hand_snapshot();
		struct str out = {0};

		hand_sockets(&s->spaces[0], rows[i].sockets);
		s->owners = hand_owners(rows[i].processes, rows[i].links);
		s->host = hand_host();
		assert_int_equal(snapshot_link(s, NULL), 0);
		print_endpoints(&out, s);
		if (strcmp(str_text(&out), rows[i].endpoints) != 0)
			fail_msg("%s: %s, not %s", rows[i].name, str_text(&out),
				 rows[i].endpoints);
		str_release(&out);
		table_unref(s);
	}
}

static void control_groups_of_v1_fold_nothing(void **state)
{
	static const struct hand_socket sockets[] = {
		SOCK(TCP, "0.0.0.0", 80, 1, .cgroup = 500),
		SOCK(TCP, "::", 80, 2, .v6only = TRI_YES, .cgroup = 500),
		{0},
	};
	struct snapshot *s = hand_snapshot();

	(void)state;
	hand_sockets(&s->spaces[0], sockets);
	s->host = hand_host();
	s->host->has_cgroup2 = false;
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->n_endpoints, 2);
	table_unref(s);
}

static void namespaces_are_not_mixed(void **state)
{
	static const struct hand_socket sockets[] = {SOCK(TCP, "0.0.0.0", 80, 1), {0}};
	struct snapshot *s = hand_snapshot();

	(void)state;
	s->n_spaces = 2;
	s->spaces[1].name = text_of("blue");
	hand_sockets(&s->spaces[0], sockets);
	hand_sockets(&s->spaces[1], sockets);
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->n_endpoints, 2);
	assert_ptr_equal(s->endpoints[0].space, &s->spaces[0]);
	assert_ptr_equal(s->endpoints[1].space, &s->spaces[1]);
	assert_true(s->endpoints[0].id != s->endpoints[1].id);
	table_unref(s);
}

/* One port, every socket held by the next two processes: a chain through all of them. */
static void a_long_chain_of_shared_owners_is_one_endpoint(void **state)
{
	enum { N = 20000 };
	struct owner_table *t = table_new(sizeof(*t), NULL);
	struct vec v = VEC_OF(struct socket_row);
	struct snapshot *s = hand_snapshot();

	(void)state;
	t->processes = arena_alloc(&t->head.arena, (N + 1) * sizeof(*t->processes));
	t->links = arena_alloc(&t->head.arena, 2 * N * sizeof(*t->links));
	t->n_processes = N + 1;
	t->is_whole = true;
	for (uint32_t i = 0; i < N; i++) {
		struct socket_row *row = vec_push(&v);

		*row = (struct socket_row){.proto = UDP, .family = AF_INET, .port = 53};
		row->local = hand_addr("0.0.0.0");
		row->cookie = row->inode = i + 1;
		t->processes[i].pid = (int32_t)i + 2;
		t->links[t->n_links++] = (struct owner_link){.inode = i + 1, .process = i};
		t->links[t->n_links++] =
			(struct owner_link){.inode = i + 1, .process = i + 1};
	}
	t->processes[N].pid = N + 2;
	s->owners = t;
	s->spaces[0].udp = socket_table_new(&v, false);
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->n_endpoints, 1);
	assert_int_equal(s->endpoints[0].n_sockets, N);
	assert_int_equal(s->endpoints[0].n_owners, N + 1);
	table_unref(s);
	vec_release(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_fold_by_service),
		cmocka_unit_test(control_groups_of_v1_fold_nothing),
		cmocka_unit_test(namespaces_are_not_mixed),
		cmocka_unit_test(a_long_chain_of_shared_owners_is_one_endpoint),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
