/*
 * Netlink dumps as answers: sends the dump request, hands the kernel's datagrams on as they
 * are, reads framing only (length, sequence, DONE, ERROR, DUMP_INTR). netlink(7),
 * sock_diag(7), rtnetlink(7). Sends nothing but GET requests.
 */
#ifndef CORE_HOST_NETLINK_H
#define CORE_HOST_NETLINK_H

#include "core/host/blob.h"
#include "core/host/kernel/netns.h"

struct nl_sock;

/* The sockets of our own namespace are kept open between dumps; another namespace gets one
 * for each dump. */
struct netlink {
	struct netns_home home;
	struct nl_sock *own[2]; /* sock_diag, route */
	uint8_t *datagram;      /* BLOB_PART_MAX bytes */
};

/* One dump under way. */
struct dump {
	struct request request;
	struct nl_sock *socket;
	bool is_own_socket;
	uint32_t netlink_seq;
	struct blob part; /* seq, part, netns of the next part */
	bool was_changed; /* NLM_F_DUMP_INTR was seen */
	unsigned n_tries;
};

int netlink_init(struct netlink *nl); /* 0 or -ENOMEM */
void netlink_release(struct netlink *nl);

/* Starts (or starts anew) the dump that d->request asks for. 0 or -errno: the answer is
 * then that error. */
int dump_start(struct netlink *nl, struct dump *d);
/*
 * The next part, of one datagram or several, into *out (bytes borrowed from nl until the
 * next call). 1: a part (blob_is_end() tells the last); 0: nothing there yet; 2: it changed
 * while it was read and is worth another try: call dump_start() again after
 * dump_retry_ms().
 */
int dump_step(struct netlink *nl, struct dump *d, struct blob *out);
int dump_fd(const struct dump *d);
/* 20, 80, 320 ms */
int dump_retry_ms(const struct dump *d);
/* After its last part, or to give it up under way (then a kept socket is thrown away). */
void dump_end(struct netlink *nl, struct dump *d, bool is_whole);

#endif
