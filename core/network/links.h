/* Interfaces: RTM_NEWLINK messages -> rows. rtnetlink(7). Pure. */
#ifndef CORE_NETWORK_LINKS_H
#define CORE_NETWORK_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/table.h"
#include "core/base/vec.h"

struct link_row {
	uint32_t ifindex;
	uint32_t flags;  /* IFF_... */
	uint32_t master; /* ifindex of bridge, bond or VRF; 0: none */
	uint32_t peer; /* of a veth: the other end's ifindex, maybe in another namespace; of
			  a VLAN or the like: the device beneath; 0: not told */
	struct text name;
	struct text kind;     /* IFLA_INFO_KIND: "veth", "bridge", "vrf"; none: a device */
	bool has_vlan_filter; /* of a bridge: its ports are in VLANs (bridge(8)) */
};

struct link_table {
	struct table head;
	struct link_row *rows; /* sorted by ifindex */
	size_t n;
};

struct link_decoder {
	struct vec rows;
	struct arena texts;
};

void links_init(struct link_decoder *d);
void links_release(struct link_decoder *d);
void links_reset(struct link_decoder *d);
/* One part. 0, -EBADMSG (nothing of it is kept), -ENOMEM. */
int links_decode(struct link_decoder *d, const void *bytes, size_t len);
/* NULL: no memory */
struct link_table *links_finish(struct link_decoder *d);
/* NULL: none */
const struct link_row *links_find(const struct link_table *t, uint32_t ifindex);

#endif
