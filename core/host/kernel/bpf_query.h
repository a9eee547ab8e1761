/*
 * Which BPF programs are attached somewhere, and what they are called: the questions of
 * bpf(2) alone (PROG_QUERY, PROG_GET_FD_BY_ID, OBJ_GET_INFO_BY_FD). Loads, attaches and
 * runs nothing.
 */
#ifndef CORE_HOST_BPF_QUERY_H
#define CORE_HOST_BPF_QUERY_H

#include <stdint.h>

#include "core/base/vec.h"
#include "core/host/tape/bundle_out.h"

struct bpf_query {
	struct vec ids; /* uint32_t: programs that were met, each once */
};

void bpf_query_open(struct bpf_query *q);
void bpf_query_close(struct bpf_query *q);
/* One more program whose name is wanted. */
void bpf_query_note(struct bpf_query *q, uint32_t id);
/*
 * One item with the programs' numbers in their order, "12 13", where there are any. target:
 * an interface's number or the descriptor of a directory. flags: 1 (BPF_F_QUERY_EFFECTIVE)
 * with those of the groups above. How many there are; -errno: the kernel's (-EPERM: no
 * right, -EINVAL: it knows no such place).
 */
int bpf_query_put(struct bpf_query *q, struct bundle_out *out, const char *name,
		  uint32_t target, uint32_t attach_type, uint32_t flags);
/*
 * Of every control group (cgroup2) that has programs on what its sockets get or send, also
 * by groups above it: "cgroup/INODE/ingress" and ".../egress" with the numbers, and
 * "cgroup/INODE" with its path. "cgroup" with an error: they could not all be asked.
 */
void bpf_query_groups(struct bpf_query *q, struct bundle_out *out);
/* "program/NUMBER" with its name for all that were met; with an error where that is not
 * told. */
void bpf_query_tell(struct bpf_query *q, struct bundle_out *out);

#endif
