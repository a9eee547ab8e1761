/* One hook on the way: its rules are run on the packet, and what they did is written down.
 */
#include "core/path/walking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/path/bridges.h"

enum { FAMILY_BRIDGE = 7 /* NFPROTO_BRIDGE */ };

static const char not_read[] = "the rules could not be read";
static const char changing[] = "the rules changed while they were read";
static const char too_many[] = "too many rules depend on what is not known";

static const enum fw_hook hooks[N_PLACES] = {
	[PLACE_INGRESS] = FW_INGRESS,      [PLACE_PREROUTING] = FW_PREROUTING,
	[PLACE_INPUT] = FW_INPUT,          [PLACE_FORWARD] = FW_FORWARD,
	[PLACE_OUTPUT] = FW_OUTPUT,        [PLACE_POSTROUTING] = FW_POSTROUTING,
	[PLACE_EGRESS] = FW_EGRESS,        [PLACE_BRIDGE_PREROUTING] = FW_PREROUTING,
	[PLACE_BRIDGE_INPUT] = FW_INPUT,   [PLACE_BRIDGE_FORWARD] = FW_FORWARD,
	[PLACE_BRIDGE_OUTPUT] = FW_OUTPUT, [PLACE_BRIDGE_POSTROUTING] = FW_POSTROUTING,
};

/* Who decided, and how the source was singled out. */
static void take_decider(struct walking *k, const struct fw_result *r)
{
	struct path_leg *leg = k->leg;

	leg->decided_by = r->is_by_rule ? DECIDER_RULE : DECIDER_POLICY;
	leg->chain = r->chain;
	leg->rule = r->is_by_rule ? r->rule : NO_ROW;
	leg->set = r->set;
	leg->element = r->element;
	leg->ipset = r->ipset;
	leg->member = r->member;
	leg->is_source_in_set = r->is_source_in_set;
	leg->names_source = r->names_source;
	leg->source_prefix = r->source_prefix;
	leg->queue = r->queue;
	leg->reader = r->reader;
}

static void take_hop(struct path_hop *h, const struct fw_result *r)
{
	h->chain = r->chain;
	h->rule = r->is_by_rule ? r->rule : NO_ROW;
}

static bool pass(struct walking *k, const struct fw_result *r, enum place_kind place)
{
	if (!r->is_translated)
		take_hop(walking_hop(k, place), r);
	if (r->chain != NO_ROW) {
		take_decider(k, r);
		k->leg->at = place;
	}
	return true;
}

static bool stop(struct walking *k, const struct fw_result *r, enum place_kind place)
{
	bool is_reject = r->verdict == FW_REJECT;
	struct path_hop *h = walking_hop(k, place);

	take_hop(h, r);
	h->outcome = is_reject ? HOP_REJECTED : HOP_DROPPED;
	if (r->queue == FW_QUEUE_UNREAD)
		h->why = "no program reads the queue: the kernel drops what is given to it";
	if (r->queue == FW_QUEUE_REFUSED)
		h->why = "the program that holds the queue takes no packets: the kernel "
			 "drops them";
	take_decider(k, r);
	k->leg->reject = r->reject;
	walking_end(k, is_reject ? PATH_REJECT : PATH_DROP, k->leg->decided_by, place);
	return false;
}

/* A program, or the rule itself, does the rest. */
static bool lose(struct walking *k, const struct fw_result *r, enum place_kind place)
{
	struct path_hop *h = walking_hop(k, place);

	take_hop(h, r);
	h->outcome = HOP_UNSURE;
	h->has_reader = r->verdict == FW_QUEUE && r->queue == FW_QUEUE_READ;
	h->reader = r->reader;
	h->why = r->verdict == FW_QUEUE ? "a program decides (queue)"
					: "a rule takes the packet over (fwd, synproxy)";
	walking_doubt(k, h->rule, h->why);
	walking_end(k, PATH_UNSURE, DECIDER_OPAQUE, place);
	return false;
}

