/* Chains of the family bridge, which meet what comes in or leaves by a bridge before and
 * after the hooks of IP. They are not followed: where they could stop the packet it is not
 * known whether they do. */
#include "core/path/walking.h"

enum { FAMILY_BRIDGE = 7 /* NFPROTO_BRIDGE */ };

static bool is_bridge(const struct path_world *w, uint32_t ifindex)
{
	const struct link_table *t = w->space->links;
	const struct link_row *link = t && ifindex ? links_find(t, ifindex) : NULL;

	return link && text_equals_str(link->kind, "bridge");
}

static bool is_on_the_way(enum fw_hook hook, bool goes_out)
{
	if (goes_out)
		return hook == FW_OUTPUT || hook == FW_POSTROUTING;
	return hook == FW_PREROUTING || hook == FW_INPUT;
}

static bool may_stop(const struct ruleset *r, bool goes_out)
{
	for (size_t i = 0; r && i < r->n_chains; i++) {
		const struct fw_chain *c = &r->chains[i];

		if (c->is_base && ruleset_table_of(r, c)->family == FAMILY_BRIDGE &&
		    !ruleset_table_of(r, c)->is_dormant &&
		    is_on_the_way(c->hook, goes_out) && (c->n_rules || c->policy_drops))
			return true;
	}
	return false;
}

void walking_mind_bridge(struct walking *k, bool goes_out)
{
	uint32_t ifindex = goes_out ? k->packet.oif_index : k->packet.iif_index;

	if (is_bridge(k->world, ifindex) && may_stop(k->world->rules, goes_out))
		walking_doubt(k, NO_ROW, "rules of the family bridge are not followed");
}
