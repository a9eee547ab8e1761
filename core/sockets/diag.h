/*
 * sock_diag answers -> listeners. inet_diag.h, net/ipv4/inet_diag.c. Pure; keeps state over
 * the parts.
 */
#ifndef CORE_SOCKETS_DIAG_H
#define CORE_SOCKETS_DIAG_H

#include "core/base/vec.h"
#include "core/sockets/socket.h"

/* What to request: LISTEN of TCP, CLOSE of UDP (7), and these extensions (idiag_ext). */
#define DIAG_TCP_LISTEN_STATES (1u << 10)
#define DIAG_UDP_STATES        (1u << 7)
#define DIAG_EXTENSIONS        (1u << 6) /* INET_DIAG_SKMEMINFO */

struct diag_decoder {
	struct vec rows; /* struct socket_row */
};

void diag_init(struct diag_decoder *d);
void diag_release(struct diag_decoder *d);
void diag_reset(struct diag_decoder *d); /* the answer starts anew */

/*
 * One part: a run of whole netlink messages (nlmsghdr + inet_diag_msg + attributes) as a
 * dump gave them, of protocol p. NLMSG_DONE and NOOP are passed over. Sockets with port 0
 * and sockets in other states than LISTEN (TCP) or CLOSE (UDP) are left out. 0, -EBADMSG
 * (damaged: nothing of this part is kept), -ENOMEM.
 */
int diag_decode(struct diag_decoder *d, enum socket_proto p, const void *bytes, size_t len);

/*
 * The decoded rows (of several answers, if the same decoder was fed them) as a frozen table
 * with one reference; the decoder is empty again. NULL for want of memory.
 */
struct socket_table *diag_finish(struct diag_decoder *d);

#endif
