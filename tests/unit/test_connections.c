/* Connections are counted by local end and state, and find the listener they came through.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "core/sockets/connections.h"
#include "tests/unit/diag_message.h"
#include "tests/unit/fixture.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { EST = 1, SENT = 2, RECV = 3, FIN2 = 5, WAIT = 6, CLOSE = 7, LISTEN = 10, NEW = 12 };

/* Of the ports that the recorded listeners have; the text tables tell all but ifindex. */
static const struct expected {
	uint16_t port;
	const char *local;
	uint32_t ifindex;
	uint32_t established, syn_recv, fin_wait2, time_wait;
} recorded_groups[] = {
	{22, "127.0.0.1", 0, 1, 0, 0, 0},
	{22, "::1", 0, 1, 0, 0, 0},
	{80, "::1", 0, 1, 1, 1, 0},
	{80, "::ffff:127.0.0.1", 0, 3, 1, 0, 1},
	{443, "::ffff:127.0.0.1", 0, 1, 0, 0, 0},
	{3306, "::ffff:127.0.0.1", 0, 1, 0, 0, 0},
	{6379, "127.0.0.1", 0, 3, 0, 0, 0},
	{8080, "127.0.0.1", 0, 1, 0, 0, 0},
	{8080, "127.0.0.2", 1, 1, 0, 0, 0},
	{36940, "127.0.0.1", 0, 1, 0, 0, 0},
};

static const uint16_t recorded_ports[] = {22, 80, 443, 3306, 5432, 6379, 8080, 9090, 36940};

/* In both files, and in the one of AF_INET6. */
enum { N_RECORDED = 36, N_RECORDED_V6 = 15 };

static struct connection_counter *counter_of(const uint16_t *ports, size_t n)
{
	uint8_t bits[8192] = {0};
	struct connection_counter *c;

	for (size_t i = 0; i < n; i++)
		bits[ports[i] / 8] |= (uint8_t)(1 << ports[i] % 8);
	c = connections_new(bits);
	assert_non_null(c);
	return c;
}

static struct connection_table *finish(struct connection_counter *c)
{
	struct connection_table *t = connections_finish(c);

	assert_non_null(t);
	return t;
}

enum { BY_FAMILY, IN_ONE_WALK };

static void count_file(struct connection_counter *c, const char *name, int how,
		       size_t shift)
{
	struct fixture f = fixture_read(name);
	uint8_t *at;
	void *memory = fixture_copy(f.bytes, f.len, shift, &at);

	if (how == IN_ONE_WALK)
		diag_make_old(at, f.len);
	assert_int_equal(connections_decode(c, at, f.len), 0);
	free(memory);
	fixture_release(&f);
}

static struct connection_table *count_recorded(int how, size_t shift)
{
	struct connection_counter *c = counter_of(recorded_ports, N_OF(recorded_ports));
	struct connection_table *t;

	count_file(c, "diag-tcp-connections-v4.bin", how, shift);
	count_file(c, "diag-tcp-connections-v6.bin", how, shift);
	t = finish(c);
	connections_free(c);
	return t;
}

static struct connection_table *count_recorded_text(void)
{
	static const char *const files[][2] = {{"net/tcp", "procnet-tcp.txt"},
					       {"net/tcp6", "procnet-tcp6.txt"},
					       {"net/udp", "procnet-udp.txt"}};
	struct connection_counter *c = counter_of(recorded_ports, N_OF(recorded_ports));
	struct connection_table *t;

	for (size_t i = 0; i < N_OF(files); i++) {
		struct fixture f = fixture_read(files[i][1]);
		struct bundle_item item = {.name = text_of(files[i][0]),
					   .data = {(char *)f.bytes, f.len}};

		assert_int_equal(connections_decode_text(c, &item), 0);
		fixture_release(&f);
	}
	t = finish(c);
	connections_free(c);
	return t;
}

static uint32_t sum_of(const struct connection_group *g)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < N_TCP_STATES; i++)
		sum += g->counts[i];
	return sum;
}

