/* Interfaces, addresses and local routes: recorded dumps, and what is asked of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "core/network/addresses.h"
#include "core/network/links.h"
#include "tests/unit/fixture.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct link_table *recorded_links(size_t shift)
{
	struct fixture f = fixture_read("links.bin");
	uint8_t *at;
	void *memory = fixture_copy(f.bytes, f.len, shift, &at);
	struct link_decoder d;
	struct link_table *t;

	links_init(&d);
	assert_int_equal(links_decode(&d, at, f.len), 0);
	t = links_finish(&d);
	assert_non_null(t);
	links_release(&d);
	free(memory);
	fixture_release(&f);
	return t;
}

static struct address_table *recorded_addresses(const char *const *files, size_t n)
{
	struct address_decoder d;
	struct address_table *t;

	addresses_init(&d);
	for (size_t i = 0; i < n; i++) {
		struct fixture f = fixture_read(files[i]);

		assert_int_equal(addresses_decode(&d, f.bytes, f.len), 0);
		fixture_release(&f);
	}
	t = addresses_finish(&d);
	assert_non_null(t);
	addresses_release(&d);
	return t;
}

static const char *const address_files[] = {"addresses-v6.bin", "addresses-v4.bin"};

static struct local_route_table *recorded_routes(void)
{
	static const char *const files[] = {"local-routes-v6.bin", "local-routes-v4.bin"};
	struct local_route_decoder d;
	struct local_route_table *t;

	local_routes_init(&d);
	for (size_t i = 0; i < N_OF(files); i++) {
		struct fixture f = fixture_read(files[i]);

		assert_int_equal(local_routes_decode(&d, f.bytes, f.len), 0);
		fixture_release(&f);
	}
	t = local_routes_finish(&d);
	assert_non_null(t);
	local_routes_release(&d);
	return t;
}

static struct addr addr_of(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text), 0);
	return a;
}

static const struct {
	uint32_t ifindex;
	const char *name, *kind;
	uint32_t master;
} link_rows[] = {
	{1, "lo", "", 0},
	{2, "br0", "bridge", 0},
	{3, "veth1", "veth", 2},
	{4, "veth0", "veth", 0},
};

static void recorded_links_become_rows_by_index(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		struct link_table *t = recorded_links(shift);

		assert_int_equal(t->n, N_OF(link_rows));
		for (size_t i = 0; i < t->n; i++) {
			const struct link_row *row = &t->rows[i];

			assert_int_equal(row->ifindex, link_rows[i].ifindex);
			assert_true(text_equals_str(row->name, link_rows[i].name));
			assert_true(text_equals_str(row->kind, link_rows[i].kind));
			assert_int_equal(row->master, link_rows[i].master);
			assert_true(row->flags & IFF_UP);
			assert_int_equal(!!(row->flags & IFF_LOOPBACK), i == 0);
			assert_ptr_equal(links_find(t, row->ifindex), row);
		}
		assert_null(links_find(t, 0));
		assert_null(links_find(t, 5));
		table_unref(t);
	}
}

static void a_link_told_twice_is_one_row(void **state)
{
	struct fixture f = fixture_read("links.bin");
	struct link_decoder d;
	struct link_table *t;

	(void)state;
	links_init(&d);
	assert_int_equal(links_decode(&d, f.bytes, f.len), 0);
	assert_int_equal(links_decode(&d, f.bytes, f.len), 0);
	t = links_finish(&d);
	assert_non_null(t);
	assert_int_equal(t->n, N_OF(link_rows));
	table_unref(t);
	links_release(&d);
	fixture_release(&f);
}

static const struct {
	const char *local;
	uint8_t prefix_len, scope;
	uint32_t ifindex;
	bool is_secondary;
} address_rows[] = {
	{"10.0.0.1", 32, RT_SCOPE_UNIVERSE, 2, false},
	{"127.0.0.1", 8, RT_SCOPE_HOST, 1, false},
	{"192.0.2.10", 24, RT_SCOPE_UNIVERSE, 4, false},
	{"192.0.2.11", 24, RT_SCOPE_UNIVERSE, 4, true},
	{"198.51.100.1", 32, RT_SCOPE_UNIVERSE, 1, false},
	{"::1", 128, RT_SCOPE_HOST, 1, false},
	{"2001:db8::10", 64, RT_SCOPE_UNIVERSE, 4, false},
	{"fe80::ff:fe00:1", 64, RT_SCOPE_LINK, 4, false},
	{"fe80::ff:fe00:2", 64, RT_SCOPE_LINK, 3, false},
	{"fe80::ff:fe00:10", 64, RT_SCOPE_LINK, 2, false},
};

static void recorded_addresses_become_rows_and_a_peer_is_not_ours(void **state)
{
	struct address_table *t = recorded_addresses(address_files, N_OF(address_files));

	(void)state;
	assert_int_equal(t->n, N_OF(address_rows));
	for (size_t i = 0; i < t->n; i++) {
		const struct address_row *row = &t->rows[i];
		char local[ADDR_TEXT_MAX];

		assert_string_equal(addr_format(&row->local, local), address_rows[i].local);
		assert_int_equal(row->prefix_len, address_rows[i].prefix_len);
		assert_int_equal(row->scope, address_rows[i].scope);
		assert_int_equal(row->ifindex, address_rows[i].ifindex);
		assert_int_equal(!!(row->flags & IFA_F_SECONDARY),
				 address_rows[i].is_secondary);
		assert_true(row->flags & IFA_F_PERMANENT);
		assert_int_equal(address_ifindex(t, &row->local), row->ifindex);
	}
	table_unref(t);
}

static const struct {
	const char *prefix;
	uint8_t prefix_len;
	uint32_t ifindex;
} route_rows[] = {
	{"10.0.0.1", 32, 2},          {"127.0.0.0", 8, 1},
	{"127.0.0.1", 32, 1},         {"192.0.2.10", 32, 4},
	{"192.0.2.11", 32, 4},        {"198.51.100.1", 32, 1},
	{"203.0.113.0", 24, 1},       {"::1", 128, 1},
	{"2001:db8::10", 128, 4},     {"2001:db8:a::", 48, 1},
	{"fe80::ff:fe00:1", 128, 4},  {"fe80::ff:fe00:2", 128, 3},
	{"fe80::ff:fe00:10", 128, 2},
};

static void of_recorded_routes_only_local_ones_are_kept(void **state)
{
	struct local_route_table *t = recorded_routes();

	(void)state;
	assert_int_equal(t->n, N_OF(route_rows));
	for (size_t i = 0; i < t->n; i++) {
		char prefix[ADDR_TEXT_MAX];

		assert_string_equal(addr_format(&t->rows[i].prefix, prefix),
				    route_rows[i].prefix);
		assert_int_equal(t->rows[i].prefix_len, route_rows[i].prefix_len);
		assert_int_equal(t->rows[i].ifindex, route_rows[i].ifindex);
	}
	table_unref(t);
}

static const struct {
	const char *address;
	bool is_assigned; /* an address row has it */
	bool is_routed;   /* a local route has it */
	uint32_t ifindex;
} here_rows[] = {
	{"192.0.2.10", true, true, 4},       {"::ffff:192.0.2.10", true, true, 4},
	{"10.0.0.2", false, false, 0},       {"127.0.0.53", false, true, 0},
	{"203.0.113.77", false, true, 0},    {"203.0.114.1", false, false, 0},
	{"2001:db8::10", true, true, 4},     {"2001:db8::11", false, false, 0},
	{"2001:db8:a:1::9", false, true, 0}, {"192.0.2.255", false, false, 0},
	{"ff02::1", false, false, 0},
};

