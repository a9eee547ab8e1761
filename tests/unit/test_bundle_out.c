/* Files as items of an answer: whole, in pieces, cut, or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/host/tape/bundle_out.h"
#include "core/host/broker/mailbox.h"
#include "core/host/broker/protocol.h"

#define N_OF(rows) (sizeof(rows) / sizeof(*(rows)))

static struct bundle_out out; /* large */
static char dir[] = "/tmp/test_bundle_out.XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink("file");
	unlink("fifo");
	return chdir("/") || rmdir(dir);
}

/* Byte i of the file. */
static char byte_at(size_t i)
{
	return (char)(i * 31 % 251);
}

static void make_file(size_t size)
{
	int fd = open("file", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char chunk[4096];

	for (size_t at = 0; at < size; at += sizeof(chunk)) {
		size_t n = size - at < sizeof(chunk) ? size - at : sizeof(chunk);

		for (size_t i = 0; i < n; i++)
			chunk[i] = byte_at(at + i);
		assert_int_equal(write(fd, chunk, n), n);
	}
	close(fd);
}

struct sum {
	size_t n_items, n_bytes;
	int error; /* of the last item */
};

static void take_items(struct sum *sum, const struct blob *b)
{
	struct bundle_reader reader;
	struct bundle_item item;

	bundle_read(&reader, b->bytes, b->len);
	while (bundle_next(&reader, &item) == 1) {
		assert_true(text_equals_str(item.name, "a/name"));
		for (size_t i = 0; i < item.data.len; i++)
			if (item.data.bytes[i] != byte_at(sum->n_bytes + i))
				fail_msg("byte %zu", sum->n_bytes + i);
		sum->n_items++;
		sum->n_bytes += item.data.len;
		assert_int_equal(sum->error, 0);
		sum->error = item.error;
	}
}

static struct sum read_back(const char *path, size_t limit)
{
	struct sum sum = {0};
	struct message message;
	struct mailbox m;
	struct blob b;
	int fds[2];

	assert_int_equal(mailbox_pair(fds), 0);
	bundle_out_start(&out, fds[1], 1, 0);
	assert_int_equal(bundle_out_file(&out, AT_FDCWD, path, "a/name", limit), 0);
	assert_int_equal(bundle_out_end(&out, BLOB_LAST, 0), 0);
	close(fds[1]);
	assert_int_equal(mailbox_init_take(&m, fds[0]), 0);
	do {
		assert_int_equal(mailbox_receive(&m), 1);
		assert_int_equal(message_parse(&message, m.packet, m.packet_len), 0);
		assert_int_equal(message_get_blob(&b, &message), 0);
		take_items(&sum, &b);
	} while (!blob_is_end(&b));
	mailbox_release(&m);
	return sum;
}

static const struct {
	size_t size, limit;
	struct sum wanted;
} rows[] = {
	{0, 100, {1, 0, 0}},
	{99, 100, {1, 99, 0}},
	{100, 100, {1, 100, 0}},
	{101, 100, {1, 100, EMSGSIZE}},
	{65000, 1 << 20, {1, 65000, 0}},
	{65272, 1 << 20, {1, 65272, 0}},
	{65273, 1 << 20, {2, 65273, 0}},
	{130544, 1 << 20, {2, 130544, 0}},
	{150000, 1 << 20, {3, 150000, 0}},
	{150000, 70000, {2, 70000, EMSGSIZE}},
	{150000, 65272, {1, 65272, EMSGSIZE}},
};

static bool is_same(const struct sum *a, const struct sum *b)
{
	return a->n_items == b->n_items && a->n_bytes == b->n_bytes && a->error == b->error;
}

static void a_file_is_whole_up_to_its_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct sum sum;

		make_file(rows[i].size);
		sum = read_back("file", rows[i].limit);
		if (!is_same(&sum, &rows[i].wanted))
			fail_msg("%zu of %zu: %zu items, %zu bytes, error %d",
				 rows[i].limit, rows[i].size, sum.n_items, sum.n_bytes,
				 sum.error);
	}
}

static void what_is_no_file_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(read_back("fifo", 100).error, EINVAL);
	assert_int_equal(read_back(".", 100).error, EINVAL);
	assert_int_equal(read_back("/dev/zero", 100).error, EINVAL);
	assert_int_equal(read_back("nothing", 100).error, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_whole_up_to_its_limit),
		cmocka_unit_test(what_is_no_file_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
