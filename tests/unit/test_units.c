/* Socket units: the ports that systemd would open for these files, and the unit behind a
 * listener. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/sockets/units.h"
#include "tests/unit/fixture.h"
#include "tests/unit/items.h"
#include "tests/unit/rounds.h"

#define USR   "usr/lib/systemd/system/"
#define ROOM  65536
#define PLAIN ITEM(USR "a.socket", "[Socket]\nListenStream=80\n")

struct port {
	const char *unit;
	const char *service;
	enum socket_proto proto;
	const char *local; /* "*": a bare port */
	uint16_t port;
};

/* What systemd 252 told of the recorded files, in the order of the table. */
static const struct port recorded_ports[] = {
	{"forms.socket", "forms.service", PROTO_TCP, "*", 56},
	{"forms.socket", "forms.service", PROTO_TCP, "*", 100},
	{"forms.socket", "forms.service", PROTO_TCP, "1.2.3.4", 101},
	{"forms.socket", "forms.service", PROTO_TCP, "::1", 102},
	{"forms.socket", "forms.service", PROTO_TCP, "fe80::1", 103},
	{"forms.socket", "forms.service", PROTO_TCP, "*", 110},
	{"forms.socket", "forms.service", PROTO_TCP, "::ffff:1.2.3.4", 113},
	{"forms.socket", "forms.service", PROTO_TCP, "*", 116},
	{"forms.socket", "forms.service", PROTO_TCP, "*", 117},
	{"lines.socket", "lines.service", PROTO_TCP, "*", 200},
	{"lines.socket", "lines.service", PROTO_TCP, "*", 201},
	{"lines.socket", "lines.service", PROTO_TCP, "*", 203},
	{"lines.socket", "lines.service", PROTO_TCP, "*", 205},
	{"lines.socket", "lines.service", PROTO_TCP, "*", 206},
	{"lines.socket", "lines.service", PROTO_TCP, "*", 208},
	{"lines.socket", "lines.service", PROTO_TCP, "*", 210},
	{"clear.socket", "clear.service", PROTO_TCP, "*", 302},
	{"accept.socket", "accept@.service", PROTO_TCP, "*", 400},
	{"tmpl@one.socket", "tmpl@one.service", PROTO_TCP, "*", 500},
	{"tmpl@one.socket", "tmpl@one.service", PROTO_TCP, "*", 501},
	{"tmpl@one.socket", "tmpl@one.service", PROTO_TCP, "*", 502},
	{"a-b-c.socket", "a-b-c.service", PROTO_TCP, "*", 600},
	{"a-b-c.socket", "a-b-c.service", PROTO_TCP, "*", 602},
	{"accept.socket", "accept@.service", PROTO_TCP, "*", 603},
	{"clear.socket", "clear.service", PROTO_TCP, "*", 603},
	{"forms.socket", "forms.service", PROTO_TCP, "*", 603},
	{"lines.socket", "lines.service", PROTO_TCP, "*", 603},
	{"svc.socket", "one.service", PROTO_TCP, "*", 603},
	{"tmpl@one.socket", "tmpl@one.service", PROTO_TCP, "*", 603},
	{"web.socket", "httpd.service", PROTO_TCP, "*", 603},
	{"x-y@i.socket", "", PROTO_TCP, "*", 603},
	{"accept.socket", "accept@.service", PROTO_TCP, "*", 604},
	{"clear.socket", "clear.service", PROTO_TCP, "*", 604},
	{"forms.socket", "forms.service", PROTO_TCP, "*", 604},
	{"lines.socket", "lines.service", PROTO_TCP, "*", 604},
	{"svc.socket", "one.service", PROTO_TCP, "*", 604},
	{"tmpl@one.socket", "tmpl@one.service", PROTO_TCP, "*", 604},
	{"web.socket", "httpd.service", PROTO_TCP, "*", 604},
	{"x-y@i.socket", "", PROTO_TCP, "*", 604},
	{"a-b-c.socket", "a-b-c.service", PROTO_TCP, "*", 605},
	{"a-b-c.socket", "a-b-c.service", PROTO_TCP, "*", 606},
	{"x-y@i.socket", "", PROTO_TCP, "*", 700},
	{"x-y@i.socket", "", PROTO_TCP, "*", 701},
	{"x-y@i.socket", "", PROTO_TCP, "*", 702},
	{"x-y@i.socket", "", PROTO_TCP, "*", 703},
	{"svc.socket", "one.service", PROTO_TCP, "*", 800},
	{"ssh.socket", "ssh.service", PROTO_TCP, "10.0.0.5", 2022},
	{"ssh.socket", "ssh.service", PROTO_TCP, "0.0.0.0", 2222},
	{"ssh.socket", "ssh.service", PROTO_TCP, "::", 2222},
	{"web.socket", "httpd.service", PROTO_TCP, "*", 8080},
	{"web.socket", "httpd.service", PROTO_TCP, "127.0.0.1", 8081},
	{"forms.socket", "forms.service", PROTO_UDP, "*", 107},
	{"forms.socket", "forms.service", PROTO_UDP, "0.0.0.0", 108},
	{"udplite.socket", "udplite.service", PROTO_UDPLITE, "*", 401},
};

