/* The counts of ports: rows, intervals, clients, the bound. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "capture/ports.h"
#include "tests/unit/packet_build.h"

struct rows {
	struct port_count rows[PORTS_MAX];
	size_t n;
};

static struct rows rows;

static void take(void *arg, const struct port_count *row)
{
	struct rows *r = arg;

	r->rows[r->n++] = *row;
}

static size_t emit(struct ports *p, int64_t now_ns)
{
	size_t n;

	rows.n = 0;
	n = ports_emit(p, now_ns, take, &rows);
	assert_int_equal(n, rows.n);
	return n;
}

static struct flow flow_to(uint16_t port)
{
	struct flow f = syn_packet(AF_INET).flow;

	f.target_port = port;
	return f;
}

static void syns_and_outcomes_of_a_port_are_one_row(void **state)
{
	struct ports *p = ports_new(10, 100);
	struct flow f = flow_to(443);

	(void)state;
	ports_syn(p, &f, true);
	ports_syn(p, &f, false);
	ports_outcome(p, &f.target, 443, IPPROTO_TCP, OUTCOME_REFUSED);
	assert_int_equal(emit(p, 200), 1);
	assert_int_equal(rows.rows[0].n_syns, 2);
	assert_int_equal(rows.rows[0].n_attempts, 1);
	assert_int_equal(rows.rows[0].n_clients, 1);
	assert_int_equal(rows.rows[0].n_outcomes[OUTCOME_REFUSED], 1);
	assert_int_equal(rows.rows[0].since_ns, 100);
	assert_int_equal(rows.rows[0].until_ns, 200);
	assert_true(addr_equals(&rows.rows[0].client, &f.source));
	assert_true(addr_equals(&rows.rows[0].server, &f.target));
	assert_int_equal(emit(p, 300), 0);
	ports_syn(p, &f, true);
	assert_int_equal(emit(p, 400), 1);
	assert_int_equal(rows.rows[0].since_ns, 300);
	assert_int_equal(rows.rows[0].n_syns, 1);
	ports_free(p);
}

static void port_protocol_and_server_each_make_a_row(void **state)
{
	struct ports *p = ports_new(10, 0);
	struct flow f = flow_to(53);

	(void)state;
	ports_syn(p, &f, true);
	f.proto = IPPROTO_UDP;
	ports_syn(p, &f, true);
	f.target = text_addr("2001:db8::2");
	ports_syn(p, &f, true);
	f.target_port = 54;
	ports_syn(p, &f, true);
	assert_int_equal(emit(p, 1), 4);
	ports_free(p);
}

static void different_clients_are_counted_up_to_a_bound(void **state)
{
	struct ports *p = ports_new(10, 0);
	struct flow f = flow_to(22);

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		f.source.bytes[3] = (uint8_t)i;
		ports_syn(p, &f, true);
		ports_syn(p, &f, true);
	}
	emit(p, 1);
	assert_int_equal(rows.rows[0].n_clients, 40);
	assert_int_equal(rows.rows[0].client.bytes[3], 39);
	for (unsigned i = 0; i < PORT_FIRSTS_MAX; i++)
		assert_int_equal(rows.rows[0].firsts[i].bytes[3], i);
	for (unsigned i = 0; i < 200; i++) {
		f.source.bytes[3] = (uint8_t)i;
		ports_syn(p, &f, true);
	}
	emit(p, 2);
	assert_int_equal(rows.rows[0].n_clients, PORT_CLIENTS_MAX);
	ports_free(p);
}

static void a_scan_of_all_ports_keeps_the_bound_and_the_busy_port(void **state)
{
	struct ports *p = ports_new(64, 0);
	struct flow busy = flow_to(443);
	bool has_busy = false;

	(void)state;
	for (unsigned port = 1; port <= 65535; port++) {
		struct flow f = flow_to((uint16_t)port);

		ports_syn(p, &f, true);
		ports_syn(p, &busy, false);
	}
	assert_int_equal(ports_n_evicted(p), 65535 - 64);
	assert_int_equal(emit(p, 1), 64);
	for (size_t i = 0; i < rows.n; i++)
		has_busy |= rows.rows[i].port == 443 && rows.rows[i].n_syns == 65536;
	assert_true(has_busy);
	ports_free(p);
}

static void an_outcome_takes_no_other_ports_row(void **state)
{
	struct ports *p = ports_new(2, 0);
	struct flow f = flow_to(443), g = flow_to(80);

	(void)state;
	ports_outcome(p, &f.target, 443, IPPROTO_TCP, OUTCOME_SILENT);
	ports_syn(p, &g, true);
	ports_outcome(p, &f.target, 22, IPPROTO_TCP, OUTCOME_SILENT);
	ports_outcome(p, &f.target, 443, IPPROTO_TCP, OUTCOME_SILENT);
	assert_int_equal(ports_n_evicted(p), 1);
	assert_int_equal(emit(p, 1), 2);
	assert_int_equal(rows.rows[0].n_outcomes[OUTCOME_SILENT], 2);
	assert_int_equal(rows.rows[1].port, 80);
	ports_free(p);
}

static void one_row_is_enough(void **state)
{
	struct ports *p = ports_new(0, 0);
	struct flow f = flow_to(1), g = flow_to(2);

	(void)state;
	ports_syn(p, &f, true);
	ports_syn(p, &g, true);
	assert_int_equal(emit(p, 1), 1);
	assert_int_equal(rows.rows[0].port, 2);
	assert_int_equal(ports_n_evicted(p), 1);
	ports_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syns_and_outcomes_of_a_port_are_one_row),
		cmocka_unit_test(port_protocol_and_server_each_make_a_row),
		cmocka_unit_test(different_clients_are_counted_up_to_a_bound),
		cmocka_unit_test(a_scan_of_all_ports_keeps_the_bound_and_the_busy_port),
		cmocka_unit_test(an_outcome_takes_no_other_ports_row),
		cmocka_unit_test(one_row_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
