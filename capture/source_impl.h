/*
 * The inside of a source, shared by source.c, live.c, file.c, save.c, pcap_library.c and
 * pcap_devices.c only. Knows libpcap's types by name alone.
 */
#ifndef CAPTURE_SOURCE_IMPL_H
#define CAPTURE_SOURCE_IMPL_H

#include "capture/source.h"

struct pcap;
struct pcap_library;
struct pcap_devices;
struct source_save;
struct source_file;

enum {
	SOURCE_PAYLOAD_LITTLE = 16,
	SOURCE_PAYLOAD_MAX = 2048
}; /* of one packet with its TCP options, kept until its batch is taken */

/* What live.c and file.c do differently. */
struct source_ops {
	/* As source_read() for at most SOURCE_BATCH frames, which go to source_frame(). */
	long (*read_batch)(struct source_in *s, int max, char error[SOURCE_ERROR_MAX]);
	void (*read_drops)(const struct source_in *s, struct capture_state *state);
	void (*close)(struct source_in *s);
};

struct source_in {
	const struct source_ops *ops;
	const struct pcap_library *library;
	struct pcap *handle;      /* NULL: a file that is read without libpcap */
	struct source_file *file; /* file.c; NULL: a device */
	int link_type, snaplen;
	int fd;                /* to be watched; -1: a file */
	uint32_t device;       /* of all frames; 0: not known, or several */
	struct frame_in frame; /* in hand */
	struct source_save *save;
	int save_error;
	uint64_t n_saved;             /* frames that are in the file */
	struct pcap_devices *devices; /* of a pcapng file; NULL: there is one */
	uint32_t payload_max; /* of a packet; LITTLE: of a datagram, nothing of TCP */
	uint64_t n_packets, n_undecoded;
	struct packet batch[SOURCE_BATCH];
	size_t n_batch;
	uint8_t payloads[SOURCE_BATCH * SOURCE_PAYLOAD_MAX]; /* payload_max each */
};

/* NULL: no memory. */
struct source_in *source_new(const struct source_ops *ops);
/* Decodes a frame into the batch. */
void source_frame(struct source_in *s, int64_t at_ns, const uint8_t *bytes, uint32_t len,
		  uint32_t wire_len);
/* n of them, at most SOURCE_BATCH, of which nothing is saved: their bytes are borrowed
 * until the batch is taken. */
void source_frames(struct source_in *s, const struct frame_in *frames, size_t n);

/* save.c */
/* p: what was decoded of it, its payload within the frame; NULL: it was not decoded. */
void source_save_frame(struct source_in *s, const struct frame_in *f,
		       const struct packet *p);

/* pcap_devices.c: which interface of a pcapng file the next packet is of. */
/* NULL: fd is no regular pcapng file (or no memory). */
struct pcap_devices *pcap_devices_open(int fd);
/* Number of the interface of the next packet, + 1; 0: not known. */
uint32_t pcap_devices_next(struct pcap_devices *d);
void pcap_devices_close(struct pcap_devices *d);

#endif
