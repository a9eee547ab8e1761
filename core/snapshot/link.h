/*
 * Joins the tables of a snapshot: sockets to owners, services, units, devices, connections;
 * folds sockets into service endpoints; names what is missing. Pure.
 */
#ifndef CORE_SNAPSHOT_LINK_H
#define CORE_SNAPSHOT_LINK_H

#include "core/snapshot/snapshot.h"

/* What a queue did before this snapshot, by socket cookie; kept by the refresher over time.
 */
struct queue_history;
struct queue_history *queue_history_new(void);
void queue_history_free(struct queue_history *h);

/*
 * Fills endpoints and missing of s, whose tables and spaces are set, and updates history
 * (may be NULL: a single look). 0 or -ENOMEM.
 *
 * Folding: sockets of one namespace, protocol, port and device binding are one endpoint if
 * they have the same address (REUSEPORT), or are the any-addresses (0.0.0.0, ::) or the
 * loopback addresses (127.0.0.1, ::1) of the two families, and the same service holds them:
 * they share an owner, or all owners of both have the same unit or container or, without
 * one, the same exe, name and parent; where owners are not known for either, the same uid
 * and cgroup. Equal addresses in TCP LISTEN are always one. A scope (a login), a system
 * container (lxc, nspawn) and the root cgroup name no service; of a socket that systemd
 * holds its socket unit counts. MPTCP listeners count as TCP.
 */
int snapshot_link(struct snapshot *s, struct queue_history *history);

#endif
