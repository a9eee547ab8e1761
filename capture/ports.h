/*
 * The SYNs and outcomes of each port since the last telling: the dashboard's rows. The
 * tracker feeds it; memory is bounded: a rare row makes room and is counted. Pure.
 */
#ifndef CAPTURE_PORTS_H
#define CAPTURE_PORTS_H

#include "capture/packet.h"
#include "core/wire/attempt.h"

enum { PORTS_MAX = 1024, PORT_CLIENTS_MAX = 64 };

struct ports;

/* At most max_rows rows (1 to PORTS_MAX); counting starts at now_ns. NULL: no memory. */
struct ports *ports_new(size_t max_rows, int64_t now_ns);
void ports_free(struct ports *p);

/*
 * A SYN (UDP: a datagram of the client), sent again or not; flow->target is the port's
 * end. is_new: it begins an attempt. One packet seen on several devices is to be given
 * once: the tracker does so (struct tracker_options).
 */
void ports_syn(struct ports *p, const struct flow *flow, bool is_new);
/* The outcome of an attempt is decided or has changed. Where there is no room for its
 * port's row it is counted as left out. */
void ports_outcome(struct ports *p, const struct addr *server, uint16_t port, uint8_t proto,
		   enum outcome outcome);

/*
 * Gives every row to put(), borrowed for the call, and empties the table; the next interval
 * begins at now_ns. Returns the number of rows.
 */
size_t ports_emit(struct ports *p, int64_t now_ns,
		  void (*put)(void *arg, const struct port_count *row), void *arg);
/* Rows that made room before they were told, and outcomes without a row, since ports_new().
 */
uint64_t ports_n_evicted(const struct ports *p);

#endif
