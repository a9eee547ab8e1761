/*
 * One .socket unit: its settings, gathered from its file and its drop-ins in turn, and the
 * ports that they declare. systemd.socket(5). Pure; does not know where the files lie.
 */
#ifndef CORE_SOCKETS_SOCKET_UNIT_H
#define CORE_SOCKETS_SOCKET_UNIT_H

#include "core/base/vec.h"
#include "core/sockets/units.h"

enum socket_unit_protocol {
	UNIT_PROTO_NONE,
	UNIT_PROTO_UDPLITE,
	UNIT_PROTO_MPTCP,
	UNIT_PROTO_SCTP
};

struct socket_unit {
	struct vec listens;   /* IP ports only; private */
	struct str service;   /* Service=; empty: not set */
	bool is_service_open; /* Service= has a specifier: its name is not known */
	bool accepts;         /* Accept=yes */
	bool is_v6only;       /* BindIPv6Only=ipv6-only */
	enum socket_unit_protocol protocol;
};

void socket_unit_init(struct socket_unit *u);
void socket_unit_release(struct socket_unit *u);
/* Applies one file. 0 or -ENOMEM. */
int socket_unit_apply(struct socket_unit *u, struct text content);
/*
 * Appends a struct socket_unit_row for each port of the unit with this name ("ssh.socket"),
 * texts in the arena, until rows has max_rows; none for a template ("x@.socket"). 0 or
 * -ENOMEM.
 */
int socket_unit_rows(const struct socket_unit *u, struct text name, struct arena *arena,
		     struct vec *rows, size_t max_rows);

#endif
