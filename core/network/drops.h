/*
 * Which packets the kernel threw away, by its own word for why: the answer of the watcher
 * of dropped packets -> rows. Pure. What a reason means for a diagnosis is not decided
 * here.
 *
 * A bundle: "ready" once the watcher is attached; "drop" for every packet: time (ns, wall),
 * reason (the kernel's word without SKB_DROP_REASON_, a number where it has none),
 * function, number of the interface, protocol, from, port, to, port, TCP flags, sequence
 * number; "lost", "left_out" with a number where some were not told.
 */
#ifndef CORE_NETWORK_DROPS_H
#define CORE_NETWORK_DROPS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/text.h"
#include "core/base/vec.h"

enum { DROP_WORD_BYTES = 48, DROPS_MAX = 4000 };

struct drop_row {
	int64_t wall_ns;
	char reason[DROP_WORD_BYTES], function[DROP_WORD_BYTES]; /* plain words */
	uint32_t ifindex;                                        /* 0: none, or not told */
	uint8_t proto, flags;
	struct addr source, target;
	uint16_t source_port, target_port;
	uint32_t sequence;
};

struct drops {
	struct vec rows; /* struct drop_row, in the order of their time */
	bool is_ready;   /* the watcher was attached */
	uint64_t n_lost, n_left_out;
};

void drops_init(struct drops *d);
void drops_release(struct drops *d);
/* One part. 0, -EBADMSG (what can be read of it is kept), -ENOMEM. */
int drops_take(struct drops *d, const void *bytes, size_t len);
const struct drop_row *drops_row(const struct drops *d, size_t i);

#endif
