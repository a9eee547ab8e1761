/* The invented hosts of the screen tests. */
#ifndef TESTS_SCREENS_HOSTS_H
#define TESTS_SCREENS_HOSTS_H

#include "tests/screens/fixture.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define DAY 86400

static const struct row typical_rows[] = {
	{.port_service = "22 ssh",
	 .scope = SCOPE_ANY,
	 .comm = "sshd",
	 .pid = 812,
	 .exe = "/usr/sbin/sshd",
	 .unit = "ssh.service",
	 .user = "root",
	 .limit = 128,
	 .established = 3,
	 .up_s = 9 * DAY,
	 .socket_unit = "ssh.socket",
	 .activates = "ssh.service"},
	{.port_service = "53 domain",
	 .proto = PROTO_UDP,
	 .scope = SCOPE_ADDRESS,
	 .carrier = "eth0",
	 .comm = "systemd-resolve",
	 .pid = 512,
	 .exe = "/usr/lib/systemd/systemd-resolved",
	 .unit = "systemd-resolved.service",
	 .user = "systemd-resolve",
	 .limit = 212992,
	 .up_s = 9 * DAY},
	{.port_service = "80 http",
	 .scope = SCOPE_ANY_V4,
	 .comm = "nginx",
	 .pid = 1033,
	 .n_owners = 5,
	 .exe = "/usr/sbin/nginx",
	 .unit = "nginx.service",
	 .user = "root",
	 .limit = 511,
	 .established = 12,
	 .up_s = 3 * DAY + 4 * 3600},
	{.port_service = "123 ntp",
	 .proto = PROTO_UDP,
	 .scope = SCOPE_ANY,
	 .comm = "chronyd",
	 .pid = 640,
	 .exe = "/usr/sbin/chronyd",
	 .unit = "chrony.service",
	 .user = "_chrony",
	 .length = 13312,
	 .limit = 212992,
	 .drops = 57,
	 .new_drops = 12,
	 .up_s = 40},
	{.port_service = "443 https",
	 .scope = SCOPE_ANY,
	 .comm = "nginx",
	 .pid = 1033,
	 .n_owners = 5,
	 .exe = "/usr/sbin/nginx",
	 .unit = "nginx.service",
	 .user = "root",
	 .length = 512,
	 .limit = 511,
	 .drops = 90210,
	 .established = 812,
	 .up_s = 3 * DAY + 4 * 3600},
	{.port_service = "3000",
	 .scope = SCOPE_ANY_V6,
	 .comm = "node",
	 .pid = 44,
	 .exe = "/usr/bin/node",
	 .container = "docker:3f2a91c07d5e",
	 .user = "node",
	 .limit = 511,
	 .high_water = 512,
	 .up_s = 3660},
	{.port_service = "5432 postgresql",
	 .scope = SCOPE_LOOPBACK,
	 .comm = "postgres",
	 .pid = 901,
	 .exe = "/usr/lib/postgresql/15/bin/postgres",
	 .unit = "postgresql@15-main.service",
	 .user = "postgres",
	 .limit = 244,
	 .established = 12,
	 .up_s = 400 * DAY},
	{.port_service = "6379 redis",
	 .scope = SCOPE_ANY_V4,
	 .comm = "redis-server",
	 .pid = 77,
	 .exe = "/usr/bin/redis-server",
	 .unit = "redis-server.service",
	 .user = "redis",
	 .limit = 511,
	 .established = 4,
	 .is_deleted = true,
	 .up_s = 15 * 60},
	{.port_service = "8443",
	 .scope = SCOPE_ABSENT,
	 .comm = "haproxy",
	 .pid = 2001,
	 .exe = "/usr/sbin/haproxy",
	 .unit = "haproxy.service",
	 .user = "haproxy",
	 .limit = 2000,
	 .up_s = 120},
	{.port_service = "9100",
	 .scope = SCOPE_ADDRESS,
	 .carrier = "eth0",
	 .address = "2001:db8:1234:5678:9abc:def0:1234:5678",
	 .comm = "node_exporter",
	 .pid = 1456,
	 .exe = "/usr/bin/prometheus-node-exporter",
	 .unit = "prometheus-node-exporter.service",
	 .user = "prometheus",
	 .limit = 4096,
	 .established = 1,
	 .is_stopped = true,
	 .up_s = 3 * DAY},
	{.port_service = "37013",
	 .proto = PROTO_UDP,
	 .scope = SCOPE_ANY_V4,
	 .is_ephemeral = true,
	 .state = OWNERS_NONE_FOUND,
	 .user = "root",
	 .limit = 212992},
};

static UNUSED struct snapshot *typical(void)
{
	return fixture_of(typical_rows, N_OF(typical_rows));
}

static UNUSED struct snapshot *no_rows(void)
{
	return fixture_of(NULL, 0);
}

static UNUSED struct snapshot *still_looking(void)
{
	static const struct row rows[] = {
		{.port_service = "22 ssh",
		 .scope = SCOPE_ANY,
		 .is_pending = true,
		 .user = "root",
		 .limit = 128},
		{.port_service = "443 https",
		 .scope = SCOPE_ANY,
		 .is_pending = true,
		 .user = "root",
		 .limit = 511},
	};
	struct snapshot *s = fixture_of(rows, N_OF(rows));

	s->is_settled = false;
	return s;
}

