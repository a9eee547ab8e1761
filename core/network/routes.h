/* The kernel's own answer to "where would this packet go": one RTM_NEWROUTE message, or the
 * error instead of it. rtnetlink(7). Pure. */
#ifndef CORE_NETWORK_ROUTES_H
#define CORE_NETWORK_ROUTES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/table.h"

struct route_answer {
	struct table head;
	/*
	 * Positive errno, 0: there is a route. Of an incoming packet: EXDEV reverse path
	 * filter, EINVAL martian (Linux 6.18: also the filter), EHOSTUNREACH not forwarded.
	 * Of an outgoing one: ENETUNREACH none, EHOSTUNREACH unreachable, EACCES prohibit,
	 * EINVAL blackhole.
	 */
	int error;
	uint8_t type; /* RTN_LOCAL, UNICAST, BROADCAST, ... */
	uint8_t scope;
	uint32_t table;
	uint32_t out_ifindex;
	struct addr gateway; /* none: on link */
	struct addr source;  /* preferred; none: not told */
	struct addr prefix;
	uint8_t prefix_len;
};

struct route_decoder {
	struct route_answer row;
	bool has_row;
};
void routes_init(struct route_decoder *d);
/* One part. 0, -EBADMSG. */
int routes_decode(struct route_decoder *d, const void *bytes, size_t len);
/* error: that of the answer, positive or 0. Without a route and an error it is EPROTO.
 * NULL: no memory. */
struct route_answer *routes_finish(struct route_decoder *d, int error);

#endif
