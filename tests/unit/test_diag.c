/* sock_diag answers become listeners: recorded ones, hand-made ones, damaged ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "core/sockets/diag.h"
#include "tests/unit/diag_message.h"
#include "tests/unit/fixture.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))
#define LISTEN     10

struct expected {
	enum socket_proto proto;
	const char *local;
	uint16_t port;
	uint32_t ifindex, inode, uid;
	enum tri v6only;
	uint32_t length, limit, send, drops;
};

static const struct answer {
	const char *file;
	enum socket_proto proto;
} tcp_answers[] = {{"diag-tcp-listen-v4.bin", PROTO_TCP},
		   {"diag-tcp-listen-v6.bin", PROTO_TCP}},
  mptcp_answers[] = {{"diag-tcp-listen-v6.bin", PROTO_TCP},
		     {"diag-mptcp-listen-v6.bin", PROTO_MPTCP}},
  udp_answers[] = {{"diag-udp-v4.bin", PROTO_UDP},
		   {"diag-udp-v6.bin", PROTO_UDP},
		   {"diag-udplite-v4.bin", PROTO_UDPLITE}};

static const struct expected tcp_rows[] = {
	{PROTO_TCP, "0.0.0.0", 22, 0, 37742, 0, TRI_NO, 1, 128, 128, 0},
	{PROTO_TCP, "::", 22, 0, 37741, 0, TRI_YES, 1, 128, 128, 0},
	{PROTO_TCP, "::", 80, 0, 37739, 0, TRI_NO, 0, 128, 128, 0},
	{PROTO_TCP, "::", 443, 0, 37747, 0, TRI_NO, 1, 128, 128, 0},
	{PROTO_TCP, "::ffff:127.0.0.1", 3306, 0, 37756, 0, TRI_NO, 1, 128, 128, 0},
	{PROTO_TCP, "127.0.0.1", 5432, 0, 37740, 26, TRI_NO, 0, 128, 128, 0},
	{PROTO_TCP, "127.0.0.1", 6379, 0, 37749, 0, TRI_NO, 3, 2, 2, 3},
	{PROTO_TCP, "0.0.0.0", 8080, 1, 37743, 0, TRI_NO, 1, 128, 128, 0},
	{PROTO_TCP, "127.0.0.1", 8080, 0, 37744, 0, TRI_NO, 1, 128, 128, 0},
	{PROTO_TCP, "0.0.0.0", 9090, 0, 37746, 0, TRI_NO, 0, 128, 128, 0},
	{PROTO_TCP, "0.0.0.0", 9090, 0, 37745, 0, TRI_NO, 0, 128, 128, 0},
};

static const struct expected udp_rows[] = {
	{PROTO_UDP, "127.0.0.1", 53, 0, 36515, 0, TRI_NO, 1664, 212992, 0, 0},
	{PROTO_UDP, "127.0.0.1", 514, 0, 36519, 0, TRI_NO, 3840, 4608, 0, 5},
	{PROTO_UDP, "::", 5353, 0, 36516, 0, TRI_NO, 0, 212992, 0, 0},
	{PROTO_UDPLITE, "0.0.0.0", 3002, 0, 36517, 0, TRI_NO, 0, 212992, 0, 0},
};

static void decode_file(struct diag_decoder *d, const struct answer *answer)
{
	struct fixture f = fixture_read(answer->file);

	assert_int_equal(diag_decode(d, answer->proto, f.bytes, f.len), 0);
	fixture_release(&f);
}

static struct socket_table *decode_files(const struct answer *answers, size_t n)
{
	struct diag_decoder d;
	struct socket_table *t;

	diag_init(&d);
	for (size_t i = 0; i < n; i++)
		decode_file(&d, &answers[i]);
	t = diag_finish(&d);
	assert_non_null(t);
	assert_false(t->from_text);
	diag_release(&d);
	return t;
}

static void assert_row(const struct socket_row *row, const struct expected *e)
{
	char local[ADDR_TEXT_MAX];

	assert_int_equal(row->proto, e->proto);
	assert_string_equal(addr_format(&row->local, local), e->local);
	assert_int_equal(row->family, row->local.family);
	assert_int_equal(row->port, e->port);
	assert_int_equal(row->ifindex, e->ifindex);
	assert_int_equal(row->inode, e->inode);
	assert_int_equal(row->uid, e->uid);
	assert_int_equal(row->v6only, e->v6only);
	assert_int_equal(row->queue_length, e->length);
	assert_int_equal(row->queue_limit, e->limit);
	assert_int_equal(row->send_queue, e->send);
	assert_int_equal(row->drops, e->drops);
	assert_int_equal(row->cgroup_id, 1);
	assert_int_not_equal(row->cookie, 0);
}

static void assert_table(struct socket_table *t, const struct expected *rows, size_t n)
{
	assert_int_equal(t->n, n);
	for (size_t i = 0; i < n; i++)
		assert_row(&t->rows[i], &rows[i]);
	table_unref(t);
}

static void recorded_tcp_listeners_become_rows_in_order(void **state)
{
	(void)state;
	assert_table(decode_files(tcp_answers, N_OF(tcp_answers)), tcp_rows,
		     N_OF(tcp_rows));
}

static void listeners_that_came_in_one_walk_are_the_same(void **state)
{
	struct diag_decoder d;

	(void)state;
	diag_init(&d);
	for (size_t i = 0; i < N_OF(tcp_answers); i++) {
		struct fixture f = fixture_read(tcp_answers[i].file);

		diag_make_old(f.bytes, f.len);
		assert_int_equal(diag_decode(&d, PROTO_TCP, f.bytes, f.len), 0);
		fixture_release(&f);
	}
	assert_table(diag_finish(&d), tcp_rows, N_OF(tcp_rows));
	diag_release(&d);
}

static void recorded_udp_sockets_have_their_buffer_as_limit_and_their_drops(void **state)
{
	(void)state;
	assert_table(decode_files(udp_answers, N_OF(udp_answers)), udp_rows,
		     N_OF(udp_rows));
}

static void
an_mptcp_listener_is_told_by_both_dumps_with_one_inode_and_two_cookies(void **state)
{
	struct socket_table *t = decode_files(mptcp_answers, N_OF(mptcp_answers));
	const struct socket_row *tcp = &t->rows[2], *mptcp = &t->rows[4];

	(void)state;
	assert_int_equal(t->n, 5);
	assert_int_equal(tcp->proto, PROTO_TCP);
	assert_int_equal(mptcp->proto, PROTO_MPTCP);
	assert_int_equal(tcp->port, 443);
	assert_int_equal(mptcp->port, 443);
	assert_int_equal(tcp->inode, mptcp->inode);
	assert_int_equal(tcp->queue_length, mptcp->queue_length);
	assert_int_not_equal(tcp->cookie, mptcp->cookie);
	table_unref(t);
}

static void tcp_sockets_that_answer_for_mptcp_stay_tcp_sockets(void **state)
{
	static const struct answer old_kernel[] = {{"diag-tcp-listen-v4.bin", PROTO_MPTCP},
						   {"diag-tcp-listen-v4.bin", PROTO_TCP}};
	struct socket_table *t = decode_files(old_kernel, N_OF(old_kernel));

	(void)state;
	assert_int_equal(t->n, 7);
	for (size_t i = 0; i < t->n; i++)
		assert_int_equal(t->rows[i].proto, PROTO_TCP);
	table_unref(t);
}

static void connections_are_no_listeners(void **state)
{
	static const struct answer answers[] = {{"diag-tcp-connections-v4.bin", PROTO_TCP},
						{"diag-tcp-connections-v6.bin", PROTO_TCP},
						{"diag-tcp-connections-v6.bin", PROTO_UDP},
						{"diag-tcp-listen-v4.bin", PROTO_UDP},
						{"diag-udp-v4.bin", PROTO_TCP}};

	(void)state;
	assert_table(decode_files(answers, N_OF(answers)), NULL, 0);
}

static void a_socket_told_twice_is_one_row_even_if_it_moved(void **state)
{
	struct diag_message twice[3] = {diag_message_of(AF_INET, LISTEN, 80),
					diag_message_of(AF_INET, LISTEN, 81),
					diag_message_of(AF_INET, LISTEN, 80)};
	struct diag_decoder d;
	struct socket_table *t;

	(void)state;
	twice[2].body.id.idiag_if = 4;
	diag_init(&d);
	assert_int_equal(diag_decode(&d, PROTO_TCP, twice, sizeof(twice)), 0);
	t = diag_finish(&d);
	assert_non_null(t);
	assert_int_equal(t->n, 2);
	assert_int_equal(t->rows[0].port, 80);
	assert_int_equal(t->rows[1].port, 81);
	table_unref(t);
	diag_release(&d);
}

static void what_is_not_told_stays_unknown(void **state)
{
	struct diag_message bare[3] = {diag_message_of(AF_INET6, LISTEN, 80),
				       diag_message_of(AF_INET, LISTEN, 81),
				       diag_message_of(AF_INET, LISTEN, 0)};
	struct diag_decoder d;
	struct socket_table *t;

	(void)state;
	memset(bare[0].body.id.idiag_cookie, 0xff, sizeof(bare[0].body.id.idiag_cookie));
	diag_init(&d);
	assert_int_equal(diag_decode(&d, PROTO_TCP, bare, sizeof(bare)), 0);
	t = diag_finish(&d);
	assert_non_null(t);
	assert_int_equal(t->n, 2);
	assert_int_equal(t->rows[0].v6only, TRI_UNSURE);
	assert_int_equal(t->rows[1].v6only, TRI_NO);
	assert_int_equal(t->rows[0].cookie, 0);
	assert_int_equal(t->rows[0].drops, QUEUE_UNKNOWN);
	assert_int_equal(t->rows[0].cgroup_id, 0);
	table_unref(t);
	diag_release(&d);
}

/* A socket with one attribute of 4 bytes. */
struct with_attribute {
	struct diag_message m;
	struct nlattr head;
	uint8_t data[4];
};

