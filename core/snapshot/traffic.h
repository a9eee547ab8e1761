/*
 * Who asks for which port, and what became of it: the dashboard's capture over the last
 * minute, and its join with the endpoints of a snapshot. Knows TCP only, as the dashboard's
 * filter lets nothing else pass. Takes records, asks nobody; its clock is the records'.
 */
#ifndef CORE_SNAPSHOT_TRAFFIC_H
#define CORE_SNAPSHOT_TRAFFIC_H

#include "core/snapshot/snapshot.h"
#include "core/wire/attempt.h"

enum {
	TRAFFIC_SLOTS = 60,      /* intervals of about a second that are kept */
	TRAFFIC_RATE_SLOTS = 10, /* of which the newest make the rate */
};

/* How the capture stands. */
enum traffic_state {
	TRAFFIC_WAITING, /* asked for, no packet is seen yet */
	TRAFFIC_RUNNING,
	TRAFFIC_NO_RIGHT,
	TRAFFIC_NOT_RECORDED,
	TRAFFIC_FAILED /* traffic_problem() says why */
};

/* What clients of the last minute got. */
enum traffic_answer {
	TRAFFIC_UNSEEN,    /* no capture looks there; the state says why */
	TRAFFIC_NOT_TCP,   /* datagrams are not looked at */
	TRAFFIC_NOBODY,    /* nobody asked */
	TRAFFIC_UNDECIDED, /* somebody asks, nothing is decided yet */
	TRAFFIC_OPEN,
	TRAFFIC_SOME,      /* some were answered, some not */
	TRAFFIC_HALF_OPEN, /* SYN-ACKs left, and it is not seen that a client took one up */
	TRAFFIC_CLOSED,
	TRAFFIC_REJECTED,
	TRAFFIC_FILTERED,
	N_TRAFFIC_ANSWERS
};

struct traffic_row {
	uint32_t syns[TRAFFIC_SLOTS]; /* oldest first; n_slots of them were watched */
	uint32_t n_slots;
	uint32_t milli_rate; /* SYNs in 1000 s, over the newest slots */
	uint32_t n_outcomes[N_OUTCOMES];
	enum traffic_answer answer;
};

enum traffic_relation {
	RELATED_NOT,
	RELATED_SAME_PORT, /* it has the port, on another address */
	RELATED_SIBLING    /* it has a port that is mistaken for this one */
};

/* A port that clients ask for and no socket of the namespace serves. */
struct traffic_other {
	uint64_t id; /* stable over pictures, never that of an endpoint */
	uint16_t port;
	struct addr server; /* that was asked for last */
	struct addr client; /* one of those who ask */
	uint32_t n_clients; /* that mean it; as far as they were told */
	struct traffic_row counts;
	enum traffic_relation relation;
	size_t related; /* index of the endpoint, unless RELATED_NOT */
};

/* Scan noise of the last minute: asked for, unserved, and nobody means it. */
struct traffic_scan {
	uint32_t n_ports, n_clients;
	bool is_more; /* at least so many: not all was told or could be kept */
};

/* Frozen; belongs to the snapshot that it was made for. */
struct traffic_table {
	struct table head;
	enum traffic_state state;
	struct traffic_row *rows; /* one for each endpoint, same index */
	size_t n_rows;
	struct traffic_other *others; /* by port */
	size_t n_others;
	struct traffic_scan scan;
	size_t n_failing; /* endpoints of which some or all clients were not answered */
};

struct traffic;

struct traffic *traffic_new(void);
void traffic_free(struct traffic *t);

/* The records of one part. 1: a picture made now would differ; 0; -EBADMSG (what came
 * before the damage is kept). */
int traffic_take(struct traffic *t, const void *bytes, size_t len);
/* A capture begins anew: what is known of the last minute stays. */
void traffic_restart(struct traffic *t);
/* It has ended; error: positive errno, 0: as it was to. A problem told before explains it.
 */
void traffic_end(struct traffic *t, int error);
enum traffic_state traffic_state(const struct traffic *t);
/* What the capture said; text from outside, "": nothing. */
const char *traffic_problem(const struct traffic *t);

/*
 * The picture for a snapshot; NULL for want of memory. The namespace that is captured is
 * the own one, else the first. From now on t knows which ports are served and which
 * addresses are here: attempts to reach others than these are not kept.
 */
struct traffic_table *traffic_look(struct traffic *t, const struct snapshot *s);

bool traffic_is_failing(enum traffic_answer a);

enum { TRAFFIC_CLIENTS_MAX = 16 };

/* Somebody who was seen trying a port of this host. */
struct traffic_client {
	struct addr address;
	bool is_at_port; /* that was asked about; else one that is served here */
};

/* Who came lately, to be chosen from: those at this port first, then the newest. As far as
 * they were told. Returns how many were written, at most room and TRAFFIC_CLIENTS_MAX. */
size_t traffic_clients(const struct traffic *t, uint16_t port, struct traffic_client *out,
		       size_t room);

#endif
