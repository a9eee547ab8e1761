/* Ports that nobody serves: who means them, and what is only a scan. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/traffic_watch.h"

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

static void who_was_seen_is_listed_those_at_the_port_first(void **state)
{
	struct traffic_client seen[4];
	struct addr first = hand_addr("192.0.2.1");
	struct watch w;

	(void)state;
	start(&w);
	assert_int_equal(traffic_clients(w.traffic, 443, seen, N_OF(seen)), 0);
	syns(&w, "192.0.2.1", HERE, 443, 1, OUTCOME_ANSWERED);
	syns(&w, "192.0.2.9", HERE, 7777, 1, OUTCOME_REFUSED); /* uses nothing here */
	tick(&w);
	syns(&w, "192.0.2.2", HERE, 80, 1, OUTCOME_ANSWERED);
	tick(&w);
	assert_int_equal(traffic_clients(w.traffic, 443, seen, N_OF(seen)), 2);
	assert_true(addr_equals(&seen[0].address, &first) && seen[0].is_at_port);
	assert_false(seen[1].is_at_port);
	assert_int_equal(traffic_clients(w.traffic, 443, seen, 1), 1);
	assert_true(addr_equals(&seen[0].address, &first));
	/* an unserved port is asked for by whom it is asked for */
	assert_int_equal(traffic_clients(w.traffic, 7777, seen, N_OF(seen)), 3);
	assert_true(seen[0].is_at_port && !seen[1].is_at_port && !seen[2].is_at_port);
	end(&w);
}

static void of_a_clients_ports_the_newest_four_are_remembered(void **state)
{
	static const unsigned ports[] = {443, 80, 8000, 443, 5432};
	struct traffic_client seen[2];
	struct watch w;

	(void)state;
	start(&w);
	for (size_t i = 0; i < N_OF(ports); i++) {
		bool is_v6 = ports[i] == 8000, is_loopback = ports[i] == 5432;

		syns(&w, "192.0.2.1",
		     is_v6         ? "2001:db8::5"
		     : is_loopback ? "127.0.0.1"
				   : HERE,
		     ports[i], 1, OUTCOME_ANSWERED);
		tick(&w);
	}
	for (size_t i = 0; i < N_OF(ports); i++) {
		assert_int_equal(traffic_clients(w.traffic, (uint16_t)ports[i], seen, 2),
				 1);
		assert_true(seen[0].is_at_port);
	}
	assert_int_equal(traffic_clients(w.traffic, 53, seen, 2), 1);
	assert_false(seen[0].is_at_port);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_elsewhere_is_not_asked_of_this_host),
		cmocka_unit_test(who_uses_a_served_port_means_the_other_one),
		cmocka_unit_test(who_comes_back_in_three_minutes_means_it),
		cmocka_unit_test(a_scan_is_one_line_though_it_meets_served_ports),
		cmocka_unit_test(who_scans_and_insists_on_a_port_means_that_one),
		cmocka_unit_test(a_scan_of_all_ports_costs_no_served_one),
		cmocka_unit_test(a_port_on_another_address_is_named),
		cmocka_unit_test(who_was_seen_is_listed_those_at_the_port_first),
		cmocka_unit_test(of_a_clients_ports_the_newest_four_are_remembered),
		cmocka_unit_test(without_a_list_of_listeners_nothing_is_called_unserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
