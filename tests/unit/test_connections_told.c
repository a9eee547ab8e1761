/* Connections that were counted in the kernel are the same as those told one by one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "core/base/ends_told.h"
#include "core/host/request.h"
#include "core/sockets/connections.h"
#include "tests/unit/diag_message.h"

struct told_message {
	struct nlmsghdr head;
	struct end_told end;
};

enum { EST = 1, RECV = 3, WAIT = 6, LISTEN = 10 };

static struct told_message told_of(uint8_t family, uint8_t state, uint16_t port, uint32_t n)
{
	struct told_message m = {
		.head = {.nlmsg_len = sizeof(m), .nlmsg_type = ENDS_TOLD},
		.end = {.family = family, .state = state, .port = port, .n = n}};
	struct diag_message d = diag_message_of(family, state, port);

	memcpy(m.end.address, d.body.id.idiag_src, sizeof(m.end.address));
	return m;
}

static struct connection_counter *counter_of_all(void)
{
	uint8_t ports[8192];
	struct connection_counter *c;

	memset(ports, 0xff, sizeof(ports));
	ports[9] = 0; /* 72 to 79 */
	c = connections_new(ports);
	assert_non_null(c);
	return c;
}

static void a_count_is_so_many_sockets(void **state)
{
	static const struct {
		uint8_t family, state;
		uint16_t port;
		uint32_t n;
	} rows[] = {{AF_INET, EST, 80, 3},    {AF_INET, WAIT, 80, 7},
		    {AF_INET6, EST, 80, 1},   {AF_INET, RECV, 81, 2},
		    {AF_INET, LISTEN, 80, 5}, {AF_INET, EST, 75, 4}};
	struct connection_counter *told = counter_of_all(), *each = counter_of_all();
	struct connection_table *a, *b;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct told_message t =
			told_of(rows[i].family, rows[i].state, rows[i].port, rows[i].n);
		struct diag_message d =
			diag_message_of(rows[i].family, rows[i].state, rows[i].port);

		assert_int_equal(connections_decode(told, &t, sizeof(t)), 0);
		for (uint32_t k = 0; k < rows[i].n; k++)
			assert_int_equal(connections_decode(each, &d, sizeof(d)), 0);
	}
	a = connections_finish(told);
	b = connections_finish(each);
	assert_int_equal(a->n, 3);
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->total, 17);
	assert_int_equal(a->total, b->total);
	for (size_t i = 0; i < a->n; i++) {
		assert_true(addr_equals(&a->rows[i].local, &b->rows[i].local));
		assert_int_equal(a->rows[i].port, b->rows[i].port);
		assert_memory_equal(a->rows[i].counts, b->rows[i].counts,
				    sizeof(a->rows[i].counts));
	}
	table_unref(a);
	table_unref(b);
	connections_free(told);
	connections_free(each);
}

static void the_device_of_a_counted_end_is_kept(void **state)
{
	struct connection_counter *c = counter_of_all();
	struct told_message m[2] = {told_of(AF_INET, EST, 80, 2),
				    told_of(AF_INET, EST, 80, 5)};
	struct connection_table *t;

	(void)state;
	m[1].end.ifindex = 7;
	assert_int_equal(connections_decode(c, m, sizeof(m)), 0);
	t = connections_finish(c);
	assert_int_equal(t->n, 2);
	assert_int_equal(t->rows[0].ifindex, 0);
	assert_int_equal(t->rows[0].counts[EST], 2);
	assert_int_equal(t->rows[1].ifindex, 7);
	assert_int_equal(t->rows[1].counts[EST], 5);
	table_unref(t);
	connections_free(c);
}

static void a_damaged_count_counts_nothing_of_its_part(void **state)
{
	struct connection_counter *c = counter_of_all();
	struct connection_table *t;

	(void)state;
	for (int way = 0; way < 3; way++) {
		struct told_message m[2] = {told_of(AF_INET, EST, 80, 2),
					    told_of(AF_INET, EST, 80, 5)};
		size_t len = sizeof(m);

		if (way == 0)
			m[1].end.family = AF_UNIX;
		else if (way == 1)
			m[1].head.nlmsg_len = sizeof(m[1]) - 1;
		else
			len--;
		assert_int_equal(connections_decode(c, m, len), -EBADMSG);
	}
	t = connections_finish(c);
	assert_int_equal(t->n, 0);
	assert_int_equal(t->total, 0);
	table_unref(t);
	connections_free(c);
}

/* ---- the request that allows it ---- */

static const struct request counts = {.kind = REQUEST_SOCK_DIAG,
				      .sock_diag = {.protocol = 6, .states = 2}};

static void wanted_ports_come_through_a_message_and_are_no_part_of_the_text(void **state)
{
	static uint8_t ports[REQUEST_PORT_BYTES], bytes[65536];
	char with[REQUEST_TEXT_MAX], without[REQUEST_TEXT_MAX];
	struct request r = counts, back;
	long len;

	(void)state;
	for (size_t i = 0; i < sizeof(ports); i++)
		ports[i] = (uint8_t)(i * 7);
	r.sock_diag.ports = ports;
	len = request_pack(&r, bytes, sizeof(bytes));
	assert_true(len > REQUEST_PORT_BYTES);
	assert_int_equal(request_unpack(&back, bytes, (size_t)len, NULL), 0);
	assert_memory_equal(back.sock_diag.ports, ports, sizeof(ports));
	assert_string_equal(request_text(&r, with), request_text(&counts, without));
	for (long cut = 1; cut < REQUEST_PORT_BYTES; cut += 97)
		assert_int_equal(request_unpack(&back, bytes, (size_t)(len - cut), NULL),
				 -EBADMSG);
	bytes[len] = 0;
	assert_int_equal(request_unpack(&back, bytes, (size_t)len + 1, NULL), -EBADMSG);
}

static void counts_are_only_had_of_one_walk_over_tcp(void **state)
{
	static const uint8_t ports[REQUEST_PORT_BYTES];
	struct request r = counts;

	(void)state;
	r.sock_diag.ports = ports;
	assert_int_equal(request_check(&r), 0);
	r.sock_diag.family = AF_INET;
	assert_int_equal(request_check(&r), -EINVAL);
	r.sock_diag.family = AF_UNSPEC;
	r.sock_diag.extensions = 1;
	assert_int_equal(request_check(&r), -EINVAL);
	r = counts;
	r.sock_diag.family = AF_INET;
	r.sock_diag.protocol = 17;
	assert_int_equal(request_check(&r), 0);
	r.sock_diag.ports = ports;
	assert_int_equal(request_check(&r), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_count_is_so_many_sockets),
		cmocka_unit_test(the_device_of_a_counted_end_is_kept),
		cmocka_unit_test(a_damaged_count_counts_nothing_of_its_part),
		cmocka_unit_test(
			wanted_ports_come_through_a_message_and_are_no_part_of_the_text),
		cmocka_unit_test(counts_are_only_had_of_one_walk_over_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
