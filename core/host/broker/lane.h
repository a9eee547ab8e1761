/*
 * One lane: a worker process and the socket to it. Knows no requests and no deadlines.
 */
#ifndef CORE_HOST_LANE_H
#define CORE_HOST_LANE_H

#include <sys/types.h>

#include "core/host/broker/mailbox.h"
#include "core/host/broker/worker.h"

struct lane_answer;

struct lane {
	pid_t pid; /* 0: no process */
	struct mailbox box;
	struct lane_answer *answer; /* what it works for; NULL: idle */
	int64_t deadline_ns;
	struct worker_role role;
};

/* Forks its worker. 0 or -errno: then there is none (a process that was made is the
 * caller's to stop). */
int lane_start(struct lane *lane);
/* Closes the socket and kills the process, if there is one. True: it was killed and is
 * still to be reaped. */
bool lane_stop(struct lane *lane);
/* A request to an idle worker. 0, -EPIPE (it is gone), -ENOBUFS, -errno. */
int lane_send(struct lane *lane, uint32_t seq, const void *body, size_t len);

#endif
