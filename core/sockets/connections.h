/*
 * Connections counted by local end and state, for the ports that are listened on. Joining
 * them to a listener by the kernel's own rules. net/ipv4/inet_hashtables.c (compute_score),
 * net/ipv6/inet6_hashtables.c. Pure.
 */
#ifndef CORE_SOCKETS_CONNECTIONS_H
#define CORE_SOCKETS_CONNECTIONS_H

#include "core/base/bundle.h"
#include "core/sockets/socket.h"

/* All TCP states but LISTEN and CLOSE; request them with no extension. */
#define CONNECTION_STATES                                                        \
	((1u << 1) | (1u << 2) | (1u << 3) | (1u << 4) | (1u << 5) | (1u << 6) | \
	 (1u << 8) | (1u << 9) | (1u << 11) | (1u << 12))

enum { N_TCP_STATES = 13 }; /* index: TCP_ESTABLISHED 1 ... TCP_NEW_SYN_RECV 12 */

/* The kernel's names in lower case: "established", "syn_recv", ... NULL out of range. */
const char *tcp_state_word(unsigned state);

struct connection_group {
	struct addr local; /* as told: v4-mapped under a dual-stack listener */
	uint16_t port;
	uint32_t ifindex;              /* bound device; 0: none */
	uint32_t counts[N_TCP_STATES]; /* NEW_SYN_RECV is counted as SYN_RECV */
};

struct connection_table {
	struct table head;
	struct connection_group *rows; /* sorted by (port, local, ifindex), in the arena */
	size_t n;
	uint64_t total; /* all connections told of, counted or not */
};

struct connection_counter;

/*
 * Only local ports whose bit is set in ports (65536 bits, little end first, copied) are
 * counted. NULL: no memory.
 */
struct connection_counter *connections_new(const uint8_t ports[8192]);
void connections_free(struct connection_counter *c);
void connections_reset(struct connection_counter *c);
/*
 * One part of a sock_diag dump, of sockets each for itself or counted (ends_told.h). 0,
 * -EBADMSG (damaged: nothing of this part is counted), -ENOMEM (counted up to there). Fast:
 * it sees every socket of the host.
 */
int connections_decode(struct connection_counter *c, const void *bytes, size_t len);
/*
 * The same from /proc/net/tcp and tcp6 (others are passed over); lines before a damaged one
 * are counted.
 */
int connections_decode_text(struct connection_counter *c, const struct bundle_item *item);
/* Frozen table with one reference; the counter is empty again. NULL: no memory. */
struct connection_table *connections_finish(struct connection_counter *c);

/*
 * The listener (index into listeners->rows) that a connection with this local end came
 * through; -1: none, it is this host's own outgoing connection. listeners must be sorted
 * (socket_table). A connection keeps the family and the device of its listener, so the
 * rules go by what it has:
 *
 * Same port, TCP or MPTCP. A listener bound to a device needs the end bound to it too; one
 * that is not fits every end (one with a link-local peer, or in a VRF, gets its device from
 * the packet).
 *
 * A v4-mapped end belongs to AF_INET6 listeners only; an AF_INET end to an AF_INET one
 * first, else (IPV6_ADDRFORM turns the family of a connection) to an AF_INET6 one. Both
 * times that one is not v6only, where unsure counts as not. "::ffff:0.0.0.0" is any address
 * of v4 alone.
 *
 * Exact address beats any, also where any is bound to the device; then bound to the device
 * beats not bound. Of several equals (SO_REUSEPORT) the first in table order, so of an
 * MPTCP listener its TCP row.
 */
long connections_listener(const struct socket_table *listeners,
			  const struct connection_group *g);

#endif
