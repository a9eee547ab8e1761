/* systemd .socket unit files -> which unit listens on a port. systemd.socket(5). Pure. */
#ifndef CORE_SOCKETS_UNITS_H
#define CORE_SOCKETS_UNITS_H

#include "core/base/bundle.h"
#include "core/base/table.h"
#include "core/sockets/socket.h"

struct socket_unit_row {
	struct text unit; /* "ssh.socket" */
	struct text
		service; /* Service=, else the unit's name with .service, with Accept=yes
			  * "name@.service"; none: Service= has a specifier */
	enum socket_proto proto;
	struct addr local; /* family 0: a bare port, any address of both families; with
			    * BindIPv6Only=ipv6-only "::" stands here */
	uint16_t port;
};

struct socket_unit_table {
	struct table head;
	struct socket_unit_row *rows; /* sorted by (proto, port, local, unit) */
	size_t n;
};

/*
 * Items are named by path without the first '/': "usr/lib/systemd/system/ssh.socket". A
 * unit in an earlier directory (unit_paths.h) hides the one of the same name in a later
 * one. Drop-ins
 * ("ssh.socket.d/x.conf") are applied after it; an empty ListenStream= clears. An empty
 * file (a link to /dev/null) masks, one that cannot be read hides, one that is gone
 * (ENOENT) does neither. Templates declare nothing, their instances do.
 */
struct socket_unit_decoder;
struct socket_unit_decoder *socket_units_new(void);
void socket_units_free(struct socket_unit_decoder *d);
void socket_units_reset(struct socket_unit_decoder *d);
/* One part. 0, -EBADMSG (damaged; items before it are kept), -ENOMEM. */
int socket_units_decode(struct socket_unit_decoder *d, const void *bytes, size_t len);
/* Frozen table with one reference; the decoder is empty again. NULL: no memory. */
struct socket_unit_table *socket_units_finish(struct socket_unit_decoder *d);

/* The unit that declares this listener, or NULL. Exact address first, then bare port. */
const struct socket_unit_row *socket_units_find(const struct socket_unit_table *t,
						const struct socket_row *s);

#endif
