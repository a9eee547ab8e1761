/* Capture files of the classic format: every byte order and resolution, and damage. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/pcap_reader.h"

enum { FILE_MAX = 4096 };

struct file {
	bool is_big_endian;
	size_t n;
	uint8_t bytes[FILE_MAX];
};

static void put(struct file *f, uint32_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		f->bytes[f->n++] =
			(uint8_t)(value >> 8 * (f->is_big_endian ? n - 1 - i : i));
}

struct head {
	bool is_big_endian;
	uint32_t magic, major, minor, snaplen, link_type;
};

static const struct head plain = {false, 0xa1b2c3d4, 2, 4, 128, 1};

static struct file head_of(const struct head *h)
{
	struct file f = {.is_big_endian = h->is_big_endian};

	put(&f, h->magic, 4);
	put(&f, h->major, 2);
	put(&f, h->minor, 2);
	put(&f, 0, 4);
	put(&f, 0, 4);
	put(&f, h->snaplen, 4);
	put(&f, h->link_type, 4);
	return f;
}

static void put_frame(struct file *f, uint32_t second, uint32_t fraction, uint32_t captured,
		      uint32_t wire)
{
	put(f, second, 4);
	put(f, fraction, 4);
	put(f, captured, 4);
	put(f, wire, 4);
}

/* In memory of exactly its size, so that asan sees a read behind it. */
static long frames_exactly(struct frame_in *out, long max, const struct pcap_format *f,
			   const uint8_t *bytes, size_t len, size_t *taken)
{
	uint8_t *copy = malloc(len ? len : 1);
	long n;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	n = pcap_reader_frames(out, max, f, copy, len, taken);
	for (long i = 0; i < n; i++) /* borrowed: of the copy, which goes */
		out[i].bytes = bytes + (out[i].bytes - copy);
	free(copy);
	return n;
}

static void heads_of_the_classic_format_are_known(void **state)
{
	static const struct {
		struct head head;
		bool is_known;
		uint32_t fraction_ns, snaplen;
		int link_type;
	} rows[] = {
		{{false, 0xa1b2c3d4, 2, 4, 128, 1}, true, 1000, 128, 1},
		{{true, 0xa1b2c3d4, 2, 4, 128, 1}, true, 1000, 128, 1},
		{{false, 0xa1b23c4d, 2, 4, 65535, 276}, true, 1, 65535, 276},
		{{true, 0xa1b23c4d, 2, 4, 65535, 276}, true, 1, 65535, 276},
		/* with the length of a checksum behind each frame */
		{{false, 0xa1b2c3d4, 2, 4, 128, 0x24000001}, true, 1000, 128, 1},
		{{false, 0xa1b2c3d4, 2, 4, 128, 0x20001}, true, 1000, 128, 0x20001},
		{{false, 0xa1b2c3d4, 2, 4, 0, 1}, true, 1000, PCAP_FRAME_MAX, 1},
		{{false, 0xa1b2c3d4, 2, 4, 0x80000000, 1}, true, 1000, PCAP_FRAME_MAX, 1},
		{{false, 0xa1b2c3d4, 2, 3, 128, 1}, false, 0, 0, 0},
		{{true, 0xa1b2c3d4, 4, 2, 128, 1}, false, 0, 0, 0},
		{{false, 0xa1b2c3d4, 1, 4, 128, 1}, false, 0, 0, 0},
		{{false, 0xa1b2cd34, 2, 4, 128, 1}, false, 0, 0, 0},
		{{false, 0x0a0d0d0a, 2, 4, 128, 1}, false, 0, 0, 0},
		{{false, 0, 0, 0, 0, 0}, false, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct file f = head_of(&rows[i].head);
		struct pcap_format format = {0};

		assert_int_equal(pcap_reader_head(&format, f.bytes, f.n), rows[i].is_known);
		assert_int_equal(format.fraction_ns, rows[i].fraction_ns);
		assert_int_equal(format.snaplen, rows[i].snaplen);
		assert_int_equal(format.link_type, rows[i].link_type);
		assert_false(pcap_reader_head(&format, f.bytes, PCAP_HEAD - 1));
	}
}

static void frames_are_the_same_in_every_order_and_resolution(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const struct head h = {i & 1, i & 2 ? 0xa1b23c4d : 0xa1b2c3d4, 2, 4, 128,
				       1};
		struct file f = head_of(&h);
		struct pcap_format format;
		struct frame_in frames[3];
		size_t taken;

		assert_true(pcap_reader_head(&format, f.bytes, f.n));
		put_frame(&f, 1700000000, i & 2 ? 5000 : 5, 3, 60);
		put(&f, 0xabcdef, 3);
		put_frame(&f, 4000000000, 0, 0, 0);
		assert_int_equal(frames_exactly(frames, 3, &format, f.bytes + PCAP_HEAD,
						f.n - PCAP_HEAD, &taken),
				 2);
		assert_int_equal(taken, f.n - PCAP_HEAD);
		assert_int_equal(frames[0].at_ns, INT64_C(1700000000000005000));
		assert_int_equal(frames[0].len, 3);
		assert_int_equal(frames[0].wire_len, 60);
		assert_int_equal(frames[0].bytes[0], i & 1 ? 0xab : 0xef);
		assert_int_equal(frames[1].at_ns, INT64_C(4000000000000000000));
		assert_int_equal(frames[1].len, 0);
	}
}

