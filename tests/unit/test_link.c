/* Endpoints: where they listen and how it is said, connections, names, order, identity. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/time.h"
#include "tests/unit/by_hand.h"

#define TCP   PROTO_TCP
#define UDP   PROTO_UDP
#define V6    .v6only = TRI_YES
#define DOUBT .v6only = TRI_UNSURE

/* eth0 (2) 10.0.0.5/24 and fe80::5, eth1 (3) fe80::5 too, lo (1); AnyIP 10.9.0.0/16. */
static void give_network(struct space *space)
{
	static const struct {
		const char *address;
		uint8_t prefix_len;
		uint32_t ifindex;
	} addresses[] = {
		{"10.0.0.5", 24, 2},    {"127.0.0.1", 8, 1}, {"::1", 128, 1},
		{"2001:db8::5", 64, 2}, {"fe80::5", 64, 2},  {"fe80::5", 64, 3},
		{"fe80::6", 64, 3},
	};
	static const char *const names[] = {"lo", "eth0", "eth1", "\x1b]0;x"};

	space->links = table_new(sizeof(*space->links), NULL);
	space->links->rows =
		arena_alloc(&space->links->head.arena, 8 * sizeof(struct link_row));
	for (uint32_t i = 0; i < N_OF(names); i++) {
		space->links->rows[space->links->n++] =
			(struct link_row){.ifindex = i + 1, .name = text_of(names[i])};
	}
	space->addresses = table_new(sizeof(*space->addresses), NULL);
	space->addresses->rows =
		arena_alloc(&space->addresses->head.arena, 8 * sizeof(struct address_row));
	for (size_t i = 0; i < N_OF(addresses); i++) {
		space->addresses->rows[space->addresses->n++] = (struct address_row){
			.local = hand_addr(addresses[i].address),
			.prefix_len = addresses[i].prefix_len,
			.ifindex = addresses[i].ifindex,
		};
	}
	space->local_routes = table_new(sizeof(*space->local_routes), NULL);
	space->local_routes->rows = arena_alloc(&space->local_routes->head.arena,
						sizeof(struct local_route_row));
	space->local_routes->rows[0] =
		(struct local_route_row){hand_addr("10.9.0.0"), 16, 1};
	space->local_routes->n = 1;
}

