/* The text tables of /proc/net: what they tell, and what they do not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "core/sockets/diag.h"
#include "core/sockets/procnet.h"
#include "tests/unit/fixture.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
	const char *name, *file;
} recorded[] = {{"net/tcp", "procnet-tcp.txt"},
		{"net/tcp6", "procnet-tcp6.txt"},
		{"net/udp", "procnet-udp.txt"},
		{"net/udp6", "procnet-udp6.txt"}};

static const struct {
	const char *file;
	enum socket_proto proto;
} same_by_diag[] = {{"diag-tcp-listen-v4.bin", PROTO_TCP},
		    {"diag-tcp-listen-v6.bin", PROTO_TCP},
		    {"diag-udp-v4.bin", PROTO_UDP},
		    {"diag-udp-v6.bin", PROTO_UDP}};

static struct socket_table *table_of_text(void)
{
	struct vec rows = VEC_OF(struct socket_row);
	struct socket_table *t;

	for (size_t i = 0; i < N_OF(recorded); i++) {
		struct fixture f = fixture_read(recorded[i].file);
		struct bundle_item item = {.name = text_of(recorded[i].name),
					   .data = {(char *)f.bytes, f.len}};

		assert_int_equal(procnet_decode(&rows, &item), 0);
		fixture_release(&f);
	}
	t = procnet_finish(&rows);
	assert_non_null(t);
	assert_int_equal(rows.n, 0);
	vec_release(&rows);
	return t;
}

static struct socket_table *table_of_diag(void)
{
	struct diag_decoder d;
	struct socket_table *t;

	diag_init(&d);
	for (size_t i = 0; i < N_OF(same_by_diag); i++) {
		struct fixture f = fixture_read(same_by_diag[i].file);

		assert_int_equal(diag_decode(&d, same_by_diag[i].proto, f.bytes, f.len), 0);
		fixture_release(&f);
	}
	t = diag_finish(&d);
	assert_non_null(t);
	diag_release(&d);
	return t;
}

static const struct socket_row *find_inode(const struct socket_table *t, uint32_t inode)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->rows[i].inode == inode)
			return &t->rows[i];
	}
	fail_msg("no inode %u", inode);
	return NULL;
}

static void the_recorded_text_tells_the_sockets_that_sock_diag_told(void **state)
{
	struct socket_table *text = table_of_text(), *diag = table_of_diag();

	(void)state;
	assert_true(text->from_text);
	assert_int_equal(text->n, 14);
	assert_int_equal(text->n, diag->n);
	for (size_t i = 0; i < diag->n; i++) {
		const struct socket_row *d = &diag->rows[i];
		const struct socket_row *t = find_inode(text, d->inode);

		assert_int_equal(t->proto, d->proto);
		assert_int_equal(t->family, d->family);
		assert_true(addr_equals(&t->local, &d->local));
		assert_int_equal(t->port, d->port);
		assert_int_equal(t->uid, d->uid);
		assert_int_equal(t->queue_length, d->queue_length);
		if (d->proto == PROTO_UDP) {
			assert_int_equal(t->drops, d->drops);
			assert_int_equal(t->send_queue, d->send_queue);
		}
	}
	table_unref(text);
	table_unref(diag);
}

static void what_the_text_does_not_tell_is_unknown(void **state)
{
	struct socket_table *t = table_of_text();

	(void)state;
	for (size_t i = 0; i < t->n; i++) {
		const struct socket_row *row = &t->rows[i];

		assert_int_equal(row->queue_limit, QUEUE_UNKNOWN);
		assert_int_equal(row->v6only, row->family == AF_INET ? TRI_NO : TRI_UNSURE);
		assert_int_equal(row->cookie, 0);
		assert_int_equal(row->ifindex, 0);
		if (row->proto == PROTO_TCP) {
			assert_int_equal(row->drops, QUEUE_UNKNOWN);
			assert_int_equal(row->send_queue, QUEUE_UNKNOWN);
		}
	}
	table_unref(t);
}

static void rows_are_sorted_and_a_line_told_twice_is_one_row(void **state)
{
	struct vec rows = VEC_OF(struct socket_row);
	struct fixture f = fixture_read("procnet-tcp.txt");
	struct bundle_item item = {.name = text_of("net/tcp"),
				   .data = {(char *)f.bytes, f.len}};
	struct socket_table *t;

	(void)state;
	assert_int_equal(procnet_decode(&rows, &item), 0);
	assert_int_equal(procnet_decode(&rows, &item), 0);
	t = procnet_finish(&rows);
	assert_non_null(t);
	assert_int_equal(t->n, 7);
	for (size_t i = 1; i < t->n; i++)
		assert_true(socket_row_compare(&t->rows[i - 1], &t->rows[i]) < 0);
	table_unref(t);
	vec_release(&rows);
	fixture_release(&f);
}

#define UP_TO_INODE " 00000000:0000 0A 00000002:00000003 00:00000000 00000000  1000  0 "
#define REST        UP_TO_INODE "77"

static const struct {
	const char *name, *data;
	int error; /* of the item */
	int result;
	size_t n;
} line_rows[] = {
	{"net/tcp", "", 0, 0, 0},
	{"net/tcp", "", ENOENT, 0, 0},
	{"net/tcp", "  sl  local_address rem_address   st\n", 0, 0, 0},
	{"net/tcp", "0: 0100007F:0016" REST "\n", 0, 0, 1},
	{"net/tcp", "0: 0100007F:0016" REST, 0, 0, 1},
	{"net/tcp", "0: 0100007F:0016" REST " 1 ffff888 100 0 0 10 0   \n", 0, 0, 1},
	{"net/tcp", "0: 0100007F:0016" REST "\n1: 0100007F:0017" REST "\n", 0, 0, 2},
	{"net/tcp", "0: 0100007F:0016" REST "\nsl\n1: 0100007F:0017" REST "\n", 0, 0, 2},
	{"net/tcp", "0: 0100007F:0016" REST "\n1: 0100007F:00", EMSGSIZE, 0, 1},
	{"net/tcp", "0: 0100007F:0016" REST "\n1: 0100007F:00", 0, -EBADMSG, 1},
	{"net/tcp", "0: 0100007F:0016" REST "\n\n", 0, -EBADMSG, 1},
	{"net/tcp", "0: 0100007F:0000" REST "\n", 0, 0, 0},
	{"net/tcp", "0: 0100007F:10016" REST "\n", 0, -EBADMSG, 0},
	{"net/tcp", "0: 100007F:0016" REST "\n", 0, -EBADMSG, 0},
	{"net/tcp", "0: 00100007F:0016" REST "\n", 0, -EBADMSG, 0},
	{"net/tcp", "0: 0100007G:0016" REST "\n", 0, -EBADMSG, 0},
	{"net/tcp", "0: 0100007F 0016" REST "\n", 0, -EBADMSG, 0},
	{"net/tcp", "0 0100007F:0016" REST "\n", 0, -EBADMSG, 0},
	{"net/tcp", "-1: 0100007F:0016" REST "\n", 0, -EBADMSG, 0},
	{"net/tcp", "0: 0100007F:0016" UP_TO_INODE "4294967295\n", 0, 0, 1},
	{"net/tcp", "0: 0100007F:0016" UP_TO_INODE "4294967296\n", 0, -EBADMSG, 0},
	{"net/tcp", "0: 0100007F:0016" REST "999999999999999999999\n", 0, -EBADMSG, 0},
	{"net/tcp6", "0: 0100007F:0016" REST "\n", 0, -EBADMSG, 0},
	{"net/udp", "0: 0100007F:0016" REST " 2 0000 0\n", 0, 0, 0},
	{"net/udp", "0: 0100007F:0016" REST "\n", 0, -EBADMSG, 0},
	{"net/udplite", "what ever\n", 0, 0, 0},
	{"net/tcp66", "what ever\n", 0, 0, 0},
	{"net/tc", "what ever\n", 0, 0, 0},
	{"", "what ever\n", 0, 0, 0},
};