static void a_fraction_of_more_than_a_second_leaves_the_second(void **state)
{
	struct file f = head_of(&plain);
	struct pcap_format format;
	struct frame_in frame;
	size_t taken;

	(void)state;
	assert_true(pcap_reader_head(&format, f.bytes, f.n));
	put_frame(&f, 10, UINT32_MAX, 0, 0);
	assert_int_equal(
		frames_exactly(&frame, 1, &format, f.bytes + PCAP_HEAD, 16, &taken), 1);
	assert_int_equal(frame.at_ns / 1000000000, 10);
}

static void a_frame_beyond_the_snaplen_is_cut_to_it(void **state)
{
	struct head h = plain;
	struct file f;
	struct pcap_format format;
	struct frame_in frames[2];
	size_t taken;

	(void)state;
	h.snaplen = 2;
	f = head_of(&h);
	assert_true(pcap_reader_head(&format, f.bytes, f.n));
	put_frame(&f, 1, 0, 4, 4);
	put(&f, 0, 4);
	put_frame(&f, 2, 0, 1, 1);
	put(&f, 0, 1);
	assert_int_equal(frames_exactly(frames, 2, &format, f.bytes + PCAP_HEAD,
					f.n - PCAP_HEAD, &taken),
			 2);
	assert_int_equal(frames[0].len, 2);
	assert_int_equal(frames[1].at_ns, 2000000000);
}

static void a_file_that_ends_anywhere_gives_its_whole_frames(void **state)
{
	struct file f = head_of(&plain);
	struct pcap_format format;
	struct frame_in frames[4];
	char problem[200];
	size_t taken;

	(void)state;
	assert_true(pcap_reader_head(&format, f.bytes, f.n));
	f.n = 0;
	for (unsigned i = 0; i < 2; i++) {
		put_frame(&f, i, 0, 5, 60);
		put(&f, 0, 4);
		put(&f, 0, 1);
	}
	for (size_t len = 0; len < f.n; len++) {
		long n = frames_exactly(frames, 4, &format, f.bytes, len, &taken);

		assert_int_equal(n, len / 21);
		assert_int_equal(taken, (size_t)n * 21);
		pcap_reader_problem(problem, sizeof(problem), &format, f.bytes + taken,
				    len - taken);
		assert_int_equal(!*problem, len == taken);
	}
	pcap_reader_problem(problem, sizeof(problem), &format, f.bytes, 7);
	assert_string_equal(
		problem, "truncated dump file; tried to read 16 header bytes, only got 7");
	pcap_reader_problem(problem, sizeof(problem), &format, f.bytes, 18);
	assert_string_equal(
		problem, "truncated dump file; tried to read 5 captured bytes, only got 2");
}

static void a_length_that_no_frame_has_is_damage(void **state)
{
	static const uint32_t lengths[] = {PCAP_FRAME_MAX + 1, 0x80000000, UINT32_MAX};
	struct pcap_format format;
	struct frame_in frames[2];
	char problem[200];
	size_t taken;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct file f = head_of(&plain);

		assert_true(pcap_reader_head(&format, f.bytes, f.n));
		f.n = 0;
		put_frame(&f, 1, 0, 0, 0);
		put_frame(&f, 2, 0, lengths[i], 0);
		assert_int_equal(frames_exactly(frames, 2, &format, f.bytes, f.n, &taken),
				 1);
		assert_int_equal(taken, 16);
		assert_int_equal(
			frames_exactly(frames, 2, &format, f.bytes + 16, 16, &taken),
			-EBADMSG);
		assert_int_equal(taken, 0);
		pcap_reader_problem(problem, sizeof(problem), &format, f.bytes + 16, 16);
		assert_non_null(strstr(problem, "bigger than maximum of 262144"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_of_the_classic_format_are_known),
		cmocka_unit_test(frames_are_the_same_in_every_order_and_resolution),
		cmocka_unit_test(a_fraction_of_more_than_a_second_leaves_the_second),
		cmocka_unit_test(a_frame_beyond_the_snaplen_is_cut_to_it),
		cmocka_unit_test(a_file_that_ends_anywhere_gives_its_whole_frames),
		cmocka_unit_test(a_length_that_no_frame_has_is_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
