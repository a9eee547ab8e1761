/*
 * /proc/net/{tcp,tcp6,udp,udp6} -> listeners: the fallback where sock_diag would make the kernel load a
 * module. proc(5). Tells no accept limit, device, v6only or cookie. Pure.
 */
#ifndef CORE_SOCKETS_PROCNET_H
#define CORE_SOCKETS_PROCNET_H

#include "core/base/bundle.h"
#include "core/base/vec.h"
#include "core/sockets/socket.h"

/* item: name "net/tcp", "net/tcp6", "net/udp", "net/udp6" (others are passed over). Appends struct socket_row to
 * rows. 0, -EBADMSG (a line that is none; rows before it stay), -ENOMEM. */
int procnet_decode(struct vec *rows, const struct bundle_item *item);

/* Sorts, freezes; rows is empty after it. NULL for want of memory. */
struct socket_table *procnet_finish(struct vec *rows);

/* Connection states as in diag: see connections.h */
#endif
