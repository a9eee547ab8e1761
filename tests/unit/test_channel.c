/* The ui's end of the seam on a socket, whose other end the test plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/channel_ends.h"

#define MANY 1024 /* requests that may be unanswered */

static const struct request net_files = {.kind = REQUEST_FILES, .files.set = FILES_NET};
static const struct request groups = {.kind = REQUEST_CGROUPS};

static int open_live(void **state)
{
	int fds[2];

	(void)state;
	if (mailbox_pair(fds) || mailbox_init_take(&broker, fds[1]))
		return -1;
	channel = channel_live_take(fds[0]);
	return channel ? 0 : -1;
}

static int close_live(void **state)
{
	(void)state;
	channel_free(channel);
	mailbox_release(&broker);
	return 0;
}

static void answer(uint32_t seq, uint32_t part, enum blob_status status, const char *bytes)
{
	uint8_t head[MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE];
	struct blob b = part_of(seq, part, status, bytes, strlen(bytes));
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)bytes, b.len}};

	message_put_blob(head, &b);
	assert_int_equal(mailbox_send(&broker, iov, b.len ? 2 : 1, -1), 0);
}

/* What the channel sent, which must be of this type. */
static struct message heard(enum message_type type)
{
	struct message m;

	assert_int_equal(mailbox_receive(&broker), 1);
	assert_int_equal(message_parse(&m, broker.packet, broker.packet_len), 0);
	assert_int_equal(m.type, type);
	return m;
}

static void test_a_request_goes_out_and_its_parts_come_back(void **state)
{
	static uint32_t inodes[REQUEST_OWNERS_MAX];
	struct request got;
	struct message m;
	struct blob b;
	uint32_t seq = 0;

	(void)state;
	assert_int_equal(channel_request(channel, &net_files, &seq), 0);
	assert_int_equal(seq, 1);
	m = heard(MESSAGE_REQUEST);
	assert_int_equal(m.seq, seq);
	assert_int_equal(request_unpack(&got, m.body, m.len, inodes), 0);
	assert_int_equal(got.kind, REQUEST_FILES);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_NOTHING);
	answer(seq, 0, BLOB_MORE, "first");
	answer(seq, 1, BLOB_LAST, "");
	assert_true(is_readable(channel_fd(channel)));
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	assert_int_equal(b.seq, seq);
	assert_int_equal(b.len, 5);
	assert_memory_equal(b.bytes, "first", 5);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	assert_true(blob_is_end(&b) && b.part == 1 && b.len == 0);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_NOTHING);
}

static void test_parts_that_nobody_asked_for_are_passed_over(void **state)
{
	struct blob b;
	uint32_t seq;

	(void)state;
	assert_int_equal(channel_request(channel, &groups, &seq), 0);
	answer(0, 0, BLOB_LAST, "unasked");
	answer(77, 0, BLOB_LAST, "unasked");
	answer(seq, 0, BLOB_LAST, "asked");
	answer(seq, 1, BLOB_LAST, "after its end");
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	assert_memory_equal(b.bytes, "asked", 5);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_NOTHING);
}

static void test_a_request_out_of_range_is_not_sent(void **state)
{
	struct request bad = {.kind = N_REQUEST_KINDS};
	uint32_t seq = 99;

	(void)state;
	assert_int_equal(channel_request(channel, &bad, &seq), -EINVAL);
	assert_int_equal(seq, 99);
	assert_int_equal(mailbox_receive(&broker), 0);
}

static void test_too_many_unanswered_requests_are_refused(void **state)
{
	struct blob b;
	uint32_t seq;

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(channel_request(channel, &groups, &seq), 0);
	assert_int_equal(channel_request(channel, &groups, &seq), -ENOBUFS);
	answer(5, 0, BLOB_LAST, "");
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	assert_int_equal(channel_request(channel, &groups, &seq), 0);
	assert_int_equal(seq, MANY + 1);
}

static void test_what_the_broker_does_not_read_waits_in_the_channel(void **state)
{
	static const uint32_t inodes[REQUEST_OWNERS_MAX] = {1};
	struct request owners = {.kind = REQUEST_OWNERS,
				 .owners = {inodes, REQUEST_OWNERS_MAX}};
	uint32_t seq, n = 0;

	(void)state;
	while (!channel_wants_write(channel)) {
		assert_int_equal(channel_request(channel, &owners, &seq), 0);
		assert_true(++n < MANY);
	}
	for (uint32_t i = 1; i <= n; i++) {
		assert_int_equal(heard(MESSAGE_REQUEST).seq, i);
		assert_int_equal(channel_flush(channel), 0);
	}
	assert_false(channel_wants_write(channel));
}