static bool give_up(struct walking *k, enum place_kind place, const char *why)
{
	struct path_hop *h = walking_hop(k, place);

	h->outcome = HOP_UNSURE;
	h->why = why;
	walking_doubt(k, NO_ROW, why);
	walking_end(k, PATH_UNSURE, DECIDER_OPAQUE, place);
	return false;
}

static bool conclude(struct walking *k, const struct fw_result *r, enum place_kind place)
{
	if (k->choices->is_overfull)
		return give_up(k, place, too_many);
	if (r->is_translated) {
		struct path_hop *h = walking_hop(k, place);

		if (!walking_translate(k, r, h))
			return false;
	}
	switch (r->verdict) {
	case FW_ACCEPT:
		return pass(k, r, place);
	case FW_DROP:
	case FW_REJECT:
		return stop(k, r, place);
	case FW_QUEUE:
	case FW_STOLEN:
		break;
	}
	return lose(k, r, place);
}

static bool go_blind(struct walking *k, enum place_kind place)
{
	struct path_hop *h = walking_hop(k, place);

	h->outcome = HOP_UNSURE;
	h->why = not_read;
	walking_doubt(k, NO_ROW, not_read);
	return true;
}

/* Nobody knows the device, and rules are bound to it. */
static void mind_device(struct walking *k, enum place_kind place)
{
	bool goes_out = place == PLACE_OUTPUT || place == PLACE_POSTROUTING ||
			place == PLACE_EGRESS || place == PLACE_FORWARD;

	if (goes_out && k->is_out_unsure &&
	    firewall_has_chains(k->world->rules, hooks[place], k->packet.saddr.family)) {
		walking_doubt(k, NO_ROW, "the interface that it leaves by is not known");
		k->is_astray = true;
	}
}

/* Of the hop that the hook has just made, if there is nothing else to say. */
static void note_words(struct walking *k, enum place_kind place, const char *why)
{
	struct path_leg *leg = k->leg;

	for (size_t i = leg->n_hops; why && i-- > 0;)
		if (leg->hops[i].place == place && !leg->hops[i].why) {
			leg->hops[i].why = why;
			return;
		}
}

static void mind_offload(struct walking *k, enum fw_offload offload)
{
	if (offload == FW_OFFLOAD_BY_HARDWARE)
		k->bypass = "once its flow is offloaded (flow add) the device forwards it: "
			    "past all rules, and unseen by this host";
	else if (offload && !k->bypass)
		k->bypass = "once its flow is offloaded (flow add) it passes by the rules";
}

static bool run_hook(struct walking *k, enum place_kind place)
{
	const struct ruleset *rules = k->world->rules;
	enum fw_proxy proxied = k->packet.proxied.state;
	size_t n_choices = k->choices->n, n_unsure = k->leg->n_unsure;
	struct fw_result r = {.verdict = FW_ACCEPT};
	bool goes_on;
	int error;

	if (!rules)
		return go_blind(k, place);
	if (rules->is_changing)
		walking_doubt(k, NO_ROW, changing);
	mind_device(k, place);
	walking_mind_hooked(k, place, hooks[place]);
	k->leg->met = k->packet;
	error = firewall_run(rules, hooks[place], &k->packet, &k->lookups, k->choices, &r);
	k->error = error;
	mind_offload(k, r.offload);
	if (k->meetings && !error)
		walking_note_meeting(k, &r, n_choices, n_unsure);
	goes_on = !error && conclude(k, &r, place);
	if (r.offload)
		note_words(k, place, k->bypass);
	if (k->packet.proxied.state != proxied)
		note_words(k, place, walking_proxy_words(k));
	fw_result_release(&r);
	return goes_on;
}

/* Programs of the device stand before the rules on the way in, behind them on the way out.
 */
