/*
 * All that an ipset holds, as spans of addresses: read at once, for who asks it for every
 * address there is. Types whose keys are an address, a port, or both; of others it says
 * that it does not know them. Linux net/netfilter/ipset/, ipset(8).
 */
#ifndef CORE_FIREWALL_IPSET_MEMBERS_H
#define CORE_FIREWALL_IPSET_MEMBERS_H

#include "core/base/addr.h"
#include "core/base/vec.h"

struct arena;
struct nlmsghdr;

/* Addresses that are in it (none where its keys have none), for one protocol and port (0
 * likewise). */
struct ipset_span {
	struct addr low, high;
	uint8_t proto;
	uint16_t port;
};

struct ipset_members {
	struct ipset_span *rows; /* by protocol, port and address; none overlap */
	size_t n;
	bool has_address, has_port;
	/* Every element was understood; false: nothing can be said by these rows. */
	bool is_known;
};

/* What of an ipset's listing was told so far. Zeroed, it is empty. */
struct ipset_listing {
	struct vec elements; /* struct ipset_element */
	bool has_head, has_address, has_port, is_odd;
	unsigned netmask; /* bits that keys are cut to; 0: they are not */
};

void ipset_listing_init(struct ipset_listing *l);
void ipset_listing_release(struct ipset_listing *l);
/* A message of IPSET_CMD_LIST for one set with its elements. 0, -EBADMSG, -ENOMEM. */
int ipset_listing_take(struct ipset_listing *l, const struct nlmsghdr *h);
/* What it comes to, in the arena; the listing keeps nothing of use. 0 or -ENOMEM. */
int ipset_listing_finish(struct ipset_listing *l, struct arena *arena,
			 struct ipset_members *out);

/* Of which keys the same is true: addresses and ports, first and last. */
struct ipset_around {
	struct addr low, high;
	uint16_t port_low, port_high;
};

/* Whether it has the address for that protocol and port (each of use where its keys have
 * one). around: alike for this port, and for this address. */
bool ipset_members_have(const struct ipset_members *m, const struct addr *a, uint8_t proto,
			uint16_t port, struct ipset_around *around);

#endif
