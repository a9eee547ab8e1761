/*
 * /proc/net/{tcp,tcp6,udp,udp6} -> listeners: the fallback where sock_diag would make the
 * kernel load a module. proc(5). Tells no accept limit, device, v6only or cookie. Pure.
 */
#ifndef CORE_SOCKETS_PROCNET_H
#define CORE_SOCKETS_PROCNET_H

#include "core/base/bundle.h"
#include "core/base/vec.h"
#include "core/sockets/socket.h"

/*
 * item: name "net/tcp", "net/tcp6", "net/udp", "net/udp6" (others are passed over). Appends
 * struct socket_row to rows. 0, -EBADMSG (a line that is none; rows before it stay),
 * -ENOMEM.
 */
int procnet_decode(struct vec *rows, const struct bundle_item *item);

/* Sorts, freezes; rows is empty after it. NULL for want of memory. */
struct socket_table *procnet_finish(struct vec *rows);

/* One line of such a file, whatever its state. */
struct procnet_line {
	struct addr local;
	uint16_t port;
	uint8_t state; /* TCP_ESTABLISHED 1 ... as in diag */
	uint32_t send_queue;
	uint32_t receive_queue;
	uint32_t uid;
	uint32_t inode;
	uint32_t drops; /* UDP; QUEUE_UNKNOWN: TCP */
};

struct procnet_reader {
	struct text rest;
	enum socket_proto proto;
	int family; /* 0: none of the four files */
	bool is_cut;
};

void procnet_read(struct procnet_reader *r, const struct bundle_item *item);
/*
 * 1: a line; 0: the end (a last line that was cut with the item is left out); -EBADMSG: a
 * line that is none.
 */
int procnet_next(struct procnet_reader *r, struct procnet_line *out);

#endif
