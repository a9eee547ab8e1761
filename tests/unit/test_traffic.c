/* Counts of ports over a minute, who is served, who means it, and what is only a scan. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <errno.h>
#include <netinet/in.h>
#include <cmocka.h>

#include "core/base/time.h"
#include "core/snapshot/traffic.h"
#include "core/wire/records.h"
#include "tests/unit/by_hand.h"

#define START_NS (INT64_C(1795354200) * NS_PER_S) /* a whole minute */
#define HERE     "10.0.0.5"

/* A host, its capture, and the seconds since that began. */
struct watch {
	struct traffic *traffic;
	struct snapshot *snapshot;
	int64_t second;
};

static const struct hand_socket usual_sockets[] = {
	{.proto = PROTO_TCP, .local = "0.0.0.0", .port = 80, .inode = 1},
	{.proto = PROTO_TCP, .local = HERE, .port = 80, .inode = 2},
	{.proto = PROTO_TCP, .local = "::", .port = 443, .inode = 3},
	{.proto = PROTO_TCP, .local = "127.0.0.1", .port = 5432, .inode = 4},
	{.proto = PROTO_UDP, .local = "0.0.0.0", .port = 53, .inode = 5},
	{.proto = PROTO_TCP, .local = "::", .port = 8000, .inode = 6, .v6only = TRI_YES},
	{0}};

static struct snapshot *host_with(const struct hand_socket *sockets)
{
	static const char *const own[] = {HERE, "127.0.0.1", "2001:db8::5"};
	struct snapshot *s = hand_snapshot();
	struct address_table *a = table_new(sizeof(*a), NULL);
	struct local_route_table *r = table_new(sizeof(*r), NULL);

	a->rows = arena_alloc(&a->head.arena, N_OF(own) * sizeof(*a->rows));
	for (size_t i = 0; i < N_OF(own); i++)
		a->rows[a->n++].local = hand_addr(own[i]);
	s->spaces[0].addresses = a;
	s->spaces[0].local_routes = r;
	hand_sockets(&s->spaces[0], sockets);
	assert_int_equal(snapshot_link(s, NULL), 0);
	return s;
}

static int take(struct watch *w, const struct record *r)
{
	uint8_t bytes[RECORD_MAX];

	return traffic_take(w->traffic, bytes, record_put(bytes, r));
}

/* The end of a second. */
static int tick(struct watch *w)
{
	struct record r = {.kind = RECORD_STATE};

	r.state.is_ready = true;
	r.state.wall_ns = START_NS + ++w->second * NS_PER_S;
	return take(w, &r);
}

static void ticks(struct watch *w, int n)
{
	for (int i = 0; i < n; i++)
		tick(w);
}

static void start(struct watch *w)
{
	struct record r = {.kind = RECORD_STATE};

	*w = (struct watch){.traffic = traffic_new(), .snapshot = host_with(usual_sockets)};
	assert_non_null(w->traffic);
	r.state.is_ready = true;
	r.state.wall_ns = START_NS;
	assert_int_equal(take(w, &r), 1);
	table_unref(traffic_look(w->traffic, w->snapshot));
}

static void end(struct watch *w)
{
	traffic_free(w->traffic);
	table_unref(w->snapshot);
}

/* SYNs of a client in this second, and how as many were decided. */
static void syns(struct watch *w, const char *client, const char *server, unsigned port,
		 uint32_t n, enum outcome outcome)
{
	struct record r = {.kind = RECORD_PORT};

	r.port.proto = IPPROTO_TCP;
	r.port.port = (uint16_t)port;
	r.port.server = hand_addr(server);
	r.port.client = hand_addr(client);
	r.port.n_syns = r.port.n_attempts = n;
	r.port.n_clients = 1;
	r.port.n_outcomes[outcome] = outcome == OUTCOME_OPEN ? 0 : n;
	r.port.since_ns = START_NS + w->second * NS_PER_S;
	r.port.until_ns = r.port.since_ns + NS_PER_S;
	assert_int_equal(take(w, &r), 0);
}

/* The row of an endpoint, by port and address. */
static const struct traffic_row *row_of(const struct watch *w,
					const struct traffic_table *t, unsigned port,
					const char *address)
{
	struct addr a = hand_addr(address);

	assert_int_equal(t->n_rows, w->snapshot->n_endpoints);
	for (size_t i = 0; i < t->n_rows; i++)
		if (w->snapshot->endpoints[i].port == port &&
		    addr_equals(&w->snapshot->endpoints[i].address, &a))
			return &t->rows[i];
	fail_msg("no endpoint %s:%u", address, port);
	return NULL;
}

static uint32_t sum(const struct traffic_row *row)
{
	uint32_t n = 0;

	for (size_t i = 0; i < TRAFFIC_SLOTS; i++)
		n += row->syns[i];
	return n;
}

