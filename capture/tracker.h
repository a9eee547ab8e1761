/*
 * SYNs and what answers them, UDP likewise: an attempt is one flow from its first SYN to
 * its outcome. Time is that of the packets, or told by tracker_tick(). Memory is bounded:
 * the oldest attempt makes room and is counted. Pure.
 *
 * Outcomes (packet time): answered: SYN-ACK and the client's ACK; half-open: SYN-ACK, no
 * ACK within 3 s; refused: RST to the SYN (its acknowledgement number fits, or it has none
 * and comes from the server's end); icmp: an error that quotes it; reset-later: RST of the
 * server within 1 s after answered; silent: nothing for 3 s after the last SYN; open: not
 * decided. A SYN with another sequence number on the same tuple, or after an outcome, is a
 * new attempt. One packet seen on several devices (same tuple, flags and sequence number
 * within 10 ms on another device) is one packet with a list of devices. UDP: the client's
 * datagram, an answer back (answered), an ICMP error, silence; an answer pairs with the
 * newest attempt of that tuple; a further datagram within 3 s belongs to the same attempt,
 * later ones of an answered flow count to it for 30 s.
 */
#ifndef CAPTURE_TRACKER_H
#define CAPTURE_TRACKER_H

#include "capture/packet.h"
#include "core/wire/attempt.h"

struct tracker;

struct tracker_options {
	size_t max_attempts; /* live at once: the memory bound */
	bool with_events;    /* keep the ladder's packets and first bytes */
	/*
	 * Called with every attempt when its outcome is decided, again when it changes
	 * (answered -> reset-later, first bytes), and with undecided ones that are new or
	 * changed when tracker_tell() asks. Borrowed for the call.
	 */
	void (*tell)(void *arg, const struct attempt *a);
	void *arg;
};

/* NULL: no memory. Memory grows with the attempts up to the bound. */
struct tracker *tracker_new(const struct tracker_options *o);
void tracker_free(struct tracker *t);

/* Packets in their order (small disorder is fine). Up to `n` at once: it prefetches. */
void tracker_packets(struct tracker *t, const struct packet *packets, size_t n);
/* Time passes without packets: outcomes that silence decides. Never goes backwards. */
void tracker_tick(struct tracker *t, int64_t now_ns);
/* Tells what is undecided and was not told in its present state. */
void tracker_tell(struct tracker *t);
/* The capture ends: everything is told, undecided as OPEN. */
void tracker_finish(struct tracker *t);

/* n_attempts, n_evicted, n_outcomes of state are brought up to date. */
void tracker_state(const struct tracker *t, struct capture_state *state);
/* Bytes that it holds now, for the tests of the bound. */
size_t tracker_bytes(const struct tracker *t);

#endif
