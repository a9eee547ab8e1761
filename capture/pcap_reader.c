/* The classic format of capture files. Does not read the file, nor look into frames. */
#include "capture/pcap_reader.h"

#include <errno.h>
#include <stdio.h>

#define MAGIC_MICROSECONDS 0xa1b2c3d4u
#define MAGIC_NANOSECONDS  0xa1b23c4du
#define LINK_TYPE_BITS     0x3ffffffu /* above it: whether frames end with a checksum */

/* How far ahead of the frame in hand bytes are fetched into the nearest cache: two lines
 * for each frame, which is what a head takes. */
enum { AHEAD = 1024, LINE = 64 };
enum { VERSION_MAJOR = 2, VERSION_MINOR = 4, NS_PER_SECOND = 1000000000 };

static inline uint32_t word_at(const uint8_t *at, bool is_big_endian)
{
	uint32_t little = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
			  (uint32_t)at[3] << 24;

	return is_big_endian ? __builtin_bswap32(little) : little;
}

/* Of the magic number in either order; 0: neither. */
static uint32_t fraction_of(uint32_t magic)
{
	if (magic == MAGIC_MICROSECONDS)
		return 1000;
	return magic == MAGIC_NANOSECONDS ? 1 : 0;
}

/* Magic, version (major, minor), zone, digits, snaplen, link type */
bool pcap_reader_head(struct pcap_format *out, const uint8_t *bytes, size_t len)
{
	struct pcap_format f = {0};
	uint32_t version;

	if (len < PCAP_HEAD)
		return false;
	f.is_big_endian = !fraction_of(word_at(bytes, false));
	f.fraction_ns = fraction_of(word_at(bytes, f.is_big_endian));
	version = word_at(bytes + 4, f.is_big_endian);
	if (f.is_big_endian)
		version = version << 16 | version >> 16;
	if (!f.fraction_ns || version != (VERSION_MINOR << 16 | VERSION_MAJOR))
		return false;
	f.snaplen = word_at(bytes + 16, f.is_big_endian);
	if (!f.snaplen || f.snaplen > INT32_MAX)
		f.snaplen = PCAP_FRAME_MAX;
	f.link_type = (int)(word_at(bytes + 20, f.is_big_endian) & LINK_TYPE_BITS);
	*out = f;
	return true;
}

/* Damage that makes them more than a second must not change the year. */
static inline uint32_t fraction_of_ns(const struct pcap_format *f, uint32_t fraction)
{
	uint64_t ns = (uint64_t)fraction * f->fraction_ns;

	return (uint32_t)(ns < NS_PER_SECOND ? ns : ns % NS_PER_SECOND);
}

/* Seconds, their fraction, captured length, length on the wire; then the frame. What it
 * takes, 0 or -EBADMSG. */
static inline long read_frame(struct frame_in *out, const struct pcap_format *f,
			      bool is_big, const uint8_t *bytes, size_t len)
{
	uint32_t captured;

	if (len < PCAP_FRAME_HEAD)
		return 0;
	captured = word_at(bytes + 8, is_big);
	if (captured > PCAP_FRAME_MAX)
		return -EBADMSG;
	if (len < captured + PCAP_FRAME_HEAD)
		return 0;
	out->at_ns = (int64_t)word_at(bytes, is_big) * NS_PER_SECOND +
		     fraction_of_ns(f, word_at(bytes + 4, is_big));
	out->bytes = bytes + PCAP_FRAME_HEAD;
	out->len = captured < f->snaplen ? captured : f->snaplen;
	out->wire_len = word_at(bytes + 12, is_big);
	return (long)(PCAP_FRAME_HEAD + captured);
}

static inline long read_frames(struct frame_in *out, long max, struct pcap_format f,
			       bool is_big, const uint8_t *bytes, size_t len, size_t *taken)
{
	const uint8_t *at = bytes, *end = bytes + len;
	long n = 0, size = 0;

	while (n < max &&
	       (size = read_frame(&out[n], &f, is_big, at, (size_t)(end - at))) > 0) {
		at += size;
		__builtin_prefetch(at + AHEAD);
		__builtin_prefetch(at + AHEAD + LINE);
		n++;
	}
	*taken = (size_t)(at - bytes);
	return n ? n : size;
}

/* For each order its own loop, which does not ask for it. */
long pcap_reader_frames(struct frame_in *out, long max, const struct pcap_format *f,
			const uint8_t *bytes, size_t len, size_t *taken)
{
	return f->is_big_endian ? read_frames(out, max, *f, true, bytes, len, taken)
				: read_frames(out, max, *f, false, bytes, len, taken);
}

void pcap_reader_problem(char *out, size_t room, const struct pcap_format *f,
			 const uint8_t *bytes, size_t len)
{
	uint32_t captured;

	*out = '\0';
	if (!len)
		return;
	if (len < PCAP_FRAME_HEAD) {
		snprintf(out, room,
			 "truncated dump file; tried to read %d header bytes, only got %zu",
			 PCAP_FRAME_HEAD, len);
		return;
	}
	captured = word_at(bytes + 8, f->is_big_endian);
	if (captured > PCAP_FRAME_MAX)
		snprintf(out, room,
			 "invalid packet capture length %u, bigger than maximum of %d",
			 captured, PCAP_FRAME_MAX);
	else
		snprintf(out, room,
			 "truncated dump file; tried to read %u captured bytes, only got "
			 "%zu",
			 captured, len - PCAP_FRAME_HEAD);
}