static void an_attempt_goes_to_the_closest_listener(void **state)
{
	static const struct {
		const char *server;
		unsigned port;
		uint32_t n;
	} asked[] = {{HERE, 80, 1},    {"127.0.0.1", 80, 2},
		     {HERE, 443, 4},   {"2001:db8::5", 443, 8},
		     {HERE, 5432, 16}, {"127.0.0.1", 5432, 32}};
	static const struct {
		const char *address;
		unsigned port;
		uint32_t n;
	} rows[] = {{HERE, 80, 1},
		    {"0.0.0.0", 80, 2},
		    {"::", 443, 12},
		    {"127.0.0.1", 5432, 32},
		    {"::", 8000, 0}};
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	for (size_t i = 0; i < N_OF(asked); i++)
		syns(&w, "192.0.2.1", asked[i].server, asked[i].port, asked[i].n,
		     OUTCOME_ANSWERED);
	assert_int_equal(tick(&w), 1);
	t = traffic_look(w.traffic, w.snapshot);
	for (size_t i = 0; i < N_OF(rows); i++)
		assert_int_equal(sum(row_of(&w, t, rows[i].port, rows[i].address)),
				 rows[i].n);
	assert_int_equal(row_of(&w, t, 53, "0.0.0.0")->answer, TRAFFIC_NOT_TCP);
	assert_int_equal(row_of(&w, t, 8000, "::")->answer, TRAFFIC_NOBODY);
	table_unref(t);
	end(&w);
}

static void outcomes_of_the_last_minute_make_the_answer(void **state)
{
	static const struct {
		uint32_t answered, refused, icmp, silent, half_open;
		enum traffic_answer answer;
		bool is_failing;
	} rows[] = {
		{1, 0, 0, 0, 0, TRAFFIC_OPEN, false},
		{9, 0, 0, 0, 9, TRAFFIC_OPEN, false},
		{9, 0, 0, 1, 0, TRAFFIC_SOME, true},
		{0, 2, 0, 1, 0, TRAFFIC_CLOSED, true},
		{0, 0, 2, 1, 0, TRAFFIC_REJECTED, true},
		{0, 0, 0, 1, 0, TRAFFIC_FILTERED, true},
		{0, 0, 0, 1, 1, TRAFFIC_SOME, true},
		{0, 0, 0, 0, 3, TRAFFIC_HALF_OPEN, false},
		{0, 0, 0, 0, 0, TRAFFIC_UNDECIDED, false},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct traffic_table *t;
		struct watch w;

		start(&w);
		syns(&w, "192.0.2.1", HERE, 443, 1, OUTCOME_OPEN);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].answered, OUTCOME_ANSWERED);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].refused, OUTCOME_REFUSED);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].icmp, OUTCOME_ICMP);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].silent, OUTCOME_SILENT);
		syns(&w, "192.0.2.1", HERE, 443, rows[i].half_open, OUTCOME_HALF_OPEN);
		tick(&w);
		t = traffic_look(w.traffic, w.snapshot);
		assert_int_equal(row_of(&w, t, 443, "::")->answer, rows[i].answer);
		assert_int_equal(t->n_failing, rows[i].is_failing);
		table_unref(t);
		ticks(&w, TRAFFIC_SLOTS);
		t = traffic_look(w.traffic, w.snapshot);
		assert_int_equal(row_of(&w, t, 443, "::")->answer, TRAFFIC_NOBODY);
		assert_int_equal(sum(row_of(&w, t, 443, "::")), 0);
		table_unref(t);
		end(&w);
	}
}

static void the_rate_is_of_the_newest_seconds(void **state)
{
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	for (int i = 0; i < 30; i++) {
		syns(&w, "192.0.2.1", HERE, 443, i < 20 ? 50 : 3, OUTCOME_ANSWERED);
		tick(&w);
	}
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(row_of(&w, t, 443, "::")->milli_rate, 3000);
	assert_int_equal(row_of(&w, t, 443, "::")->n_slots, 30);
	assert_int_equal(row_of(&w, t, 443, "::")->syns[TRAFFIC_SLOTS - 1], 3);
	assert_int_equal(row_of(&w, t, 443, "::")->syns[TRAFFIC_SLOTS - 30], 50);
	assert_int_equal(row_of(&w, t, 443, "::")->syns[TRAFFIC_SLOTS - 31], 0);
	table_unref(t);
	end(&w);
}

static void an_idle_capture_tells_nothing_new(void **state)
{
	struct watch w;

	(void)state;
	start(&w);
	for (int i = 0; i < 100; i++)
		assert_int_equal(tick(&w), 0);
	syns(&w, "192.0.2.1", HERE, 443, 1, OUTCOME_ANSWERED);
	assert_int_equal(tick(&w), 1);
	ticks(&w, TRAFFIC_SLOTS + 1);
	for (int i = 0; i < 100; i++)
		assert_int_equal(tick(&w), 0);
	end(&w);
}

