/* Entering another network namespace and coming back. setns(2), ip-netns(8). */
#ifndef CORE_HOST_NETNS_H
#define CORE_HOST_NETNS_H

#include <stdint.h>

#include "core/host/request.h"

/* The way back and the inode of where we are. */
struct netns_home {
	int fd; /* our own namespace; -1: it could not be opened (then only OWN is served)
		 */
	uint64_t inode; /* 0: not known */
};

void netns_home_open(struct netns_home *home);
void netns_home_close(struct netns_home *home);

/*
 * Enters what ref names; *inode says where we are (also for OWN). 0, or -errno: -ENOENT no
 * such namespace, -EPERM, -EINVAL not a network namespace. On failure we are still at home.
 */
int netns_enter(const struct netns_home *home, const struct netns_ref *ref,
		uint64_t *inode);
/* Goes home after a successful netns_enter() of the same ref. A process that cannot go home
 * must not go on: 0 or -errno. */
int netns_leave(const struct netns_home *home, const struct netns_ref *ref);

#define NETNS_RUN_DIR "/run/netns"

#endif