static void
an_address_is_here_by_assignment_or_route_and_not_only_if_both_say_so(void **state)
{
	struct address_table *t = recorded_addresses(address_files, N_OF(address_files));
	struct local_route_table *routes = recorded_routes();

	(void)state;
	for (size_t i = 0; i < N_OF(here_rows); i++) {
		struct addr a = addr_of(here_rows[i].address);
		bool is_assigned = here_rows[i].is_assigned,
		     is_routed = here_rows[i].is_routed;

		assert_int_equal(address_is_here(t, routes, &a),
				 is_assigned || is_routed ? TRI_YES : TRI_NO);
		assert_int_equal(address_is_here(t, NULL, &a),
				 is_assigned ? TRI_YES : TRI_UNSURE);
		assert_int_equal(address_is_here(NULL, routes, &a),
				 is_routed ? TRI_YES : TRI_UNSURE);
		assert_int_equal(address_is_here(NULL, NULL, &a), TRI_UNSURE);
		assert_int_equal(address_ifindex(t, &a), here_rows[i].ifindex);
	}
	table_unref(t);
	table_unref(routes);
}

static struct address_row network(const char *local, uint8_t prefix_len, uint32_t ifindex)
{
	return (struct address_row){
		.local = addr_of(local), .prefix_len = prefix_len, .ifindex = ifindex};
}

