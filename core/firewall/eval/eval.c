/* One hook: which base chains a packet meets there, in which order, and what comes out. */
#include "core/firewall/eval/eval.h"

#include <errno.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include "core/firewall/eval/eval_run.h"
#include "core/firewall/hooks.h"

enum { PRIORITY_CONNTRACK = -200, PRIORITY_DNAT = -100, PRIORITY_SNAT = 100 };
enum { STATE_NEW = 8 };

/* A base chain in its turn; chain FW_NONE: the end of translation. */
struct turn {
	int32_t priority; /* of the slot, for nat chains */
	int32_t own;
	bool is_nat;
	bool is_late;     /* of the same priority as translation, and run behind it */
	bool is_deferred; /* run behind those of its priority */
	uint32_t chain;
	uint16_t place; /* among the functions of the hook; 0: not told */
	uint64_t table_handle, handle;
};

static const char tied_with_tracking[] = "order of the chain and connection tracking";
static const char tied_with_nat[] = "order of the chain and the translation";
static const char tied[] = "order of the tables of one priority";

static uint8_t family_of(const struct fw_packet *p)
{
	if (p->is_at_bridge)
		return NFPROTO_BRIDGE;
	return p->saddr.family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

static bool is_hooked(const struct ruleset *r, const struct fw_chain *c, enum fw_hook hook,
		      uint8_t family)
{
	const struct fw_table *t;

	if (!c->is_base || c->hook != hook || c->table >= r->n_tables)
		return false;
	t = &r->tables[c->table];
	if (t->is_dormant)
		return false;
	if (hook == FW_INGRESS || hook == FW_EGRESS)
		return t->family == NFPROTO_NETDEV || t->family == NFPROTO_INET;
	return t->family == family ||
	       (t->family == NFPROTO_INET && family != NFPROTO_BRIDGE);
}

bool firewall_has_chains(const struct ruleset *r, enum fw_hook hook, uint8_t family)
{
	uint8_t netfilter_family =
		family == AF_INET6 || family == NFPROTO_IPV6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

	if (family == NFPROTO_BRIDGE)
		netfilter_family = NFPROTO_BRIDGE;
	for (size_t i = 0; i < r->n_chains; i++) {
		if (is_hooked(r, &r->chains[i], hook, netfilter_family))
			return true;
	}
	return false;
}

void fw_result_release(struct fw_result *r)
{
	vec_release(&r->steps);
}

static int32_t slot_of(enum fw_hook hook)
{
	return hook == FW_PREROUTING || hook == FW_OUTPUT ? PRIORITY_DNAT : PRIORITY_SNAT;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Of equal priority what was registered last runs first. Where the kernel did not tell the
 * places of chains of different tables, this order is taken first, another one where it
 * matters (defer()). */
static int compare_turns(const void *x, const void *y)
{
	const struct turn *a = x, *b = y;
	int order = (a->priority > b->priority) - (a->priority < b->priority);

	if (!order)
		order = (a->is_nat + 2 * a->is_late) - (b->is_nat + 2 * b->is_late);
	if (!order)
		order = (a->chain == FW_NONE) - (b->chain == FW_NONE);
	if (!order)
		order = (a->own > b->own) - (a->own < b->own);
	if (!order && a->place && b->place)
		order = (a->place > b->place) - (a->place < b->place);
	if (!order)
		order = compare_numbers(b->table_handle, a->table_handle);
	return order ? order : compare_numbers(b->handle, a->handle);
}

static struct turn turn_of(const struct eval *e, uint32_t chain)
{
	const struct fw_chain *c = &e->ruleset->chains[chain];

	return (struct turn){
		.priority = c->type == FW_NAT ? slot_of(e->hook) : c->priority,
		.own = c->priority,
		.is_nat = c->type == FW_NAT,
		.chain = chain,
		.place = e->hook <= FW_POSTROUTING
				 ? c->places[family_of(e->packet) == NFPROTO_IPV6]
				 : 0,
		.table_handle = e->ruleset->tables[c->table].handle,
		.handle = c->handle,
	};
}

static bool has_translation(const struct eval *e)
{
	for (size_t i = 0; i < e->ruleset->n_chains; i++) {
		const struct fw_chain *c = &e->ruleset->chains[i];

		if (c->type == FW_NAT &&
		    is_hooked(e->ruleset, c, c->hook, family_of(e->packet)))
			return true;
	}
	return false;
}

/* A local client's packet comes back through lo with its entry: whether and how it is
 * translated was settled on its way out. */
static bool is_from_loopback(const struct eval *e)
{
	return (e->hook == FW_PREROUTING || e->hook == FW_INGRESS || e->hook == FW_INPUT) &&
	       e->packet->iif_type == ARPHRD_LOOPBACK;
}

static bool is_hooked_here(const struct eval *e, const struct fw_chain *c)
{
	return is_hooked(e->ruleset, c, e->hook, family_of(e->packet));
}

/* Before what the kernel does itself at the same priority; unsure: as this walk takes it.
 */
static bool precedes(struct eval *e, uint32_t chain, enum fw_hooked_kind kind,
		     const char *why)
{
	enum tri told = hooks_chain_precedes(e->ruleset, chain, family_of(e->packet), kind);

	if (told != TRI_UNSURE)
		return told == TRI_YES;
	return eval_ask(e, why, true, false, 0);
}

/*
 * Of equal priority what was registered last runs first; when translation was is not always
 * told. Only the first packet of a flow makes a difference.
 */
static bool is_late(struct eval *e, uint32_t row)
{
	const struct fw_chain *chain = &e->ruleset->chains[row];
	const struct fw_conntrack *ct = &e->packet->ct;

	if (e->hook >= FW_INGRESS || e->hook == FW_FORWARD || chain->type == FW_NAT ||
	    chain->priority != slot_of(e->hook))
		return false;
	if (!ct->has_entry || ct->is_reply || is_from_loopback(e) ||
	    (ct->state && ct->state != STATE_NEW))
		return false;
	for (size_t i = 0; i < e->ruleset->n_chains; i++) {
		const struct fw_chain *c = &e->ruleset->chains[i];

		if (c->type == FW_NAT && is_hooked_here(e, c))
			return !precedes(e, row, FW_HOOKED_NAT, tied_with_nat);
	}
	return false;
}

static int collect(struct eval *e, struct vec *turns)
{
	struct turn *turn;

	for (uint32_t i = 0; i < e->ruleset->n_chains; i++) {
		if (!is_hooked_here(e, &e->ruleset->chains[i]))
			continue;
		turn = vec_push(turns);
		if (!turn)
			return -ENOMEM;
		*turn = turn_of(e, i);
		turn->is_late = is_late(e, i);
	}
	if (e->hook < FW_INGRESS && e->hook != FW_FORWARD && has_translation(e)) {
		turn = vec_push(turns);
		if (!turn)
			return -ENOMEM;
		*turn = (struct turn){
			.priority = slot_of(e->hook), .is_nat = true, .chain = FW_NONE};
	}
	if (turns->n)
		qsort(turns->data, turns->n, sizeof(struct turn), compare_turns);
	return 0;
}

bool eval_is_before_conntrack(const struct eval *e, int32_t priority)
{
	const struct fw_packet *p = e->packet;

	if (is_from_loopback(e) || p->is_tracked_at_bridge)
		return false;
	if (e->hook == FW_INGRESS)
		return true;
	/* What leaves by a bridge has met IP's output. */
	return (e->hook == FW_PREROUTING || (e->hook == FW_OUTPUT && !p->is_at_bridge)) &&
	       priority <= PRIORITY_CONNTRACK;
}

static bool is_on_device(struct eval *e, const struct fw_chain *c)
{
	struct text name = e->hook == FW_EGRESS ? e->packet->oif : e->packet->iif;

	if (e->hook != FW_INGRESS && e->hook != FW_EGRESS)
		return true;
	if (e->hook == FW_INGRESS && e->packet->is_iif_unknown)
		return eval_ask(e, doubt_words(FW_DOUBT_INTERFACE), false, false,
				octets_question(NULL, 0, &e->chain, sizeof(e->chain)));
	for (size_t i = 0; i < c->n_devices; i++) {
		if (text_equals(c->devices[i], name))
			return true;
	}
	return false;
}

/* The same answer for the whole walk. */
static bool is_tracking(struct eval *e)
{
	static const char why[] = "whether connections are tracked";
	enum tri tracks = firewall_tracks(e->ruleset, family_of(e->packet));

	if (tracks != TRI_UNSURE)
		return tracks == TRI_YES;
	return eval_ask(e, why, true, false, octets_question(NULL, 0, why, sizeof(why)));
}

/* NAT chains see only the first packet of a flow, and none after a mapping was set. */
static bool is_to_be_translated(struct eval *e)
{
	const struct fw_conntrack *ct = &e->packet->ct;

	if (e->is_nat_done || !ct->has_entry || ct->is_reply || is_from_loopback(e))
		return false;
	if (ct->state && ct->state != STATE_NEW)
		return false;
	if (!is_tracking(e))
		return false;
	return ct->state || eval_ask(e, doubt_words(FW_DOUBT_CT_STATE), true, false, 0);
}

static void end_translation(struct eval *e)
{
	struct fw_conntrack *ct = &e->packet->ct;

	if (!ct->has_entry || ct->is_reply || ct->state != STATE_NEW || is_from_loopback(e))
		return;
	ct->status |=
		slot_of(e->hook) == PRIORITY_DNAT ? IPS_DST_NAT_DONE : IPS_SRC_NAT_DONE;
}

/* The same tie; without a rule that needs it there is no tracking. */
static bool is_before_conntrack(struct eval *e, const struct turn *turn)
{
	if (!eval_is_before_conntrack(e, turn->priority))
		return false;
	if (turn->priority != PRIORITY_CONNTRACK || e->hook == FW_INGRESS ||
	    !e->packet->ct.has_entry || !is_tracking(e))
		return true;
	return precedes(e, turn->chain, FW_HOOKED_TRACKING, tied_with_tracking);
}

static int32_t run_turn(struct eval *e, const struct turn *turn)
{
	const struct fw_chain *c;

	if (turn->chain == FW_NONE) {
		end_translation(e);
		return NF_ACCEPT;
	}
	c = &e->ruleset->chains[turn->chain];
	e->chain = turn->chain;
	e->rule = FW_NONE;
	e->packet->is_before_conntrack = is_before_conntrack(e, turn);
	if (!is_on_device(e, c) || (turn->is_nat && !is_to_be_translated(e)) || e->is_stuck)
		return NF_ACCEPT;
	e->is_in_nat_slot = turn->is_nat;
	e->headers.is_stale = true;
	return eval_base_chain(e, turn->chain);
}

/* ---- tables of one priority ---- */

struct before {
	struct fw_packet packet;
	struct fw_result out;
	size_t n_steps;
	bool is_nat_done;
};

static struct before take_before(const struct eval *e)
{
	return (struct before){*e->packet, *e->out, e->out->steps.n, e->is_nat_done};
}

static void put_before(struct eval *e, const struct before *b)
{
	struct vec steps = e->out->steps;

	*e->packet = b->packet;
	*e->out = b->out;
	e->out->steps = steps;
	if (steps.n > b->n_steps)
		vec_truncate(&e->out->steps, b->n_steps);
	e->is_nat_done = b->is_nat_done;
}

/* What the turn did makes a difference to those of its priority. */
static bool has_effect(const struct eval *e, const struct before *b, int32_t code)
{
	const struct fw_packet *now = e->packet, *old = &b->packet;

	return code != NF_ACCEPT || e->is_nat_done != b->is_nat_done ||
	       now->n_marked != old->n_marked || now->n_rewritten != old->n_rewritten ||
	       now->n_readdressed != old->n_readdressed || now->n_added != old->n_added ||
	       e->out->is_notracked != b->out.is_notracked;
}

static bool is_tied(const struct eval *e, const struct turn *a, const struct turn *b)
{
	const struct fw_chain *chains = e->ruleset->chains;

	return b->chain != FW_NONE && !b->is_deferred && a->priority == b->priority &&
	       a->own == b->own && a->is_nat == b->is_nat && a->is_late == b->is_late &&
	       (!a->place || !b->place) && chains[a->chain].table != chains[b->chain].table;
}

/* Whether those that are tied with turn i, run now, do anything. */
static bool has_effect_of_tied(struct eval *e, const struct vec *turns, size_t i)
{
	const struct turn *rows = turns->data;

	for (size_t k = i + 1; k < turns->n && !e->is_stuck; k++) {
		struct before b = take_before(e);

		if (is_tied(e, &rows[i], &rows[k]) &&
		    has_effect(e, &b, run_turn(e, &rows[k])))
			return true;
	}
	return e->is_stuck;
}

/*
 * Turn i has been run with an effect. Its place makes a difference only if one of those
 * that it is tied with has one too, before it or behind it: they are tried, in vain.
 */
static bool does_order_matter(struct eval *e, const struct vec *turns, size_t i,
			      const struct before *b, int32_t code)
{
	struct before after = take_before(e);
	struct vec steps = e->out->steps;
	bool does;

	e->out->steps = VEC_OF(struct fw_step);
	does = code == NF_ACCEPT && has_effect_of_tied(e, turns, i);
	if (!does) {
		put_before(e, b);
		does = has_effect_of_tied(e, turns, i);
	}
	put_before(e, &after);
	vec_release(&e->out->steps);
	e->out->steps = steps;
	return does;
}

/* The turn that was just run may be run behind the others of its priority: then it goes
 * there, and was not run. */
static bool defer(struct eval *e, struct vec *turns, size_t i, const struct before *b,
		  int32_t code)
{
	struct turn *rows = turns->data, turn = rows[i];
	size_t last = i;

	if (e->is_stuck || turn.chain == FW_NONE || turn.is_deferred)
		return false;
	for (size_t k = i + 1; k < turns->n; k++)
		if (is_tied(e, &turn, &rows[k]))
			last = k;
	if (last == i || !does_order_matter(e, turns, i, b, code) ||
	    eval_ask(e, tied, true, false, 0) || e->is_stuck)
		return false;
	put_before(e, b);
	memmove(rows + i, rows + i + 1, (last - i) * sizeof(*rows));
	turn.is_deferred = true;
	rows[last] = turn;
	return true;
}

static int32_t run_in_order(struct eval *e, struct vec *turns)
{
	int32_t code = NF_ACCEPT;
	size_t i = 0;

	while (i < turns->n && code == NF_ACCEPT && !e->is_stuck) {
		struct before b = take_before(e);

		code = run_turn(e, vec_at(turns, i));
		if (has_effect(e, &b, code) && defer(e, turns, i, &b, code))
			code = NF_ACCEPT;
		else
			i++;
	}
	return code;
}

static enum fw_verdict verdict_of(int32_t code)
{
	switch (code) {
	case NF_ACCEPT:
		return FW_ACCEPT;
	case NF_QUEUE:
		return FW_QUEUE;
	case EVAL_REJECTED:
		return FW_REJECT;
	case EVAL_STOLEN:
		return FW_STOLEN;
	default:
		return FW_DROP;
	}
}

static void run_turns(struct eval *e, struct vec *turns)
{
	bool was_destination_unknown = e->packet->is_destination_unknown;
	bool was_port_unknown = e->packet->is_dport_unknown;
	int32_t code = run_in_order(e, turns);

	e->out->verdict = verdict_of(code);
	e->packet->is_before_conntrack = false;
	if (e->out->is_translated && !e->out->is_snat && !e->out->to.family) {
		e->packet->is_destination_unknown = was_destination_unknown;
		e->packet->is_dport_unknown = was_port_unknown && !e->out->to_port;
	}
}

static void empty_result(struct fw_result *out)
{
	memset(out, 0, sizeof(*out));
	out->steps = VEC_OF(struct fw_step);
	out->chain = out->rule = FW_NONE;
	out->nat_chain = out->nat_rule = FW_NONE;
	out->set = out->element = out->ipset = FW_NONE;
}

int firewall_run(const struct ruleset *r, enum fw_hook hook, struct fw_packet *p,
		 const struct fw_lookups *lookups, struct fw_choices *choices,
		 struct fw_result *out)
{
	struct eval e = {.ruleset = r,
			 .hook = hook,
			 .packet = p,
			 .lookups = lookups,
			 .choices = choices,
			 .out = out,
			 .rule = FW_NONE,
			 .headers.is_stale = true};
	struct vec turns = VEC_OF(struct turn);

	empty_result(out);
	e.error = collect(&e, &turns);
	if (!e.error)
		run_turns(&e, &turns);
	vec_release(&turns);
	return e.error;
}
