/*
 * The interfaces of a pcapng file's packets, which libpcap does not tell: the blocks are
 * walked a second time, in step with libpcap. Reads block heads only, never packets.
 * draft-ietf-opsawg-pcapng.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/source_impl.h"
#include "core/base/cursor.h"

#define BLOCK_SECTION  0x0a0d0d0au
#define BLOCK_PACKET   2u
#define BLOCK_SIMPLE   3u
#define BLOCK_ENHANCED 6u
#define ORDER_MAGIC    0x1a2b3c4du
#define HEAD           12 /* type, length, and the first word of the body */
#define WINDOW         65536

struct pcap_devices {
	int fd;
	bool is_big_endian, is_lost;
	uint32_t base; /* interfaces of the sections before this one */
	uint32_t n_interfaces;
	off_t at; /* the next block */
	off_t window_at;
	size_t n_window;
	uint8_t window[WINDOW];
};

static bool fill(struct pcap_devices *d)
{
	ssize_t got;

	if (d->at >= d->window_at && d->at + HEAD <= d->window_at + (off_t)d->n_window)
		return true;
	got = pread(d->fd, d->window, sizeof(d->window), d->at);
	d->window_at = d->at;
	d->n_window = got > 0 ? (size_t)got : 0;
	return d->n_window >= HEAD;
}

static uint32_t word(const struct pcap_devices *d, struct cursor *c)
{
	return d->is_big_endian ? cursor_be32(c) : cursor_le32(c);
}

/* A section says its byte order itself, and counts its interfaces anew. */
static void begin_section(struct pcap_devices *d, struct cursor c)
{
	cursor_le32(&c);
	d->is_big_endian = cursor_le32(&c) != ORDER_MAGIC;
	d->base += d->n_interfaces;
	d->n_interfaces = 0;
}

uint32_t pcap_devices_next(struct pcap_devices *d)
{
	while (!d->is_lost && fill(d)) {
		struct cursor c = cursor_of(d->window + (d->at - d->window_at), HEAD);
		uint32_t type = word(d, &c), len, first;

		if (type == BLOCK_SECTION)
			begin_section(d, c);
		len = word(d, &c);
		first = word(d, &c);
		d->is_lost = len < HEAD || len % 4;
		d->at += len;
		if (type == 1)
			d->n_interfaces++;
		if (type == BLOCK_ENHANCED)
			return d->base + first + 1;
		if (type == BLOCK_PACKET)
			return d->base + (d->is_big_endian ? first >> 16 : first & 0xffff) +
			       1;
		if (type == BLOCK_SIMPLE)
			return d->base + 1;
	}
	d->is_lost = true;
	return 0;
}

static bool is_pcapng(int fd)
{
	static const uint8_t magic[4] = {0x0a, 0x0d, 0x0d, 0x0a};
	uint8_t bytes[4];
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0 &&
	       pread(fd, bytes, 4, 0) == 4 && !memcmp(bytes, magic, 4);
}

struct pcap_devices *pcap_devices_open(int fd)
{
	struct pcap_devices *d;
	int own;

	if (!is_pcapng(fd))
		return NULL;
	d = malloc(sizeof(*d));
	own = d ? dup(fd) : -1;
	if (own < 0) {
		free(d);
		return NULL;
	}
	memset(d, 0, offsetof(struct pcap_devices, window));
	d->fd = own;
	return d;
}

void pcap_devices_close(struct pcap_devices *d)
{
	if (!d)
		return;
	close(d->fd);
	free(d);
}
