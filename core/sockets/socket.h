/*
 * One socket as the kernel tells it, whichever way, and the table of them. Decodes nothing.
 *
 * An MPTCP listener is told twice: by the MPTCP dump, and by the TCP dump (and
 * /proc/net/tcp) as the first subflow it listens with. Both have the same inode, address,
 * port and queue, but cookies of their own. Both are kept: whoever shows one row for each
 * port folds them by inode.
 */
#ifndef CORE_SOCKETS_SOCKET_H
#define CORE_SOCKETS_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/table.h"
#include "core/base/tri.h"
#include "core/base/vec.h"

enum socket_proto { PROTO_TCP, PROTO_UDP, PROTO_UDPLITE, PROTO_MPTCP, N_PROTOS };

/* "tcp", "udp", "udplite", "mptcp" */
const char *socket_proto_word(enum socket_proto p);

#define QUEUE_UNKNOWN UINT32_MAX

/* A TCP socket in LISTEN, or a bound, unconnected UDP socket (state CLOSE). */
struct socket_row {
	enum socket_proto proto;
	uint8_t family; /* AF_INET, AF_INET6: of the socket, not of its peer */
	struct addr local;
	uint16_t port;
	uint32_t ifindex; /* SO_BINDTODEVICE or VRF; 0: none */
	uint32_t inode;   /* 0: a kernel socket or none */
	uint32_t uid;
	uint64_t cookie;    /* identity over time; 0: not known (text tables) */
	uint64_t cgroup_id; /* 0: not told */
	enum tri v6only;    /* AF_INET: TRI_NO; TRI_UNSURE: the source does not tell */
	/* IP_TRANSPARENT; TRI_UNSURE: the source does not tell, or is older than 5.10 */
	enum tri transparent;
	/*
	 * TCP: connections waiting for accept() and the limit given to listen() (a queue
	 * takes limit + 1). UDP: bytes waiting and the receive buffer. QUEUE_UNKNOWN where
	 * the source does not tell.
	 */
	uint32_t queue_length;
	uint32_t queue_limit;
	uint32_t send_queue; /* UDP: bytes not yet sent; TCP: equals the limit */
	uint32_t drops;      /* sk_drops; QUEUE_UNKNOWN */
};

/* rows sorted by (proto, port, local, ifindex, cookie, inode), no cookie twice */
struct socket_table {
	struct table head;
	struct socket_row *rows;
	size_t n;
	bool from_text; /* read from /proc/net: no limits, cookies, v6only, devices */
};

/* The order of rows in a table: <0, 0, >0. */
int socket_row_compare(const struct socket_row *a, const struct socket_row *b);

/*
 * The rows (struct socket_row, any order, perhaps told twice) as a frozen table with one
 * reference; rows is empty after it. NULL for want of memory.
 */
struct socket_table *socket_table_new(struct vec *rows, bool from_text);

#endif
