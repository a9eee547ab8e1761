/*
 * The owner scan of a host of many processes: the kernel walks the tables of descriptors
 * itself (core/host/bpf/task_walk.h), which takes a twentieth of reading /proc. Also finds
 * what only a thread holds. Says which processes it did not meet: those are read from
 * /proc.
 */
#ifndef CORE_HOST_READ_OWNER_TASKS_H
#define CORE_HOST_READ_OWNER_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/host/broker/worker.h"
#include "core/host/tape/bundle_out.h"

struct owner_tasks;

/* NULL: no memory, or /proc numbers processes or their times in another way than the kernel
 * tells us: then there is nothing to lay beside each other. */
struct owner_tasks *owner_tasks_new(int proc_fd, const struct worker_role *role);
void owner_tasks_free(struct owner_tasks *t);
/* Loads what walks. 0 or -errno, as of owner_tasks_run(). Nothing where that is done. */
int owner_tasks_prepare(struct owner_tasks *t);
/* One walk. 0 or -errno (see task_walk_run()): then only /proc says who owns what. */
int owner_tasks_run(struct owner_tasks *t, const uint32_t *inodes, size_t n_inodes);
/* True if all descriptors of the process were looked at. */
bool owner_tasks_saw(const struct owner_tasks *t, pid_t pid);
/* Writes the items of who holds what: core/sockets/owners.h. 0 or the writer's error. */
int owner_tasks_put(struct owner_tasks *t, struct bundle_out *out);

#endif
