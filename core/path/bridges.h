/*
 * Bridges on the way of a packet: for the files of core/path only. A bridge whose ports
 * nobody's rules can tell apart, and that has no rules, is passed as any device is.
 */
#ifndef CORE_PATH_BRIDGES_H
#define CORE_PATH_BRIDGES_H

#include "core/path/walking.h"

/* linux/netfilter_ipv4.h: where conntrack turns a target back */
enum { TARGETS_TURNED = -100 };

/* bridges.c */

/*
 * The packet has reached the device iif, a bridge or not: what it meets before the bridge's
 * own ingress. False: the leg ends. True and path->is_bridged: it goes on by another port
 * and has no more to do with the device.
 */
bool bridge_come_in(struct walking *k);
/* A request that is bridged: the rest of its way. */
void bridge_pass_on(struct walking *k);
/* Its answer, the whole way. */
void bridge_pass_back(struct walking *k);
/* Behind the egress of the device oif, a bridge that it leaves by this port; port 0: it is
 * no bridge, or none that need be walked. False: the leg ends. */
bool bridge_go_out(struct walking *k, uint32_t port);

/* bridge_learned.c */

/* The port of the bridge behind which this packet's sender or, if is_target, its target
 * was seen last; 0: that is not known, or is still to be asked. */
uint32_t bridge_port_learned(struct walking *k, uint32_t bridge, bool is_target);
/* A frame without a tag comes in by one of them and leaves by the other, ports or the
 * bridge itself: where the bridge filters VLANs and does not let it pass, or it is not
 * known, the leg is unsure. */
void bridge_mind_vlans(struct walking *k, uint32_t in, uint32_t out);

/* bridge_ports.c */

/* The bridge that the device is a port of; 0: none. */
uint32_t bridge_of_port(const struct path_world *w, uint32_t ifindex);
/* Would the request, come in by a port of it, be bridged on? By its target: of a network of
 * the bridge, or IP has no address there. */
bool bridge_passes_on(const struct walking *k, uint32_t bridge);
/* Client and target are both on the bridge's network: what one sends the other never comes
 * to this host's IP. */
bool bridge_joins(const struct walking *k, uint32_t ifindex);
/* The port that this leg comes in by, noted in the path; 0: no bridge, or none of its rules
 * or ports need be walked. */
uint32_t bridge_port_in(struct walking *k, uint32_t bridge);
/* One that is not `but`; 0: none. */
uint32_t bridge_port_out(struct walking *k, uint32_t bridge, uint32_t but);
/* Of the address, if it is a neighbour on the bridge whose link address is known. */
bool bridge_mac_of(const struct walking *k, const struct addr *a, uint32_t bridge,
		   uint8_t out[6]);
/* The port that what this host sends by the bridge leaves by; noted; 0: as above. */
uint32_t bridge_port_back(struct walking *k, uint32_t bridge);
/* A VLAN or the like on a bridge with rules: they are not followed, which is said. */
void bridge_mind_stacked(struct walking *k, uint32_t ifindex);
/* A rule of the family bridge asks connection tracking: it then begins there. */
bool bridge_has_tracking(const struct ruleset *r);
/* The addresses in the frame, as far as this host knows its neighbours. */
void bridge_note_macs(struct walking *k, uint32_t bridge);
void bridge_note_macs_out(struct walking *k);

#endif
