/* What the two halves of the decoder of counters share: counters.c reads the files that
 * name their values, counters_stat.c those of columns. */
#ifndef CORE_NETWORK_COUNTERS_IMPL_H
#define CORE_NETWORK_COUNTERS_IMPL_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/network/counters.h"

#define COUNTER_NAME_MAX 128

struct counter_decoder {
	struct vec rows; /* struct counter_row */
	struct arena texts;
};

/* The counter "A.B" or "A.B.C", or "A" alone. 0, -EBADMSG, -ENOMEM. */
int counters_keep(struct counter_decoder *d, struct text a, struct text b, const char *c,
		  uint64_t value);
bool counters_is_name(struct text t);

/* net/softnet_stat. Each takes a file's text: 0, -EBADMSG, -ENOMEM. */
int counters_take_softnet(struct counter_decoder *d, struct text file);
/* net/stat/NAME: its columns as "PREFIX.COLUMN", summed over the processors. */
int counters_take_stat(struct counter_decoder *d, const char *prefix, struct text file);
/* net/sockstat: "sockstat.TCP.mem". */
int counters_take_sockstat(struct counter_decoder *d, struct text file);

#endif