static const struct {
	struct hand_socket sockets[3];
	const char *scope, *words;
} place_rows[] = {
	{{SOCK(TCP, "0.0.0.0", 80, 1)}, "any-v4", "any v4"},
	{{SOCK(TCP, "::", 80, 1)}, "any", "any v4+v6"},
	{{SOCK(TCP, "::", 80, 1, V6)}, "any-v6", "any v6"},
	{{SOCK(TCP, "::", 80, 1, DOUBT)}, "any", "any v6, v4 not known"},
	{{SOCK(TCP, "::", 80, 1, V6), SOCK(TCP, "0.0.0.0", 80, 2)}, "any", "any v4+v6"},
	{{SOCK(TCP, "::", 80, 1, DOUBT), SOCK(TCP, "0.0.0.0", 80, 2)}, "any", "any v4+v6"},
	{{SOCK(TCP, "::ffff:0.0.0.0", 80, 1)}, "any-v4", "any v4"},
	{{SOCK(TCP, "0.0.0.0", 80, 1, .ifindex = 3)}, "any-v4", "any v4 via eth1"},
	{{SOCK(TCP, "::", 80, 1, .ifindex = 3)}, "any", "any v4+v6 via eth1"},
	{{SOCK(TCP, "::", 80, 1, .ifindex = 9)}, "any", "any v4+v6 via interface 9"},
	{{SOCK(TCP, "::", 80, 1, .ifindex = 4)}, "any", "any v4+v6 via \\x1b]0;x"},
	{{SOCK(TCP, "127.0.0.1", 80, 1)}, "loopback", "this host only"},
	{{SOCK(TCP, "::1", 80, 1)}, "loopback", "this host only"},
	{{SOCK(TCP, "127.0.0.1", 80, 1), SOCK(TCP, "::1", 80, 2)},
	 "loopback",
	 "this host only"},
	{{SOCK(TCP, "::ffff:127.0.0.1", 80, 1)}, "loopback", "this host only"},
	{{SOCK(UDP, "127.0.0.53", 53, 1)}, "loopback", "this host only (127.0.0.53)"},
	{{SOCK(UDP, "127.0.0.53", 53, 1, .ifindex = 1)},
	 "loopback",
	 "this host only (127.0.0.53) via lo"},
	{{SOCK(TCP, "10.0.0.5", 80, 1)}, "address", "10.0.0.5 (eth0)"},
	{{SOCK(TCP, "::ffff:10.0.0.5", 80, 1)}, "address", "10.0.0.5 (eth0)"},
	{{SOCK(TCP, "2001:db8::5", 80, 1)}, "address", "2001:db8::5 (eth0)"},
	{{SOCK(TCP, "10.0.0.5", 80, 1, .ifindex = 2)}, "address", "10.0.0.5 (eth0)"},
	{{SOCK(TCP, "10.0.0.5", 80, 1, .ifindex = 3)},
	 "address",
	 "10.0.0.5 (eth0) via eth1"},
	{{SOCK(TCP, "10.9.1.1", 80, 1)}, "address", "10.9.1.1"},
	{{SOCK(TCP, "10.9.1.1", 80, 1, .ifindex = 2)}, "address", "10.9.1.1 (eth0)"},
	{{SOCK(TCP, "10.8.8.8", 80, 1)}, "absent", "10.8.8.8 (not on this host)"},
	{{SOCK(TCP, "10.8.8.8", 80, 1, .ifindex = 2)},
	 "absent",
	 "10.8.8.8 (not on this host) via eth0"},
	{{SOCK(TCP, "2001:db8::6", 80, 1)}, "absent", "2001:db8::6 (not on this host)"},
	{{SOCK(UDP, "224.0.0.251", 5353, 1)}, "address", "224.0.0.251 (multicast)"},
	{{SOCK(UDP, "ff02::fb", 5353, 1, .ifindex = 2)},
	 "address",
	 "ff02::fb (multicast) via eth0"},
	{{SOCK(UDP, "10.0.0.255", 137, 1)}, "address", "10.0.0.255 (broadcast)"},
	{{SOCK(UDP, "255.255.255.255", 67, 1)}, "address", "255.255.255.255 (broadcast)"},
	{{SOCK(UDP, "fe80::5", 546, 1, .ifindex = 3)}, "address", "fe80::5 (eth1)"},
	{{SOCK(UDP, "fe80::5", 546, 1)}, "address", "fe80::5"},
	{{SOCK(UDP, "fe80::6", 546, 1)}, "address", "fe80::6 (eth1)"},
};

static void check_place(size_t i, const struct endpoint *e)
{
	struct str out = {0};

	assert_int_equal(endpoint_listens_on(&out, e), 0);
	if (strcmp(str_text(&out), place_rows[i].words) != 0 ||
	    strcmp(scope_word(e->scope), place_rows[i].scope) != 0)
		fail_msg("row %zu: %s \"%s\", not %s \"%s\"", i, scope_word(e->scope),
			 str_text(&out), place_rows[i].scope, place_rows[i].words);
	str_release(&out);
}

static void an_endpoint_says_where_it_listens(void **state)
{
	static const struct hand_process processes[] = {PROC(10, 1, "a"), {0}};
	static const struct hand_link links[] = {{1, 10, 3}, {2, 10, 4}, {0, 0, 0}};

	(void)state;
	for (size_t i = 0; i < N_OF(place_rows); i++) {
		struct snapshot *s = hand_snapshot();

		give_network(&s->spaces[0]);
		hand_sockets(&s->spaces[0], place_rows[i].sockets);
		s->owners = hand_owners(processes, links);
		assert_int_equal(snapshot_link(s, NULL), 0);
		assert_int_equal(s->n_endpoints, 1);
		check_place(i, &s->endpoints[0]);
		table_unref(s);
	}
}

