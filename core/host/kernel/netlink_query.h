/*
 * One netlink question after another, each waited for: for workers, which may block. The
 * kernel's messages are handed to the caller as they are; framing only (length, sequence,
 * DONE, ERROR, DUMP_INTR). Sends what it is given: GET messages.
 */
#ifndef CORE_HOST_NETLINK_QUERY_H
#define CORE_HOST_NETLINK_QUERY_H

#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/host/tape/bundle_out.h"

struct nl_sock;

struct netlink_query {
	struct nl_sock *socket;
	bool was_changed; /* NLM_F_DUMP_INTR was seen; the caller resets it */
	int32_t code;     /* how the last answer ended: as the kernel said it */
};

/* In the present namespace. 0 or -errno. */
int netlink_query_open(struct netlink_query *q, int bus);
void netlink_query_close(struct netlink_query *q);

/*
 * Sends msg (freed in any case; NULL is -ENOMEM) and calls take for each message of the
 * answer but DONE, ERROR and ACK; a negative value of take ends the reading and is
 * returned, and the socket is then of no further use. 0 or -errno: the kernel's error;
 * -ENOBUFS: messages were lost.
 */
int netlink_query_run(struct netlink_query *q, struct nl_msg *msg,
		      int (*take)(void *context, const struct nlmsghdr *h), void *context);

/* A message of a subsystem of NETLINK_NETFILTER: its head with nfgenmsg. NULL: no memory.
 */
struct nl_msg *netlink_query_netfilter(uint8_t subsystem, uint8_t type, uint8_t family,
				       int flags);

/* The message behind those that stand in the present part of the answer. 0 or -errno. */
int netlink_parts_put(struct bundle_out *out, const struct nlmsghdr *h);
/* The answer starts anew: what was sent of it is void. */
void netlink_parts_restart(struct bundle_out *out);

#endif
