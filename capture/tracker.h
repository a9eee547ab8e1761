/*
 * SYNs and what answers them, UDP likewise: an attempt is one flow from its first SYN to
 * its outcome. Time is that of the packets, or told by tracker_tick(). Memory is bounded:
 * the oldest attempt makes room, decided ones first; an undecided one is told as open and
 * counted. Pure.
 *
 * Outcomes (packet time): answered: SYN-ACK and the client's ACK (or what only follows
 * them, if the capture missed one: data, the client's RST with ACK); half-open: SYN-ACK, no
 * ACK within 3 s, or the client refused it by an RST without ACK; refused: RST to the SYN
 * (its acknowledgement number fits, or it has none and comes from the server's end); icmp:
 * an error that quotes it (no redirect, quench or too-big); reset-later: RST of the server
 * within 1 s after answered, or after its SYN-ACK; silent: nothing for 3 s after the last
 * SYN; open: not decided, also after 3 s with nothing but a bare ACK (is_decided then).
 * Silent, icmp and half-open give way to what comes later.
 *
 * A SYN with another sequence number on the same tuple, or any after refused or
 * reset-later, is a new attempt; the same number again, also after silent or icmp, is the
 * SYN sent again. What begins in the middle of a conversation is no attempt. One packet
 * seen on several devices (same tuple, flags and sequence number within 10 ms, but another
 * device, direction, TTL or link address) is one packet with a list of devices.
 *
 * With events, what follows the handshake is told as struct stream (core/wire/stream.h):
 * first bytes, ends, alerts, what is stuck. It decides no outcome.
 *
 * UDP: the client's datagram, an answer back (answered), an ICMP error, silence; an answer
 * pairs with the newest attempt of that tuple; a further datagram within 3 s belongs to the
 * same attempt, later ones of an answered flow count to it for 30 s. Datagrams to groups
 * and, unasked for, from a port below 1024 to one above 32767 are no attempts.
 */
#ifndef CAPTURE_TRACKER_H
#define CAPTURE_TRACKER_H

#include "capture/packet.h"
#include "capture/ports.h"
#include "core/wire/attempt.h"

struct tracker;

struct tracker_options {
	size_t max_attempts; /* live at once: the memory bound, see tracker_bytes() */
	bool with_events;    /* keep the ladder's packets, first bytes and byte counts */
	uint64_t seed;       /* of the hash table: a random number if packets are hostile */
	struct ports *ports; /* fed with every SYN and outcome; NULL: none. Borrowed */
	/*
	 * Called with every attempt when its outcome is decided, again when it changes
	 * (answered -> reset-later, first bytes), and with undecided ones that are new or
	 * changed, and decided ones whose counts changed, when tracker_tell() asks or they
	 * are forgotten. Borrowed for the call; it must not call the tracker. NULL: nobody
	 * asks for more than totals and ports, so nothing more is kept.
	 */
	void (*tell)(void *arg, const struct attempt *a);
	/* Asked before one is put together for tell(): false if nobody wants it, who may
	 * count it. NULL: all are wanted. */
	bool (*wants)(void *arg, uint16_t server_port, bool is_decided);
	void *arg; /* of both */
	/* No ACK is seen: half-open after a SYN-ACK that was not sent again (servers do so
	 * within a second) counts as open beside half-open in the row of its port, and in
	 * tracker_n_presumed(). */
	bool presumes_answered;
	/* Each attempt is told once, when nothing that comes can change it any more: by
	 * tracker_tell(), tracker_finish(), or because it is forgotten. */
	bool tells_once;
};

/* NULL: no memory. Memory grows with the attempts up to the bound: 150 bytes each and 32 to
 * 64 of index, 120 more if they are told, 750 more with_events. */
struct tracker *tracker_new(const struct tracker_options *o);
void tracker_free(struct tracker *t);

/* Packets in their order (small disorder is fine). Up to `n` at once: it prefetches. */
void tracker_packets(struct tracker *t, const struct packet *packets, size_t n);
/* Time passes without packets: outcomes that silence decides. An earlier time than that of
 * the last packet or tick changes nothing. */
void tracker_tick(struct tracker *t, int64_t now_ns);
/* Time will decide something before long: an attempt is open, or was a moment ago. */
bool tracker_is_waiting(struct tracker *t);
/* Tells what is not yet told in its present state. */
void tracker_tell(struct tracker *t);
/* The capture ends: everything is told, undecided as OPEN (told before or not). The tracker
 * is empty then; its totals remain. */
void tracker_finish(struct tracker *t);

/* n_attempts, n_evicted, n_outcomes of state are brought up to date. */
void tracker_state(const struct tracker *t, struct capture_state *state);
/* Of the half-open ones: those that are presumed to be answered. */
uint64_t tracker_n_presumed(const struct tracker *t);
/* Bytes that it holds now, for the tests of the bound. */
size_t tracker_bytes(const struct tracker *t);

#endif