static struct socket_unit_table *finish(struct socket_unit_decoder *d)
{
	struct socket_unit_table *t = socket_units_finish(d);

	assert_non_null(t);
	return t;
}

static struct socket_unit_table *table_of(struct socket_unit_decoder *d,
					  const struct bundle_item *items, size_t n)
{
	uint8_t *wire = malloc(ROOM);
	size_t len = items_put(wire, ROOM, items, n);

	assert_int_equal(socket_units_decode(d, wire, len), 0);
	free(wire);
	return finish(d);
}

static struct addr address(const char *text)
{
	struct addr a = {0};

	if (strcmp(text, "*") != 0)
		assert_int_equal(addr_parse(&a, text), 0);
	return a;
}

static void assert_ports(const char *name, const struct socket_unit_table *t,
			 const struct port *expected, size_t n)
{
	if (t->n != n)
		fail_msg("%s: %zu ports, not %zu", name, t->n, n);
	for (size_t i = 0; i < n; i++) {
		const struct socket_unit_row *row = &t->rows[i];
		struct addr local = address(expected[i].local);

		assert_text(name, row->unit, expected[i].unit);
		assert_text(name, row->service, expected[i].service);
		if (row->proto != expected[i].proto || row->port != expected[i].port ||
		    !addr_equals(&row->local, &local))
			fail_msg("%s: row %zu is %s port %u", name, i,
				 socket_proto_word(row->proto), row->port);
	}
}

static void recorded_files_give_the_ports_that_systemd_told(void **state)
{
	struct fixture f = fixture_read("socket_units.bundle");
	struct socket_unit_decoder *d = socket_units_new();
	struct socket_unit_table *t;

	(void)state;
	assert_int_equal(socket_units_decode(d, f.bytes, f.len), 0);
	fixture_release(&f);
	t = finish(d);
	assert_ports("recorded", t, recorded_ports, N_OF(recorded_ports));
	table_unref(t);
	socket_units_free(d);
}

static void files_may_come_in_any_order_and_in_any_parts(void **state)
{
	struct fixture f = fixture_read("socket_units.bundle");
	struct bundle_item items[ITEMS_MAX];
	size_t n = items_of(f.bytes, f.len, items);
	static const size_t steps[] = {1, 131, 137, 149};
	struct socket_unit_decoder *d = socket_units_new();

	(void)state;
	for (size_t s = 0; s < N_OF(steps); s++) {
		struct socket_unit_table *t;

		for (size_t i = 0; i < n; i++) {
			uint8_t wire[2048];
			size_t len = items_put(wire, sizeof(wire),
					       &items[n - 1 - i * steps[s] % n], 1);

			assert_int_equal(socket_units_decode(d, wire, len), 0);
		}
		t = finish(d);
		assert_ports("shuffled", t, recorded_ports, N_OF(recorded_ports));
		table_unref(t);
	}
	socket_units_free(d);
	fixture_release(&f);
}