static void assert_recorded(const struct connection_table *t, bool has_devices)
{
	assert_int_equal(t->n, N_OF(recorded_groups));
	assert_int_equal(t->total, N_RECORDED);
	for (size_t i = 0; i < t->n; i++) {
		const struct expected *e = &recorded_groups[i];
		const struct connection_group *g = &t->rows[i];
		char local[ADDR_TEXT_MAX];

		assert_string_equal(addr_format(&g->local, local), e->local);
		assert_int_equal(g->port, e->port);
		assert_int_equal(g->ifindex, has_devices ? e->ifindex : 0);
		assert_int_equal(g->counts[EST], e->established);
		assert_int_equal(g->counts[RECV], e->syn_recv);
		assert_int_equal(g->counts[FIN2], e->fin_wait2);
		assert_int_equal(g->counts[WAIT], e->time_wait);
		assert_int_equal(sum_of(g), e->established + e->syn_recv + e->fin_wait2 +
						    e->time_wait);
	}
}

static void recorded_connections_are_counted_by_end_and_state(void **state)
{
	struct connection_table *t = count_recorded(BY_FAMILY, 0);

	(void)state;
	assert_recorded(t, true);
	table_unref(t);
}

static void connections_that_came_in_one_walk_are_the_same(void **state)
{
	struct connection_table *t = count_recorded(IN_ONE_WALK, 0);

	(void)state;
	assert_recorded(t, true);
	table_unref(t);
}

static void where_the_bytes_stand_does_not_matter(void **state)
{
	(void)state;
	for (size_t shift = 1; shift < 8; shift++) {
		struct connection_table *t = count_recorded(BY_FAMILY, shift);

		assert_recorded(t, true);
		table_unref(t);
	}
}

static void the_text_tables_tell_the_same_without_devices(void **state)
{
	struct connection_table *t = count_recorded_text();

	(void)state;
	assert_recorded(t, false);
	table_unref(t);
}

static const struct {
	uint8_t state;
	uint8_t counted_as; /* 0: not at all */
} state_rows[] = {
	{0, 0},  {1, 1},  {2, 2},  {3, 3},  {4, 4},   {5, 5},  {6, 6},
	{7, 0},  {8, 8},  {9, 9},  {10, 0}, {11, 11}, {12, 3}, {13, 0},
	{31, 0}, {32, 0}, {33, 0}, {64, 0}, {255, 0},
};

static void each_state_is_counted_as_itself_and_listeners_not_at_all(void **state)
{
	static const uint16_t port[] = {80};
	struct connection_counter *c = counter_of(port, 1);

	(void)state;
	for (size_t i = 0; i < N_OF(state_rows); i++) {
		struct diag_message m = diag_message_of(AF_INET, state_rows[i].state, 80);
		uint8_t as = state_rows[i].counted_as;
		struct connection_table *t;

		assert_int_equal(connections_decode(c, &m, sizeof(m)), 0);
		t = finish(c);
		assert_int_equal(t->n, as != 0);
		assert_int_equal(t->total, as != 0);
		if (as) {
			assert_int_equal(t->rows[0].counts[as], 1);
			assert_int_equal(sum_of(&t->rows[0]), 1);
		}
		table_unref(t);
	}
	connections_free(c);
}

static void only_the_wanted_ports_are_counted_and_all_are_in_the_total(void **state)
{
	static const uint16_t ports[] = {0, 7, 8, 80, 65535};
	struct connection_counter *c = counter_of(ports, N_OF(ports));
	struct connection_table *t;

	(void)state;
	for (unsigned port = 0; port <= UINT16_MAX; port++) {
		struct diag_message m = diag_message_of(AF_INET6, EST, (uint16_t)port);

		assert_int_equal(connections_decode(c, &m, sizeof(m)), 0);
	}
	t = finish(c);
	assert_int_equal(t->total, 65536);
	assert_int_equal(t->n, N_OF(ports));
	for (size_t i = 0; i < t->n; i++) {
		assert_int_equal(t->rows[i].port, ports[i]);
		assert_int_equal(sum_of(&t->rows[i]), 1);
	}
	table_unref(t);
	connections_free(c);
}