static void a_broadcast_address_is_the_last_of_a_network_here(void **state)
{
	static const struct {
		const char *address;
		uint32_t on;
		bool is_broadcast;
	} rows[] = {
		{"255.255.255.255", 0, true}, {"255.255.255.255", 9, true},
		{"192.0.2.255", 0, true},     {"192.0.2.255", 2, true},
		{"192.0.2.255", 3, false},    {"192.0.2.10", 0, false},
		{"192.0.2.0", 0, false},      {"10.0.0.63", 3, true},
		{"10.0.0.255", 0, false},     {"198.51.100.1", 0, false},
		{"203.0.113.9", 0, false},    {"2001:db8::ffff", 0, false},
	};
	struct address_row networks[] = {
		network("192.0.2.10", 24, 2),
		network("10.0.0.5", 26, 3),
		/* Neither a network of two nor of one has such an address. */
		network("198.51.100.0", 31, 2),
		network("203.0.113.9", 32, 2),
		network("2001:db8::1", 112, 2),
	};
	struct address_table t = {.rows = networks, .n = N_OF(networks)};
	struct addr everywhere = addr_of("255.255.255.255"), near = addr_of("192.0.2.255");

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct addr a = addr_of(rows[i].address);

		if (address_is_broadcast(&t, &a, rows[i].on) != rows[i].is_broadcast)
			fail_msg("%s on %u", rows[i].address, rows[i].on);
	}
	assert_true(address_is_broadcast(NULL, &everywhere, 0));
	assert_false(address_is_broadcast(NULL, &near, 0));
}

/* At most three addresses, and which is shown. */
static const struct {
	const char *what;
	struct {
		const char *local;
		uint32_t ifindex;
		uint8_t scope;
		uint32_t flags;
	} addresses[3];
	const char *shown; /* NULL: none */
} primary_rows[] = {
	{"nothing", {{NULL, 0, 0, 0}}, NULL},
	{"v4 before v6", {{"2001:db8::1", 2, 0, 0}, {"192.0.2.1", 3, 0, 0}}, "192.0.2.1"},
	{"v6 alone",
	 {{"::1", 1, RT_SCOPE_HOST, 0}, {"2001:db8::1", 2, 0, 0}},
	 "2001:db8::1"},
	{"lowest interface",
	 {{"172.17.0.1", 3, 0, 0}, {"192.0.2.1", 2, 0, 0}},
	 "192.0.2.1"},
	{"not secondary",
	 {{"192.0.2.1", 2, 0, IFA_F_SECONDARY}, {"192.0.2.9", 2, 0, 0}},
	 "192.0.2.9"},
	{"secondary if alone", {{"192.0.2.1", 2, 0, IFA_F_SECONDARY}}, "192.0.2.1"},
	{"not on loopback",
	 {{"198.51.100.1", 1, 0, 0}, {"192.0.2.9", 2, 0, 0}},
	 "192.0.2.9"},
	{"loopback alone",
	 {{"198.51.100.1", 1, 0, 0}, {"127.0.0.1", 1, RT_SCOPE_HOST, 0}},
	 NULL},
	{"127/8 elsewhere", {{"127.0.0.2", 2, 0, 0}}, NULL},
	{"link-local alone", {{"fe80::1", 2, RT_SCOPE_LINK, 0}}, NULL},
	{"a duplicate", {{"2001:db8::1", 2, 0, IFA_F_DADFAILED}}, NULL},
	{"tentative", {{"2001:db8::1", 2, 0, IFA_F_TENTATIVE}}, NULL},
};

