/* Connections find the listener they came through: recorded ones, and rule by rule. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/sockets/connections.h"
#include "core/sockets/diag.h"
#include "tests/unit/fixture.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Who accepted the recorded connections, as the program that made them saw it. */
static const struct {
	const char *local;
	uint16_t port;
	uint32_t ifindex;
	const char *listener; /* its address, NULL: none */
} recorded[] = {
	{"127.0.0.1", 22, 0, "0.0.0.0"},
	{"::1", 22, 0, "::"},
	{"::1", 80, 0, "::"},
	{"::ffff:127.0.0.1", 80, 0, "::"},
	{"::ffff:127.0.0.1", 443, 0, "::"},
	{"::ffff:127.0.0.1", 3306, 0, "::ffff:127.0.0.1"},
	{"127.0.0.1", 6379, 0, "127.0.0.1"},
	{"127.0.0.1", 8080, 0, "127.0.0.1"},
	{"127.0.0.2", 8080, 1, "0.0.0.0"},
	{"127.0.0.1", 36940, 0, NULL},
};

static const uint16_t recorded_ports[] = {22, 80, 443, 3306, 6379, 8080, 36940};

/*
 * At most three listeners on port 80 and an end there: "ADDRESS", then "%DEVICE", "!" for
 * v6only, "?" for not known. The kernel was seen to accept just so.
 */
static const struct {
	const char *what;
	const char *listeners[3];
	const char *end;
	int listener; /* index into listeners, -1: none */
} joins[] = {
	{"dual-stack, v4 client", {"::"}, "::ffff:10.0.0.1", 0},
	{"dual-stack, v6 client", {"::"}, "2001:db8::1", 0},
	{"dual-stack or not is unknown", {"::?"}, "::ffff:10.0.0.1", 0},
	{"v6only, v4 end", {"::!"}, "10.0.0.1", -1},
	{"v6only, mapped end", {"::!"}, "::ffff:10.0.0.1", -1},
	{"v6only, v6 client", {"::!"}, "2001:db8::1", 0},
	{"twins, v4 client", {"0.0.0.0", "::!"}, "10.0.0.1", 0},
	{"twins, v6 client", {"0.0.0.0", "::!"}, "::1", 1},
	{"both take v4, v4 end", {"0.0.0.0", "::"}, "10.0.0.1", 0},
	{"both take v4, mapped end", {"0.0.0.0", "::"}, "::ffff:10.0.0.1", 1},
	{"v4 listener, mapped end", {"0.0.0.0"}, "::ffff:10.0.0.1", -1},
	{"v4 listener, v6 end", {"0.0.0.0"}, "::1", -1},
	{"turned v4 by IPV6_ADDRFORM", {"::"}, "10.0.0.1", 0},
	{"own family beats mapped exact", {"0.0.0.0", "::ffff:10.0.0.1"}, "10.0.0.1", 0},
	{"turned v4, exact", {"::", "::ffff:10.0.0.1"}, "10.0.0.1", 1},
	{"exact beats any", {"0.0.0.0", "10.0.0.1"}, "10.0.0.1", 1},
	{"any takes the rest", {"0.0.0.0", "10.0.0.1"}, "10.0.0.2", 0},
	{"other address", {"10.0.0.1"}, "10.0.0.2", -1},
	{"mapped exact beats dual", {"::", "::ffff:10.0.0.1"}, "::ffff:10.0.0.1", 1},
	{"mapped exact, another", {"::", "::ffff:10.0.0.1"}, "::ffff:10.0.0.2", 0},
	{"mapped any, v4 client", {"::ffff:0.0.0.0"}, "::ffff:10.0.0.2", 0},
	{"mapped any, v6 client", {"::ffff:0.0.0.0"}, "::1", -1},
	{"own device", {"0.0.0.0", "0.0.0.0%2"}, "10.0.0.1%2", 1},
	{"no device", {"0.0.0.0", "0.0.0.0%2"}, "10.0.0.1", 0},
	{"other device", {"0.0.0.0%2", "0.0.0.0%3"}, "10.0.0.1%3", 1},
	{"device without a listener", {"0.0.0.0%2"}, "10.0.0.1%3", -1},
	{"bound, end is not", {"0.0.0.0%2"}, "10.0.0.1", -1},
	{"link-local, unbound listener", {"::"}, "fe80::1%2", 0},
	{"exact beats device", {"0.0.0.0%2", "10.0.0.1"}, "10.0.0.1", 1},
	{"exact beats device, link-local peer",
	 {"::%3", "2001:db8::1"},
	 "2001:db8::1%3",
	 1},
	{"reuseport: the first", {"::", "::", "::"}, "::1", 0},
	{"no listener", {NULL}, "10.0.0.1", -1},
};

