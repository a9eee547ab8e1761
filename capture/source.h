/*
 * Where frames come from: a live device or a capture file. Through libpcap, which is loaded
 * with dlopen(3) when it is first needed ("libpcap.so.0.8"); files of the classic format do
 * not need it. Includes no <pcap.h>: pcap_library.h alone does. pcap(3PCAP).
 */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include "capture/packet.h"
#include "core/wire/attempt.h"

enum { SOURCE_ERROR_MAX = 256, SOURCE_BATCH = 64 };

struct source_in;

struct live_options {
	const char *device; /* "any", "eth0" */
	const char *filter; /* pcap-filter(7); NULL: everything */
	int snaplen;
	int buffer_bytes; /* of the ring */
	bool is_promiscuous;
};

/*
 * Opens a device: TPACKET_V3, timeout 50 ms, the filter set and locked (SO_LOCK_FILTER)
 * before anything is read. 0, or -errno (-EPERM: no right, -ENOSYS: no libpcap) with a
 * sentence in error.
 */
int source_open_live(struct source_in **out, const struct live_options *o,
		     char error[SOURCE_ERROR_MAX]);
/*
 * Opens a capture file (pcap, pcapng, any byte order and resolution) from fd, which it
 * takes. filter as above, NULL: none. -EBADMSG: it is no capture file, or its link type is
 * unknown; the sentence says which.
 */
int source_open_file_take(struct source_in **out, int fd, const char *filter,
			  char error[SOURCE_ERROR_MAX]);
void source_close(struct source_in *s);

/* From now on no more of a payload than tells datagrams apart: for who looks at none. */
void source_keep_little(struct source_in *s);

/* To be watched for reading; -1: a file, always ready. */
int source_fd(const struct source_in *s);
/*
 * Up to SOURCE_BATCH decoded packets to take(), again and again, until `max` frames were
 * read or none is there now. Returns the number of frames read; 0: none now (live) or the
 * end (file); -EBADMSG: the file is damaged from here on; -ENETDOWN, -ENODEV: the device is
 * gone; error has the sentence.
 */
long source_read(struct source_in *s, long max,
		 void (*take)(void *arg, const struct packet *packets, size_t n), void *arg,
		 char error[SOURCE_ERROR_MAX]);
/* Frames also go to this capture file (taken), at most max_bytes; without payload those
 * that are understood, up to the end of their headers. */
int source_save_take(struct source_in *s, int fd, bool with_payload, int64_t max_bytes,
		     char error[SOURCE_ERROR_MAX]);
/* Writes what is still in memory. As source_save_error(). */
int source_save_flush(struct source_in *s);
/* Ends the saving. 0, -ENOSPC and other write errors, -EFBIG: the limit was reached.
 * Until then the state of saving, without ending it, is source_save_error(). */
int source_save_close(struct source_in *s);
int source_save_error(const struct source_in *s);
/* n_packets, n_saved, n_kernel_drops, n_device_drops, n_undecoded, snaplen, link_type. */
void source_state(const struct source_in *s, struct capture_state *state);

#endif