static void lines_are_read_strictly_and_those_before_a_bad_one_stay(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(line_rows); i++) {
		struct vec rows = VEC_OF(struct socket_row);
		struct text data = text_of(line_rows[i].data);
		uint8_t *at;
		void *memory = fixture_copy(data.bytes, data.len, 0, &at);
		struct bundle_item item = {.name = text_of(line_rows[i].name),
					   .data = {(char *)at, data.len},
					   .error = line_rows[i].error};
		int result = procnet_decode(&rows, &item);

		if (result != line_rows[i].result || rows.n != line_rows[i].n)
			fail_msg("row %zu: %d, %zu rows", i, result, rows.n);
		vec_release(&rows);
		free(memory);
	}
}

static void a_line_tells_both_queues_the_user_and_the_inode(void **state)
{
	struct bundle_item item = {.name = text_of("net/tcp"),
				   .data = text_of("0: 0100007F:0016" REST)};
	struct procnet_reader r;
	struct procnet_line line;

	(void)state;
	procnet_read(&r, &item);
	assert_int_equal(procnet_next(&r, &line), 1);
	assert_int_equal(line.port, 22);
	assert_int_equal(line.state, 10);
	assert_int_equal(line.send_queue, 2);
	assert_int_equal(line.receive_queue, 3);
	assert_int_equal(line.uid, 1000);
	assert_int_equal(line.inode, 77);
	assert_int_equal(line.drops, QUEUE_UNKNOWN);
	assert_int_equal(procnet_next(&r, &line), 0);
}

static void a_table_cut_anywhere_gives_rows_or_a_refusal(void **state)
{
	struct fixture f = fixture_read("procnet-udp.txt");

	(void)state;
	for (size_t len = 0; len <= f.len; len++) {
		struct vec rows = VEC_OF(struct socket_row);
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, len, 0, &at);
		struct bundle_item item = {.name = text_of("net/udp"),
					   .data = {(char *)at, len}};
		int result = procnet_decode(&rows, &item);

		assert_true(result == 0 || result == -EBADMSG);
		item.error = EMSGSIZE;
		vec_reset(&rows);
		assert_int_equal(procnet_decode(&rows, &item), 0);
		assert_in_range(rows.n, 0, 2);
		vec_release(&rows);
		free(memory);
	}
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recorded_text_tells_the_sockets_that_sock_diag_told),
		cmocka_unit_test(what_the_text_does_not_tell_is_unknown),
		cmocka_unit_test(rows_are_sorted_and_a_line_told_twice_is_one_row),
		cmocka_unit_test(lines_are_read_strictly_and_those_before_a_bad_one_stay),
		cmocka_unit_test(a_line_tells_both_queues_the_user_and_the_inode),
		cmocka_unit_test(a_table_cut_anywhere_gives_rows_or_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
