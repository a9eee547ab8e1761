/*
 * Bridges on the way: what comes in by a port meets the chains of the family bridge, then
 * goes up to this host's IP as of the bridge, or on to another port; what leaves by a
 * bridge meets them behind IP. net/bridge/br_input.c, br_forward.c, br_netfilter_hooks.c.
 * Which ports these are is found in bridge_ports.c and bridge_learned.c, which also minds
 * the bridge's VLANs. Tags of frames are not followed.
 */
#include "core/path/bridges.h"

#include <netinet/in.h>

/* br_netfilter has its turn there (NF_BR_PRI_BRNF): chains of this priority are run before,
 * as it is registered with the first bridge. */
enum { IP_TURN = 0 };

/* Where br_netfilter takes packets of bridges through the hooks of IP. */
static bool has_ip_hooks(struct walking *k)
{
	const char *name = k->packet.saddr.family == AF_INET6
				   ? "net/bridge/bridge-nf-call-ip6tables"
				   : "net/bridge/bridge-nf-call-iptables";
	int64_t value;

	return k->world->settings && settings_int(k->world->settings, name, &value) &&
	       value;
}

/* ---- the packet at its devices ---- */

/* Is it for this station? At a port that is told by the bridge's address, which may be the
 * port's own as well. */
static enum fw_frame frame_at_port(const struct walking *k)
{
	return k->path->is_bridged ? FW_FRAME_OF_OTHER : FW_FRAME_OF_SOMEBODY;
}

static enum fw_frame frame_at_bridge(const struct walking *k)
{
	return k->path->is_bridged ? FW_FRAME_OF_OTHER : FW_FRAME_OWN;
}

static void stand_at_bridge(struct walking *k, uint32_t in, uint32_t out)
{
	struct fw_packet *p = &k->packet;

	device_stand(k, in, out);
	p->bridge_in = world_device_name(k->world, bridge_of_port(k->world, in));
	p->bridge_out = world_device_name(k->world, bridge_of_port(k->world, out));
	p->is_at_bridge = true;
	p->frame = frame_at_bridge(k);
}

static void stand_at_ip(struct walking *k, uint32_t in, uint32_t out)
{
	device_stand(k, in, out);
	k->packet.is_at_bridge = false;
	k->packet.frame = FW_FRAME_OWN;
}

/* A hook of the bridge. */
static bool meet(struct walking *k, enum place_kind place, uint32_t in, uint32_t out)
{
	bool goes_on;

	stand_at_bridge(k, in, out);
	goes_on = walking_hook(k, place);
	k->packet.is_at_bridge = false;
	return goes_on;
}

/* The same with that of IP in its midst, there with the bridge as device. */
static bool meet_with_ip(struct walking *k, enum place_kind place, uint32_t in,
			 uint32_t out, bool (*ip_hook)(struct walking *k, uint32_t bridge))
{
	uint32_t bridge = bridge_of_port(k->world, in ? in : out);
	bool goes_on;

	if (!has_ip_hooks(k))
		return meet(k, place, in, out);
	stand_at_bridge(k, in, out);
	goes_on = walking_half_hook(k, place, IP_TURN, true);
	if (goes_on && ip_hook(k, bridge)) {
		stand_at_bridge(k, in, out);
		goes_on = walking_half_hook(k, place, IP_TURN, false);
	} else {
		goes_on = false;
	}
	k->packet.is_at_bridge = false;
	return goes_on;
}

/* ---- the hooks of IP on a bridge ---- */

static bool ip_prerouting(struct walking *k, uint32_t bridge)
{
	bool goes_on;

	stand_at_ip(k, bridge, 0);
	goes_on = k->undo_at_prerouting
			  ? walking_hook_undoing(k, PLACE_PREROUTING, TARGETS_TURNED,
						 k->undo_at_prerouting)
			  : walking_hook(k, PLACE_PREROUTING);
	k->has_met_prerouting = true;
	k->packet.is_tracked_at_bridge = true;
	return goes_on;
}

static bool ip_forward(struct walking *k, uint32_t bridge)
{
	stand_at_ip(k, bridge, bridge);
	return walking_hook(k, PLACE_FORWARD);
}

static bool ip_postrouting(struct walking *k, uint32_t bridge)
{
	bool goes_on;

	stand_at_ip(k, 0, bridge);
	goes_on = walking_hook(k, PLACE_POSTROUTING);
	if (k->leg == &k->path->request)
		walking_take_sender(k);
	return goes_on;
}

