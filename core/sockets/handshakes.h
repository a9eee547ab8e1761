/*
 * The listeners of one port and the handshakes that they have not finished: what each waits
 * for, and what was asked of a listener beyond the common. From a dump of sock_diag of one
 * port in the states LISTEN and SYN_RECV. inet_diag.h, tcp_diag.c. Pure.
 */
#ifndef CORE_SOCKETS_HANDSHAKES_H
#define CORE_SOCKETS_HANDSHAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/table.h"
#include "core/base/tri.h"

/* What to request, with no extension: with INET_DIAG_INFO the kernel would tell the keys of
 * TCP-MD5 themselves. The options of a listener come unasked. */
#define HANDSHAKE_STATES ((1u << 3) | (1u << 10) | (1u << 12))

/* A SYN that was answered, and whose ACK has not come. */
struct handshake_row {
	struct addr local, remote; /* not v4-mapped */
	uint16_t remote_port;
	uint8_t n_repeats; /* SYN-ACKs that were sent again */
	uint32_t due_ms;   /* until the next is */
};

struct listener_row {
	uint64_t cookie;
	struct addr local;
	/* IP_FREEBIND or IP_TRANSPARENT: it may be bound to an address that never was here.
	 * UNSURE: the kernel does not tell (before 5.10). */
	enum tri may_be_absent;
};

struct handshake_table {
	struct table head;
	struct handshake_row *rows; /* sorted by (remote, remote_port, local) */
	size_t n;
	struct listener_row *listeners; /* sorted by cookie */
	size_t n_listeners;
	bool is_cut; /* there were more handshakes than are kept */
};

struct handshake_decoder;
struct handshake_decoder *handshakes_new(void);
void handshakes_free(struct handshake_decoder *d);
/* One part. 0, -EBADMSG (what stood before the damage is kept), -ENOMEM. */
int handshakes_decode(struct handshake_decoder *d, const void *bytes, size_t len);
/* NULL: no memory. The decoder is empty again. */
struct handshake_table *handshakes_finish(struct handshake_decoder *d);

/* How many are of this client (none: of anybody), and the most repeats of one of them. */
size_t handshakes_of(const struct handshake_table *t, const struct addr *client,
		     uint8_t *n_repeats);
/* A listener with that cookie; NULL: none. */
const struct listener_row *handshakes_listener(const struct handshake_table *t,
					       uint64_t cookie);
#endif
