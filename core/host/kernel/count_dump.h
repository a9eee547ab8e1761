/*
 * A sock_diag dump of which no more is wanted than how many connections each local end has:
 * on a large host counted in the kernel (core/host/bpf), as messages
 * (core/base/ends_told.h) in the place of the dump's. Whoever cannot have it has the dump.
 */
#ifndef CORE_HOST_COUNT_DUMP_H
#define CORE_HOST_COUNT_DUMP_H

#include "core/host/blob_sink.h"
#include "core/host/bpf/end_count.h"
#include "core/host/kernel/netns.h"

struct count_dump {
	struct end_count count;
	bool is_refused; /* once it could not be loaded it is not tried again */
};

void count_dump_init(struct count_dump *c);
void count_dump_release(struct count_dump *c);
/* Only counts are wanted, and there is much to count. Reads /proc/net/sockstat. */
bool count_dump_is_worth(const struct count_dump *c, const struct request *r);
/* In the namespace of the request, whose inode goes to *inode. 0 or -errno: not begun. */
int count_dump_start(struct count_dump *c, const struct netns_home *home,
		     const struct request *r, uint64_t *inode);
/* Goes on for a millisecond or two. 0: call it again; 1: all is counted; -errno: the count
 * is void, the dump has to tell. */
int count_dump_step(struct count_dump *c);
/* The counts as parts whose seq and netns are those of *head. 0 or -errno: nothing was
 * sent.
 */
int count_dump_send(struct count_dump *c, const struct blob *head,
		    const struct blob_sink *sink);

#endif
