/* The walk as it would be if somebody listened on the port. */
#ifndef CORE_PATH_SERVED_H
#define CORE_PATH_SERVED_H

#include "core/path/path.h"

/*
 * As if a socket, unbound to address and device, took TCP or UDP to the port that is asked
 * for, in no control group that is known. out->socket and out->endpoint are NULL.
 * -ENOENT: the sockets were not read; 0, -ENOMEM.
 */
int path_walk_served(const struct path_world *w, const struct path_ask *ask,
		     struct path *out);

#endif