bool walking_ingress(struct walking *k)
{
	bool goes_on;

	if (!walking_meet_programs(k, PROGRAM_AT_XDP) ||
	    !walking_meet_programs(k, PROGRAM_AT_INGRESS))
		return false;
	goes_on = run_hook(k, PLACE_INGRESS);
	k->leg->hops[k->leg->n_hops - 1].ifindex = k->packet.iif_index;
	return goes_on;
}

bool walking_egress(struct walking *k)
{
	bool goes_on = run_hook(k, PLACE_EGRESS);

	k->leg->hops[k->leg->n_hops - 1].ifindex = k->packet.oif_index;
	return goes_on && walking_meet_programs(k, PROGRAM_AT_EGRESS) &&
	       walking_meet_programs(k, PROGRAM_AT_QUEUE);
}

static bool leave_device(struct walking *k)
{
	uint32_t port = bridge_port_back(k, k->packet.oif_index);

	k->has_met_port = port != 0;
	return walking_egress(k) && bridge_go_out(k, port);
}

/* Where a bridge has no rules nothing is said of it. */
static bool run_bridge_hook(struct walking *k, enum place_kind place)
{
	const struct ruleset *rules = k->world->rules;

	if (!rules || !firewall_has_chains(rules, hooks[place], FAMILY_BRIDGE))
		return true;
	return run_hook(k, place);
}

static bool prerouting(struct walking *k)
{
	bool has_met = k->has_met_prerouting;

	k->has_met_prerouting = false;
	return has_met || run_hook(k, PLACE_PREROUTING);
}

bool walking_hook(struct walking *k, enum place_kind place)
{
	if (k->has_ended || k->error)
		return false;
	if (k->packet.is_at_bridge)
		return run_bridge_hook(k, place);
	if (place == PLACE_INGRESS)
		return bridge_come_in(k) && (k->path->is_bridged || walking_ingress(k));
	if (place == PLACE_EGRESS)
		return leave_device(k);
	return place == PLACE_PREROUTING ? prerouting(k) : run_hook(k, place);
}

/* ---- a hook in the midst of which an answer is turned back ---- */

/* The chains of one side of a priority are hidden: a copy of the table of chains. */
static struct fw_chain *hide(const struct ruleset *r, enum fw_hook hook, int32_t priority,
			     bool is_later)
{
	struct fw_chain *chains = malloc(r->n_chains * sizeof(*chains));

	if (!chains)
		return NULL;
	memcpy(chains, r->chains, r->n_chains * sizeof(*chains));
	for (size_t i = 0; i < r->n_chains; i++)
		if (chains[i].hook == hook && (chains[i].priority > priority) == is_later)
			chains[i].is_base = false;
	return chains;
}

bool walking_half_hook(struct walking *k, enum place_kind place, int32_t priority,
		       bool is_first)
{
	const struct path_world *real = k->world;
	struct path_world world = *real;
	struct ruleset half = *real->rules;
	bool goes_on;

	half.chains = hide(real->rules, hooks[place], priority, is_first);
	if (!half.chains) {
		k->error = -ENOMEM;
		return false;
	}
	world.rules = &half;
	k->world = &world;
	goes_on = walking_hook(k, place);
	k->world = real;
	free(half.chains);
	return goes_on;
}

static bool has_later_chains(const struct ruleset *r, enum fw_hook hook, int32_t priority)
{
	for (size_t i = 0; r && i < r->n_chains; i++)
		if (r->chains[i].is_base && r->chains[i].hook == hook &&
		    r->chains[i].priority > priority)
			return true;
	return false;
}

bool walking_hook_undoing(struct walking *k, enum place_kind place, int32_t priority,
			  void (*undo)(struct walking *k))
{
	bool goes_on;

	if (place == PLACE_PREROUTING && k->has_met_prerouting)
		return prerouting(k);
	if (!has_later_chains(k->world->rules, hooks[place], priority)) {
		goes_on = walking_hook(k, place);
		if (goes_on)
			undo(k);
		return goes_on;
	}
	if (!walking_half_hook(k, place, priority, true))
		return false;
	undo(k);
	return walking_half_hook(k, place, priority, false);
}