static const struct damage {
	const char *what;
	size_t offset; /* into struct with_attribute */
	uint8_t byte;
	int result;
} damages[] = {
	{"nothing", offsetof(struct with_attribute, m.body.idiag_uid), 7, 0},
	{"done", offsetof(struct with_attribute, m.head.nlmsg_type), NLMSG_DONE, 0},
	{"noop", offsetof(struct with_attribute, m.head.nlmsg_type), NLMSG_NOOP, 0},
	{"error", offsetof(struct with_attribute, m.head.nlmsg_type), NLMSG_ERROR,
	 -EBADMSG},
	{"other type", offsetof(struct with_attribute, m.head.nlmsg_type), 16, -EBADMSG},
	{"no length", offsetof(struct with_attribute, m.head.nlmsg_len), 0, -EBADMSG},
	{"less than a header", offsetof(struct with_attribute, m.head.nlmsg_len), 15,
	 -EBADMSG},
	{"less than a body", offsetof(struct with_attribute, m.head.nlmsg_len), 87,
	 -EBADMSG},
	{"more than there is", offsetof(struct with_attribute, m.head.nlmsg_len), 97,
	 -EBADMSG},
	{"no family", offsetof(struct with_attribute, m.body.idiag_family), 0, -EBADMSG},
	{"unix family", offsetof(struct with_attribute, m.body.idiag_family), 1, -EBADMSG},
	{"v6only", offsetof(struct with_attribute, head.nla_type), INET_DIAG_SKV6ONLY, 0},
	{"short cgroup", offsetof(struct with_attribute, head.nla_type),
	 INET_DIAG_CGROUP_ID, -EBADMSG},
	{"short memory", offsetof(struct with_attribute, head.nla_type),
	 INET_DIAG_SKMEMINFO, 0},
	{"future attribute", offsetof(struct with_attribute, head.nla_type), 200, 0},
	{"endless attribute", offsetof(struct with_attribute, head.nla_len), 200, 0},
	{"headless attribute", offsetof(struct with_attribute, head.nla_len), 0, 0},
};

