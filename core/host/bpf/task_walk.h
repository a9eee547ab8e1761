/*
 * A walk over all tasks in the kernel: which of them holds which of the wanted sockets, as
 * records (owner_tasks.bpf.h). Knows no process by more than that; /proc is asked
 * elsewhere.
 */
#ifndef CORE_HOST_BPF_TASK_WALK_H
#define CORE_HOST_BPF_TASK_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/host/bpf/light.h"

struct task_walk {
	struct {
		struct bpf_light_head head;
		struct bpf_light_map settings, wanted, hands;
		struct bpf_light_program walk;
	} code;
	int link_fd;
	bool has_walked; /* since it was loaded */
	uint32_t room;   /* sockets that may be wanted; 0: nothing is loaded */
	struct vec keys; /* uint32_t: the wanted ones that the kernel knows of */
	struct str records;
};

void task_walk_init(struct task_walk *w);
void task_walk_release(struct task_walk *w);
/* Loads the walk for a usual number of sockets, if it is not loaded. 0 or -errno. */
int task_walk_prepare(struct task_walk *w);
/*
 * Walks once over the processes of a shard (pid modulo n_shards), always the same; the
 * records are there until the next walk. 0 or -errno: nothing of this walk counts then
 * (EPERM: no right; EOPNOTSUPP, EINVAL, ...: this kernel cannot; E2BIG: one process holds
 * more than the kernel hands over at once).
 */
int task_walk_run(struct task_walk *w, unsigned shard, unsigned n_shards,
		  const uint32_t *inodes, size_t n_inodes);

#endif
