/* Messages between the processes: what is packed comes back, what is damaged is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/broker/protocol.h"

#define N_OF(rows) (sizeof(rows) / sizeof(*(rows)))

static const struct blob full = {
	.seq = UINT32_MAX,
	.part = 7,
	.status = BLOB_TRUNCATED,
	.error = 4095,
	.netns = UINT64_MAX,
	.wall_ns = INT64_MAX,
	.boot_ns = -1,
	.bytes = (const uint8_t *)"bytes",
	.len = 5,
};

/* A whole packet in memory of exactly its size, so that a read past its end is seen. */
static uint8_t *packet_of(const struct blob *b, size_t *len)
{
	uint8_t *packet = malloc(MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE + b->len);

	assert_non_null(packet);
	message_put_blob(packet, b);
	if (b->len)
		memcpy(packet + MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE, b->bytes, b->len);
	*len = MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE + b->len;
	return packet;
}

static int read_blob(const uint8_t *packet, size_t len, struct blob *out)
{
	struct message m;
	int error = message_parse(&m, packet, len);

	return error ? error : message_get_blob(out, &m);
}

static void test_blob_comes_back(void **state)
{
	struct blob got;
	size_t len;
	uint8_t *packet = packet_of(&full, &len);

	(void)state;
	assert_int_equal(read_blob(packet, len, &got), 0);
	assert_int_equal(got.seq, full.seq);
	assert_int_equal(got.part, full.part);
	assert_int_equal(got.status, full.status);
	assert_int_equal(got.error, full.error);
	assert_true(got.netns == full.netns);
	assert_true(got.wall_ns == full.wall_ns && got.boot_ns == full.boot_ns);
	assert_int_equal(got.len, full.len);
	assert_memory_equal(got.bytes, "bytes", 5);
	free(packet);
}

static void test_cut_blob_is_refused(void **state)
{
	struct blob got;
	size_t whole;
	uint8_t *packet = packet_of(&full, &whole);

	(void)state;
	for (size_t len = 0; len < MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE; len++) {
		uint8_t *cut = malloc(len + (len == 0));

		assert_non_null(cut);
		memcpy(cut, packet, len);
		assert_int_equal(read_blob(cut, len, &got), -EBADMSG);
		free(cut);
	}
	free(packet);
}

static void test_largest_part_is_taken_and_one_more_byte_refused(void **state)
{
	static uint8_t bytes[BLOB_PART_MAX + 1];
	struct blob big = full, got;
	size_t len;
	uint8_t *packet;

	(void)state;
	big.bytes = bytes;
	big.len = BLOB_PART_MAX;
	packet = packet_of(&big, &len);
	assert_int_equal(len, MESSAGE_MAX);
	assert_int_equal(read_blob(packet, len, &got), 0);
	assert_int_equal(got.len, BLOB_PART_MAX);
	free(packet);
	big.len++;
	packet = packet_of(&big, &len);
	assert_int_equal(read_blob(packet, len, &got), -EBADMSG);
	free(packet);
}

/* One byte of a good packet changed; each alone makes it a bad one. */
static const struct {
	const char *title;
	size_t at;
	uint8_t value;
} damages[] = {
	{"magic, first byte", 0, 0},
	{"magic, second byte", 1, 0},
	{"a later version", 2, 2},
	{"type 0", 3, 0},
	{"a type that there is not", 3, N_MESSAGE_TYPES},
	{"a message that has no body", 3, MESSAGE_SUSPEND},
	{"another message", 3, MESSAGE_REQUEST},
	{"a status that there is not", MESSAGE_HEAD_SIZE + 4, BLOB_TIMED_OUT + 1},
	{"no zeros behind the status", MESSAGE_HEAD_SIZE + 7, 1},
	{"an error beyond all errno values", MESSAGE_HEAD_SIZE + 9, 0x10},
	{"a negative error", MESSAGE_HEAD_SIZE + 11, 0xff},
};

static void test_damaged_blobs_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(damages); i++) {
		struct blob got;
		size_t len;
		uint8_t *packet = packet_of(&full, &len);

		assert_int_equal(read_blob(packet, len, &got), 0);
		packet[damages[i].at] = damages[i].value;
		if (read_blob(packet, len, &got) != -EBADMSG)
			fail_msg("taken: %s", damages[i].title);
		free(packet);
	}
}

/* The longest body of each kind of message. */
static const struct {
	enum message_type type;
	size_t longest;
} bodies[] = {
	{MESSAGE_REQUEST, MESSAGE_MAX - MESSAGE_HEAD_SIZE},
	{MESSAGE_TERMINAL, TERMINAL_EXIT_MAX},
	{MESSAGE_SUSPEND, 0},
	{MESSAGE_EXPORT, EXPORT_NAME_MAX},
	{MESSAGE_BLOB, MESSAGE_MAX - MESSAGE_HEAD_SIZE},
	{MESSAGE_RESUMED, 0},
	{MESSAGE_NOTICE, NOTICE_MAX},
	{MESSAGE_SETTINGS, 1},
	{MESSAGE_CANCEL, 0},
};

static void test_each_message_has_a_longest_body(void **state)
{
	static uint8_t packet[MESSAGE_MAX + 1];
	struct message m;

	(void)state;
	for (size_t i = 0; i < N_OF(bodies); i++) {
		size_t len = MESSAGE_HEAD_SIZE + bodies[i].longest;

		message_put_head(packet, bodies[i].type, 0x01020304);
		assert_int_equal(message_parse(&m, packet, len), 0);
		assert_int_equal(m.type, bodies[i].type);
		assert_int_equal(m.seq, 0x01020304);
		assert_int_equal(m.len, bodies[i].longest);
		assert_ptr_equal(m.body, packet + MESSAGE_HEAD_SIZE);
		assert_int_equal(message_parse(&m, packet, len + 1), -EBADMSG);
	}
	assert_int_equal(N_OF(bodies), N_MESSAGE_TYPES - 1);
}

static const struct {
	const char *name;
	size_t len;
	bool is_fine;
} export_names[] = {
	{"dport-web1-20261122T133207Z.json", 32, true},
	{"A.z_0:9-", 8, true},
	{"", 0, false},
	{".hidden", 7, false},
	{"-rf", 3, false},
	{"..", 2, false},
	{"a/b", 3, false},
	{"/etc/passwd", 11, false},
	{"a b", 3, false},
	{"a\nb", 3, false},
	{"a\0b", 3, false},
	{"\xc3\xa4", 2, false},
};

static void test_export_names_stay_in_their_directory(void **state)
{
	char longest[EXPORT_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < N_OF(export_names); i++)
		if (export_name_is_fine(export_names[i].name, export_names[i].len) !=
		    export_names[i].is_fine)
			fail_msg("wrong about \"%s\"", export_names[i].name);
	memset(longest, 'a', sizeof(longest));
	assert_true(export_name_is_fine(longest, EXPORT_NAME_MAX));
	assert_false(export_name_is_fine(longest, EXPORT_NAME_MAX + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blob_comes_back),
		cmocka_unit_test(test_cut_blob_is_refused),
		cmocka_unit_test(test_largest_part_is_taken_and_one_more_byte_refused),
		cmocka_unit_test(test_damaged_blobs_are_refused),
		cmocka_unit_test(test_each_message_has_a_longest_body),
		cmocka_unit_test(test_export_names_stay_in_their_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
