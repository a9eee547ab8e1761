/* What the broker answers unasked: the ui's end of the seam on a socket, whose other end
 * the test plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/channel_ends.h"

static const struct request first[] = {
	{.kind = REQUEST_FILES, .files.set = FILES_NET},
	{.kind = REQUEST_CGROUPS},
};

static int open_expecting(void **state)
{
	int fds[2];

	(void)state;
	if (mailbox_pair(fds) || mailbox_init_take(&broker, fds[1]))
		return -1;
	channel = channel_live_take(fds[0]);
	if (channel)
		channel_expect(channel, first, 2);
	return channel ? 0 : -1;
}

static int close_both(void **state)
{
	(void)state;
	channel_free(channel);
	mailbox_release(&broker);
	return 0;
}

static void answer(uint32_t seq, uint32_t part, enum blob_status status)
{
	uint8_t head[MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE];
	struct blob b = part_of(seq, part, status, "told", 4);
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)b.bytes, b.len}};

	message_put_blob(head, &b);
	assert_int_equal(mailbox_send(&broker, iov, 2, -1), 0);
}

static void expect_part(uint32_t seq)
{
	struct blob b;

	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	assert_int_equal(b.seq, seq);
	assert_memory_equal(b.bytes, "told", 4);
}

static void test_what_is_expected_is_not_sent(void **state)
{
	uint32_t seq;

	(void)state;
	answer(1, 0, BLOB_LAST);
	assert_int_equal(channel_request(channel, &first[1], &seq), 0);
	assert_int_equal(seq, 2);
	assert_int_equal(channel_request(channel, &first[0], &seq), 0);
	assert_int_equal(seq, 1);
	assert_int_equal(mailbox_receive(&broker), 0);
	expect_part(1);
	answer(2, 0, BLOB_MORE);
	answer(2, 1, BLOB_LAST);
	expect_part(2);
	expect_part(2);
}

static void test_a_second_time_it_is_sent(void **state)
{
	struct message m;
	uint32_t seq;

	(void)state;
	for (uint32_t i = 0; i < 2; i++)
		assert_int_equal(channel_request(channel, &first[0], &seq), 0);
	assert_int_equal(seq, 3);
	assert_int_equal(mailbox_receive(&broker), 1);
	assert_int_equal(message_parse(&m, broker.packet, broker.packet_len), 0);
	assert_int_equal(m.seq, 3);
	assert_int_equal(mailbox_receive(&broker), 0);
}

static void test_other_words_are_sent(void **state)
{
	struct request other = first[0];
	uint32_t seq;

	(void)state;
	other.files.set = FILES_HOST;
	assert_int_equal(channel_request(channel, &other, &seq), 0);
	assert_int_equal(seq, 3);
	assert_int_equal(mailbox_receive(&broker), 1);
}

/* Of which a part is lost is never told by halves. */
static void test_what_came_before_it_was_asked_for_is_asked_anew(void **state)
{
	struct blob b;
	uint32_t seq;

	(void)state;
	answer(1, 0, BLOB_MORE);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_NOTHING);
	assert_int_equal(channel_request(channel, &first[0], &seq), 0);
	assert_int_equal(seq, 3);
	assert_int_equal(mailbox_receive(&broker), 1);
	answer(1, 1, BLOB_LAST);
	answer(3, 0, BLOB_LAST);
	expect_part(3);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_NOTHING);
}

static void test_it_is_recorded_as_any_answer(void **state)
{
	int fd = new_file(), kept = dup(fd);
	struct str bytes;
	uint32_t seq;

	(void)state;
	channel_record_take(channel, recorder_open_take(fd, WALL_NS, "uid=0"));
	assert_int_equal(channel_request(channel, &first[1], &seq), 0);
	answer(2, 0, BLOB_LAST);
	expect_part(2);
	assert_int_equal(channel_record_close(channel), 0);
	bytes = bytes_of(kept);
	close(kept);
	assert_non_null(memmem(bytes.data, bytes.len, "cgroups", 7));
	str_release(&bytes);
}

#define expecting(test) cmocka_unit_test_setup_teardown(test, open_expecting, close_both)

int main(void)
{
	const struct CMUnitTest tests[] = {
		expecting(test_what_is_expected_is_not_sent),
		expecting(test_a_second_time_it_is_sent),
		expecting(test_other_words_are_sent),
		expecting(test_what_came_before_it_was_asked_for_is_asked_anew),
		expecting(test_it_is_recorded_as_any_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