static void test_control_words_become_events(void **state)
{
	struct blob b;

	(void)state;
	say(MESSAGE_SUSPEND, NULL, 0, -1);
	say(MESSAGE_RESUMED, NULL, 0, -1);
	say(MESSAGE_NOTICE, "a worker died", 13, -1);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_SUSPEND);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_RESUMED);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_NOTICE);
	assert_string_equal(channel_notice(channel), "a worker died");
	assert_int_equal(channel_suspend(channel), 0);
	heard(MESSAGE_SUSPEND);
	assert_int_equal(channel_terminal_exit(channel, "\033[?1049l", 8), 0);
	assert_memory_equal(heard(MESSAGE_TERMINAL).body, "\033[?1049l", 8);
}

static void test_too_long_words_are_refused_here(void **state)
{
	static const char bytes[TERMINAL_EXIT_MAX + 1];
	char name[EXPORT_NAME_MAX + 2];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(channel_terminal_exit(channel, bytes, sizeof(bytes)), -EMSGSIZE);
	assert_int_equal(channel_export(channel, name), -EINVAL);
	assert_int_equal(channel_export(channel, "../x"), -EINVAL);
	assert_int_equal(mailbox_receive(&broker), 0);
}

static void test_an_export_brings_a_descriptor_or_the_reason(void **state)
{
	static const uint8_t none = 0, exists = EEXIST;
	struct blob b;
	int fds[2], fd;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(channel_export(channel, "list.json"), 0);
	assert_memory_equal(heard(MESSAGE_EXPORT).body, "list.json", 9);
	say(MESSAGE_EXPORT, &none, 1, fds[1]);
	say(MESSAGE_EXPORT, &exists, 1, -1);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_EXPORT);
	fd = channel_take_export(channel);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_true(is_readable(fds[0]));
	close(fds[0]);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_EXPORT);
	assert_int_equal(channel_take_export(channel), -EEXIST);
}

static void test_a_damaged_message_closes_the_channel(void **state)
{
	struct iovec iov = {(void *)"no message at all", 17};
	struct blob b;

	(void)state;
	assert_int_equal(mailbox_send(&broker, &iov, 1, -1), 0);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_CLOSED);
}

static void test_a_message_of_the_other_direction_closes_the_channel(void **state)
{
	struct blob b;

	(void)state;
	say(MESSAGE_TERMINAL, "x", 1, -1);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_CLOSED);
}

static void test_a_dead_broker_closes_the_channel(void **state)
{
	struct blob b;
	uint32_t seq;

	(void)state;
	mailbox_release(&broker);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_CLOSED);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_CLOSED);
	assert_int_equal(channel_request(channel, &groups, &seq), -EPIPE);
	assert_int_equal(channel_suspend(channel), -EPIPE);
}

/* The parts that the recording has once it is closed; the caller frees it. */
static struct recording *close_recording(int kept, struct str *bytes)
{
	char error[256];
	struct recording *rec;

	assert_int_equal(channel_record_close(channel), 0);
	assert_null(channel_recorder(channel));
	*bytes = bytes_of(kept);
	close(kept);
	rec = recording_from_bytes(bytes->data, bytes->len, error);
	assert_non_null(rec);
	return rec;
}

static void test_what_is_received_is_recorded(void **state)
{
	int fd = new_file(), kept = dup(fd);
	struct recording *rec;
	struct str bytes;
	struct blob b;
	uint32_t seq;

	(void)state;
	channel_record_take(channel, new_recorder(fd));
	assert_int_equal(channel_request(channel, &groups, &seq), 0);
	answer(seq, 0, BLOB_MORE, "first");
	answer(seq, 1, BLOB_TIMED_OUT, "");
	while (channel_receive(channel, &b) == CHANNEL_BLOB)
		;
	assert_true(recorder_bytes(channel_recorder(channel)) > 0);
	rec = close_recording(kept, &bytes);
	assert_int_equal(recording_n_parts(rec), 2);
	assert_string_equal(recording_part(rec, 0)->text, "cgroups/-");
	assert_memory_equal(recording_part(rec, 0)->blob.bytes, "first", 5);
	assert_int_equal(recording_part(rec, 1)->blob.status, BLOB_TIMED_OUT);
	recording_free(rec);
	str_release(&bytes);
}

