/*
 * Questions and answers over UDP. There is no handshake: who speaks first is the client,
 * unless the ports say that its question was not seen.
 */
#include <string.h>

#include "capture/tracker_impl.h"

#define FLOW_NS (30 * NS_PER_S)

enum { PORT_PRIVILEGED_END = 1024, PORT_EPHEMERAL_START = 32768 };

static bool is_to_group(const struct packet *p)
{
	static const uint8_t broadcast[4] = {255, 255, 255, 255};
	const struct addr *target = &p->flow.target;

	return (p->has_macs && p->target_mac[0] & 1) || addr_is_multicast(target) ||
	       (target->family == AF_INET && memcmp(target->bytes, broadcast, 4) == 0);
}

/* From a service's port to one that the kernel gives out: the question went before. */
static bool is_late_answer(const struct flow *f)
{
	return f->source_port < PORT_PRIVILEGED_END &&
	       f->target_port >= PORT_EPHEMERAL_START;
}

static void count_bytes(struct tracker *t, struct live *e, const struct packet *p,
			bool is_from_server)
{
	struct detail *d = live_detail(t, e);

	if (!live_ladder(t, e))
		return;
	add_saturating(is_from_server ? &d->n_server_bytes : &d->n_client_bytes,
		       p->payload_wire_len);
	live_changed(t, e);
	if (p->payload_wire_len)
		seen_first_bytes(t, e, p, is_from_server, true);
}

static void begin(struct tracker *t, const struct packet *p, uint32_t hash)
{
	struct live *e;

	if (is_to_group(p) || is_late_answer(&p->flow))
		return;
	e = live_new(t, p, hash);
	if (!e)
		return;
	seen_elsewhere(t, e, p, false);
	live_event(t, e, p, PACKET_UDP, false, false);
	count_bytes(t, e, p, false);
	time_watch(t, e, t->at_ns + ANSWER_WAIT_NS);
}

static bool belongs(const struct tracker *t, const struct live *e)
{
	if (t->at_ns - e->last_ns <= ANSWER_WAIT_NS)
		return true;
	return e->outcome == OUTCOME_ANSWERED && t->at_ns - e->active_ns <= FLOW_NS;
}

static void take_question(struct tracker *t, struct live *e, const struct packet *p,
			  uint32_t hash)
{
	if (seen_elsewhere(t, e, p, false))
		return;
	if (!belongs(t, e)) {
		if (!live_is(e, LIVE_DECIDED))
			live_decide(t, e, OUTCOME_SILENT);
		live_forget(t, e);
		begin(t, p, hash);
		return;
	}
	live_asked_again(t, e, p);
	live_event(t, e, p, PACKET_UDP, false, false);
	count_bytes(t, e, p, false);
}

static void take_answer(struct tracker *t, struct live *e, const struct packet *p)
{
	if (seen_elsewhere(t, e, p, true))
		return;
	e->active_ns = t->at_ns;
	live_event(t, e, p, PACKET_UDP, true, false);
	count_bytes(t, e, p, true);
	if (e->outcome == OUTCOME_ANSWERED)
		return;
	live_detail(t, e)->syn_ack_ttl = p->ttl;
	live_answered(t, e);
	live_decide(t, e, OUTCOME_ANSWERED);
}

void udp_take(struct tracker *t, struct live *e, const struct packet *p, uint32_t hash,
	      bool is_from_server)
{
	if (!e)
		begin(t, p, hash);
	else if (is_from_server)
		take_answer(t, e, p);
	else
		take_question(t, e, p, hash);
}
