/*
 * Which frames of a flow, and which claims of link addresses, were seen at which interface:
 * a bounded table of counts (struct link_sight). Pure.
 */
#ifndef CAPTURE_TRACKER_LINK_H
#define CAPTURE_TRACKER_LINK_H

#include "capture/link_frame.h"
#include "core/wire/link_sight.h"

enum { LINK_ROWS_MAX = 256, LINK_PORTS_MAX = 8, LINK_OWN_MAX = 256 };

struct link_tracker_options {
	uint16_t ports[LINK_PORTS_MAX]; /* of the server's side */
	unsigned n_ports;
	uint8_t proto;      /* 0: TCP and UDP */
	struct addr client; /* none: anybody's */
	uint8_t own_macs[LINK_OWN_MAX][6];
	unsigned n_own_macs;
	bool has_all_own; /* else any address may be one of this host */
};

struct link_tracker;
/* NULL: no memory. */
struct link_tracker *link_tracker_new(const struct link_tracker_options *o);
void link_tracker_free(struct link_tracker *t);
/* Counts a frame; one for which there is no more room is counted as lost. */
void link_tracker_take(struct link_tracker *t, const struct link_frame *f);
/* So many frames were not looked at. */
void link_tracker_lost(struct link_tracker *t, uint32_t n);
/*
 * Tells rows that were never told, and with_counts those that have changed, the state
 * (LINK_STATE) before them if it is new or has changed. Borrowed for the call.
 */
void link_tracker_tell(struct link_tracker *t, bool with_counts,
		       void (*tell)(void *arg, const struct link_sight *s), void *arg);

#endif
