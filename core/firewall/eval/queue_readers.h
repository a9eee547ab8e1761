/*
 * Who reads the queues that rules hand packets to (queue, NFQUEUE): the lines of
 * /proc/net/netfilter/nfnetlink_queue, seqf_show of net/netfilter/nfnetlink_queue.c. Pure.
 */
#ifndef CORE_FIREWALL_QUEUE_READERS_H
#define CORE_FIREWALL_QUEUE_READERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/text.h"

struct queue_reader {
	uint16_t queue;
	uint32_t port_id;   /* of its netlink socket: mostly its process, never surely */
	uint32_t n_waiting; /* packets that it has not answered */
	/* 0: it wants none, the kernel drops what comes; 1: their description; 2: them. */
	uint32_t copy_mode;
	uint32_t n_overflowed; /* dropped: the queue was full */
	uint32_t n_lost;       /* dropped: the socket's buffer was full */
};

/* The readers of some queues, taken together. */
struct queue_readers {
	bool is_known;           /* false: neither of those below is the whole truth */
	uint32_t n_reading;      /* queues that somebody reads */
	uint32_t n_refusing;     /* that somebody holds who wants no packets */
	struct queue_reader one; /* the first of them that reads, else that refuses */
};

/* Cuts the next line that can be read off *rest; false: there is none. */
bool queue_readers_next(struct text *rest, struct queue_reader *out);
/* Of n queues from `first` on. is_whole: no line of the text is lacking. A line that cannot
 * be read makes it not known. */
struct queue_readers queue_readers_of(struct text text, bool is_whole, uint16_t first,
				      uint32_t n);

#endif