static UNUSED struct snapshot *no_rights(void)
{
	static const struct row rows[] = {
		{.port_service = "22 ssh",
		 .scope = SCOPE_ANY,
		 .state = OWNERS_UNKNOWN,
		 .unit = "ssh.service",
		 .is_inferred = true,
		 .user = "root",
		 .limit = 128,
		 .established = 1},
		{.port_service = "80 http",
		 .scope = SCOPE_ANY_V4,
		 .comm = "nginx",
		 .pid = 1033,
		 .n_owners = 2,
		 .state = OWNERS_AT_LEAST,
		 .unit = "nginx.service",
		 .user = "www-data",
		 .limit = 511},
		{.port_service = "5432 postgresql",
		 .scope = SCOPE_LOOPBACK,
		 .state = OWNERS_UNKNOWN,
		 .user = "postgres",
		 .length = QUEUE_UNKNOWN,
		 .limit = QUEUE_UNKNOWN,
		 .drops = QUEUE_UNKNOWN,
		 .high_water = QUEUE_UNKNOWN},
	};
	struct fixture f = fixture_new(N_OF(rows));

	fixture_address(&f);
	f.s->host->uid = 1000;
	fixture_missing(&f, "owners",
			"the descriptors of 131 of 148 processes cannot be read",
			"run as root, or: setcap cap_dac_read_search,cap_sys_ptrace+ep"
			" $(command -v dport)");
	fixture_missing(&f, "sock_diag",
			"reading /proc/net instead, no queue limits, device bindings or"
			" v6only: asking would make the kernel load tcp_diag",
			"modprobe tcp_diag (ss does it too)");
	for (size_t i = 0; i < N_OF(rows); i++)
		fixture_add(&f, &rows[i]);
	return f.s;
}

static UNUSED struct snapshot *blind(void)
{
	struct fixture f = fixture_new(1);

	table_unref(f.s->spaces[0].tcp);
	f.s->spaces[0].tcp = NULL;
	fixture_missing(&f, "sock_diag",
			"the TCP listeners could not be read: Operation not"
			" permitted",
			NULL);
	return f.s;
}

/* Names that try to move the cursor, to hide, to reorder, to be wide or endless. */
static UNUSED struct snapshot *hostile(void)
{
	static const struct row rows[] = {
		{.port_service = "21 \033[2J\033[H",
		 .scope = SCOPE_ANY,
		 .comm = "a\033]52;c;eA=",
		 .pid = 666,
		 .exe = "/tmp/\033[31mred",
		 .unit = "x\r\nFAKE line.service",
		 .user = "ro\bot",
		 .limit = 128},
		{.port_service = "22 ssh",
		 .scope = SCOPE_ANY,
		 .comm = "\xe2\x80\xaetxt.exe",
		 .pid = 667,
		 .exe = "/bin/\xff\xfe",
		 .unit = "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97.service",
		 .user = "\xc2\x9b"
			 "31m",
		 .limit = 128},
		{.port_service = "23 e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
		 .scope = SCOPE_ADDRESS,
		 .carrier = "\xf0\x9f\x98\x80\xe2\x80\x8b",
		 .comm = "\xe5\xb9\x85\xe5\xba\x83\xe3\x81\x84\xe5\x90\x8d",
		 .pid = 668,
		 .n_owners = 12345,
		 .state = OWNERS_COMPLETE,
		 .exe = "a) R 1 1 (b",
		 .unit = "..\\..\\x",
		 .user = "root",
		 .length = 4294967294u,
		 .limit = 4294967293u,
		 .established = 4294967295u},
	};
	struct snapshot *s = fixture_of(rows, N_OF(rows));

	s->host->hostname = fixture_text(s, "ev\033[7mil\xe2\x80\x8b-host.example.org");
	return s;
}

static UNUSED struct snapshot *thousands(void)
{
	struct fixture f = fixture_new(4000);
	char port[16];

	fixture_address(&f);
	for (int i = 0; i < 4000; i++) {
		struct row r = {.port_service = port,
				.scope = SCOPE_ANY_V4,
				.comm = "worker",
				.pid = 1000 + i,
				.exe = "/srv/worker",
				.user = "app",
				.limit = 4096,
				.established = (uint32_t)(i * 7 % 1000)};

		snprintf(port, sizeof(port), "%d", 10000 + i);
		fixture_add(&f, &r);
	}
	return f.s;
}

static UNUSED struct snapshot *several_spaces(void)
{
	struct fixture f = fixture_new(N_OF(typical_rows) + 1);
	struct row r = {.port_service = "80 http",
			.scope = SCOPE_ANY_V4,
			.comm = "caddy",
			.pid = 7000,
			.exe = "/usr/bin/caddy",
			.user = "root",
			.limit = 4096,
			.space = 1};

	fixture_address(&f);
	fixture_space(&f, "blue");
	for (size_t i = 0; i < N_OF(typical_rows); i++)
		fixture_add(&f, &typical_rows[i]);
	fixture_add(&f, &r);
	return f.s;
}

#endif
