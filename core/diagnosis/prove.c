/* Expectation and observation. The packet is found by its addresses, ports and flags; what
 * ended its way is compared by table, chain and handle. Words are in prove_words.c. */
#include "core/diagnosis/prove.h"

#include <netinet/in.h>

enum { FLAG_SYN = 2, FLAG_RST = 4, FLAG_ACK = 16 };

/* ---- the very packets ---- */

static bool is_request(const struct fw_trace_packet *p, const struct evidence *e,
		       const struct walk *w)
{
	bool is_first = p->proto != IPPROTO_TCP ||
			(p->tcp_flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN;

	return is_first && p->to_port == e->target.port &&
	       addr_equals(&p->from, &w->client) && addr_equals(&p->to, &w->server) &&
	       (!e->target.client_port || p->from_port == e->target.client_port);
}

/* From the target, or as a translated one sends it before that is undone. */
static bool is_reply(const struct fw_trace_packet *p, const struct evidence *e,
		     const struct walk *w)
{
	const struct path *path = &w->path;
	bool is_answer = p->proto != IPPROTO_TCP ||
			 (p->tcp_flags & (FLAG_SYN | FLAG_ACK)) == (FLAG_SYN | FLAG_ACK);
	bool is_of_target =
		p->from_port == e->target.port && addr_equals(&p->from, &w->server);
	bool is_of_backend = path->is_translated && p->from_port == path->server_port &&
			     addr_equals(&p->from, &path->server);
	bool is_to_client = addr_equals(&p->to, &w->client);
	bool is_to_sender = path->is_source_translated && path->sender.family &&
			    addr_equals(&p->to, &path->sender);

	return is_answer && (is_of_target || is_of_backend) &&
	       (is_to_client || is_to_sender);
}

/* ---- the expectation ---- */

static const struct fw_chain *chain_of(const struct evidence *e, const struct path_leg *leg)
{
	return e->rules && leg->chain < e->rules->n_chains ? &e->rules->chains[leg->chain]
							   : NULL;
}

static bool is_stopped(const struct path_leg *leg)
{
	return leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT;
}

static bool is_by_firewall(const struct path_leg *leg)
{
	return leg->decided_by == DECIDER_RULE || leg->decided_by == DECIDER_POLICY;
}

/* The kernel tells no trace of it: legacy tables; hooks of devices and bridges where ours
 * could not stand before them. */
static bool is_untraced(const struct evidence *e, const struct path_leg *leg)
{
	const struct fw_chain *c = chain_of(e, leg);
	const struct fw_table *t = c ? ruleset_table_of(e->rules, c) : NULL;

	if (!is_stopped(leg) || !is_by_firewall(leg) || !t)
		return false;
	return t->backend == FW_LEGACY || c->hook == FW_INGRESS || c->hook == FW_EGRESS ||
	       t->family == AF_BRIDGE;
}

/* Base chain or not: the decider's chain is that in which the rule stands. */
static bool is_decider(const struct evidence *e, const struct path_leg *leg,
		       const struct fw_trace_event *event)
{
	const struct fw_chain *c = chain_of(e, leg);
	const struct fw_table *t;

	if (!c || !event)
		return false;
	if (leg->rule < e->rules->n_rules)
		c = &e->rules->chains[e->rules->rules[leg->rule].chain];
	t = ruleset_table_of(e->rules, c);
	if (event->family != t->family || !text_equals(event->table, t->name) ||
	    !text_equals(event->chain, c->name))
		return false;
	if (leg->rule < e->rules->n_rules)
		return event->kind == FW_TRACE_RULE &&
		       event->handle == e->rules->rules[leg->rule].handle;
	return event->kind == FW_TRACE_POLICY;
}

static bool is_certain(const struct path_leg *leg)
{
	return leg->is_walked && leg->verdict != PATH_UNSURE && !leg->n_unsure;
}

/* ---- both ---- */

/* Our own table is one generation; each other one is somebody's change. */
static bool have_rules_changed(const struct evidence *e)
{
	const struct ruleset *before = e->rules, *after = e->rules_after;

	if (!before || !after)
		return false;
	return !ruleset_is_same(before, after) ||
	       after->generation - before->generation > 1;
}

static enum prove_state compare(const struct evidence *e, const struct path_leg *leg,
				const struct prove *p)
{
	bool is_denied = is_stopped(leg) && is_by_firewall(leg);

	/* That nothing stopped it is not shown by what was lost. */
	if (!is_certain(leg) ||
	    (!p->is_denied && (e->trace->has_lost || e->trace->n_left_out)))
		return PROVE_OPEN;
	if (is_untraced(e, leg) && !(p->is_denied && is_decider(e, leg, p->event)))
		return p->is_denied ? PROVE_DIFFERS : PROVE_UNTRACED;
	if (!is_denied)
		return p->is_denied ? PROVE_DIFFERS : PROVE_AGREES;
	return p->is_denied && is_decider(e, leg, p->event) ? PROVE_AGREES : PROVE_DIFFERS;
}

/* The newest; but one that differs is told before those that agree. */
static void look_at(struct prove *out, const struct evidence *e, const struct path_leg *leg,
		    size_t packet)
{
	const struct fw_trace_event *passed = NULL;
	struct prove p = *out;

	p.event = fw_trace_denier(e->trace, packet, &passed);
	p.is_denied = p.event != NULL;
	if (!p.event)
		p.event = passed;
	p.wall_ns = fw_trace_packet(e->trace, packet)->wall_ns;
	p.state = compare(e, leg, &p);
	if (out->state != PROVE_DIFFERS || p.state == PROVE_DIFFERS)
		*out = p;
}

struct prove prove_of(const struct evidence *e, const struct walk *w,
		      const struct path_leg *leg)
{
	struct prove p = {.is_reply = leg == &w->path.reply};

	if (!e->trace)
		return p;
	p.have_rules_changed = have_rules_changed(e);
	p.state = is_untraced(e, leg) ? PROVE_UNTRACED : PROVE_NOTHING_MET;
	p.moved = -1;
	if (p.state == PROVE_UNTRACED && leg->rule < e->rules->n_rules)
		p.moved = evidence_rule_delta(e, &e->rules->rules[leg->rule]);
	for (size_t i = 0; w->client.family && i < e->trace->packets.n; i++) {
		const struct fw_trace_packet *packet = fw_trace_packet(e->trace, i);

		if (packet->proto == e->target.proto &&
		    (p.is_reply ? is_reply(packet, e, w) : is_request(packet, e, w)))
			look_at(&p, e, leg, i);
	}
	if (!e->trace->is_ready || (e->trace_error && p.state == PROVE_NOTHING_MET))
		p.state = PROVE_FAILED;
	return p;
}
