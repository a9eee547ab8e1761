/*
 * Writes the frames of a source to a capture file with nanoseconds, headers only unless it
 * is told otherwise. A full disk is noticed, and the file then ends behind a whole frame.
 * Reads nothing. pcap-savefile(5).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "capture/source_impl.h"
#include "core/base/time.h"

#define FILE_HEAD    24
#define FRAME_HEAD   16
#define FRAME_MAX    262144 /* what readers take */
#define BUFFER_BYTES 65536
#define ICMP_KEPT    122 /* Ethernet, IPv6, ICMPv6, and the IPv6 and TCP headers it quotes */
#define MAGIC_NS     0xa1b23c4d

struct source_save {
	int fd;
	bool with_payload;
	int64_t left; /* bytes that may still come */
	size_t n;
	size_t n_frames; /* of them */
	uint8_t buffer[BUFFER_BYTES];
};

/* What could not be written whole goes: half a frame would be damage. */
static int write_buffer(struct source_in *s)
{
	struct source_save *v = s->save;
	size_t done = 0;
	off_t start = lseek(v->fd, 0, SEEK_CUR);
	int error = 0;

	while (!error && done < v->n) {
		ssize_t n = write(v->fd, v->buffer + done, v->n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			error = n < 0 ? -errno : -EIO;
		else
			done += (size_t)n;
	}
	if (error && start >= 0 && !ftruncate(v->fd, start))
		lseek(v->fd, start, SEEK_SET);
	s->n_saved += error ? 0 : v->n_frames;
	v->n = v->n_frames = 0;
	return error;
}

static void put_number(struct source_save *v, uint64_t value, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	memcpy(v->buffer + v->n, bytes, n);
	v->n += n;
}

static void put_file_head(struct source_save *v, const struct source_in *s)
{
	put_number(v, MAGIC_NS, 4);
	put_number(v, 2, 2);
	put_number(v, 4, 2);
	put_number(v, 0, 8);
	put_number(v, FRAME_MAX, 4);
	put_number(v, (uint32_t)s->link_type, 4);
}

/* How much of the frame is kept. */
static uint32_t kept(const struct source_save *v, const struct frame_in *f,
		     const struct packet *p)
{
	uint32_t len = f->len < FRAME_MAX ? f->len : FRAME_MAX;

	if (v->with_payload)
		return len;
	if (!p)
		return 0;
	if (p->is_icmp)
		return len < ICMP_KEPT ? len : ICMP_KEPT;
	if (p->payload_len && p->payload >= f->bytes && p->payload <= f->bytes + len)
		return (uint32_t)(p->payload - f->bytes);
	return len;
}

static int put_frame(struct source_in *s, const struct frame_in *f, uint32_t len)
{
	struct source_save *v = s->save;
	int error = 0;

	if (v->left < FRAME_HEAD + (int64_t)len)
		return -EFBIG;
	if (v->n + FRAME_HEAD + len > BUFFER_BYTES)
		error = write_buffer(s);
	if (error)
		return error;
	if (FRAME_HEAD + len > BUFFER_BYTES)
		len = BUFFER_BYTES - FRAME_HEAD;
	put_number(v, (uint64_t)(f->at_ns / NS_PER_S), 4);
	put_number(v, (uint64_t)(f->at_ns % NS_PER_S), 4);
	put_number(v, len, 4);
	put_number(v, f->wire_len > len ? f->wire_len : len, 4);
	memcpy(v->buffer + v->n, f->bytes, len);
	v->n += len;
	v->n_frames++;
	v->left -= FRAME_HEAD + (int64_t)len;
	return 0;
}

void source_save_frame(struct source_in *s, const struct frame_in *f,
		       const struct packet *p)
{
	uint32_t len = kept(s->save, f, p);

	if (len && !s->save_error)
		s->save_error = put_frame(s, f, len);
}

int source_save_take(struct source_in *s, int fd, bool with_payload, int64_t max_bytes,
		     char error[SOURCE_ERROR_MAX])
{
	struct source_save *v = malloc(sizeof(*v));

	if (!v) {
		close(fd);
		strcpy(error, "there is not enough memory to save packets");
		return -ENOMEM;
	}
	v->fd = fd;
	v->with_payload = with_payload;
	v->left = max_bytes - FILE_HEAD;
	v->n = v->n_frames = 0;
	s->save = v;
	put_file_head(v, s);
	return 0;
}

int source_save_flush(struct source_in *s)
{
	if (s->save && s->save->n && (!s->save_error || s->save_error == -EFBIG)) {
		int error = write_buffer(s);

		s->save_error = error ? error : s->save_error;
	}
	return s->save_error;
}

int source_save_close(struct source_in *s)
{
	int fd;

	if (!s->save)
		return s->save_error;
	source_save_flush(s);
	fd = s->save->fd;
	free(s->save);
	s->save = NULL;
	if (close(fd) && errno != EINTR && !s->save_error)
		s->save_error = -errno;
	return s->save_error;
}

int source_save_error(const struct source_in *s)
{
	return s->save_error;
}
