/* Frames from a capture file of any byte order and resolution, pcap or pcapng. */
#include "capture/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/pcap_library.h"

/*
 * libpcap calls fread(3) twice per packet. A third of that is the lock of the stream, which
 * nobody else has.
 */
#define BUFFER_BYTES (64 * 1024)

static long read_batch(struct source_in *s, int max, char error[SOURCE_ERROR_MAX])
{
	int got = pcap_library_dispatch(s, max);

	if (got >= 0)
		return got;
	snprintf(error, SOURCE_ERROR_MAX, "damaged behind packet %llu: %s",
		 (unsigned long long)s->n_packets, s->library->geterr(s->handle));
	return -EBADMSG;
}

/* What the capturing host lost is not told by its file. */
static void read_drops(const struct source_in *s, struct capture_state *state)
{
	(void)s;
	state->n_kernel_drops = 0;
	state->n_device_drops = 0;
}

static void close_handle(struct source_in *s)
{
	if (s->handle)
		s->library->close(s->handle);
}

static const struct source_ops file_ops = {read_batch, read_drops, close_handle};

/* Takes the file: libpcap closes it with its handle. */
static int open_handle(struct source_in *s, FILE *file, char error[SOURCE_ERROR_MAX])
{
	char libpcap_error[PCAP_ERRBUF_SIZE] = "";

	s->handle = s->library->fopen_offline_with_tstamp_precision(
		file, PCAP_TSTAMP_PRECISION_NANO, libpcap_error);
	if (!s->handle) {
		fclose(file);
		snprintf(error, SOURCE_ERROR_MAX, "no capture file: %.200s", libpcap_error);
		return -EBADMSG;
	}
	s->link_type = s->library->datalink(s->handle);
	s->snaplen = s->library->snapshot(s->handle);
	if (packet_knows_link(s->link_type))
		return 0;
	snprintf(error, SOURCE_ERROR_MAX, "its frames (link type %d) are not known here",
		 s->link_type);
	return -EBADMSG;
}

int source_open_file_take(struct source_in **out, int fd, const char *filter,
			  char error[SOURCE_ERROR_MAX])
{
	const struct pcap_library *l = pcap_library(error);
	struct source_in *s = l ? source_new(&file_ops) : NULL;
	FILE *file;
	int code;

	if (!s) {
		close(fd);
		return l ? -ENOMEM : -ENOSYS;
	}
	s->library = l;
	s->device = 1;
	s->devices = pcap_devices_open(fd);
	file = fdopen(fd, "rb");
	code = file ? 0 : -errno;
	if (!file) {
		snprintf(error, SOURCE_ERROR_MAX, "%s", strerror(-code));
		close(fd);
	} else {
		setvbuf(file, NULL, _IOFBF, BUFFER_BYTES);
		__fsetlocking(file, FSETLOCKING_BYCALLER);
		code = open_handle(s, file, error);
	}
	if (!code && filter)
		code = pcap_library_set_filter(s, filter, error);
	if (!code) {
		*out = s;
		return 0;
	}
	source_close(s);
	return code;
}
