/* Neighbours (ARP and ND): RTM_NEWNEIGH messages -> rows. rtnetlink(7), arp(7). Pure. */
#ifndef CORE_NETWORK_NEIGHBOURS_H
#define CORE_NETWORK_NEIGHBOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/table.h"
#include "core/base/vec.h"

struct neighbour_row {
	struct addr address;
	uint32_t ifindex;
	uint16_t state; /* NUD_... */
	uint8_t flags;  /* NTF_... */
	bool has_mac;
	uint8_t mac[6];
	uint32_t n_probes;
};

struct neighbour_table {
	struct table head;
	struct neighbour_row *rows; /* sorted by (address, ifindex) */
	size_t n;
};

struct neighbour_decoder {
	struct vec rows;
};
void neighbours_init(struct neighbour_decoder *d);
void neighbours_release(struct neighbour_decoder *d);
int neighbours_decode(struct neighbour_decoder *d, const void *bytes, size_t len);
struct neighbour_table *neighbours_finish(struct neighbour_decoder *d);
/* NULL: the kernel has no entry. */
const struct neighbour_row *neighbours_find(const struct neighbour_table *t,
					    const struct addr *a, uint32_t ifindex);
/* "REACHABLE", "STALE", "FAILED", ... ip-neighbour(8). */
const char *neighbour_state_word(uint16_t state);

#endif
