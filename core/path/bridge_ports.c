/* The ports of a bridge that a packet comes in and leaves by, as far as rules care, and the
 * frame's addresses. What a bridge has learned is looked up in bridge_learned.c. */
#include "core/path/bridges.h"

#include <net/if.h>
#include <string.h>

enum { FAMILY_NETDEV = 5, FAMILY_BRIDGE = 7 /* NFPROTO_ */, PORTS_MAX = 12 };
/* linux/netfilter/nf_tables.h, NFT_META_: keys that tell devices apart */
enum { META_IIF = 4, META_OIF, META_IIFNAME, META_OIFNAME };
enum { META_IIFGROUP = 21, META_OIFGROUP, META_IIFKIND = 26, META_OIFKIND };
/* linux/neighbour.h: REACHABLE, STALE, DELAY, PROBE, PERMANENT */
enum { NEIGHBOUR_USABLE = 0x02 | 0x04 | 0x08 | 0x10 | 0x80 };

static const char which_in[] = "the port of the bridge that it comes in by";
static const char which_out[] = "the port of the bridge that it leaves by";

static const struct link_row *link_of(const struct path_world *w, uint32_t ifindex)
{
	const struct link_table *t = w->space->links;

	return t && ifindex ? links_find(t, ifindex) : NULL;
}

static bool is_bridge(const struct path_world *w, uint32_t ifindex)
{
	const struct link_row *link = link_of(w, ifindex);

	return link && text_equals_str(link->kind, "bridge");
}

uint32_t bridge_of_port(const struct path_world *w, uint32_t ifindex)
{
	const struct link_row *link = link_of(w, ifindex);

	return link && is_bridge(w, link->master) ? link->master : 0;
}

/* ---- do rules care? ---- */

static uint8_t family_of(const struct ruleset *r, const struct fw_chain *c)
{
	return ruleset_table_of(r, c)->family;
}

static bool is_live(const struct ruleset *r, const struct fw_chain *c)
{
	return c->is_base && (c->n_rules || c->policy_drops) &&
	       !ruleset_table_of(r, c)->is_dormant;
}

static bool has_bridge_chains(const struct ruleset *r)
{
	for (size_t i = 0; r && i < r->n_chains; i++)
		if (is_live(r, &r->chains[i]) &&
		    family_of(r, &r->chains[i]) == FAMILY_BRIDGE)
			return true;
	return false;
}

static bool is_port_named(const struct path_world *w, uint32_t bridge, struct text name)
{
	const struct link_table *t = w->space->links;

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].master == bridge && text_equals(t->rows[i].name, name))
			return true;
	return false;
}

/* Chains of netdev or inet that stand at a port of it. */
static bool has_port_chains(const struct path_world *w, uint32_t bridge)
{
	const struct ruleset *r = w->rules;

	for (size_t i = 0; r && i < r->n_chains; i++)
		for (size_t j = 0; is_live(r, &r->chains[i]) && j < r->chains[i].n_devices;
		     j++)
			if (is_port_named(w, bridge, r->chains[i].devices[j]))
				return true;
	return false;
}

static bool is_of_device(const struct fw_expr *x)
{
	if (x->kind == FW_EXPR_OPAQUE || x->kind == FW_EXPR_FIB)
		return true;
	if (x->kind != FW_EXPR_META || x->writes)
		return false;
	switch (x->key) {
	case META_IIF:
	case META_OIF:
	case META_IIFNAME:
	case META_OIFNAME:
	case META_IIFGROUP:
	case META_OIFGROUP:
	case META_IIFKIND:
	case META_OIFKIND:
		return true;
	default:
		return false;
	}
}

static bool has_rule_of_device(const struct ruleset *r)
{
	for (size_t i = 0; r && i < r->n_rules; i++) {
		const struct fw_rule *rule = &r->rules[i];

		if (family_of(r, ruleset_chain(r, rule)) != FAMILY_BRIDGE)
			continue;
		for (size_t j = 0; j < rule->n_exprs; j++)
			if (is_of_device(rule->exprs[j]))
				return true;
	}
	return false;
}

bool bridge_has_tracking(const struct ruleset *r)
{
	for (size_t i = 0; r && i < r->n_rules; i++) {
		const struct fw_rule *rule = &r->rules[i];

		if (family_of(r, ruleset_chain(r, rule)) != FAMILY_BRIDGE)
			continue;
		for (size_t j = 0; j < rule->n_exprs; j++)
			if (rule->exprs[j]->kind == FW_EXPR_CT)
				return true;
	}
	return false;
}

/* ---- which port ---- */

/* Ports that are up, but one; *is_all: there are no more. */
static size_t ports_of(const struct path_world *w, uint32_t bridge, uint32_t but,
		       uint32_t out[PORTS_MAX], bool *is_all)
{
	const struct link_table *t = w->space->links;
	size_t n = 0;

	*is_all = true;
	for (size_t i = 0; i < t->n; i++) {
		if (t->rows[i].master != bridge || t->rows[i].ifindex == but ||
		    !(t->rows[i].flags & IFF_UP))
			continue;
		if (n < PORTS_MAX)
			out[n++] = t->rows[i].ifindex;
		else
			*is_all = false;
	}
	return n;
}