/* ---- in ---- */

/* Translated on the bridge: to this host it goes up, elsewhere the kernel asks for its
 * route and may still bridge it. */
static bool mind_translation(struct walking *k, const struct addr *old)
{
	struct path *p = k->path;

	if (!p->is_bridged || addr_equals(old, &k->packet.daddr) || k->undo_at_prerouting)
		return true;
	if (world_takes(k->world, &k->packet.daddr) == TRI_YES) {
		p->is_bridged = false;
		return true;
	}
	walking_doubt(k, NO_ROW, "where the bridge sends what it translates");
	k->is_astray = true;
	return true;
}

/* The port's ingress and the bridge's prerouting. */
static bool enter_port(struct walking *k, uint32_t port)
{
	const struct addr old = k->packet.daddr;

	k->has_met_prerouting = false;
	device_enter(k, port);
	bridge_note_macs(k, bridge_of_port(k->world, port));
	k->packet.frame = frame_at_port(k);
	if (!walking_ingress(k))
		return false;
	if (!meet_with_ip(k, PLACE_BRIDGE_PREROUTING, port, 0, ip_prerouting))
		return false;
	if (bridge_has_tracking(k->world->rules))
		k->packet.is_tracked_at_bridge = true;
	return mind_translation(k, &old);
}

static bool go_up(struct walking *k, uint32_t port, uint32_t bridge)
{
	bool goes_on;

	bridge_mind_vlans(k, port, bridge);
	goes_on = meet(k, PLACE_BRIDGE_INPUT, port, 0);

	stand_at_ip(k, bridge, 0);
	return goes_on;
}

bool bridge_come_in(struct walking *k)
{
	uint32_t bridge = k->packet.iif_index;
	uint32_t port = bridge_port_in(k, bridge);

	k->has_met_prerouting = k->has_met_port = false;
	if (!port) {
		bridge_mind_stacked(k, bridge);
		return true;
	}
	k->has_met_port = true;
	if (!enter_port(k, port))
		return false;
	return k->path->is_bridged || go_up(k, port, bridge);
}

/* ---- on ---- */

/* From one port to another. */
static bool cross(struct walking *k, uint32_t in, uint32_t out)
{
	bridge_mind_vlans(k, in, out);
	if (!meet_with_ip(k, PLACE_BRIDGE_FORWARD, in, out, ip_forward))
		return false;
	if (!meet(k, PLACE_BRIDGE_POSTROUTING, 0, out))
		return false;
	if (has_ip_hooks(k) && !ip_postrouting(k, bridge_of_port(k->world, out)))
		return false;
	device_stand(k, 0, out);
	k->packet.frame = frame_at_bridge(k);
	return walking_egress(k);
}

void bridge_pass_on(struct walking *k)
{
	struct path *p = k->path;

	p->is_forwarded = true;
	p->out_port = bridge_port_out(k, bridge_of_port(k->world, p->in_port), p->in_port);
	if (!p->out_port) {
		walking_doubt(k, NO_ROW, "the port of the bridge that it leaves by");
		return;
	}
	p->out_ifindex = p->out_port;
	walking_take_sender(k);
	cross(k, p->in_port, p->out_port);
}

void bridge_pass_back(struct walking *k)
{
	struct path *p = k->path;

	if (!p->in_port || !p->out_port)
		return;
	k->has_met_port = true;
	if (enter_port(k, p->out_port))
		cross(k, p->out_port, p->in_port);
}

/* ---- out ---- */

/* No rules are to be met there, but the answer leaves by the port that was named. */
static void mind_known_port(struct walking *k)
{
	uint32_t port = k->path->in_port;

	if (k->leg == &k->path->reply && port &&
	    bridge_of_port(k->world, port) == k->packet.oif_index)
		bridge_mind_vlans(k, k->packet.oif_index, port);
}

bool bridge_go_out(struct walking *k, uint32_t port)
{
	if (!port) {
		bridge_mind_stacked(k, k->packet.oif_index);
		mind_known_port(k);
		return true;
	}
	bridge_mind_vlans(k, k->packet.oif_index, port);
	bridge_note_macs_out(k);
	if (!meet(k, PLACE_BRIDGE_OUTPUT, 0, port) ||
	    !meet(k, PLACE_BRIDGE_POSTROUTING, 0, port))
		return false;
	device_stand(k, 0, port);
	return walking_egress(k);
}
