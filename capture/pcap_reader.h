/*
 * Capture files of the classic format: the head, and the frames behind it. Pure: bytes in,
 * frames out. Does not know pcapng, nor versions before 2.4 (1996), whose lengths stand in
 * another order. pcap-savefile(5).
 */
#ifndef CAPTURE_PCAP_READER_H
#define CAPTURE_PCAP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/packet.h"

enum {
	PCAP_HEAD = 24,
	PCAP_FRAME_HEAD = 16,
	PCAP_FRAME_MAX = 256 * 1024 /* captured bytes; more is damage */
};

struct pcap_format {
	bool is_big_endian;
	uint32_t fraction_ns; /* what the fractions of its seconds count */
	uint32_t snaplen;     /* never 0 */
	int link_type;        /* LINKTYPE_... number */
};

/* The head of a file. False: it is of another format, or `len` is less than PCAP_HEAD. */
bool pcap_reader_head(struct pcap_format *out, const uint8_t *bytes, size_t len);

/*
 * Up to `max` frames, of which the first begins at `bytes`; *taken is what they take in the
 * file. Their link types and devices are left as they stand in `out`; no frame is longer
 * than snaplen; its bytes are borrowed. Returns their number; 0: the first does not end
 * within `len`; -EBADMSG: no frame is as long as the first one says.
 */
long pcap_reader_frames(struct frame_in *out, long max, const struct pcap_format *f,
			const uint8_t *bytes, size_t len, size_t *taken);

/* What is missing, or wrong, where pcap_reader_frames() gave no frame and no more bytes
 * come; in the words of libpcap. "": nothing, the file ends there. */
void pcap_reader_problem(char *out, size_t room, const struct pcap_format *f,
			 const uint8_t *bytes, size_t len);

#endif
