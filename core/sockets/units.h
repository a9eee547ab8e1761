/* systemd .socket unit files -> which unit listens on a port. systemd.socket(5). Pure. */
#ifndef CORE_SOCKETS_UNITS_H
#define CORE_SOCKETS_UNITS_H

#include "core/base/bundle.h"
#include "core/base/table.h"
#include "core/sockets/socket.h"

struct socket_unit_row {
	struct text unit;    /* "ssh.socket" */
	struct text service; /* Service=, else the same name with .service; with Accept=yes "name@.service" */
	enum socket_proto proto;
	struct addr local; /* family 0: a bare port, which means any address (BindIPv6Only decides on v4) */
	uint16_t port;
};

struct socket_unit_table {
	struct table head;
	struct socket_unit_row *rows;
	size_t n;
};

/*
 * Items are named by path without the first '/': "usr/lib/systemd/system/ssh.socket"; a unit in an earlier directory
 * ("etc/" before "run/" before "usr/" and "lib/") hides the one of the same name in a later one; drop-ins
 * ("ssh.socket.d/x.conf") are applied after it (an empty ListenStream= clears). A link to /dev/null (empty file) masks.
 * Takes whole bundles (all parts joined by the caller, one after another). NULL: no memory. *error: 0 or EBADMSG if damaged.
 */
struct socket_unit_decoder;
struct socket_unit_decoder *socket_units_new(void);
void socket_units_free(struct socket_unit_decoder *d);
void socket_units_reset(struct socket_unit_decoder *d);
int socket_units_decode(struct socket_unit_decoder *d, const void *bytes, size_t len);
struct socket_unit_table *socket_units_finish(struct socket_unit_decoder *d);

/* The unit that declares this listener, or NULL. Exact address first, then bare port. */
const struct socket_unit_row *socket_units_find(const struct socket_unit_table *t, const struct socket_row *s);

#endif
