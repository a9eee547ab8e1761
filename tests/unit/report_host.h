/*
 * A host made by hand, as the documents of core/report see it: one of everything that a
 * list has a word for.
 */
#ifndef TESTS_UNIT_REPORT_HOST_H
#define TESTS_UNIT_REPORT_HOST_H

#include <errno.h>
#include <string.h>

#include "core/snapshot/snapshot.h"

#define T(s)     ((struct text){s, sizeof(s) - 1})
#define N_OF(a)  (sizeof(a) / sizeof((a)[0]))
#define NS       INT64_C(1000000000)
#define BOOT_NS  (INT64_C(1763800000) * NS)
#define CGROUP_A 4711

static struct port_name_table no_ports;
static struct user_name user_rows[] = {
	{.uid = 0, .name = T("root")},
	{.uid = 33, .name = T("www-data")},
	{.uid = 114, .name = T("postgres")},
	{.uid = 1000, .name = T("alice")},
};
static struct user_table users = {.rows = user_rows, .n = N_OF(user_rows)};

static struct cgroup_row cgroup_rows[] = {
	{.id = CGROUP_A, .path = T("/system.slice/docker-3f2a1b2c3d4e5f60718293a4.scope")},
	{.id = CGROUP_A + 1, .path = T("/system.slice/backup.service")},
};
static struct cgroup_table cgroups = {.rows = cgroup_rows, .n = N_OF(cgroup_rows)};

static struct host_facts host = {
	.hostname = T("web-01"),
	.kernel = T("6.1.0-18-amd64"),
	.init = T("systemd"),
	.boot_wall_ns = BOOT_NS,
	.clk_tck = 100,
	.uid = 1000,
	.has_cgroup2 = true,
	.netns = 4026531840,
};

static struct owner_table owners = {
	.n_seen = 80, .n_unread = 31, .unread_error = EACCES, .is_whole = true};

static struct link_row link_rows[] = {
	{.ifindex = 1, .name = T("lo")},
	{.ifindex = 2, .name = T("eth0")},
};
static struct link_table links = {.rows = link_rows, .n = N_OF(link_rows)};
static struct address_table addresses = {.n = 3};
static struct socket_table some_sockets;

static struct space spaces[] = {
	{.netns = 4026531840,
	 .is_own = true,
	 .tcp = &some_sockets,
	 .links = &links,
	 .addresses = &addresses},
	{.netns = 4026532201, .name = T("blue"), .tcp = &some_sockets},
};

#define PROCESS(id, name, user, service, file)                                            \
	{                                                                                 \
		.pid = (id), .start_ticks = 1000u + (id), .uid = (user), .comm = T(name), \
		.exe = T(file), .state = 'S', .unit = T(service)                          \
	}

static struct process_row processes[] = {
	PROCESS(1, "systemd", 0, "init.scope", "/usr/lib/systemd/systemd"),
	PROCESS(812, "sshd", 0, "ssh.service", "/usr/sbin/sshd"),
	PROCESS(1033, "nginx", 0, "nginx.service", "/usr/sbin/nginx"),
	PROCESS(1034, "nginx", 33, "nginx.service", "/usr/sbin/nginx"),
	PROCESS(1035, "nginx", 33, "nginx.service", "/usr/sbin/nginx"),
	PROCESS(1036, "nginx", 33, "nginx.service", "/usr/sbin/nginx"),
	PROCESS(1037, "nginx", 33, "nginx.service", "/usr/sbin/nginx"),
	PROCESS(901, "postgres", 114, "postgresql@15-main.service", "/usr/bin/postgres"),
	{.pid = 77,
	 .start_ticks = 360000,
	 .uid = 1000,
	 .comm = T("redis-server"),
	 .exe = T("/home/alice/redis/src/redis-server"),
	 .exe_deleted = true,
	 .state = 'S',
	 .unit = T("docker-3f2a1b2c3d4e5f60718293a4.scope"),
	 .container = T("docker:3f2a1b2c3d4e")},
	{.pid = 666,
	 .start_ticks = UINT64_MAX,
	 .uid = UINT32_MAX,
	 .comm = T("=\x1b]0;x\a|`<b>;\xff"),
	 .exe_error = EACCES,
	 .state = 'Z'},
};

enum { SYSTEMD, SSHD, NGINX, POSTGRES = 7, REDIS, HOSTILE };

static const struct process_row *owned_by[] = {
	&processes[0], &processes[1], &processes[2], &processes[3], &processes[4],
	&processes[5], &processes[6], &processes[7], &processes[8], &processes[9],
};

#define V4(a, b, c, d)                                     \
	{                                                  \
		.family = AF_INET, .bytes = { a, b, c, d } \
	}
#define V6_ANY                     \
	{                          \
		.family = AF_INET6 \
	}
