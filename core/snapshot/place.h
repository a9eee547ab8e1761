/* Where an endpoint listens: its address, scope, device and the interface that carries the
 * address. Pure. */
#ifndef CORE_SNAPSHOT_PLACE_H
#define CORE_SNAPSHOT_PLACE_H

#include "core/snapshot/fold.h"
#include "core/snapshot/snapshot.h"

/* Fills address, port, ifindex, device, scope and carrier of e from its n > 0 members,
 * sorted by address; space is set. */
void place_fill(struct endpoint *e, const struct fold_member *members, size_t n);

/* Whether an any-address takes IPv4: by a socket of its own or by an IPv6 one that is not
 * v6only. */
enum tri place_takes_v4(const struct endpoint *e);

#endif