static void test_what_was_given_up_is_recorded_as_late_and_its_answer_is_not(void **state)
{
	int fd = new_file(), kept = dup(fd);
	struct recording *rec;
	struct str bytes;
	struct blob b;
	uint32_t seq;

	(void)state;
	channel_record_take(channel, new_recorder(fd));
	assert_int_equal(channel_request(channel, &groups, &seq), 0);
	channel_give_up(channel, seq);
	channel_give_up(channel, seq);
	answer(seq, 0, BLOB_LAST, "late");
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	rec = close_recording(kept, &bytes);
	assert_int_equal(recording_n_parts(rec), 1);
	assert_string_equal(recording_part(rec, 0)->text, "cgroups/-");
	assert_int_equal(recording_part(rec, 0)->blob.status, BLOB_LAST);
	assert_int_equal(recording_part(rec, 0)->blob.error, ETIMEDOUT);
	assert_int_equal(recording_part(rec, 0)->blob.len, 0);
	recording_free(rec);
	str_release(&bytes);
}

static void test_a_cancelled_capture_still_ends_and_others_are_forgotten(void **state)
{
	struct request capture = {.kind = REQUEST_CAPTURE};
	uint32_t stream, other;
	struct blob b;

	(void)state;
	assert_int_equal(channel_request(channel, &capture, &stream), 0);
	assert_int_equal(channel_request(channel, &groups, &other), 0);
	heard(MESSAGE_REQUEST);
	heard(MESSAGE_REQUEST);
	assert_int_equal(channel_cancel(channel, stream), 0);
	assert_int_equal(heard(MESSAGE_CANCEL).seq, stream);
	assert_int_equal(channel_cancel(channel, other), 0);
	assert_int_equal(heard(MESSAGE_CANCEL).seq, other);
	answer(other, 0, BLOB_LAST, "late");
	answer(stream, 0, BLOB_LAST, "rest");
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	assert_int_equal(b.seq, stream);
	assert_int_equal(channel_receive(channel, &b), CHANNEL_NOTHING);
	assert_int_equal(channel_cancel(channel, stream), 0);
	assert_int_equal(mailbox_receive(&broker), 0);
}

static void test_debug_writes_a_line_per_request_and_part(void **state)
{
	int fd = new_file(), kept = dup(fd);
	struct str text;
	struct blob b;
	uint32_t seq;

	(void)state;
	channel_debug_take(channel, fd);
	assert_int_equal(channel_request(channel, &groups, &seq), 0);
	answer(seq, 0, BLOB_LAST, "12345");
	assert_int_equal(channel_receive(channel, &b), CHANNEL_BLOB);
	text = bytes_of(kept);
	close(kept);
	assert_non_null(strstr(str_text(&text), " ask cgroups/-\n"));
	assert_non_null(strstr(str_text(&text), " got 1.0 cgroups/- status=1 error=0"));
	assert_non_null(strstr(str_text(&text), " bytes=5\n"));
	str_release(&text);
}

#define live(test) cmocka_unit_test_setup_teardown(test, open_live, close_live)

int main(void)
{
	const struct CMUnitTest tests[] = {
		live(test_a_request_goes_out_and_its_parts_come_back),
		live(test_parts_that_nobody_asked_for_are_passed_over),
		live(test_a_request_out_of_range_is_not_sent),
		live(test_too_many_unanswered_requests_are_refused),
		live(test_what_the_broker_does_not_read_waits_in_the_channel),
		live(test_control_words_become_events),
		live(test_too_long_words_are_refused_here),
		live(test_an_export_brings_a_descriptor_or_the_reason),
		live(test_a_damaged_message_closes_the_channel),
		live(test_a_message_of_the_other_direction_closes_the_channel),
		live(test_a_dead_broker_closes_the_channel),
		live(test_what_is_received_is_recorded),
		live(test_what_was_given_up_is_recorded_as_late_and_its_answer_is_not),
		live(test_a_cancelled_capture_still_ends_and_others_are_forgotten),
		live(test_debug_writes_a_line_per_request_and_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
