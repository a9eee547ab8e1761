/* The pictures that a recording holds, and a replay that goes from one to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/channel_ends.h"

#define LISTENERS "sock_diag/family=0,protocol=6,states=0x400,ext=0x40"
#define CAPTURE   "capture/kind=dashboard"
#define SECOND    INT64_C(1000000000)

static const struct request groups = {.kind = REQUEST_CGROUPS};
static const struct request capture = {.kind = REQUEST_CAPTURE,
				       .capture.kind = CAPTURE_REQUEST_DASHBOARD};

struct told {
	uint32_t seq, part;
	const char *text, *bytes;
	int at_s;
	enum blob_status status;
};

/* Three looks; the second finds other listeners; a capture over all of them. */
static const struct told session[] = {
	{1, 0, CAPTURE, "p0", 0, BLOB_MORE},
	{2, 0, LISTENERS, "22", 0, BLOB_LAST},
	{3, 0, "cgroups/-", "one", 0, BLOB_LAST},
	{1, 1, CAPTURE, "p5", 5, BLOB_MORE},
	{4, 0, LISTENERS, "22 80", 10, BLOB_MORE},
	{4, 1, LISTENERS, "", 10, BLOB_LAST},
	{1, 2, CAPTURE, "p15", 15, BLOB_MORE},
	{5, 0, LISTENERS, "22 80", 20, BLOB_LAST},
	{6, 0, "cgroups/-", "two", 21, BLOB_LAST},
	{1, 3, CAPTURE, "p25", 25, BLOB_LAST},
};

static struct recording *record_of(const struct told *rows, size_t n, struct str *bytes)
{
	int fd = new_file(), kept = dup(fd);
	struct recorder *r = new_recorder(fd);
	struct recording *rec;
	char error[256];

	for (size_t i = 0; i < n; i++) {
		struct blob b = part_of(rows[i].seq, rows[i].part, rows[i].status,
					rows[i].bytes, strlen(rows[i].bytes));

		b.wall_ns = WALL_NS + rows[i].at_s * SECOND;
		assert_int_equal(recorder_write(r, rows[i].text, &b), 0);
	}
	assert_int_equal(recorder_close(r), 0);
	*bytes = bytes_of(kept);
	close(kept);
	rec = recording_from_bytes(bytes->data, bytes->len, error);
	assert_non_null(rec);
	return rec;
}

static void each_look_at_the_listeners_is_a_picture(void **state)
{
	const struct tape_moment *m;
	struct str bytes = {0};
	struct recording *rec = record_of(session, N_OF(session), &bytes);

	(void)state;
	assert_int_equal(recording_moments(rec, &m), 3);
	assert_int_equal(m[0].wall_ns, WALL_NS);
	assert_int_equal(m[0].until_ns, WALL_NS + 10 * SECOND - 1);
	assert_int_equal(m[2].until_ns, INT64_MAX);
	assert_false(m[0].has_changed);
	assert_true(m[1].has_changed);
	assert_true(m[2].has_changed); /* one part is not two, whatever they hold */
	recording_free(rec);
	str_release(&bytes);
}

static void what_is_the_same_again_is_no_change(void **state)
{
	static const struct told same[] = {{1, 0, LISTENERS, "22", 0, BLOB_LAST},
					   {2, 0, LISTENERS, "22", 1, BLOB_LAST},
					   {3, 0, LISTENERS, "23", 2, BLOB_LAST}};
	const struct tape_moment *m;
	struct str bytes = {0};
	struct recording *rec = record_of(same, N_OF(same), &bytes);

	(void)state;
	assert_int_equal(recording_moments(rec, &m), 3);
	assert_false(m[1].has_changed);
	assert_true(m[2].has_changed);
	recording_free(rec);
	str_release(&bytes);
}

static void a_clock_that_was_set_back_makes_no_picture(void **state)
{
	static const struct told back[] = {{1, 0, LISTENERS, "22", 10, BLOB_LAST},
					   {2, 0, LISTENERS, "22", 5, BLOB_LAST},
					   {3, 0, LISTENERS, "22", 12, BLOB_LAST}};
	const struct tape_moment *m;
	struct str bytes = {0};
	struct recording *rec = record_of(back, N_OF(back), &bytes);

	(void)state;
	assert_int_equal(recording_moments(rec, &m), 2);
	assert_true(m[0].until_ns < m[1].wall_ns);
	recording_free(rec);
	str_release(&bytes);
}

static void without_listeners_there_is_no_picture(void **state)
{
	static const struct told none[] = {{1, 0, "cgroups/-", "one", 0, BLOB_LAST},
					   {2, 0, "cgroups/-", "two", 1, BLOB_LAST}};
	const struct tape_moment *m;
	struct str bytes = {0};
	struct recording *rec = record_of(none, N_OF(none), &bytes);

	(void)state;
	assert_int_equal(recording_moments(rec, &m), 0);
	recording_free(rec);
	str_release(&bytes);
}

/* What has come by now, one after the other. */
static const char *come(void)
{
	static char bytes[64];
	struct blob b;

	bytes[0] = '\0';
	while (channel_receive(channel, &b) == CHANNEL_BLOB)
		snprintf(bytes + strlen(bytes), sizeof(bytes) - strlen(bytes), "%.*s ",
			 (int)b.len, b.len ? (const char *)b.bytes : "");
	return bytes;
}