static void without_addresses_nothing_is_called_absent(void **state)
{
	static const struct hand_socket sockets[] = {SOCK(TCP, "10.8.8.8", 80, 1), {0}};
	struct snapshot *s = hand_snapshot();
	struct str out = {0};

	(void)state;
	hand_sockets(&s->spaces[0], sockets);
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->endpoints[0].scope, SCOPE_ADDRESS);
	endpoint_listens_on(&out, &s->endpoints[0]);
	assert_string_equal(str_text(&out), "10.8.8.8");
	str_release(&out);
	table_unref(s);
}

static struct connection_table *connections(const struct connection_group *groups, size_t n)
{
	struct connection_table *t = table_new(sizeof(*t), NULL);

	t->rows = arena_alloc(&t->head.arena, n * sizeof(*groups));
	memcpy(t->rows, groups, n * sizeof(*groups));
	t->n = n;
	return t;
}

static void connections_are_counted_at_their_listener(void **state)
{
	static const struct hand_socket sockets[] = {
		SOCK(TCP, "0.0.0.0", 80, 1),  SOCK(TCP, "::", 80, 2, V6),
		SOCK(TCP, "10.0.0.5", 80, 3), SOCK(TCP, "::", 443, 4),
		SOCK(UDP, "::", 443, 5),      {0}};
	static const struct hand_process processes[] = {PROC(10, 1, "a"), {0}};
	static const struct hand_link links[] = {{1, 10, 3}, {2, 10, 4}, {0, 0, 0}};
	const struct connection_group groups[] = {
		{hand_addr("10.0.0.5"), 80, 0, {[1] = 1, [8] = 2}},
		{hand_addr("10.0.0.6"), 80, 0, {[1] = 10}},
		{hand_addr("2001:db8::5"), 80, 0, {[1] = 20}},
		{hand_addr("10.0.0.5"), 99, 0, {[1] = 500}},
		{hand_addr("::ffff:10.0.0.5"), 443, 0, {[1] = 100, [3] = 7}},
	};
	struct snapshot *s = hand_snapshot();

	(void)state;
	hand_sockets(&s->spaces[0], sockets);
	s->owners = hand_owners(processes, links);
	s->spaces[0].connections = connections(groups, N_OF(groups));
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->n_endpoints, 4);
	assert_int_equal(s->endpoints[0].scope, SCOPE_ANY);
	assert_int_equal(s->endpoints[0].connections[1], 30);
	assert_int_equal(s->endpoints[1].connections[1], 1);
	assert_int_equal(s->endpoints[1].connections[8], 2);
	assert_int_equal(s->endpoints[2].connections[1], 100);
	assert_int_equal(s->endpoints[2].connections[3], 7);
	assert_true(s->endpoints[2].has_connections);
	assert_int_equal(s->endpoints[3].proto, UDP);
	assert_false(s->endpoints[3].has_connections);
	table_unref(s);
}

static void an_endpoint_keeps_its_id_when_owners_and_twins_arrive(void **state)
{
	static const struct hand_socket one[] = {SOCK(TCP, "::", 80, 9, V6), {0}};
	static const struct hand_socket two[] = {
		SOCK(TCP, "::", 80, 9, V6), SOCK(TCP, "0.0.0.0", 80, 3), {0}};
	static const struct hand_process processes[] = {PROC(10, 1, "a"), {0}};
	static const struct hand_link links[] = {{9, 10, 3}, {3, 10, 4}, {0, 0, 0}};
	struct snapshot *first = hand_snapshot(), *then = hand_snapshot();

	(void)state;
	hand_sockets(&first->spaces[0], one);
	hand_sockets(&then->spaces[0], two);
	then->owners = hand_owners(processes, links);
	assert_int_equal(snapshot_link(first, NULL), 0);
	assert_int_equal(snapshot_link(then, NULL), 0);
	assert_int_equal(then->n_endpoints, 1);
	assert_true(first->endpoints[0].id == then->endpoints[0].id);
	table_unref(first);
	table_unref(then);
}