static void bytes_behind_a_v4_address_make_no_second_group(void **state)
{
	static const uint16_t port[] = {80};
	struct connection_counter *c = counter_of(port, 1);
	struct connection_table *t;

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct diag_message m = diag_message_of(AF_INET, EST, 80);

		m.body.id.idiag_src[1 + i] = i;
		assert_int_equal(connections_decode(c, &m, sizeof(m)), 0);
	}
	t = finish(c);
	assert_int_equal(t->n, 1);
	assert_int_equal(t->rows[0].counts[EST], 3);
	table_unref(t);
	connections_free(c);
}

static void many_ends_are_kept_apart_and_come_out_in_order(void **state)
{
	enum { N = 20000 };
	static const uint16_t port[] = {80, 81};
	struct connection_counter *c = counter_of(port, 2);
	struct connection_table *t;

	(void)state;
	for (uint32_t i = 0; i < 2 * N; i++) {
		struct diag_message m = diag_message_of(i % 2 ? AF_INET : AF_INET6, EST,
							i % 4 < 2 ? 80 : 81);

		m.body.id.idiag_src[0] = htonl(0x20010000 + i % N);
		m.body.id.idiag_if = i % 3;
		assert_int_equal(connections_decode(c, &m, sizeof(m)), 0);
	}
	t = finish(c);
	assert_int_equal(t->total, 2 * N);
	assert_int_equal(t->n, 2 * N); /* N is no multiple of 3, so no end comes again */
	for (size_t i = 0; i < t->n; i++) {
		const struct connection_group *a = &t->rows[i ? i - 1 : 0],
					      *b = &t->rows[i];
		int order = addr_compare(&a->local, &b->local);

		assert_int_equal(b->counts[EST], 1);
		assert_true(!i || a->port < b->port ||
			    (a->port == b->port &&
			     (order < 0 || (order == 0 && a->ifindex < b->ifindex))));
	}
	table_unref(t);
	connections_free(c);
}

static void a_counter_is_empty_after_finish_and_after_reset(void **state)
{
	struct connection_counter *c = counter_of(recorded_ports, N_OF(recorded_ports));
	struct connection_table *t;

	(void)state;
	count_file(c, "diag-tcp-connections-v4.bin", BY_FAMILY, 0);
	connections_reset(c);
	t = finish(c);
	assert_int_equal(t->n, 0);
	assert_int_equal(t->total, 0);
	table_unref(t);
	count_file(c, "diag-tcp-connections-v4.bin", BY_FAMILY, 0);
	table_unref(finish(c));
	t = finish(c);
	assert_int_equal(t->n, 0);
	assert_int_equal(t->total, 0);
	table_unref(t);
	connections_free(c);
}

static void a_part_cut_anywhere_is_counted_whole_or_not_at_all(void **state)
{
	struct fixture f = fixture_read("diag-tcp-connections-v6.bin");
	struct connection_counter *c = counter_of(recorded_ports, N_OF(recorded_ports));
	size_t n_whole = 0, n_most = 0;

	(void)state;
	for (size_t len = 0; len <= f.len; len++) {
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, len, 0, &at);
		int result = connections_decode(c, at, len);
		struct connection_table *t = finish(c);

		if (result) {
			assert_int_equal(result, -EBADMSG);
			assert_int_equal(t->total, 0);
			assert_int_equal(t->n, 0);
		}
		n_whole += result == 0;
		n_most = t->total > n_most ? t->total : n_most;
		table_unref(t);
		free(memory);
	}
	assert_int_equal(n_most, N_RECORDED_V6);
	assert_int_equal(n_whole, n_most + 2);
	connections_free(c);
	fixture_release(&f);
}

static void any_damaged_byte_is_counted_or_refused(void **state)
{
	struct fixture f = fixture_read("diag-tcp-connections-v6.bin");
	struct connection_counter *c = counter_of(recorded_ports, N_OF(recorded_ports));
	size_t n_refused = 0;

	(void)state;
	for (size_t i = 0; i < f.len * 8; i++) {
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, f.len, i % 5, &at);
		int result;
		struct connection_table *t;

		at[i / 8] ^= (uint8_t)(1 << i % 8);
		result = connections_decode(c, at, f.len);
		assert_true(result == 0 || result == -EBADMSG);
		n_refused += result != 0;
		t = finish(c);
		assert_in_range(t->total, 0, N_RECORDED_V6);
		table_unref(t);
		free(memory);
	}
	assert_in_range(n_refused, 100, f.len * 8 / 4);
	connections_free(c);
	fixture_release(&f);
}

