/*
 * What bridges of this host have learned, and which VLANs their ports are in, on a packet's
 * way. net/bridge/br_fdb.c, br_vlan.c. Runs no rules. A tag that a frame already has, or
 * gets on its way out, is not followed.
 */
#include "core/path/bridges.h"

static const char not_asked[] = "what the bridge has learned was not asked yet";
static const char not_known[] = "the VLANs of the bridge's ports are not known";
static const char no_vlan[] = "the bridge takes no frame without a VLAN tag there";
static const char not_in_vlan[] = "the bridge keeps it in a VLAN that does not lead there";
static const char is_tagged[] = "it leaves the bridge with a VLAN tag";

/* NULL: not told (yet). */
static const struct bridge_table *tables_of(struct walking *k)
{
	const struct question q = {.kind = QUESTION_BRIDGES};
	const struct responses *all = k->world->responses;
	const struct response *r = all ? responses_find(all, &q) : NULL;

	if (r && r->state != RESPONSE_WAITING)
		return r->state == RESPONSE_WHOLE ? r->table : NULL;
	if (!all)
		return NULL;
	path_add_need(k->path, &q);
	k->is_astray = true;
	if (k->leg)
		walking_doubt(k, NO_ROW, not_asked);
	return NULL;
}

uint32_t bridge_port_learned(struct walking *k, uint32_t bridge, bool is_target)
{
	const struct fw_packet *p = &k->packet;
	bool is_unknown = is_target ? p->is_destination_unknown : p->is_source_unknown;
	const struct bridge_table *t;
	uint8_t mac[6];

	if (is_unknown || !bridge_mac_of(k, is_target ? &p->daddr : &p->saddr, bridge, mac))
		return 0;
	t = tables_of(k);
	return t ? bridge_port_of(t, bridge, mac) : 0;
}

/* ---- VLANs ---- */

static const struct link_row *link_of(const struct walking *k, uint32_t ifindex)
{
	const struct link_table *t = k->world->space->links;

	return t && ifindex ? links_find(t, ifindex) : NULL;
}

static bool has_vlan_filter(const struct walking *k, uint32_t in, uint32_t out)
{
	uint32_t bridge = bridge_of_port(k->world, in);
	const struct link_row *link;

	link = link_of(k, bridge ? bridge : bridge_of_port(k->world, out));
	return link && link->has_vlan_filter;
}

static const char *why_not(const struct bridge_table *t, uint32_t in, uint32_t out)
{
	uint16_t vlan = bridge_vlan_of(t, in);
	const struct bridge_vlans *way_out = vlan ? bridge_vlan_at(t, out, vlan) : NULL;

	if (!vlan)
		return no_vlan;
	if (!way_out)
		return not_in_vlan;
	return way_out->is_untagged ? NULL : is_tagged;
}

void bridge_mind_vlans(struct walking *k, uint32_t in, uint32_t out)
{
	const struct bridge_table *t;
	const char *why;

	if (!in || !out || !has_vlan_filter(k, in, out))
		return;
	t = tables_of(k);
	why = t ? why_not(t, in, out) : not_known;
	if (!why)
		return;
	walking_doubt(k, NO_ROW, why);
	k->is_astray = true;
}