static struct socket_table *recorded_listeners(void)
{
	static const struct {
		const char *file;
		enum socket_proto proto;
	} answers[] = {{"diag-tcp-listen-v4.bin", PROTO_TCP},
		       {"diag-tcp-listen-v6.bin", PROTO_TCP},
		       {"diag-mptcp-listen-v6.bin", PROTO_MPTCP}};
	struct diag_decoder d;
	struct socket_table *t;

	diag_init(&d);
	for (size_t i = 0; i < N_OF(answers); i++) {
		struct fixture f = fixture_read(answers[i].file);

		assert_int_equal(diag_decode(&d, answers[i].proto, f.bytes, f.len), 0);
		fixture_release(&f);
	}
	t = diag_finish(&d);
	assert_non_null(t);
	diag_release(&d);
	return t;
}

static struct connection_table *recorded_connections(void)
{
	static const char *const files[] = {"diag-tcp-connections-v4.bin",
					    "diag-tcp-connections-v6.bin"};
	uint8_t ports[8192] = {0};
	struct connection_counter *c;
	struct connection_table *t;

	for (size_t i = 0; i < N_OF(recorded_ports); i++)
		ports[recorded_ports[i] / 8] |= (uint8_t)(1 << recorded_ports[i] % 8);
	c = connections_new(ports);
	assert_non_null(c);
	for (size_t i = 0; i < N_OF(files); i++) {
		struct fixture f = fixture_read(files[i]);

		assert_int_equal(connections_decode(c, f.bytes, f.len), 0);
		fixture_release(&f);
	}
	t = connections_finish(c);
	assert_non_null(t);
	connections_free(c);
	return t;
}

static void each_recorded_connection_finds_the_listener_that_accepted_it(void **state)
{
	struct socket_table *listeners = recorded_listeners();
	struct connection_table *t = recorded_connections();

	(void)state;
	assert_int_equal(t->n, N_OF(recorded));
	for (size_t i = 0; i < t->n; i++) {
		long at = connections_listener(listeners, &t->rows[i]);
		const struct socket_row *row;
		char text[ADDR_TEXT_MAX];

		assert_string_equal(addr_format(&t->rows[i].local, text),
				    recorded[i].local);
		assert_int_equal(t->rows[i].port, recorded[i].port);
		if (!recorded[i].listener) {
			assert_int_equal(at, -1);
			continue;
		}
		assert_in_range(at, 0, listeners->n - 1);
		row = &listeners->rows[at];
		assert_string_equal(addr_format(&row->local, text), recorded[i].listener);
		assert_int_equal(row->port, recorded[i].port);
		assert_int_equal(row->ifindex, recorded[i].ifindex);
		assert_int_equal(row->proto, PROTO_TCP);
	}
	table_unref(t);
	table_unref(listeners);
}

/* A place of the table above: its address and device; the rest of it is returned. */
static const char *parse_place(const char *text, struct addr *local, uint32_t *ifindex)
{
	char address[ADDR_TEXT_MAX] = "";
	size_t n = strcspn(text, "%!?");

	assert_in_range(n, 1, sizeof(address) - 1);
	memcpy(address, text, n);
	assert_int_equal(addr_parse(local, address), 0);
	*ifindex = 0;
	if (text[n] != '%')
		return text + n;
	*ifindex = (uint32_t)(text[n + 1] - '0');
	return text + n + 2;
}

static void push_listener(struct vec *rows, const char *text, uint16_t port, size_t number)
{
	struct socket_row *r = vec_push(rows);
	const char *rest;

	assert_non_null(r);
	rest = parse_place(text, &r->local, &r->ifindex);
	r->v6only = *rest == '!' ? TRI_YES : *rest == '?' ? TRI_UNSURE : TRI_NO;
	r->family = r->local.family;
	r->port = port;
	r->proto = port == 81 ? PROTO_UDP : PROTO_TCP;
	r->cookie = (uint64_t)port * 10 + number;
}

/* The listeners of a row, between others of near ports and of UDP. */
static struct socket_table *table_of(size_t row)
{
	struct vec rows = VEC_OF(struct socket_row);
	struct socket_table *t;

	for (uint16_t port = 79; port <= 81; port++) {
		for (size_t i = 0; i < 3 && joins[row].listeners[i]; i++)
			push_listener(&rows, joins[row].listeners[i], port, i);
	}
	t = socket_table_new(&rows, false);
	assert_non_null(t);
	vec_release(&rows);
	return t;
}

static void ends_are_joined_by_the_rules_of_the_kernel(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(joins); i++) {
		struct socket_table *t = table_of(i);
		struct connection_group g = {.port = 80};
		long at, found;

		parse_place(joins[i].end, &g.local, &g.ifindex);
		at = connections_listener(t, &g);
		found = at < 0 ? -1 : (long)t->rows[at].cookie - 800;
		if (found != joins[i].listener)
			fail_msg("%s: %ld", joins[i].what, found);
		table_unref(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_recorded_connection_finds_the_listener_that_accepted_it),
		cmocka_unit_test(ends_are_joined_by_the_rules_of_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