static void what_goes_elsewhere_is_not_asked_of_this_host(void **state)
{
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	for (int i = 0; i < 5; i++) {
		syns(&w, HERE, "198.51.100.9", 8443, 4, OUTCOME_REFUSED);
		ticks(&w, 60);
	}
	syns(&w, HERE, "198.51.100.9", 8443, 4, OUTCOME_REFUSED);
	tick(&w);
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(t->n_others, 0);
	assert_int_equal(t->scan.n_ports, 0);
	table_unref(t);
	end(&w);
}

static void who_uses_a_served_port_means_the_other_one(void **state)
{
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	syns(&w, "192.0.2.1", HERE, 443, 1, OUTCOME_ANSWERED);
	syns(&w, "192.0.2.1", HERE, 8443, 2, OUTCOME_REFUSED);
	syns(&w, "192.0.2.2", HERE, 8443, 1, OUTCOME_REFUSED);
	tick(&w);
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(t->n_others, 1);
	assert_int_equal(t->others[0].port, 8443);
	assert_int_equal(t->others[0].n_clients, 1);
	assert_int_equal(t->others[0].counts.answer, TRAFFIC_CLOSED);
	assert_int_equal(sum(&t->others[0].counts), 3);
	assert_int_equal(t->others[0].relation, RELATED_SIBLING);
	assert_int_equal(w.snapshot->endpoints[t->others[0].related].port, 443);
	assert_int_equal(t->scan.n_ports, 0);
	assert_int_equal(t->n_failing, 0);
	table_unref(t);
	end(&w);
}

static void who_comes_back_in_three_minutes_means_it(void **state)
{
	/* Seconds at which the client asks. */
	static const struct {
		int at[4];
		int n;
		bool is_meant;
	} rows[] = {
		{{0, 1, 2, 3}, 4, false},      /* one minute */
		{{50, 59, 61, 100}, 4, false}, /* two */
		{{58, 60, 120}, 3, true},
		{{10, 100, 400}, 3, true},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct traffic_table *t;
		struct watch w;

		start(&w);
		for (int k = 0; k < rows[i].n; k++) {
			ticks(&w, rows[i].at[k] - (int)w.second);
			syns(&w, "203.0.113.7", HERE, 9999, 1, OUTCOME_SILENT);
		}
		tick(&w);
		t = traffic_look(w.traffic, w.snapshot);
		assert_int_equal(t->n_others, rows[i].is_meant);
		assert_int_equal(t->scan.n_ports, !rows[i].is_meant);
		assert_int_equal(t->scan.n_clients, !rows[i].is_meant);
		table_unref(t);
		end(&w);
	}
}

static void a_scan_is_one_line_though_it_meets_served_ports(void **state)
{
	struct traffic_table *t;
	char client[32];
	struct watch w;

	(void)state;
	start(&w);
	syns(&w, "203.0.113.1", HERE, 443, 1, OUTCOME_ANSWERED);
	for (unsigned port = 1000; port < 1200; port++) {
		snprintf(client, sizeof(client), "203.0.113.%u", 1 + port % 10);
		syns(&w, client, HERE, port, 1, OUTCOME_REFUSED);
	}
	tick(&w);
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(t->n_others, 0);
	assert_int_equal(t->scan.n_ports, 200);
	assert_int_equal(t->scan.n_clients, 10);
	assert_false(t->scan.is_more);
	table_unref(t);
	ticks(&w, TRAFFIC_SLOTS);
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(t->scan.n_ports, 0);
	table_unref(t);
	end(&w);
}

static void who_scans_and_insists_on_a_port_means_that_one(void **state)
{
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	for (unsigned second = 0; second < 12; second++) {
		syns(&w, "192.0.2.1", HERE, 443, 1, OUTCOME_ANSWERED);
		syns(&w, "192.0.2.1", HERE, 8443, 1, OUTCOME_REFUSED);
		for (unsigned i = 0; i < 10; i++)
			syns(&w, "192.0.2.1", HERE, 1000 + second * 10 + i, 1,
			     OUTCOME_REFUSED);
		tick(&w);
	}
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(t->n_others, 1);
	assert_int_equal(t->others[0].port, 8443);
	assert_int_equal(t->scan.n_ports, 120);
	assert_int_equal(t->scan.n_clients, 1);
	table_unref(t);
	end(&w);
}

