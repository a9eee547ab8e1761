/*
 * The lanes: worker processes, each serving one request at a time, and the answers they
 * make together. A worker that is overdue is killed; its source is told as timed out; the
 * next request finds a new one. Reads nothing itself.
 */
#ifndef CORE_HOST_LANES_H
#define CORE_HOST_LANES_H

#include <sys/types.h>

#include "core/host/blob_sink.h"
#include "core/host/broker/lane.h"
#include "core/host/broker/protocol.h"

#define N_OWNER_LANES_MAX 2
/* Lane 0: small files and netlink; then the shards of the owner scan; then what may take
 * long (logs, names, connections). */
#define SLOW_LANE (1 + N_OWNER_LANES_MAX)
/* Clients far away: nobody waits for their logins but those who asked. */
#define REMOTE_LANE (SLOW_LANE + 1)
#define N_LANES     (REMOTE_LANE + 1)

struct lanes {
	struct lane lanes[N_LANES];
	unsigned n_owner_lanes; /* from 1 to N_OWNER_LANES_MAX */
	struct blob_sink sink;
	struct queued_request *first, *last;
	size_t n_queued;
	unsigned n_abandoned; /* killed and not yet reaped: stuck in the kernel */
	/* The reader of files starts when it is asked, and ends when nothing is left to do;
	 * what comes later is the owner scan's, once that is idle. */
	bool looks_once, has_ended;
	int64_t patience_ns; /* no request has longer; INT64_MAX: as long as REQUEST_KINDS
				gives it */
};

void lanes_init(struct lanes *l, unsigned n_owner_lanes, const struct blob_sink *sink);
/* In another way than by the size of the host; before anything is forked. */
void lanes_find_owners(struct lanes *l, enum owners_way way);
/*
 * Forks the workers before they are asked for anything: they are ready when the child is.
 * One that cannot be forked now, or is left out, is forked when it is needed; the slow
 * lane's only then: a list never needs it.
 */
void lanes_start(struct lanes *l, bool with_owners);
/* Kills every worker, as nobody waits for answers any more. */
void lanes_stop(struct lanes *l);
/* Kills every worker and waits a moment for their end. The caller has no other children any
 * more. */
void lanes_release(struct lanes *l);

/* Takes a packed request. 0, -ENOBUFS (too many wait), -ENOMEM, -EINVAL: no worker serves
 * this kind. */
int lanes_request(struct lanes *l, uint32_t seq, enum request_kind kind, const void *body,
		  size_t len);
/* The descriptor of a lane's process, -1: none. Call lanes_read() when it is readable. */
int lanes_fd(const struct lanes *l, unsigned i);
bool lanes_read(struct lanes *l, unsigned i, int64_t now_ns); /* false: there was nothing */
/* Starts what waits, cuts off what is overdue. */
void lanes_tick(struct lanes *l, int64_t now_ns);
/* When lanes_tick() is due next, INT64_MAX: not. */
int64_t lanes_due_ns(const struct lanes *l);
/* We did not listen for so long: it does not count against the workers. */
void lanes_forgive(struct lanes *l, int64_t ns);
/* A child of ours ended. True if it was a worker. */
bool lanes_reaped(struct lanes *l, pid_t pid, int64_t now_ns);

#endif