static const struct {
	const char *what;
	size_t offset; /* into struct diag_message */
	uint8_t byte;
	int result;
} damages[] = {
	{"nothing", offsetof(struct diag_message, body.idiag_uid), 9, 0},
	{"done", offsetof(struct diag_message, head.nlmsg_type), NLMSG_DONE, 0},
	{"error", offsetof(struct diag_message, head.nlmsg_type), NLMSG_ERROR, -EBADMSG},
	{"no length", offsetof(struct diag_message, head.nlmsg_len), 0, -EBADMSG},
	{"half a body", offsetof(struct diag_message, head.nlmsg_len), 84, -EBADMSG},
	{"more than there is", offsetof(struct diag_message, head.nlmsg_len), 89, -EBADMSG},
	{"huge", offsetof(struct diag_message, head.nlmsg_len) + 3, 0xff, -EBADMSG},
	{"unix family", offsetof(struct diag_message, body.idiag_family), 1, -EBADMSG},
};

static void damaged_messages_are_refused(void **state)
{
	struct connection_counter *c = counter_of(recorded_ports, N_OF(recorded_ports));

	(void)state;
	for (size_t i = 0; i < N_OF(damages); i++) {
		struct diag_message bad = diag_message_of(AF_INET, EST, 80);
		int result;

		((uint8_t *)&bad)[damages[i].offset] = damages[i].byte;
		result = connections_decode(c, &bad, sizeof(bad));
		if (result != damages[i].result)
			fail_msg("%s: %d", damages[i].what, result);
	}
	connections_free(c);
}

static void a_damaged_line_is_refused(void **state)
{
	struct connection_counter *c = counter_of(recorded_ports, N_OF(recorded_ports));
	struct bundle_item item = {.name = text_of("net/tcp"),
				   .data = text_of("   0: 0100007F:0016\n")};

	(void)state;
	assert_int_equal(connections_decode_text(c, &item), -EBADMSG);
	item.name = text_of("net/raw");
	assert_int_equal(connections_decode_text(c, &item), 0);
	connections_free(c);
}

static void every_state_has_the_kernels_word(void **state)
{
	(void)state;
	assert_null(tcp_state_word(0));
	assert_string_equal(tcp_state_word(EST), "established");
	assert_string_equal(tcp_state_word(SENT), "syn_sent");
	assert_string_equal(tcp_state_word(RECV), "syn_recv");
	assert_string_equal(tcp_state_word(WAIT), "time_wait");
	assert_string_equal(tcp_state_word(CLOSE), "close");
	assert_string_equal(tcp_state_word(LISTEN), "listen");
	assert_string_equal(tcp_state_word(NEW), "new_syn_recv");
	assert_null(tcp_state_word(N_TCP_STATES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_connections_are_counted_by_end_and_state),
		cmocka_unit_test(connections_that_came_in_one_walk_are_the_same),
		cmocka_unit_test(where_the_bytes_stand_does_not_matter),
		cmocka_unit_test(the_text_tables_tell_the_same_without_devices),
		cmocka_unit_test(each_state_is_counted_as_itself_and_listeners_not_at_all),
		cmocka_unit_test(
			only_the_wanted_ports_are_counted_and_all_are_in_the_total),
		cmocka_unit_test(bytes_behind_a_v4_address_make_no_second_group),
		cmocka_unit_test(many_ends_are_kept_apart_and_come_out_in_order),
		cmocka_unit_test(a_counter_is_empty_after_finish_and_after_reset),
		cmocka_unit_test(a_part_cut_anywhere_is_counted_whole_or_not_at_all),
		cmocka_unit_test(any_damaged_byte_is_counted_or_refused),
		cmocka_unit_test(damaged_messages_are_refused),
		cmocka_unit_test(a_damaged_line_is_refused),
		cmocka_unit_test(every_state_has_the_kernels_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
