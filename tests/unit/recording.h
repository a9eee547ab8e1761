/* Recordings for tests, made member by member or by the writer. Include cmocka.h first. */
#ifndef TESTS_UNIT_RECORDING_H
#define TESTS_UNIT_RECORDING_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/str.h"
#include "core/host/tape/record.h"
#include "core/host/tape/tar.h"

#define N_OF(rows) (sizeof(rows) / sizeof(*(rows)))
#define WALL_NS    INT64_C(1577934245123456789)
#define RIGHTS     "uid=0 caps=000001ffffffffff"
#define HEAD       "part=0 status=last error=0 wall=1 boot=2\n"
#define TEXT       "files/set=net"
#define NAME       "00000001/0/" TEXT
#define LONG_TEXT                                                                 \
	"sock_diag/family=10,protocol=262,states=0xffffffff,ext=0xff,netns=name:" \
	"abcdefghijklmnopqrstuvwxyzabcdefghijklm"

#define META_OF(version, order)                                                           \
	"{\"version\": " version ", \"program\": \"dport 0.1.0\", \"byte_order\": " order \
	", \"time\": \"2026-11-22T13:32:07.123Z\", \"rights\": \"uid=0\"}"
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ORDER   "\"little\""
#define OTHER_ORDER "\"big\""
#else
#define OWN_ORDER   "\"big\""
#define OTHER_ORDER "\"little\""
#endif
#define GOOD_META META_OF("1", OWN_ORDER)

static inline int new_file(void)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* The whole file, read by its own descriptor; the caller releases it. */
static inline struct str bytes_of(int fd)
{
	struct str out = {0};
	char chunk[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		assert_int_equal(str_append(&out, chunk, (size_t)n), 0);
		at += n;
	}
	return out;
}

static inline void add_member(struct str *out, const char *name, const void *data,
			      size_t len)
{
	uint8_t header[TAR_BLOCK];

	assert_int_equal(tar_put_header(header, name, len, 0), 0);
	str_append(out, header, sizeof(header));
	str_append(out, data, len);
	str_fill(out, '\0', tar_padding(len));
}

static inline void add_text(struct str *out, const char *name, const char *data)
{
	add_member(out, name, data, strlen(data));
}

/* Gives the header at that place the checksum that fits, so that damage gets past it. */
static inline void mend_checksum(char *header)
{
	unsigned sum = 0;
	char digits[16];

	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (uint8_t)header[i];
	snprintf(digits, sizeof(digits), "%06o", sum);
	memcpy(header + 148, digits, 7);
}

static inline struct blob part_of(uint32_t seq, uint32_t part, enum blob_status status,
				  const void *bytes, size_t len)
{
	return (struct blob){.seq = seq,
			     .part = part,
			     .status = status,
			     .netns = 4026531840,
			     .wall_ns = WALL_NS + seq,
			     .boot_ns = seq,
			     .bytes = bytes,
			     .len = len};
}

static inline struct recorder *new_recorder(int fd)
{
	struct recorder *r = recorder_open_take(fd, WALL_NS, RIGHTS);

	assert_non_null(r);
	return r;
}

/* A recording of several requests by the writer itself. */
static inline struct str good_recording(void)
{
	static uint8_t big[1500];
	int fd = new_file(), kept = dup(fd);
	struct recorder *r = new_recorder(fd);
	struct str out;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7);
	for (uint32_t seq = 1; seq <= 4; seq++) {
		const char *text = seq % 2 ? TEXT : LONG_TEXT;
		struct blob one = part_of(seq, 0, BLOB_MORE, big, seq * 300);
		struct blob two = part_of(seq, 1, BLOB_LAST, big, seq);

		assert_int_equal(recorder_write(r, text, &one), 0);
		assert_int_equal(recorder_write(r, text, &two), 0);
	}
	assert_int_equal(recorder_close(r), 0);
	out = bytes_of(kept);
	close(kept);
	return out;
}

#endif