#define V6_LOOPBACK                                       \
	{                                                 \
		.family = AF_INET6, .bytes = { [15] = 1 } \
	}
#define V6_LOCAL                                                      \
	{                                                             \
		.family = AF_INET6, .bytes = { 0xfe, 0x80, [15] = 9 } \
	}

#define LISTENER(af, address, p, user, number, length, most)                       \
	{                                                                          \
		.proto = PROTO_TCP, .family = (af), .local = address, .port = (p), \
		.uid = (user), .inode = (number), .cookie = (number) + 0x1000u,    \
		.queue_length = (length), .queue_limit = (most), .drops = 0        \
	}

static struct socket_row sockets[] = {
	LISTENER(AF_INET6, V6_ANY, 22, 0, 1001, 0, 128),
	LISTENER(AF_INET, V4(0, 0, 0, 0), 443, 0, 1002, 512, 511),
	LISTENER(AF_INET6, V6_ANY, 443, 0, 1003, 0, 511),
	LISTENER(AF_INET, V4(127, 0, 0, 1), 5432, 114, 1004, 0, 244),
	LISTENER(AF_INET6, V6_LOOPBACK, 5432, 114, 1005, 0, 244),
	LISTENER(AF_INET, V4(10, 0, 0, 5), 6379, 1000, 1006, 0, 511),
	LISTENER(AF_INET, V4(10, 9, 9, 9), 8080, UINT32_MAX, 1007, 0, 5),
	LISTENER(AF_INET, V4(0, 0, 0, 0), 9090, 4242, 1008, QUEUE_UNKNOWN, QUEUE_UNKNOWN),
	LISTENER(AF_INET, V4(0, 0, 0, 0), 8443, 0, 1009, 0, 64),
	{.proto = PROTO_UDP,
	 .family = AF_INET6,
	 .local = V6_LOCAL,
	 .port = 546,
	 .ifindex = 2,
	 .queue_length = 2304,
	 .queue_limit = 212992,
	 .drops = 1,
	 .v6only = TRI_UNSURE},
	{.proto = PROTO_UDP,
	 .family = AF_INET,
	 .port = 41641,
	 .local = V4(0, 0, 0, 0),
	 .inode = 1011,
	 .queue_length = 0,
	 .queue_limit = 212992},
};

static const struct socket_row *members[] = {
	&sockets[0], &sockets[1], &sockets[2], &sockets[3], &sockets[4],  &sockets[5],
	&sockets[6], &sockets[7], &sockets[8], &sockets[9], &sockets[10],
};

static struct missing missing[] = {
	{.source = "owners",
	 .reason = "31 of 80 processes could not be read",
	 .grant = "run dport as root, or give it cap_dac_read_search and cap_sys_ptrace",
	 .wants_right = true},
	{.source = "namespaces", .reason = "the list of namespaces could not be read"},
	{.source = "namespace blue",
	 .reason = "the TCP listeners timed out: some may lack",
	 .grant = "refresh; if it stays, the host is very busy"},
	{.source = "sock_diag", .reason = "the UDP sockets changed while they were read"},
	{.source = "services", .reason = "/etc/services could not be read"},
};

#define MEMBERS(first, n)   .sockets = &members[first], .n_sockets = (n)
#define OWNED(first, n)     .owners = &owned_by[first], .n_owners = (n)
#define QUEUE(len, max, no) .queue = {.length = (len), .limit = (max), .drops = (no)}

