/* A translation that a rule set: what the packet looks like after it. Does not know which
 * socket or host is behind the new target. */
#include "core/path/walking.h"

#include <string.h>

static void note_rule(struct walking *k, const struct fw_result *r)
{
	struct path_leg *leg = k->leg;

	leg->is_nat_touched = true;
	if (leg->nat_rule != NO_ROW)
		return;
	leg->nat_chain = r->nat_chain;
	leg->nat_rule = r->nat_rule;
}

/* rt_nexthop() */
static const struct addr *next_hop(const struct walking *k)
{
	for (size_t i = k->leg->n_hops; i; i--) {
		const struct path_hop *h = &k->leg->hops[i - 1];

		if (h->place == PLACE_ROUTE)
			return h->gateway.family == k->packet.daddr.family
				       ? &h->gateway
				       : &k->packet.daddr;
	}
	return &k->packet.daddr;
}

struct addr masquerade_address(struct walking *k, const struct fw_packet *p)
{
	if (!k->out_ifindex)
		return (struct addr){0};
	return device_address(k, p->saddr.family, k->out_ifindex, next_hop(k),
			      "address of a masquerade");
}

/* net/netfilter/nf_nat_redirect.c: of the device that it came in by. */
struct addr redirect_address(struct walking *k, const struct fw_packet *p)
{
	return device_address(k, p->saddr.family, p->is_iif_unknown ? 0 : p->iif_index,
			      NULL, "address of a redirect");
}

static bool change_target(const struct fw_result *r, struct path_hop *h)
{
	h->to = r->to;
	h->to_port = r->to_port;
	if (r->is_nat_unsure) {
		h->outcome = HOP_UNSURE;
		h->why = "the translation has several targets";
		return false;
	}
	if (r->is_redirect && !r->to.family) {
		h->outcome = HOP_UNSURE;
		h->why = "the address of this redirect is not known";
		return false;
	}
	return true;
}

bool walking_translate(struct walking *k, const struct fw_result *r, struct path_hop *h)
{
	h->outcome = HOP_TRANSLATED;
	h->chain = r->nat_chain;
	h->rule = r->nat_rule;
	note_rule(k, r);
	if (r->is_snat) {
		h->to = r->to;
		h->to_port = r->to_port;
		return true;
	}
	if (change_target(r, h))
		return true;
	walking_doubt(k, r->nat_rule, h->why);
	walking_end(k, PATH_UNSURE, DECIDER_OPAQUE, h->place);
	return false;
}
