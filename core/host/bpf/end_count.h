/*
 * Connections of one network namespace counted in the kernel, by local end and state
 * (tcp_ends.bpf.c). Knows no listener, and says nothing of the single connection.
 */
#ifndef CORE_HOST_BPF_END_COUNT_H
#define CORE_HOST_BPF_END_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"
#include "core/host/bpf/light.h"
#include "core/host/bpf/tcp_ends.bpf.h"

struct end_count {
	struct {
		struct bpf_light_head head;
		struct bpf_light_map settings, hands, ends;
		struct bpf_light_program count;
	} code;
	bool is_loaded;
	struct str messages;
};

void end_count_init(struct end_count *c);
void end_count_release(struct end_count *c);
/*
 * Begins to count in the namespace that we are in, which is no matter for the next steps:
 * of the local ports whose bits are set (8192 bytes, little end first), those in a state of
 * the mask. 0 or -errno: it is not begun (EPERM: no right; others: this kernel cannot).
 */
int end_count_start(struct end_count *c, const uint8_t *ports, uint32_t states);
/* Goes on for a part of the table, briefly. 0: there is more; 1: all was seen; -EAGAIN: it
 * changed under the walk, or is too much for it: nothing of this count is to be used; or
 * another -errno. */
int end_count_step(struct end_count *c);
/*
 * After the last step: the counts as messages (core/base/ends_told.h) with the sequence
 * number, in c->messages until the next call. 0 or -errno.
 */
int end_count_take(struct end_count *c, uint32_t seq);

#endif
