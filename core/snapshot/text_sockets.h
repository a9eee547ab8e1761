/*
 * Listeners and connections out of FILES_PROC_NET_SOCKETS: what stands in for sock_diag
 * where asking it would make the kernel load a module. Pure.
 */
#ifndef CORE_SNAPSHOT_TEXT_SOCKETS_H
#define CORE_SNAPSHOT_TEXT_SOCKETS_H

#include "core/sockets/connections.h"
#include "core/sockets/socket.h"

struct text_sockets {
	struct table head;
	struct socket_table *tcp, *udp;
	struct connection_table *connections; /* of every local port; NULL: not counted */
};

struct text_sockets_decoder;

struct text_sockets_decoder *text_sockets_new(bool with_connections);
void text_sockets_free(struct text_sockets_decoder *d);
/*
 * 0, -EBADMSG, -ENOMEM; another negative errno: a file could not be read, or not whole. A
 * file that is not there (no IPv6) has no sockets.
 */
int text_sockets_decode(struct text_sockets_decoder *d, const void *bytes, size_t len);
struct text_sockets *text_sockets_finish(struct text_sockets_decoder *d);

bool text_sockets_are_same(const struct text_sockets *a, const struct text_sockets *b);

#endif
