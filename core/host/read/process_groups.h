/* What the control group of a process counts against its limits. cgroups(7), v2 alone. */
#ifndef CORE_HOST_PROCESS_GROUPS_H
#define CORE_HOST_PROCESS_GROUPS_H

#include <stdint.h>

#include "core/host/tape/bundle_out.h"

/*
 * Items "PID/memory.events" and "PID/pids.events", or their errors: of the unified
 * hierarchy's group of the process whose directory in /proc is dir_fd. ENOENT: the group
 * has no such controller (it is the root, or the controller is one of v1), or leads out of
 * what we see. 0 or the answer's error.
 */
int process_group_put(struct bundle_out *out, int dir_fd, uint32_t pid);

#endif