static void rows_stand_by_port_protocol_scope_address_and_cookie(void **state)
{
	static const struct hand_socket sockets[] = {
		SOCK(UDP, "10.0.0.9", 53, 1),  SOCK(UDP, "0.0.0.0", 53, 8),
		SOCK(UDP, "0.0.0.0", 53, 2),   SOCK(TCP, "10.0.0.9", 53, 4),
		SOCK(TCP, "127.0.0.1", 53, 5), SOCK(TCP, "10.0.0.10", 53, 6),
		SOCK(TCP, "10.0.0.9", 22, 7),  {0}};
	static const uint32_t order[] = {7, 5, 4, 6, 2, 8, 1};
	struct snapshot *s = hand_snapshot();

	(void)state;
	hand_sockets(&s->spaces[0], sockets);
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->n_endpoints, N_OF(order));
	for (size_t i = 0; i < N_OF(order); i++)
		assert_int_equal(s->endpoints[i].sockets[0]->inode, order[i]);
	table_unref(s);
}

static void names_times_and_ranges_come_from_the_host(void **state)
{
	static const struct hand_socket sockets[] = {
		SOCK(TCP, "::", 22, 1, .uid = 33), SOCK(TCP, "::", 40000, 2), {0}};
	static const struct hand_process processes[] = {
		PROC(10, 50000000250, "sshd", .exe_deleted = true),
		PROC(11, UINT64_MAX, "odd"),
		{0}};
	static const struct hand_link links[] = {{1, 10, 3}, {2, 11, 3}, {0, 0, 0}};
	struct snapshot *s = hand_snapshot();
	const struct endpoint *e;

	(void)state;
	hand_sockets(&s->spaces[0], sockets);
	s->host = hand_host();
	s->owners = hand_owners(processes, links);
	s->port_names = port_names_parse(text_of("ssh 22/tcp\n"));
	s->users = users_parse(text_of("www-data:x:33:33::/:/bin/sh\n"));
	s->spaces[0].facts = table_new(sizeof(struct net_facts), NULL);
	s->spaces[0].facts->local_port_low = 32768;
	s->spaces[0].facts->local_port_high = 60999;
	s->boot_ns = INT64_C(500000005) * NS_PER_S;
	assert_int_equal(snapshot_link(s, NULL), 0);
	e = s->endpoints;
	assert_true(text_equals_str(e[0].service, "ssh"));
	assert_true(text_equals_str(e[0].user, "www-data"));
	assert_true(e[0].is_exe_deleted);
	assert_false(e[0].is_ephemeral);
	assert_true(e[0].started_boot_ns == INT64_C(500000002500000000));
	assert_true(endpoint_up_ns(s, &e[0]) == INT64_C(2500000000));
	assert_true(e[1].is_ephemeral);
	assert_true(text_is_empty(e[1].user));
	assert_int_equal(e[1].started_boot_ns, 0);
	assert_int_equal(endpoint_up_ns(s, &e[1]), 0);
	table_unref(s);
}

static void an_empty_snapshot_links(void **state)
{
	struct snapshot *s = snapshot_new();

	(void)state;
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->n_endpoints, 0);
	assert_string_equal(snapshot_view_word(s), "none");
	table_unref(s);
	queue_history_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_endpoint_says_where_it_listens),
		cmocka_unit_test(without_addresses_nothing_is_called_absent),
		cmocka_unit_test(connections_are_counted_at_their_listener),
		cmocka_unit_test(an_endpoint_keeps_its_id_when_owners_and_twins_arrive),
		cmocka_unit_test(rows_stand_by_port_protocol_scope_address_and_cookie),
		cmocka_unit_test(names_times_and_ranges_come_from_the_host),
		cmocka_unit_test(an_empty_snapshot_links),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
