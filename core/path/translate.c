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

static bool is_source_chosen(struct walking *k, const struct fw_result *r,
			     struct path_hop *h)
{
	h->to = r->to;
	if (r->is_masquerade && k->out_ifindex)
		h->to = device_address(k, k->packet.saddr.family, k->out_ifindex,
				       "address of a masquerade");
	return h->to.family && !r->is_nat_unsure;
}

/* Only what leaves shows it: a socket's answer is turned back before anything sees it. */
static void change_source(struct walking *k, const struct fw_result *r, struct path_hop *h)
{
	struct fw_packet *p = &k->packet;
	bool is_chosen = is_source_chosen(k, r, h);

	h->to_port = r->to_port;
	if (h->place == PLACE_INPUT)
		return;
	if (is_chosen) {
		p->saddr = h->to;
		p->is_source_unknown = false;
	} else if (r->is_masquerade || r->is_nat_unsure) {
		p->is_source_unknown = true;
		memset(p->saddr_known, 0, sizeof(p->saddr_known));
	}
	if (r->to_port)
		p->sport = r->to_port;
}

/* net/netfilter/nf_nat_redirect.c: the first address of the device that it came in by. */
static bool redirect(struct walking *k, struct path_hop *h)
{
	struct fw_packet *p = &k->packet;
	uint32_t in = p->is_iif_unknown ? 0 : p->iif_index;

	h->to = device_address(k, p->saddr.family, in, "address of a redirect");
	if (!h->to.family) {
		h->outcome = HOP_UNSURE;
		h->why = "the address of this redirect is not known";
		return false;
	}
	p->daddr = h->to;
	return true;
}

static bool change_target(struct walking *k, const struct fw_result *r, struct path_hop *h)
{
	h->to = r->to;
	h->to_port = r->to_port;
	if (r->is_nat_unsure) {
		h->outcome = HOP_UNSURE;
		h->why = "the translation has several targets";
		return false;
	}
	if (r->is_redirect && !r->to.family)
		return redirect(k, h);
	return true;
}

bool walking_translate(struct walking *k, const struct fw_result *r, struct path_hop *h)
{
	h->outcome = HOP_TRANSLATED;
	h->chain = r->nat_chain;
	h->rule = r->nat_rule;
	note_rule(k, r);
	if (r->is_snat) {
		change_source(k, r, h);
		return true;
	}
	if (change_target(k, r, h))
		return true;
	walking_doubt(k, r->nat_rule, h->why);
	walking_end(k, PATH_UNSURE, DECIDER_OPAQUE, h->place);
	return false;
}
