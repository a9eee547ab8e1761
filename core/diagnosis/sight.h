/*
 * Which attempts count: those of the window, at the target's port and address, by its
 * client; never our own connection. And what became of one. Finds no fault.
 */
#ifndef CORE_DIAGNOSIS_SIGHT_H
#define CORE_DIAGNOSIS_SIGHT_H

#include "core/base/time.h"
#include "core/diagnosis/evidence.h"

/* At the target's port and address within the window, by anybody but ourselves. */
bool sight_is_at_port(const struct evidence *e, const struct attempt *a);
/* The attempts at one address (none: any of the target's) by one client (none: by the
 * target's, or anybody); the others at the port count as n_others. */
void sight_of(const struct evidence *e, const struct addr *server,
	      const struct addr *client, struct sightings *out);
/* Its handshake (UDP: its question) got through. */
bool sight_is_open(const struct attempt *a);
/* It did not get through, and had its time: a SYN of this moment has not failed yet. */
bool sight_has_failed(const struct evidence *e, const struct attempt *a);
/* How many of them got through. */
uint32_t sightings_n_open(const struct sightings *s);
/* The service spoke to one of those that are kept in rows. */
bool sightings_got_bytes(const struct evidence *e, const struct sightings *s);
/* Handshakes at the port that this host does not see the end of: their last ACK, or what
 * follows it, is stopped on its way in, though the wire shows it. */
bool sight_has_open_handshakes(const struct evidence *e);
/* Over how long they were seen: " in 7 s", " in under a second"; nothing where one alone
 * was. */
const char *sightings_span(const struct sightings *s, char out[TIME_TEXT_MAX]);
/* b is a as it left this host under another target address or port: one flow, seen twice.
 */
bool sight_is_same_packet(const struct attempt *a, const struct attempt *b);
/* Packets were lost: what was not seen may have been there. */
bool sight_is_lossy(const struct evidence *e);

#endif
