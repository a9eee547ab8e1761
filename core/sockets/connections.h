/*
 * Connections counted by local end and state, for the ports that are listened on. Joining them to a listener
 * by the kernel's own rules. net/ipv4/inet_hashtables.c (compute_score), net/ipv6/inet6_hashtables.c. Pure.
 */
#ifndef CORE_SOCKETS_CONNECTIONS_H
#define CORE_SOCKETS_CONNECTIONS_H

#include "core/base/bundle.h"
#include "core/sockets/socket.h"

/* All TCP states but LISTEN and CLOSE; request them with no extension. */
#define CONNECTION_STATES ((1u << 1) | (1u << 2) | (1u << 3) | (1u << 4) | (1u << 5) | (1u << 6) | (1u << 8) | \
			   (1u << 9) | (1u << 11) | (1u << 12))

enum { N_TCP_STATES = 13 }; /* index: TCP_ESTABLISHED 1 ... TCP_NEW_SYN_RECV 12 */

/* The kernel's names in lower case: "established", "syn_recv", ... NULL out of range. */
const char *tcp_state_word(unsigned state);

struct connection_group {
	struct addr local; /* as the kernel tells it; v4-mapped under a dual-stack listener */
	uint16_t port;
	uint32_t ifindex;  /* bound device; 0: none */
	uint32_t counts[N_TCP_STATES]; /* NEW_SYN_RECV is counted as SYN_RECV */
};

struct connection_table {
	struct table head;
	struct connection_group *rows; /* sorted by (port, local, ifindex), in the arena */
	size_t n;
	uint64_t total; /* all sockets seen, counted or not */
};

struct connection_counter;

/* Only local ports whose bit is set in ports (65536 bits, little end first, copied) are counted. NULL: no memory. */
struct connection_counter *connections_new(const uint8_t ports[8192]);
void connections_free(struct connection_counter *c);
void connections_reset(struct connection_counter *c);
/* One part of a sock_diag dump. 0, -EBADMSG, -ENOMEM. Fast: it sees every socket of the host. */
int connections_decode(struct connection_counter *c, const void *bytes, size_t len);
/* The same from /proc/net/tcp and tcp6 (others are passed over). */
int connections_decode_text(struct connection_counter *c, const struct bundle_item *item);
/* Frozen table with one reference; the counter is empty again. NULL: no memory. */
struct connection_table *connections_finish(struct connection_counter *c);

/*
 * The listener (index into listeners->rows) that a connection with this local end came through; -1: none, it is
 * this host's own outgoing connection. The kernel's rules: same port; device bound to the same device beats none; exact
 * address beats any; an AF_INET end goes to an AF_INET listener first, else to an AF_INET6 one that is not v6only
 * (v6only unsure counts as not v6only); a v4-mapped end belongs to AF_INET6 listeners only. Of several equals (SO_REUSEPORT)
 * the first in table order. listeners must be sorted (socket_table).
 */
long connections_listener(const struct socket_table *listeners, const struct connection_group *g);

#endif
