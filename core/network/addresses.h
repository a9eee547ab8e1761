/*
 * This host's addresses (RTM_NEWADDR) and what it takes as local (RTM_NEWROUTE of the local
 * table). rtnetlink(7). Pure.
 */
#ifndef CORE_NETWORK_ADDRESSES_H
#define CORE_NETWORK_ADDRESSES_H

#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/table.h"
#include "core/base/tri.h"
#include "core/base/vec.h"

struct address_row {
	struct addr local; /* IFA_LOCAL, else IFA_ADDRESS */
	uint8_t prefix_len;
	uint8_t scope;  /* RT_SCOPE_... */
	uint32_t flags; /* IFA_F_...: tentative, dadfailed, deprecated */
	uint32_t ifindex;
	/* The kernel told them in this order, from 1: of one device the one that it prefers
	 * first. 0: not known. */
	uint32_t order;
};

struct address_table {
	struct table head;
	struct address_row *rows; /* sorted by (local, ifindex) */
	size_t n;
};

/* A route of type local: addresses in it are this host's own, assigned or not (AnyIP). */
struct local_route_row {
	struct addr prefix;
	uint8_t prefix_len;
	uint32_t ifindex;
};

struct local_route_table {
	struct table head;
	struct local_route_row *rows; /* sorted by (prefix, prefix_len, ifindex) */
	size_t n;
};

struct address_decoder {
	struct vec rows;
};
void addresses_init(struct address_decoder *d);
void addresses_release(struct address_decoder *d);
/* One part. 0, -EBADMSG (nothing of it is kept), -ENOMEM. */
int addresses_decode(struct address_decoder *d, const void *bytes, size_t len);
/* NULL: no memory */
struct address_table *addresses_finish(struct address_decoder *d);

struct local_route_decoder {
	struct vec rows;
};
void local_routes_init(struct local_route_decoder *d);
void local_routes_release(struct local_route_decoder *d);
/* The same, keeping only RTN_LOCAL routes. */
int local_routes_decode(struct local_route_decoder *d, const void *bytes, size_t len);
struct local_route_table *local_routes_finish(struct local_route_decoder *d);

/*
 * Is a this host's own? YES if an address row or a local route has it; NO only if both
 * tables are there and have not; else UNSURE. Either may be NULL. v4-mapped: as v4.
 */
enum tri address_is_here(const struct address_table *addresses,
			 const struct local_route_table *routes, const struct addr *a);
/* 255.255.255.255, or the last address of a network that a row is in; on: only of networks
 * on this interface, 0: of any. t may be NULL. */
bool address_is_broadcast(const struct address_table *t, const struct addr *a, uint32_t on);
/* The interface that carries exactly this address, 0: none. */
uint32_t address_ifindex(const struct address_table *t, const struct addr *a);
/*
 * The address to show for this host: a global one in use (not tentative, not a duplicate),
 * v4 before v6, not on loopback, of the lowest interface, not secondary or temporary if
 * there is another; NULL: none.
 */
const struct address_row *address_primary(const struct address_table *t);

#endif
