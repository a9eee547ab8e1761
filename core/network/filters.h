/* One filter of tc as its message tells it: what it takes and what it does with that. For
 * programs.c. */
#ifndef CORE_NETWORK_FILTERS_H
#define CORE_NETWORK_FILTERS_H

#include <netlink/msg.h>

#include "core/network/programs.h"

enum { FILTER_KIND_MAX = 16, FILTER_NAME_MAX = 64 };

struct filter {
	struct program_row row; /* without words and place */
	char kind[FILTER_KIND_MAX];
	char name[FILTER_NAME_MAX]; /* of a bpf filter; as it is */
};

/* 1: one; 0: the message is of no filter that does anything; -EBADMSG. */
int filter_decode(const struct nlmsghdr *h, struct filter *out);

#endif