static void a_scan_of_all_ports_costs_no_served_one(void **state)
{
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	syns(&w, "192.0.2.1", HERE, 443, 5, OUTCOME_ANSWERED);
	tick(&w);
	for (unsigned port = 10000; port < 50000; port++) {
		syns(&w, "203.0.113.1", HERE, port, 3, OUTCOME_SILENT);
		if (port % 1000 == 999)
			tick(&w);
	}
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(sum(row_of(&w, t, 443, "::")), 5);
	assert_int_equal(t->n_others, 0);
	assert_true(t->scan.n_ports > 500);
	assert_int_equal(t->scan.n_clients, 1);
	assert_true(t->scan.is_more);
	table_unref(t);
	end(&w);
}

static void a_port_on_another_address_is_named(void **state)
{
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	syns(&w, "192.0.2.1", HERE, 443, 1, OUTCOME_ANSWERED);
	syns(&w, "192.0.2.1", HERE, 5432, 1, OUTCOME_REFUSED);
	syns(&w, "192.0.2.1", HERE, 8000, 1, OUTCOME_REFUSED);
	tick(&w);
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(t->n_others, 2);
	assert_int_equal(t->others[0].relation, RELATED_SAME_PORT);
	assert_int_equal(w.snapshot->endpoints[t->others[0].related].port, 5432);
	assert_int_equal(t->others[1].relation, RELATED_SAME_PORT);
	assert_int_equal(w.snapshot->endpoints[t->others[1].related].port, 8000);
	table_unref(t);
	end(&w);
}

static void without_a_list_of_listeners_nothing_is_called_unserved(void **state)
{
	struct traffic_table *t;
	struct watch w;

	(void)state;
	start(&w);
	table_unref(w.snapshot);
	w.snapshot = hand_snapshot();
	table_unref(traffic_look(w.traffic, w.snapshot));
	for (int i = 0; i < 200; i++) {
		syns(&w, "192.0.2.1", HERE, 443, 1, OUTCOME_ANSWERED);
		tick(&w);
	}
	t = traffic_look(w.traffic, w.snapshot);
	assert_int_equal(t->n_rows, 0);
	assert_int_equal(t->n_others, 0);
	assert_int_equal(t->scan.n_ports, 0);
	table_unref(t);
	end(&w);
}

static void an_end_tells_why(void **state)
{
	static const struct {
		int told, error;
		enum traffic_state state;
	} rows[] = {
		{EPERM, EPERM, TRAFFIC_NO_RIGHT},   {EPERM, 0, TRAFFIC_NO_RIGHT},
		{0, ENODATA, TRAFFIC_NOT_RECORDED}, {ENODEV, 0, TRAFFIC_FAILED},
		{0, ENOSYS, TRAFFIC_FAILED},        {0, 0, TRAFFIC_WAITING},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct watch w = {.traffic = traffic_new(),
				  .snapshot = host_with(usual_sockets)};
		struct record r = {.kind = RECORD_PROBLEM};
		struct traffic_table *t;

		r.problem.error = rows[i].told;
		strcpy(r.problem.text, "it is so");
		if (rows[i].told)
			take(&w, &r);
		traffic_end(w.traffic, rows[i].error);
		assert_int_equal(traffic_state(w.traffic), rows[i].state);
		assert_int_equal(traffic_problem(w.traffic)[0] != '\0',
				 rows[i].state != TRAFFIC_WAITING);
		t = traffic_look(w.traffic, w.snapshot);
		assert_int_equal(row_of(&w, t, 443, "::")->answer, TRAFFIC_UNSEEN);
		table_unref(t);
		end(&w);
	}
}

static void damage_is_said(void **state)
{
	static const uint8_t bytes[] = {1, RECORD_PORT, 9, 0, 6};
	struct traffic *t = traffic_new();

	(void)state;
	assert_int_equal(traffic_take(t, bytes, sizeof(bytes)), -EBADMSG);
	traffic_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_attempt_goes_to_the_closest_listener),
		cmocka_unit_test(outcomes_of_the_last_minute_make_the_answer),
		cmocka_unit_test(the_rate_is_of_the_newest_seconds),
		cmocka_unit_test(an_idle_capture_tells_nothing_new),
		cmocka_unit_test(what_goes_elsewhere_is_not_asked_of_this_host),
		cmocka_unit_test(who_uses_a_served_port_means_the_other_one),
		cmocka_unit_test(who_comes_back_in_three_minutes_means_it),
		cmocka_unit_test(a_scan_is_one_line_though_it_meets_served_ports),
		cmocka_unit_test(who_scans_and_insists_on_a_port_means_that_one),
		cmocka_unit_test(a_scan_of_all_ports_costs_no_served_one),
		cmocka_unit_test(a_port_on_another_address_is_named),
		cmocka_unit_test(without_a_list_of_listeners_nothing_is_called_unserved),
		cmocka_unit_test(an_end_tells_why),
		cmocka_unit_test(damage_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
