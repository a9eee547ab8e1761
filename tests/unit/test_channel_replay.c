/* The ui's end of the seam on a recording: the same calls, answered as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/channel_ends.h"

static const struct request net_files = {.kind = REQUEST_FILES, .files.set = FILES_NET};
static const struct request groups = {.kind = REQUEST_CGROUPS};

/* Two answers to one request, one of them in two parts, and one to another. */
static struct recording *two_looks(struct str *bytes)
{
	int fd = new_file(), kept = dup(fd);
	struct recorder *r = new_recorder(fd);
	char error[256];
	struct recording *rec;
	const struct blob parts[] = {
		part_of(1, 0, BLOB_MORE, "a", 1),
		part_of(1, 1, BLOB_LAST, "b", 1),
		part_of(2, 0, BLOB_LAST, "group", 5),
		part_of(3, 0, BLOB_INTERRUPTED, "c", 1),
	};

	for (size_t i = 0; i < N_OF(parts); i++)
		assert_int_equal(recorder_write(r, parts[i].seq == 2 ? "cgroups/-" : TEXT,
						&parts[i]),
				 0);
	assert_int_equal(recorder_close(r), 0);
	*bytes = bytes_of(kept);
	close(kept);
	rec = recording_from_bytes(bytes->data, bytes->len, error);
	assert_non_null(rec);
	return rec;
}

static struct str recorded;

static int open_replay(void **state)
{
	(void)state;
	channel = channel_replay_take(two_looks(&recorded), -1);
	return channel ? 0 : -1;
}

static int close_replay(void **state)
{
	(void)state;
	channel_free(channel);
	str_release(&recorded);
	return 0;
}

/* Asks, and takes the whole answer: its bytes one after another; *last is its end. */
static const char *ask(const struct request *r, struct blob *last)
{
	static char bytes[64];
	uint32_t seq;
	size_t len = 0;

	assert_int_equal(channel_request(channel, r, &seq), 0);
	assert_true(is_readable(channel_fd(channel)));
	for (uint32_t part = 0;; part++) {
		assert_int_equal(channel_receive(channel, last), CHANNEL_BLOB);
		assert_int_equal(last->seq, seq);
		assert_int_equal(last->part, part);
		if (last->len)
			memcpy(bytes + len, last->bytes, last->len);
		len += last->len;
		if (blob_is_end(last))
			break;
	}
	bytes[len] = '\0';
	return bytes;
}

static void test_the_nth_request_gets_the_nth_answer_and_then_the_last(void **state)
{
	struct blob last;

	(void)state;
	assert_string_equal(ask(&net_files, &last), "ab");
	assert_int_equal(last.status, BLOB_LAST);
	assert_string_equal(ask(&groups, &last), "group");
	assert_string_equal(ask(&net_files, &last), "c");
	assert_int_equal(last.status, BLOB_INTERRUPTED);
	assert_string_equal(ask(&net_files, &last), "c");
	assert_string_equal(ask(&groups, &last), "group");
}

static void test_what_was_not_recorded_is_said_so(void **state)
{
	static const struct request never = {.kind = REQUEST_NAMESPACES};
	struct blob last;

	(void)state;
	assert_string_equal(ask(&never, &last), "");
	assert_int_equal(last.status, BLOB_LAST);
	assert_int_equal(last.error, ENODATA);
	assert_true(last.wall_ns >= WALL_NS);
}

static void test_replayed_answers_keep_the_order_of_the_requests(void **state)
{
	uint32_t one, two;
	struct blob b;

	(void)state;
	assert_int_equal(channel_request(channel, &groups, &one), 0);
	assert_int_equal(channel_request(channel, &net_files, &two), 0);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	assert_int_equal(b.seq, one);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	assert_int_equal(b.seq, two);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_NOTHING);
	assert_false(is_readable(channel_fd(channel)));
}

static void test_a_replay_without_a_broker_has_no_terminal(void **state)
{
	(void)state;
	assert_true(channel_is_replay(channel));
	assert_int_equal(channel_control_fd(channel), -1);
	assert_int_equal(channel_suspend(channel), -EPIPE);
	assert_int_equal(channel_flush(channel), 0);
}

static void test_a_replay_hears_the_broker_beside_it(void **state)
{
	struct str bytes;
	struct blob last;
	int fds[2];

	(void)state;
	assert_int_equal(mailbox_pair(fds), 0);
	assert_int_equal(mailbox_init_take(&broker, fds[1]), 0);
	channel = channel_replay_take(two_looks(&bytes), fds[0]);
	assert_non_null(channel);
	assert_int_equal(channel_control_fd(channel), fds[0]);
	say(MESSAGE_RESUMED, NULL, 0, -1);
	assert_int_equal(channel_receive(channel, &last), CHANNEL_RESUMED);
	assert_string_equal(ask(&groups, &last), "group");
	assert_int_equal(mailbox_receive(&broker), 0); /* nothing was asked of the host */
	mailbox_release(&broker);
	assert_int_equal(channel_receive(channel, &last), CHANNEL_CLOSED);
	channel_free(channel);
	str_release(&bytes);
}

#define replayed(test) cmocka_unit_test_setup_teardown(test, open_replay, close_replay)

int main(void)
{
	const struct CMUnitTest tests[] = {
		replayed(test_the_nth_request_gets_the_nth_answer_and_then_the_last),
		replayed(test_what_was_not_recorded_is_said_so),
		replayed(test_replayed_answers_keep_the_order_of_the_requests),
		replayed(test_a_replay_without_a_broker_has_no_terminal),
		cmocka_unit_test(test_a_replay_hears_the_broker_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
