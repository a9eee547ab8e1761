/*
 * How far an answer of the evaluator holds: the sources and target ports around a packet's
 * own that every comparison of its walks treats alike. Knows comparisons, not rules.
 *
 * A value of a register that was computed from an address or port (other than by a mask)
 * is no longer seen as one: who computes pins what it was computed from.
 */
#ifndef CORE_FIREWALL_CELL_H
#define CORE_FIREWALL_CELL_H

#include "core/base/addr.h"
#include "core/firewall/eval/regs.h"
#include "core/firewall/ruleset.h"

struct fw_cell {
	struct addr at, low, high; /* the packet's source; first and last like it */
	uint16_t port, port_low, port_high;
	bool is_of_one_port; /* set by the caller: the ports do not matter to it */
};

/* Everything is alike so far: all addresses of the family, all ports. */
void fw_cell_start(struct fw_cell *c, const struct addr *source, uint16_t port);
/* The addresses from low to high are treated otherwise than those outside. */
void fw_cell_split(struct fw_cell *c, const struct addr *low, const struct addr *high);
/* Octets are compared with bytes from low to high (one value: twice the same). c NULL:
 * nobody asks; so below. */
void fw_cell_compared(struct fw_cell *c, const struct octet *o, size_t n,
		      const uint8_t *low, const uint8_t *high);
/* The key is looked up. */
void fw_cell_looked_up(struct fw_cell *c, const struct fw_set *set,
		       const struct octet *key);
/* Something is made of the octets: they must stay as they are. */
void fw_cell_pin(struct fw_cell *c, const struct octet *o, size_t n);
/* The next address; false: there is none behind the last one. */
bool fw_addr_next(struct addr *a);
bool fw_addr_previous(struct addr *a);

#endif
