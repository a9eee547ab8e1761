/* Who holds an endpoint: owners and whether they are all, unit, container, socket
 * activation. Pure. */
#ifndef CORE_SNAPSHOT_HOLDERS_H
#define CORE_SNAPSHOT_HOLDERS_H

#include "core/snapshot/fold.h"
#include "core/snapshot/missing.h"
#include "core/snapshot/snapshot.h"

/* Fills the links, is_open and activation of m, whose socket is set, from the owners and
 * units of s. */
void holders_find(const struct snapshot *s, struct fold_member *m);

/*
 * Fills owners, owners_state, owners_missing, unit, container, socket_unit, activates,
 * started_boot_ns and is_exe_deleted of e from its n > 0 members. Memory comes from the
 * arena of s. 0 or -ENOMEM.
 */
int holders_fill(struct snapshot *s, const struct owners_lack *lack, struct endpoint *e,
		 const struct fold_member *members, size_t n);

/* Cgroup ids of sockets tell services apart on this host. */
bool holders_has_cgroups(const struct snapshot *s);

#endif