/* is_target: behind it is whom the packet goes to; else who sent it. */
static uint32_t choose(struct walking *k, uint32_t bridge, uint32_t but, bool is_target,
		       const char *why)
{
	bool is_asked =
		has_rule_of_device(k->world->rules) || has_port_chains(k->world, bridge);
	uint32_t ports[PORTS_MAX];
	bool is_all;
	size_t n = ports_of(k->world, bridge, but, ports, &is_all);
	uint32_t learned = n && is_asked ? bridge_port_learned(k, bridge, is_target) : 0;

	if (!n)
		return 0;
	if (learned && learned != but)
		return learned;
	if (is_asked && !is_all) {
		walking_doubt(k, NO_ROW, why);
		k->is_astray = true;
	}
	return ports[is_asked ? walking_choose(k, n, why) : 0];
}

/* Nothing is to be met at its ports. */
static bool is_plain(const struct walking *k, uint32_t bridge)
{
	const struct path_world *w = k->world;

	return !is_bridge(w, bridge) ||
	       (!has_bridge_chains(w->rules) && !has_port_chains(w, bridge));
}

uint32_t bridge_port_in(struct walking *k, uint32_t bridge)
{
	struct path *p = k->path;
	bool is_request = k->leg == &p->request && !k->is_from_here;
	uint32_t *port = is_request ? &p->in_port : &p->out_port;

	if (*port && bridge_of_port(k->world, *port) == bridge)
		return *port;
	*port = is_plain(k, bridge) ? 0 : choose(k, bridge, 0, false, which_in);
	return *port;
}

uint32_t bridge_port_out(struct walking *k, uint32_t bridge, uint32_t but)
{
	return choose(k, bridge, but, true, which_out);
}

uint32_t bridge_port_back(struct walking *k, uint32_t bridge)
{
	struct path *p = k->path;
	uint32_t *port = k->leg == &p->request ? &p->out_port : &p->in_port;

	if (is_plain(k, bridge))
		return 0;
	if (k->leg == &p->reply && *port && bridge_of_port(k->world, *port) == bridge)
		return *port;
	*port = choose(k, bridge, 0, true, which_out);
	return *port;
}

/* ---- up, or on? ---- */

/* An address of the bridge whose network has this one; *has_any: it has some address of the
 * family. */
static bool is_on_link(const struct walking *k, uint32_t bridge, const struct addr *a,
		       bool *has_any)
{
	const struct address_table *t = k->world->space->addresses;

	*has_any = false;
	for (size_t i = 0; t && i < t->n; i++) {
		if (t->rows[i].ifindex != bridge || t->rows[i].local.family != a->family)
			continue;
		if (addr_in_prefix(a, &t->rows[i].local, t->rows[i].prefix_len))
			return true;
		*has_any = *has_any || !addr_is_link_local(&t->rows[i].local);
	}
	return false;
}

bool bridge_passes_on(const struct walking *k, uint32_t bridge)
{
	const struct addr *to = &k->packet.daddr;
	bool has_any;

	if (!k->world->space->addresses || world_takes(k->world, to) != TRI_NO)
		return false;
	return is_on_link(k, bridge, to, &has_any) || !has_any;
}

bool bridge_joins(const struct walking *k, uint32_t ifindex)
{
	const struct path_world *w = k->world;
	bool has_any;

	return is_bridge(w, ifindex) && k->client.family &&
	       world_takes(w, &k->packet.daddr) == TRI_NO &&
	       is_on_link(k, ifindex, &k->packet.daddr, &has_any) &&
	       is_on_link(k, ifindex, &k->client, &has_any);
}

/* ---- what is not followed ---- */

void bridge_mind_stacked(struct walking *k, uint32_t ifindex)
{
	const struct path_world *w = k->world;
	const struct link_row *link = link_of(w, ifindex);

	if (link && link->peer && !text_equals_str(link->kind, "veth") &&
	    is_bridge(w, link->peer) && !is_plain(k, link->peer))
		walking_doubt(k, NO_ROW,
			      "rules of a bridge are not followed beneath another device");
}

/* ---- the frame ---- */

bool bridge_mac_of(const struct walking *k, const struct addr *a, uint32_t bridge,
		   uint8_t out[6])
{
	/* An answer for many sources knows none of them. */
	const struct neighbour_table *t = k->lookups.cell ? NULL : k->world->neighbours;
	const struct neighbour_row *n =
		t && a->family ? neighbours_find(t, a, bridge) : NULL;
	bool has = n && n->has_mac && (n->state & NEIGHBOUR_USABLE);

	if (has)
		memcpy(out, n->mac, sizeof(n->mac));
	return has;
}

/* Who is no neighbour comes by one that nobody names. */
void bridge_note_macs(struct walking *k, uint32_t bridge)
{
	struct fw_packet *p = &k->packet;
	const struct addr nobody = {0};

	p->has_mac_from = bridge_mac_of(k, p->is_source_unknown ? &nobody : &p->saddr,
					bridge, p->mac_from);
	p->has_mac_to = bridge_mac_of(k, p->is_destination_unknown ? &nobody : &p->daddr,
				      bridge, p->mac_to);
}

void bridge_note_macs_out(struct walking *k)
{
	struct fw_packet *p = &k->packet;
	const struct addr nobody = {0};

	p->has_mac_from = false;
	p->has_mac_to = bridge_mac_of(k, p->is_destination_unknown ? &nobody : &p->daddr,
				      p->oif_index, p->mac_to);
}
