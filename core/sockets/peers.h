/*
 * Who is connected to one port: the connections that a process holds or is about to get,
 * counted by the address of their other end. From a dump of sock_diag. inet_diag.h. Pure.
 */
#ifndef CORE_SOCKETS_PEERS_H
#define CORE_SOCKETS_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/table.h"

/*
 * What to request, with no extension, of one port: all states of a connection but
 * TIME_WAIT, which no process holds. Nobody else asks for these together: a recording
 * tells the answers apart.
 */
#define PEER_STATES                                                              \
	((1u << 1) | (1u << 3) | (1u << 4) | (1u << 5) | (1u << 8) | (1u << 9) | \
	 (1u << 11) | (1u << 12))

/* More connections than these are counted, and not kept by their other end. */
enum { PEERS_MAX = 131072 };

struct peer_row {
	struct addr remote; /* not v4-mapped */
	uint32_t n;
	uint32_t n_half_open;  /* of them: the SYN-ACK was sent, its answer did not come */
	uint32_t n_close_wait; /* of them: the client hung up, the program did not */
};

/* Addresses that are neighbours: a /24, of IPv6 a /48. */
struct peer_net {
	struct addr prefix;
	uint8_t prefix_len;
	uint32_t n, n_addresses;
};

struct peer_table {
	struct table head;
	struct peer_row *rows; /* most connections first, then by address */
	size_t n;
	struct peer_net *nets; /* likewise */
	size_t n_nets;
	uint64_t total; /* connections */
	bool is_cut;    /* there were more than are kept */
};

struct peer_decoder;
/* Only connections whose local port this is are counted. NULL: no memory. */
struct peer_decoder *peers_new(uint16_t port);
void peers_free(struct peer_decoder *d);
/* The answer begins anew: what came before is void. */
void peers_reset(struct peer_decoder *d);
/* One part. 0, -EBADMSG (what stood before the damage is kept), -ENOMEM. */
int peers_decode(struct peer_decoder *d, const void *bytes, size_t len);
/* Frozen; the decoder is empty again. NULL: no memory. */
struct peer_table *peers_finish(struct peer_decoder *d);

#endif
