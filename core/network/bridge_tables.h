/*
 * What bridges have learned, and the VLANs of their ports: messages of the family bridge
 * (RTM_NEWNEIGH, RTM_NEWLINK) -> rows. bridge(8), linux/if_bridge.h. Pure.
 */
#ifndef CORE_NETWORK_BRIDGE_TABLES_H
#define CORE_NETWORK_BRIDGE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/table.h"
#include "core/base/vec.h"

struct bridge_learned {
	uint32_t bridge, port;
	uint16_t vlan; /* 0: the bridge knows none */
	uint8_t mac[6];
	bool is_own; /* an address of this host: nobody behind the port has it */
};

/* VLANs first to last of a port, or of the bridge itself. */
struct bridge_vlans {
	uint32_t ifindex;
	uint16_t first, last;
	bool is_pvid;     /* frames without a tag belong to it */
	bool is_untagged; /* they leave without a tag */
};

struct bridge_table {
	struct table head;
	struct bridge_learned *learned; /* sorted by (bridge, mac, vlan, port) */
	size_t n_learned;
	struct bridge_vlans *vlans; /* sorted by (ifindex, first) */
	size_t n_vlans;
};

struct bridge_decoder {
	struct vec learned, vlans;
};

void bridges_init(struct bridge_decoder *d);
void bridges_release(struct bridge_decoder *d);
/* One part. 0, -EBADMSG (nothing of it is kept), -ENOMEM. */
int bridges_decode(struct bridge_decoder *d, const void *bytes, size_t len);
/* NULL: no memory. */
struct bridge_table *bridges_finish(struct bridge_decoder *d);

/* The one port of the bridge behind which the address was seen; 0: none, several, or it is
 * an address of this host. */
uint32_t bridge_port_of(const struct bridge_table *t, uint32_t bridge,
			const uint8_t mac[6]);
/* The VLAN of a frame that comes in by it without a tag; 0: it takes none. */
uint16_t bridge_vlan_of(const struct bridge_table *t, uint32_t ifindex);
/* NULL: it is not in that VLAN. */
const struct bridge_vlans *bridge_vlan_at(const struct bridge_table *t, uint32_t ifindex,
					  uint16_t vlan);

#endif