static void the_shown_address_is_global_in_use_and_not_on_loopback(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(primary_rows); i++) {
		struct address_decoder d;
		struct address_table *t;
		const struct address_row *shown;
		char text[ADDR_TEXT_MAX] = "";

		addresses_init(&d);
		for (size_t k = 0; k < 3 && primary_rows[i].addresses[k].local; k++) {
			struct address_row *row = vec_push(&d.rows);

			assert_non_null(row);
			row->local = addr_of(primary_rows[i].addresses[k].local);
			row->ifindex = primary_rows[i].addresses[k].ifindex;
			row->scope = primary_rows[i].addresses[k].scope;
			row->flags = primary_rows[i].addresses[k].flags;
		}
		t = addresses_finish(&d);
		assert_non_null(t);
		shown = address_primary(t);
		if (shown)
			addr_format(&shown->local, text);
		if (strcmp(text, primary_rows[i].shown ? primary_rows[i].shown : ""))
			fail_msg("%s: %s", primary_rows[i].what, text);
		table_unref(t);
		addresses_release(&d);
	}
}

static void of_the_recorded_addresses_that_of_the_bridge_is_shown(void **state)
{
	struct address_table *t = recorded_addresses(address_files, N_OF(address_files));
	struct addr wanted = addr_of("10.0.0.1");
	const struct address_row *shown = address_primary(t);

	(void)state;
	assert_non_null(shown);
	assert_true(addr_equals(&shown->local, &wanted));
	table_unref(t);
	t = recorded_addresses(address_files, 1);
	wanted = addr_of("2001:db8::10");
	shown = address_primary(t);
	assert_non_null(shown);
	assert_true(addr_equals(&shown->local, &wanted));
	table_unref(t);
}

static void a_reset_decoder_gives_an_empty_table(void **state)
{
	struct fixture f = fixture_read("links.bin");
	struct link_decoder d;
	struct link_table *t;

	(void)state;
	links_init(&d);
	assert_int_equal(links_decode(&d, f.bytes, f.len), 0);
	links_reset(&d);
	t = links_finish(&d);
	assert_non_null(t);
	assert_int_equal(t->n, 0);
	assert_null(links_find(t, 1));
	table_unref(t);
	links_release(&d);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_links_become_rows_by_index),
		cmocka_unit_test(a_link_told_twice_is_one_row),
		cmocka_unit_test(recorded_addresses_become_rows_and_a_peer_is_not_ours),
		cmocka_unit_test(of_recorded_routes_only_local_ones_are_kept),
		cmocka_unit_test(
			an_address_is_here_by_assignment_or_route_and_not_only_if_both_say_so),
		cmocka_unit_test(a_broadcast_address_is_the_last_of_a_network_here),
		cmocka_unit_test(the_shown_address_is_global_in_use_and_not_on_loopback),
		cmocka_unit_test(of_the_recorded_addresses_that_of_the_bridge_is_shown),
		cmocka_unit_test(a_reset_decoder_gives_an_empty_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
