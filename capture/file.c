/*
 * Frames from a capture file of any byte order and resolution, pcap or pcapng. The classic
 * format is read here, all others by libpcap: its two reads of a stream per packet take
 * longer than all that is done with the packet.
 */
#include "capture/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "capture/pcap_library.h"
#include "capture/pcap_reader.h"

/*
 * READ_BYTES at once are quick and still in the processor's cache when they are looked at.
 * What was read before and is no whole frame goes ahead of them.
 */
enum { READ_BYTES = 256 * 1024, REST_MAX = PCAP_FRAME_HEAD + PCAP_FRAME_MAX };

/* Of libpcap's stream. */
#define STREAM_BYTES (64 * 1024)

struct source_file {
	int fd; /* -1: closed */
	int error;
	size_t at, n; /* what is there and was not given */
	struct pcap_format format;
	struct frame_in frames[SOURCE_BATCH]; /* of one link type and device */
	uint8_t bytes[REST_MAX + READ_BYTES];
};

/* What the capturing host lost is not told by its file. */
static void read_drops(const struct source_in *s, struct capture_state *state)
{
	(void)s;
	state->n_kernel_drops = 0;
	state->n_device_drops = 0;
}

static void file_free(struct source_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

static void close_file(struct source_in *s)
{
	if (s->handle)
		s->library->close(s->handle);
	file_free(s->file);
}

static ssize_t read_again(int fd, void *out, size_t room)
{
	ssize_t got;

	do
		got = read(fd, out, room);
	while (got < 0 && errno == EINTR);
	return got;
}

/* More bytes behind those that are there. False: the end, or an error. */
static bool fill(struct source_file *f)
{
	ssize_t got;

	memmove(f->bytes, f->bytes + f->at, f->n - f->at);
	f->n -= f->at;
	f->at = 0;
	got = read_again(f->fd, f->bytes + f->n, READ_BYTES);
	if (got < 0)
		f->error = errno;
	else
		f->n += (size_t)got;
	return got > 0;
}

static int say_damage(const struct source_in *s, const char *what,
		      char error[SOURCE_ERROR_MAX])
{
	snprintf(error, SOURCE_ERROR_MAX, "damaged behind packet %llu: %s",
		 (unsigned long long)s->n_packets, what);
	return -EBADMSG;
}

/* ---- The classic format ---- */

/* The number of whole frames among the bytes that are there, or -EBADMSG. */
static long give_frames(struct source_in *s, int max)
{
	struct source_file *f = s->file;
	size_t taken;
	long n = pcap_reader_frames(f->frames, max < SOURCE_BATCH ? max : SOURCE_BATCH,
				    &f->format, f->bytes + f->at, f->n - f->at, &taken);

	if (n > 0)
		source_frames(s, f->frames, (size_t)n);
	f->at += taken;
	return n;
}

static long read_classic(struct source_in *s, int max, char error[SOURCE_ERROR_MAX])
{
	struct source_file *f = s->file;
	char what[SOURCE_ERROR_MAX / 2];
	long n;

	do
		n = give_frames(s, max);
	while (n == 0 && fill(f));
	if (n > 0)
		return n;
	if (f->error)
		snprintf(what, sizeof(what), "error reading dump file: %s",
			 strerror(f->error));
	else
		pcap_reader_problem(what, sizeof(what), &f->format, f->bytes + f->at,
				    f->n - f->at);
	return *what ? say_damage(s, what, error) : 0;
}

static const struct source_ops classic_ops = {read_classic, read_drops, close_file};

/* ---- Other formats, and filters ---- */

static long read_by_library(struct source_in *s, int max, char error[SOURCE_ERROR_MAX])
{
	int got = pcap_library_dispatch(s, max);

	return got >= 0 ? got : say_damage(s, s->library->geterr(s->handle), error);
}

static const struct source_ops library_ops = {read_by_library, read_drops, close_file};

/* fopencookie(3): what was read to look at the format comes once more. */
static ssize_t stream_read(void *arg, char *out, size_t room)
{
	struct source_file *f = arg;
	size_t left = f->n - f->at;

	if (!left)
		return read_again(f->fd, out, room);
	if (left > room)
		left = room;
	memcpy(out, f->bytes + f->at, left);
	f->at += left;
	return (ssize_t)left;
}

/* A third of what fread(3) takes is the lock of the stream, which nobody else has. */
static FILE *stream_open(struct source_file *f)
{
	FILE *stream = fopencookie(f, "rb", (cookie_io_functions_t){.read = stream_read});

	if (!stream)
		return NULL;
	setvbuf(stream, NULL, _IOFBF, STREAM_BYTES);
	__fsetlocking(stream, FSETLOCKING_BYCALLER);
	return stream;
}

static int open_by_library(struct source_in *s, const char *filter,
			   char error[SOURCE_ERROR_MAX])
{
	char libpcap_error[PCAP_ERRBUF_SIZE] = "";
	FILE *stream;

	s->library = pcap_library(error);
	if (!s->library)
		return -ENOSYS;
	stream = stream_open(s->file);
	if (!stream)
		return -ENOMEM;
	s->ops = &library_ops;
	/* With its handle it closes the stream. */
	s->handle = s->library->fopen_offline_with_tstamp_precision(
		stream, PCAP_TSTAMP_PRECISION_NANO, libpcap_error);
	if (!s->handle) {
		fclose(stream);
		snprintf(error, SOURCE_ERROR_MAX, "no capture file: %.200s", libpcap_error);
		return -EBADMSG;
	}
	s->link_type = s->library->datalink(s->handle);
	s->snaplen = s->library->snapshot(s->handle);
	return filter ? pcap_library_set_filter(s, filter, error) : 0;
}

/* ---- opening ---- */

static struct source_file *file_new(int fd)
{
	/* Not zeroed: a page that is not touched costs nothing. */
	struct source_file *f = malloc(sizeof(*f));

	if (!f)
		return NULL;
	memset(f, 0, offsetof(struct source_file, bytes));
	f->fd = fd;
	return f;
}

static int open_format(struct source_in *s, const char *filter,
		       char error[SOURCE_ERROR_MAX])
{
	struct source_file *f = s->file;

	s->devices = pcap_devices_open(f->fd);
	while (f->n < PCAP_HEAD && fill(f))
		;
	if (filter || !pcap_reader_head(&f->format, f->bytes, f->n))
		return open_by_library(s, filter, error);
	f->at = PCAP_HEAD;
	s->link_type = f->format.link_type;
	s->snaplen = (int)f->format.snaplen;
	for (unsigned i = 0; i < SOURCE_BATCH; i++) {
		f->frames[i].link_type = s->link_type;
		f->frames[i].device = s->device;
	}
	return 0;
}

int source_open_file_take(struct source_in **out, int fd, const char *filter,
			  char error[SOURCE_ERROR_MAX])
{
	struct source_in *s = source_new(&classic_ops);
	int code;

	if (!s || !(s->file = file_new(fd))) {
		close(fd);
		source_close(s);
		return -ENOMEM;
	}
	s->device = 1;
	code = open_format(s, filter, error);
	if (!code && !packet_knows_link(s->link_type)) {
		snprintf(error, SOURCE_ERROR_MAX,
			 "its frames (link type %d) are not known here", s->link_type);
		code = -EBADMSG;
	}
	if (code)
		source_close(s);
	else
		*out = s;
	return code;
}