/* The value of one setting behind "ListenStream=80", and the one port that comes of it. */
static const struct {
	const char *lines;
	struct port port; /* port 0: none */
} setting_rows[] = {
	{"", {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"Accept=yes\n", {"a.socket", "a@.service", PROTO_TCP, "*", 80}},
	{"Accept=On\n", {"a.socket", "a@.service", PROTO_TCP, "*", 80}},
	{"Accept=1\nAccept=false\n", {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"Accept=1\nAccept=maybe\n", {"a.socket", "a@.service", PROTO_TCP, "*", 80}},
	{"Accept=yes\nService=b.service\n", {"a.socket", "a@.service", PROTO_TCP, "*", 80}},
	{"Service=b.service\n", {"a.socket", "b.service", PROTO_TCP, "*", 80}},
	{"Service=b@%i.service\n", {"a.socket", "", PROTO_TCP, "*", 80}},
	{"Service=b@%i.service\nService=c.service\n",
	 {"a.socket", "c.service", PROTO_TCP, "*", 80}},
	{"BindIPv6Only=ipv6-only\n", {"a.socket", "a.service", PROTO_TCP, "::", 80}},
	{"BindIPv6Only=both\n", {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"BindIPv6Only=ipv6-only\nBindIPv6Only=default\n",
	 {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"BindIPv6Only=ipv6-only\nListenStream=\nListenStream=1.1.1.1:81\n",
	 {"a.socket", "a.service", PROTO_TCP, "1.1.1.1", 81}},
	{"SocketProtocol=mptcp\n", {"a.socket", "a.service", PROTO_MPTCP, "*", 80}},
	{"SocketProtocol=mptcp\nSocketProtocol=\n",
	 {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"SocketProtocol=dccp\n", {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"SocketProtocol=sctp\n", {.port = 0}},
	{"SocketProtocol=udplite\n", {.port = 0}},
	{"SocketProtocol=mptcp\nListenStream=\nListenDatagram=81\n", {.port = 0}},
	{"ListenSequentialPacket=\n", {.port = 0}},
	{"ListenSequentialPacket=81\n", {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"ListenDatagram=\nListenDatagram=81\n",
	 {"a.socket", "a.service", PROTO_UDP, "*", 81}},
	{"ListenStream=\nListenStream=[fe80::1%eth0]:22\n",
	 {"a.socket", "a.service", PROTO_TCP, "fe80::1", 22}},
	{"ListenStream=\nListenStream=[fe80::1]:22%eth0\n",
	 {"a.socket", "a.service", PROTO_TCP, "fe80::1", 22}},
	{"ListenStream=%i\nListenStream=[::1]:%i\n",
	 {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"ListenStream=[%I]:81\nListenStream=%i:82\n",
	 {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"ListenStream=[::1]\nListenStream=[::1:81\n",
	 {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"ListenStream=[]:81\nListenStream=[[::1]]:81\n",
	 {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"ListenStream=:81\nListenStream=-81\n",
	 {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"[Unit\nUnit]\nListenStream=\nListenDatagram=81\n",
	 {"a.socket", "a.service", PROTO_UDP, "*", 81}},
	{"[Service]\nListenStream=81\n", {"a.socket", "a.service", PROTO_TCP, "*", 80}},
	{"[socket]\nListenStream=81\n", {"a.socket", "a.service", PROTO_TCP, "*", 80}},
};

static void a_setting_changes_the_port_as_systemd_would(void **state)
{
	struct socket_unit_decoder *d = socket_units_new();

	(void)state;
	for (size_t i = 0; i < N_OF(setting_rows); i++) {
		char content[256];
		struct bundle_item item = {.name = LIT(USR "a.socket")};
		struct socket_unit_table *t;

		snprintf(content, sizeof(content), "[Socket]\nListenStream=80\n%s",
			 setting_rows[i].lines);
		item.data = text_of(content);
		t = table_of(d, &item, 1);
		assert_ports(setting_rows[i].lines, t, &setting_rows[i].port,
			     setting_rows[i].port.port != 0);
		table_unref(t);
	}
	socket_units_free(d);
}

static const struct bundle_item odd_bytes[] = {
	ITEM(USR "a.socket", "[Socket]\nListenStream=80\nListenStream=1.2.3.4\0:81\n"
			     "ListenStream=82\0\nListenStream=\xff\nService=\0.service\n"),
	ITEM(USR "b.socket", "[Socket]\r\nListenStream=\\\r\n83\r\n"),
};

static void odd_bytes_end_neither_a_file_nor_a_value(void **state)
{
	struct socket_unit_decoder *d = socket_units_new();
	struct socket_unit_table *t = table_of(d, odd_bytes, N_OF(odd_bytes));

	(void)state;
	assert_int_equal(t->n, 2);
	assert_int_equal(t->rows[0].port, 80);
	assert_true(text_equals(t->rows[0].service, LIT("\0.service")));
	assert_int_equal(t->rows[1].port, 83);
	table_unref(t);
	socket_units_free(d);
}

static const struct bundle_item declared[] = {
	ITEM(USR "any.socket", "[Socket]\nListenStream=80\nListenDatagram=80\n"),
	ITEM(USR "exact.socket",
	     "[Socket]\nListenStream=10.0.0.5:80\nListenStream=[::1]:81\n"),
	ITEM(USR "six.socket", "[Socket]\nListenStream=82\nBindIPv6Only=ipv6-only\n"),
	ITEM(USR "multi.socket", "[Socket]\nListenStream=83\nSocketProtocol=mptcp\n"),
};

static const struct {
	enum socket_proto proto;
	const char *local;
	uint16_t port;
	const char *unit;
} find_rows[] = {
	{PROTO_TCP, "0.0.0.0", 80, "any.socket"},
	{PROTO_TCP, "::", 80, "any.socket"},
	{PROTO_UDP, "::", 80, "any.socket"},
	{PROTO_UDPLITE, "::", 80, ""},
	{PROTO_TCP, "10.0.0.5", 80, "exact.socket"},
	{PROTO_TCP, "10.0.0.6", 80, ""},
	{PROTO_TCP, "::1", 80, ""},
	{PROTO_UDP, "10.0.0.5", 80, ""},
	{PROTO_TCP, "::1", 81, "exact.socket"},
	{PROTO_TCP, "::", 81, ""},
	{PROTO_TCP, "::", 82, "six.socket"},
	{PROTO_TCP, "0.0.0.0", 82, ""},
	{PROTO_MPTCP, "::", 83, "multi.socket"},
	{PROTO_TCP, "::", 83, "multi.socket"},
	{PROTO_MPTCP, "::", 80, ""},
	{PROTO_UDP, "::", 83, ""},
	{PROTO_TCP, "::", 79, ""},
	{PROTO_TCP, "::", 65535, ""},
};

static void a_listener_belongs_to_the_unit_that_declares_it(void **state)
{
	struct socket_unit_decoder *d = socket_units_new();
	struct socket_unit_table *t = table_of(d, declared, N_OF(declared));

	(void)state;
	for (size_t i = 0; i < N_OF(find_rows); i++) {
		struct socket_row s = {
			.proto = find_rows[i].proto,
			.local = address(find_rows[i].local),
			.port = find_rows[i].port,
		};
		const struct socket_unit_row *found = socket_units_find(t, &s);

		if (!found && *find_rows[i].unit)
			fail_msg("row %zu: none", i);
		if (found)
			assert_text(find_rows[i].local, found->unit, find_rows[i].unit);
	}
	table_unref(t);
	socket_units_free(d);
}

static void an_empty_table_declares_nothing(void **state)
{
	static const struct bundle_item items[] = {PLAIN};
	struct socket_unit_decoder *d = socket_units_new();
	struct socket_row s = {.local = addr_v4("\0\0\0"), .port = 80};
	struct socket_unit_table *t = table_of(d, items, 1);
	uint8_t wire[128];

	(void)state;
	assert_non_null(socket_units_find(t, &s));
	table_unref(t);
	assert_int_equal(
		socket_units_decode(d, wire, items_put(wire, sizeof(wire), items, 1)), 0);
	socket_units_reset(d);
	t = finish(d);
	assert_int_equal(t->n, 0);
	assert_null(socket_units_find(t, &s));
	table_unref(t);
	socket_units_free(d);
	socket_units_free(NULL);
}

/* A drop-in for all sockets with many ports must not make rows without end. */
static void a_forged_tree_makes_no_more_rows_than_a_host_could(void **state)
{
	enum { N_UNITS = 500, N_PORTS = 2000 };
	static const char listen[] = "ListenStream=7\n";
	struct socket_unit_decoder *d = socket_units_new();
	char *content = calloc(1, sizeof(listen) * N_PORTS + 64), *end;
	uint8_t *wire = malloc(ROOM);
	struct bundle_item item = {.name = LIT(USR "socket.d/x.conf")};
	struct socket_unit_table *t;

	(void)state;
	end = stpcpy(content, "[Socket]\n");
	for (int i = 0; i < N_PORTS; i++)
		end = stpcpy(end, listen);
	item.data = text_of(content);
	assert_int_equal(socket_units_decode(d, wire, items_put(wire, ROOM, &item, 1)), 0);
	for (int i = 0; i < N_UNITS; i++) {
		char name[64];

		snprintf(name, sizeof(name), USR "u%d.socket", i);
		item = (struct bundle_item){.name = text_of(name), .data = LIT("x")};
		assert_int_equal(
			socket_units_decode(d, wire, items_put(wire, ROOM, &item, 1)), 0);
	}
	t = finish(d);
	assert_in_range(t->n, N_PORTS, 16384);
	table_unref(t);
	socket_units_free(d);
	free(wire);
	free(content);
}

static void files_cut_anywhere_are_refused_but_between_items(void **state)
{
	struct fixture f = fixture_read("socket_units.bundle");
	struct bundle_item items[ITEMS_MAX];
	size_t n = items_of(f.bytes, f.len, items), n_whole = 0;
	struct socket_unit_decoder *d = socket_units_new();

	(void)state;
	for (size_t cut = 0; cut <= f.len; cut++) {
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, cut, 1, &at);
		int err = socket_units_decode(d, at, cut);

		assert_true(err == 0 || err == -EBADMSG);
		n_whole += err == 0;
		free(memory);
		table_unref(finish(d));
	}
	assert_int_equal(n_whole, n + 1);
	socket_units_free(d);
	fixture_release(&f);
}

static void any_byte_may_be_wrong(void **state)
{
	struct fixture f = fixture_read("socket_units.bundle");
	struct socket_unit_decoder *d = socket_units_new();

	(void)state;
	for (size_t i = 0; i < f.len; i += stride(7)) {
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, f.len, 0, &at);
		struct socket_unit_table *t;

		at[i] ^= (uint8_t)(1 + i % 255);
		(void)socket_units_decode(d, at, f.len);
		free(memory);
		t = finish(d);
		for (size_t k = 0; k < t->n; k++) {
			assert_int_not_equal(t->rows[k].port, 0);
			assert_false(text_is_empty(t->rows[k].unit));
		}
		table_unref(t);
	}
	socket_units_free(d);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_files_give_the_ports_that_systemd_told),
		cmocka_unit_test(files_may_come_in_any_order_and_in_any_parts),
		cmocka_unit_test(a_setting_changes_the_port_as_systemd_would),
		cmocka_unit_test(odd_bytes_end_neither_a_file_nor_a_value),
		cmocka_unit_test(a_listener_belongs_to_the_unit_that_declares_it),
		cmocka_unit_test(an_empty_table_declares_nothing),
		cmocka_unit_test(a_forged_tree_makes_no_more_rows_than_a_host_could),
		cmocka_unit_test(files_cut_anywhere_are_refused_but_between_items),
		cmocka_unit_test(any_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
