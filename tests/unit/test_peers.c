/* Who is connected to a port, by address and by network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "core/sockets/peers.h"
#include "tests/unit/diag_message.h"

enum { ESTABLISHED = 1, SYN_RECV = 3, TIME_WAIT = 6, CLOSE_WAIT = 8, LISTEN = 10 };

/* A connection to port 443 of 127.0.0.1, or with mapped of a dual-stack listener. */
static struct diag_message from(const char *address, uint8_t state, bool is_mapped)
{
	struct diag_message m;
	struct addr a;

	assert_int_equal(addr_parse(&a, address), 0);
	m = diag_message_of(is_mapped ? AF_INET6 : a.family, state, 443);
	if (is_mapped) {
		m.body.id.idiag_dst[2] = htonl(0xffff);
		memcpy(&m.body.id.idiag_dst[3], a.bytes, 4);
	} else {
		memcpy(m.body.id.idiag_dst, a.bytes, a.family == AF_INET ? 4 : 16);
	}
	return m;
}

static void decode(struct peer_decoder *d, struct diag_message m, int result)
{
	assert_int_equal(peers_decode(d, &m, sizeof(m)), result);
}

static void is_row(const struct peer_table *t, size_t i, const char *address, uint32_t n)
{
	char text[ADDR_TEXT_MAX];

	assert_true(i < t->n);
	assert_string_equal(addr_format(&t->rows[i].remote, text), address);
	assert_int_equal(t->rows[i].n, n);
}

static void clients_are_counted_by_address_the_most_first(void **state)
{
	struct peer_decoder *d = peers_new(443);
	struct peer_table *t;

	(void)state;
	decode(d, from("10.0.0.9", ESTABLISHED, false), 0);
	decode(d, from("10.0.0.7", ESTABLISHED, false), 0);
	decode(d, from("10.0.0.7", SYN_RECV, true), 0);
	decode(d, from("2001:db8::1", CLOSE_WAIT, false), 0);
	t = peers_finish(d);
	assert_int_equal(t->total, 4);
	assert_int_equal(t->n, 3);
	is_row(t, 0, "10.0.0.7", 2);
	is_row(t, 1, "10.0.0.9", 1);
	is_row(t, 2, "2001:db8::1", 1);
	assert_int_equal(t->rows[0].n_half_open, 1);
	assert_int_equal(t->rows[2].n_close_wait, 1);
	assert_false(t->is_cut);
	table_unref(t);
	peers_free(d);
}

static void neighbours_are_one_network(void **state)
{
	struct peer_decoder *d = peers_new(443);
	struct peer_table *t;
	char text[ADDR_TEXT_MAX];

	(void)state;
	decode(d, from("192.0.2.1", ESTABLISHED, false), 0);
	decode(d, from("198.51.100.7", ESTABLISHED, false), 0);
	decode(d, from("198.51.100.9", ESTABLISHED, false), 0);
	decode(d, from("2001:db8:1:2::3", ESTABLISHED, false), 0);
	decode(d, from("2001:db8:1:9::3", ESTABLISHED, false), 0);
	decode(d, from("2001:db8:2::3", ESTABLISHED, false), 0);
	t = peers_finish(d);
	assert_int_equal(t->n_nets, 4);
	assert_string_equal(addr_format(&t->nets[0].prefix, text), "198.51.100.0");
	assert_int_equal(t->nets[0].prefix_len, 24);
	assert_int_equal(t->nets[0].n_addresses, 2);
	assert_string_equal(addr_format(&t->nets[1].prefix, text), "2001:db8:1::");
	assert_int_equal(t->nets[1].prefix_len, 48);
	assert_int_equal(t->nets[1].n, 2);
	table_unref(t);
	peers_free(d);
}

static void listeners_other_ports_and_time_wait_do_not_count(void **state)
{
	struct peer_decoder *d = peers_new(443);
	struct diag_message other = from("10.0.0.9", ESTABLISHED, false);
	struct peer_table *t;

	(void)state;
	other.body.id.idiag_sport = htons(444);
	decode(d, other, 0);
	decode(d, from("0.0.0.0", LISTEN, false), 0);
	decode(d, from("10.0.0.9", TIME_WAIT, false), 0);
	decode(d, from("10.0.0.9", 255, false), 0);
	t = peers_finish(d);
	assert_int_equal(t->total, 0);
	assert_int_equal(t->n, 0);
	table_unref(t);
	peers_free(d);
}

static void an_answer_that_begins_anew_is_counted_once(void **state)
{
	struct peer_decoder *d = peers_new(443);
	struct peer_table *t;

	(void)state;
	decode(d, from("10.0.0.9", ESTABLISHED, false), 0);
	peers_reset(d);
	decode(d, from("10.0.0.9", ESTABLISHED, false), 0);
	t = peers_finish(d);
	assert_int_equal(t->total, 1);
	table_unref(t);
	peers_free(d);
}

static void what_stood_before_damage_is_kept(void **state)
{
	struct peer_decoder *d = peers_new(443);
	struct diag_message pair[2] = {from("10.0.0.9", ESTABLISHED, false),
				       from("10.0.0.8", ESTABLISHED, false)};
	struct peer_table *t;

	(void)state;
	pair[1].body.idiag_family = 77;
	assert_int_equal(peers_decode(d, pair, sizeof(pair)), -EBADMSG);
	t = peers_finish(d);
	assert_int_equal(t->n, 1);
	table_unref(t);
	peers_free(d);
}

static void more_than_are_kept_are_counted_all_the_same(void **state)
{
	struct peer_decoder *d = peers_new(443);
	struct diag_message m = from("10.0.0.9", ESTABLISHED, false);
	struct peer_table *t;

	(void)state;
	for (uint32_t i = 0; i < PEERS_MAX + 5; i++)
		decode(d, m, 0);
	t = peers_finish(d);
	assert_int_equal(t->total, PEERS_MAX + 5);
	is_row(t, 0, "10.0.0.9", PEERS_MAX);
	assert_true(t->is_cut);
	table_unref(t);
	peers_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_counted_by_address_the_most_first),
		cmocka_unit_test(neighbours_are_one_network),
		cmocka_unit_test(listeners_other_ports_and_time_wait_do_not_count),
		cmocka_unit_test(an_answer_that_begins_anew_is_counted_once),
		cmocka_unit_test(what_stood_before_damage_is_kept),
		cmocka_unit_test(more_than_are_kept_are_counted_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
