/* Where the unified hierarchy of control groups stands: cgroups(7). */
#ifndef CORE_HOST_CGROUP2_H
#define CORE_HOST_CGROUP2_H

#include <stdbool.h>

/*
 * The directory that it is mounted on, to be closed. -ENOENT: it is mounted nowhere here;
 * else -errno.
 */
int cgroup2_open(void);
/* The kernel has such a hierarchy, mounted here or not. */
bool cgroup2_is_used(void);

#endif
