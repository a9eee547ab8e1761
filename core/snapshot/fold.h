/* Which sockets serve together: the folding rule of link.h. Knows sockets and their
 * holders, makes no endpoints. Pure. */
#ifndef CORE_SNAPSHOT_FOLD_H
#define CORE_SNAPSHOT_FOLD_H

#include "core/sockets/owners.h"
#include "core/sockets/socket.h"
#include "core/sockets/units.h"

/* A socket on its way into an endpoint. All pointers are borrowed. */
struct fold_member {
	const struct socket_row *socket;
	uint32_t space;                 /* index of its namespace */
	struct addr address;            /* where it is bound, v4-mapped ones as v4 */
	const struct owner_link *links; /* n_links: who holds it */
	size_t n_links;
	bool is_open; /* not yet looked for in every process */
	/* The unit that made it, where a service manager holds it; NULL: none known. */
	const struct socket_unit_row *activation;
	uint32_t group; /* out: members of one endpoint have the same */
};

/* The protocol that a client has to speak: an MPTCP listener takes TCP connections too. */
enum socket_proto fold_proto(enum socket_proto p);

/* systemd itself, as pid 1 or for a user: it holds sockets for others. */
bool process_is_manager(const struct process_row *p);

/*
 * Sorts the members so that those of one group are neighbours, by address within, and sets
 * group. processes: of the owner table (NULL if no member has links). has_cgroups: cgroup
 * ids tell services apart on this host. 0 or -ENOMEM.
 */
int fold_members(struct fold_member *members, size_t n, const struct process_row *processes,
		 bool has_cgroups);

#endif