static const char *ask(const struct request *r)
{
	uint32_t seq;

	assert_int_equal(channel_request(channel, r, &seq), 0);
	return come();
}

static void a_replay_that_stands_gives_what_stood_there(void **state)
{
	static const struct {
		int at_s;
		const char *groups, *capture;
	} rows[] = {{0, "one ", "p0 "},
		    {10, "one ", "p0 p5 "},
		    {20, "one ", "p0 p5 p15 "},
		    {22, "two ", "p0 p5 p15 "},
		    {30, "two ", "p0 p5 p15 p25 "},
		    {5, "one ", "p0 p5 "},
		    {-5, "one ", ""}};
	struct str bytes = {0};

	(void)state;
	channel = channel_replay_take(record_of(session, N_OF(session), &bytes), -1);
	assert_non_null(channel);
	for (size_t i = 0; i < N_OF(rows); i++) {
		channel_stand(channel, WALL_NS + rows[i].at_s * SECOND + 1);
		assert_string_equal(ask(&groups), rows[i].groups);
		assert_string_equal(ask(&groups), rows[i].groups);
		assert_string_equal(ask(&capture), rows[i].capture);
	}
	channel_free(channel);
	str_release(&bytes);
}

static void from_there_it_plays_on_in_turn(void **state)
{
	struct str bytes = {0};

	(void)state;
	channel = channel_replay_take(record_of(session, N_OF(session), &bytes), -1);
	assert_non_null(channel);
	assert_string_equal(ask(&groups), "one ");
	channel_stand(channel, WALL_NS + 15 * SECOND);
	channel_play(channel);
	assert_string_equal(ask(&groups), "two ");
	assert_string_equal(ask(&groups), "two ");
	/* of what was only recorded before, the begin */
	assert_string_equal(ask(&capture), "p0 p5 p15 p25 ");
	channel_free(channel);
	str_release(&bytes);
}

/* The pending slots of captures without an end are free again. */
static void standing_again_and_again_uses_nothing_up(void **state)
{
	struct str bytes = {0};

	(void)state;
	channel = channel_replay_take(record_of(session, N_OF(session), &bytes), -1);
	assert_non_null(channel);
	for (int i = 0; i < 3000; i++) {
		uint32_t seq;

		channel_stand(channel, WALL_NS + i % 20 * SECOND);
		assert_int_equal(channel_request(channel, &capture, &seq), 0);
		come();
		assert_int_equal(channel_cancel(channel, seq), 0);
	}
	channel_free(channel);
	str_release(&bytes);
}

static void put(uint32_t seq, uint32_t part, enum blob_status status, const char *bytes)
{
	uint8_t head[MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE];
	struct blob b = {.seq = seq, .part = part, .status = status, .len = strlen(bytes)};
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)bytes, strlen(bytes)}};

	message_put_head(head, MESSAGE_BLOB, seq);
	message_put_blob(head, &b);
	assert_int_equal(mailbox_send(&broker, iov, b.len ? 2 : 1, -1), 0);
}

static void what_was_asked_before_a_recording_is_not_in_it(void **state)
{
	int fds[2], fd = new_file(), kept = dup(fd);
	struct recording *rec;
	struct str bytes;
	char error[256];
	uint32_t old, new;

	(void)state;
	assert_int_equal(mailbox_pair(fds), 0);
	channel = channel_live_take(fds[0]);
	assert_int_equal(mailbox_init_take(&broker, fds[1]), 0);
	assert_int_equal(channel_request(channel, &groups, &old), 0);
	put(old, 0, BLOB_MORE, "half ");
	assert_string_equal(come(), "half  ");
	channel_record_take(channel, new_recorder(fd));
	assert_int_equal(channel_request(channel, &groups, &new), 0);
	put(old, 1, BLOB_LAST, "rest");
	put(new, 0, BLOB_LAST, "whole");
	assert_string_equal(come(), "rest whole ");
	assert_int_equal(channel_record_close(channel), 0);
	bytes = bytes_of(kept);
	close(kept);
	rec = recording_from_bytes(bytes.data, bytes.len, error);
	assert_non_null(rec);
	assert_null(recording_damage(rec));
	assert_int_equal(recording_n_parts(rec), 1);
	assert_memory_equal(recording_part(rec, 0)->blob.bytes, "whole", 5);
	recording_free(rec);
	str_release(&bytes);
	channel_free(channel);
	mailbox_release(&broker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_look_at_the_listeners_is_a_picture),
		cmocka_unit_test(what_is_the_same_again_is_no_change),
		cmocka_unit_test(a_clock_that_was_set_back_makes_no_picture),
		cmocka_unit_test(without_listeners_there_is_no_picture),
		cmocka_unit_test(a_replay_that_stands_gives_what_stood_there),
		cmocka_unit_test(from_there_it_plays_on_in_turn),
		cmocka_unit_test(standing_again_and_again_uses_nothing_up),
		cmocka_unit_test(what_was_asked_before_a_recording_is_not_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