static void damaged_messages_are_refused_and_unknown_ones_are_not(void **state)
{
	struct with_attribute good = {.m = diag_message_of(AF_INET6, LISTEN, 80),
				      .head = {.nla_len = 8, .nla_type = INET_DIAG_MARK}};
	struct diag_decoder d;

	(void)state;
	good.m.head.nlmsg_len = sizeof(good);
	diag_init(&d);
	for (size_t i = 0; i < N_OF(damages); i++) {
		struct with_attribute bad = good;
		int result;

		((uint8_t *)&bad)[damages[i].offset] = damages[i].byte;
		result = diag_decode(&d, PROTO_TCP, &bad, sizeof(bad));
		if (result != damages[i].result)
			fail_msg("%s: %d", damages[i].what, result);
	}
	diag_release(&d);
}

static void an_empty_v6only_is_refused(void **state)
{
	struct with_attribute bad = {
		.m = diag_message_of(AF_INET6, LISTEN, 80),
		.head = {.nla_len = 4, .nla_type = INET_DIAG_SKV6ONLY}};
	struct diag_decoder d;

	(void)state;
	bad.m.head.nlmsg_len = sizeof(bad.m) + 4;
	diag_init(&d);
	assert_int_equal(diag_decode(&d, PROTO_TCP, &bad, sizeof(bad.m) + 4), -EBADMSG);
	diag_release(&d);
}

static void of_a_damaged_part_nothing_is_kept_and_of_earlier_ones_everything(void **state)
{
	struct fixture f = fixture_read("diag-tcp-listen-v4.bin");
	struct diag_decoder d;
	struct socket_table *t;

	(void)state;
	diag_init(&d);
	decode_file(&d, &tcp_answers[1]);
	assert_int_equal(diag_decode(&d, PROTO_TCP, f.bytes, f.len - 3), -EBADMSG);
	t = diag_finish(&d);
	assert_non_null(t);
	assert_int_equal(t->n, 4);
	for (size_t i = 0; i < t->n; i++)
		assert_int_equal(t->rows[i].family, AF_INET6);
	table_unref(t);
	diag_release(&d);
	fixture_release(&f);
}