static struct endpoint endpoints[] = {
	{.space = &spaces[0],
	 .proto = PROTO_TCP,
	 .address = V6_ANY,
	 .port = 22,
	 .scope = SCOPE_ANY,
	 .service = T("ssh"),
	 MEMBERS(0, 1),
	 OWNED(SYSTEMD, 2),
	 .owners_state = OWNERS_COMPLETE,
	 .user = T("root"),
	 .unit = T("init.scope"),
	 .socket_unit = T("ssh.socket"),
	 .activates = T("ssh.service"),
	 QUEUE(0, 128, 0),
	 .has_connections = true,
	 .connections = {[1] = 3},
	 .started_boot_ns = 10 * NS},
	{.space = &spaces[0],
	 .proto = PROTO_TCP,
	 .address = V6_ANY,
	 .port = 443,
	 .scope = SCOPE_ANY,
	 .service = T("https"),
	 MEMBERS(1, 2),
	 OWNED(NGINX, 5),
	 .owners_state = OWNERS_AT_LEAST,
	 .owners_missing = &missing[0],
	 .user = T("root"),
	 .unit = T("nginx.service"),
	 QUEUE(512, 511, 17),
	 .has_connections = true,
	 .connections = {[1] = 812, [3] = 4, [6] = 90, [8] = 2},
	 .started_boot_ns = 60 * NS},
	{.space = &spaces[0],
	 .proto = PROTO_TCP,
	 .address = V6_LOOPBACK,
	 .port = 5432,
	 .scope = SCOPE_LOOPBACK,
	 .service = T("postgresql"),
	 MEMBERS(3, 2),
	 OWNED(POSTGRES, 1),
	 .owners_state = OWNERS_COMPLETE,
	 .uid = 114,
	 .user = T("postgres"),
	 .unit = T("postgresql@15-main.service"),
	 QUEUE(0, 244, 0),
	 .has_connections = true,
	 .connections = {[1] = 12},
	 .started_boot_ns = 19 * NS},
	{.space = &spaces[0],
	 .proto = PROTO_TCP,
	 .address = V4(10, 0, 0, 5),
	 .port = 6379,
	 .scope = SCOPE_ADDRESS,
	 .carrier = T("eth0"),
	 .service = T("redis"),
	 MEMBERS(5, 1),
	 OWNED(REDIS, 1),
	 .owners_state = OWNERS_COMPLETE,
	 .uid = 1000,
	 .user = T("alice"),
	 .unit = T("docker-3f2a1b2c3d4e5f60718293a4.scope"),
	 .container = T("docker:3f2a1b2c3d4e"),
	 QUEUE(0, 511, 0),
	 .has_connections = true,
	 .started_boot_ns = 3600 * NS,
	 .is_exe_deleted = true},
	{.space = &spaces[0],
	 .proto = PROTO_TCP,
	 .address = V4(10, 9, 9, 9),
	 .port = 8080,
	 .scope = SCOPE_ABSENT,
	 .service = T("http-alt"),
	 MEMBERS(6, 1),
	 OWNED(HOSTILE, 1),
	 .owners_state = OWNERS_COMPLETE,
	 .uid = UINT32_MAX,
	 .unit = T("@www.evil.example|http://x"),
	 QUEUE(0, 5, 0)},
	{.space = &spaces[0],
	 .proto = PROTO_TCP,
	 .address = V4(0, 0, 0, 0),
	 .port = 9090,
	 .scope = SCOPE_ANY_V4,
	 MEMBERS(7, 1),
	 .owners_state = OWNERS_UNKNOWN,
	 .owners_missing = &missing[0],
	 .uid = 4242,
	 .unit = T("backup.service"),
	 .unit_is_inferred = true,
	 QUEUE(QUEUE_UNKNOWN, QUEUE_UNKNOWN, QUEUE_UNKNOWN)},
	{.space = &spaces[0],
	 .proto = PROTO_UDP,
	 .address = V6_LOCAL,
	 .port = 546,
	 .ifindex = 2,
	 .device = T("eth0"),
	 .scope = SCOPE_ADDRESS,
	 .service = T("dhcpv6-client"),
	 MEMBERS(9, 1),
	 .owners_state = OWNERS_UNKNOWN,
	 .owners_missing = &missing[0],
	 .user = T("root"),
	 QUEUE(2304, 212992, 1)},
	{.space = &spaces[0],
	 .proto = PROTO_UDP,
	 .address = V4(0, 0, 0, 0),
	 .port = 41641,
	 .scope = SCOPE_ANY_V4,
	 .is_ephemeral = true,
	 MEMBERS(10, 1),
	 .owners_state = OWNERS_NONE_FOUND,
	 .user = T("root"),
	 QUEUE(0, 212992, 0)},
	{.space = &spaces[1],
	 .proto = PROTO_TCP,
	 .address = V4(0, 0, 0, 0),
	 .port = 8443,
	 .scope = SCOPE_ANY_V4,
	 MEMBERS(8, 1),
	 .owners_state = OWNERS_PENDING,
	 .user = T("root"),
	 QUEUE(0, 64, 0)},
};

static struct source_note notes[] = {
	{.source = "mptcp", .status = SOURCE_ERROR, .error = ENOENT},
	{.source = "tcp", .space = T("blue"), .status = SOURCE_TIMED_OUT},
};

/* Everything of it is borrowed from this file: it is not to be released. */
static struct snapshot whole_host(void)
{
	for (size_t i = 0; i < N_OF(sockets); i++)
		sockets[i].cgroup_id = i == 5 ? CGROUP_A : i == 7 ? CGROUP_A + 1 : 0;
	sockets[2].v6only = TRI_YES;
	return (struct snapshot){
		.wall_ns = BOOT_NS + 90061 * NS + 123456789,
		.boot_ns = 90061 * NS,
		.host = &host,
		.port_names = &no_ports,
		.users = &users,
		.owners = &owners,
		.cgroups = &cgroups,
		.spaces = spaces,
		.n_spaces = N_OF(spaces),
		.endpoints = endpoints,
		.n_endpoints = N_OF(endpoints),
		.notes = notes,
		.n_notes = N_OF(notes),
		.missing = missing,
		.n_missing = N_OF(missing),
		.is_settled = true,
	};
}

#endif