static void a_part_cut_anywhere_is_whole_messages_or_refused(void **state)
{
	struct fixture f = fixture_read("diag-tcp-listen-v4.bin");
	size_t n_whole = 0;

	(void)state;
	for (size_t len = 0; len <= f.len; len++) {
		struct diag_decoder d;
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, len, 0, &at);
		int result;

		diag_init(&d);
		result = diag_decode(&d, PROTO_TCP, at, len);
		n_whole += result == 0;
		if (result) {
			assert_int_equal(result, -EBADMSG);
			assert_int_equal(d.rows.n, 0);
		}
		diag_release(&d);
		free(memory);
	}
	assert_int_equal(n_whole, 9); /* nothing, 7 sockets, DONE */
	fixture_release(&f);
}

static void where_the_bytes_stand_does_not_matter(void **state)
{
	struct fixture f = fixture_read("diag-tcp-listen-v4.bin");

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		struct diag_decoder d;
		struct socket_table *t;
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, f.len, shift, &at);

		diag_init(&d);
		assert_int_equal(diag_decode(&d, PROTO_TCP, at, f.len), 0);
		t = diag_finish(&d);
		assert_non_null(t);
		assert_int_equal(t->n, 7);
		assert_row(&t->rows[0], &tcp_rows[0]);
		assert_row(&t->rows[6], &tcp_rows[10]);
		table_unref(t);
		diag_release(&d);
		free(memory);
	}
	fixture_release(&f);
}

static void any_damaged_byte_gives_rows_or_a_refusal(void **state)
{
	struct fixture f = fixture_read("diag-tcp-listen-v6.bin");
	size_t n_refused = 0;

	(void)state;
	for (size_t i = 0; i < f.len * 8; i++) {
		struct diag_decoder d;
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, f.len, 0, &at);
		int result;

		at[i / 8] ^= (uint8_t)(1 << i % 8);
		diag_init(&d);
		result = diag_decode(&d, PROTO_TCP, at, f.len);
		assert_true(result == 0 || result == -EBADMSG);
		assert_in_range(d.rows.n, 0, result ? 0 : 4);
		n_refused += result != 0;
		diag_release(&d);
		free(memory);
	}
	assert_in_range(n_refused, 100, f.len * 8 / 4);
	fixture_release(&f);
}

static void finish_and_reset_leave_an_empty_decoder(void **state)
{
	struct diag_decoder d;
	struct socket_table *t;

	(void)state;
	diag_init(&d);
	decode_file(&d, &tcp_answers[0]);
	diag_reset(&d);
	t = diag_finish(&d);
	assert_table(t, NULL, 0);
	decode_file(&d, &tcp_answers[0]);
	table_unref(diag_finish(&d));
	assert_table(diag_finish(&d), NULL, 0);
	diag_release(&d);
}

static void every_protocol_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(socket_proto_word(PROTO_TCP), "tcp");
	assert_string_equal(socket_proto_word(PROTO_UDP), "udp");
	assert_string_equal(socket_proto_word(PROTO_UDPLITE), "udplite");
	assert_string_equal(socket_proto_word(PROTO_MPTCP), "mptcp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_tcp_listeners_become_rows_in_order),
		cmocka_unit_test(listeners_that_came_in_one_walk_are_the_same),
		cmocka_unit_test(
			recorded_udp_sockets_have_their_buffer_as_limit_and_their_drops),
		cmocka_unit_test(
			an_mptcp_listener_is_told_by_both_dumps_with_one_inode_and_two_cookies),
		cmocka_unit_test(tcp_sockets_that_answer_for_mptcp_stay_tcp_sockets),
		cmocka_unit_test(connections_are_no_listeners),
		cmocka_unit_test(a_socket_told_twice_is_one_row_even_if_it_moved),
		cmocka_unit_test(what_is_not_told_stays_unknown),
		cmocka_unit_test(damaged_messages_are_refused_and_unknown_ones_are_not),
		cmocka_unit_test(an_empty_v6only_is_refused),
		cmocka_unit_test(
			of_a_damaged_part_nothing_is_kept_and_of_earlier_ones_everything),
		cmocka_unit_test(a_part_cut_anywhere_is_whole_messages_or_refused),
		cmocka_unit_test(where_the_bytes_stand_does_not_matter),
		cmocka_unit_test(any_damaged_byte_gives_rows_or_a_refusal),
		cmocka_unit_test(finish_and_reset_leave_an_empty_decoder),
		cmocka_unit_test(every_protocol_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
