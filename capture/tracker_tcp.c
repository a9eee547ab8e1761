/*
 * The rules of a TCP handshake (RFC 9293, 3.5), as they can be told from outside: what each
 * packet shows of the attempt. A packet may be missing from the capture; what only follows
 * it is as good. Sequence numbers must fit: a stale packet of an old connection decides
 * nothing.
 */
#include "capture/tracker_impl.h"

#define RESET_LATER_NS NS_PER_S
/* What is decided for good stays a moment for copies of its packets. */
#define DISORDER_NS (NS_PER_S / 20)

/* An acknowledgement of the SYN and of some of its data. */
static bool acknowledges_syn(const struct live *e, const struct packet *p)
{
	return p->acknowledged - (e->sequence + 1) <= e->syn_data;
}

static bool is_refused_or_reset(const struct live *e)
{
	return e->outcome == OUTCOME_REFUSED || e->outcome == OUTCOME_RESET_LATER;
}

/* ---- SYN --------------------------------------------------------------------------------
 */

static void begin(struct tracker *t, const struct packet *p, uint32_t hash,
		  const struct stream_before *before)
{
	struct live *e = live_new(t, p, hash);
	struct detail *d;

	if (!e)
		return;
	d = live_detail(t, e);
	e->sequence = p->sequence;
	d->next_client = p->sequence + 1;
	d->syn_flags = p->tcp_flags;
	d->syn_mss = p->mss;
	e->syn_data = (uint16_t)(p->payload_wire_len < UINT16_MAX ? p->payload_wire_len
								  : UINT16_MAX);
	seen_elsewhere(t, e, p, false);
	if (is_followed(t)) {
		live_event(t, e, p, PACKET_SYN, false, false);
		stream_begin(t, e, p, before);
		seen_data(t, e, p, false, false);
	}
	time_watch(t, e, t->at_ns + ANSWER_WAIT_NS);
}

static void take_repeated_syn(struct tracker *t, struct live *e, const struct packet *p)
{
	if (seen_elsewhere(t, e, p, false))
		return;
	live_asked_again(t, e, p);
	if (!is_followed(t))
		return;
	live_event(t, e, p, PACKET_SYN, false, true);
	stream_take(t, e, p, false);
}

/* Both ends call each other at once: one conversation, the first SYN's. */
static void take_crossing_syn(struct tracker *t, struct live *e, const struct packet *p)
{
	bool is_repeated = live_is(e, LIVE_CROSSED) && p->sequence == e->server_sequence;

	if (seen_elsewhere(t, e, p, true))
		return;
	e->flags |= LIVE_CROSSED;
	e->server_sequence = p->sequence;
	live_detail(t, e)->next_server = p->sequence + 1;
	live_event(t, e, p, PACKET_SYN, true, is_repeated);
}

static void take_syn(struct tracker *t, struct live *e, const struct packet *p,
		     uint32_t hash, bool is_from_server)
{
	struct stream_before before;

	if (e && !is_from_server && p->sequence == e->sequence && !is_refused_or_reset(e)) {
		take_repeated_syn(t, e, p);
		return;
	}
	if (e && is_from_server && !live_is(e, LIVE_DECIDED) && !live_is(e, LIVE_SYN_ACK)) {
		take_crossing_syn(t, e, p);
		return;
	}
	before = stream_before(t, e, is_from_server);
	if (e)
		live_forget(t, e);
	begin(t, p, hash, &before);
}

/* ---- Answers ----------------------------------------------------------------------------
 */

static void decide_answered(struct tracker *t, struct live *e)
{
	int64_t until_ns = t->at_ns + RESET_LATER_NS;

	e->flags |= LIVE_SYN_ACK;
	e->active_ns = t->at_ns;
	e->reset_until_ns = until_ns;
	time_watch(t, e, until_ns);
	live_decide(t, e, OUTCOME_ANSWERED);
}

/* With SYN cookies the number of a SYN-ACK that is sent again may be another. */
static void note_syn_ack(struct tracker *t, struct live *e, const struct packet *p)
{
	struct detail *d = live_detail(t, e);
	bool is_first = !live_is(e, LIVE_SYN_ACK);

	if (is_refused_or_reset(e) || e->outcome == OUTCOME_ANSWERED)
		return;
	e->flags |= LIVE_SYN_ACK;
	e->server_sequence = p->sequence;
	d->next_server = p->sequence + 1;
	if (!is_first)
		return;
	d->syn_ack_ttl = p->ttl;
	live_answered(t, e);
	if (live_is(e, LIVE_DECIDED))
		live_reopen(t, e, t->at_ns + ANSWER_WAIT_NS);
	else
		e->deadline_ns = t->at_ns + ANSWER_WAIT_NS;
}

static void take_syn_ack(struct tracker *t, struct live *e, const struct packet *p,
			 bool is_from_server)
{
	struct detail *d = live_detail(t, e);

	if (!is_from_server) {
		if (live_is(e, LIVE_CROSSED) && !live_is(e, LIVE_DECIDED) &&
		    p->acknowledged == e->server_sequence + 1)
			decide_answered(t, e);
		return;
	}
	if (!acknowledges_syn(e, p) || seen_elsewhere(t, e, p, true))
		return;
	d->n_syn_acks++;
	if (live_is(e, LIVE_SYN_ACK))
		e->flags |= LIVE_SYN_ACK_AGAIN;
	live_changed(t, e);
	if (is_followed(t))
		live_event(t, e, p, PACKET_SYN_ACK, true, d->n_syn_acks > 1);
	note_syn_ack(t, e, p);
	if (!is_followed(t))
		return;
	stream_take(t, e, p, true);
	seen_data(t, e, p, true, false);
}

/* The client's packet that only follows a SYN-ACK: seen, or missing from the capture. */
static bool completes(const struct live *e, const struct packet *p)
{
	if (!(p->tcp_flags & TH_ACK_))
		return false;
	if (live_is(e, LIVE_SYN_ACK))
		return is_at_or_after(p->acknowledged, e->server_sequence + 1) &&
		       is_at_or_after(p->sequence, e->sequence + 1);
	return p->sequence == e->sequence + 1;
}

static void take_client_ack(struct tracker *t, struct live *e, const struct packet *p)
{
	if (!completes(e, p))
		return;
	if (!live_is(e, LIVE_SYN_ACK)) {
		e->server_sequence = p->acknowledged - 1;
		live_detail(t, e)->next_server = p->acknowledged;
	}
	if (is_followed(t) && !p->payload_wire_len)
		live_event(t, e, p, PACKET_ACK, false, false);
	decide_answered(t, e);
}

/* An old connection's answer to a SYN (RFC 5961, 4): its numbers are not the SYN's. */
static void take_bare_ack(struct tracker *t, struct live *e, const struct packet *p)
{
	if (p->payload_wire_len || p->tcp_flags & TH_FIN_)
		return;
	live_event(t, e, p, PACKET_ACK, true, live_is(e, LIVE_BARE_ACK));
	stream_bare_ack(t, e);
	e->flags |= LIVE_BARE_ACK;
	live_changed(t, e);
	if (e->outcome == OUTCOME_SILENT)
		live_decide(t, e, OUTCOME_OPEN);
}

/*
 * Before the client's ACK was seen. A server that acknowledges more than the SYN, or sends
 * without a SYN of its own, has had it.
 */
static void take_server_ack(struct tracker *t, struct live *e, const struct packet *p)
{
	uint32_t beyond = p->acknowledged - (e->sequence + 1 + e->syn_data);

	if (!(p->tcp_flags & TH_ACK_))
		return;
	if (live_is(e, LIVE_SYN_ACK)) {
		if (beyond && beyond < UINT32_C(1) << 30)
			decide_answered(t, e);
		return;
	}
	if (!acknowledges_syn(e, p)) {
		take_bare_ack(t, e, p);
		return;
	}
	e->server_sequence = p->sequence - 1;
	live_detail(t, e)->next_server = p->sequence;
	decide_answered(t, e);
}

/* Neither SYN nor RST. */
static void take_segment(struct tracker *t, struct live *e, const struct packet *p,
			 bool is_from_server)
{
	bool is_answered =
		e->outcome == OUTCOME_ANSWERED || e->outcome == OUTCOME_RESET_LATER;
	bool is_elsewhere;

	if (tcp_is_over(t, e))
		return;
	/* Without events nothing is counted here, so that nothing is counted twice. */
	is_elsewhere = t->options.with_events && seen_elsewhere(t, e, p, is_from_server);
	if (!is_elsewhere && !is_answered) {
		if (is_from_server)
			take_server_ack(t, e, p);
		else
			take_client_ack(t, e, p);
	}
	if (!is_followed(t))
		return;
	if (!is_elsewhere)
		stream_take(t, e, p, is_from_server);
	if (live_is(e, LIVE_SYN_ACK))
		seen_data(t, e, p, is_from_server, is_elsewhere);
	if (p->tcp_flags & TH_FIN_ && !is_elsewhere)
		live_event(t, e, p, PACKET_FIN, is_from_server, false);
}

/* ---- RST --------------------------------------------------------------------------------
 */

static void take_server_reset(struct tracker *t, struct live *e, const struct packet *p)
{
	enum outcome outcome = OUTCOME_RESET_LATER;

	switch ((enum outcome)e->outcome) {
	case OUTCOME_OPEN:
	case OUTCOME_SILENT:
	case OUTCOME_ICMP:
		if (live_is(e, LIVE_SYN_ACK))
			break;
		if (p->tcp_flags & TH_ACK_ && !acknowledges_syn(e, p))
			return;
		outcome = OUTCOME_REFUSED;
		break;
	case OUTCOME_ANSWERED:
		if (t->at_ns > e->reset_until_ns)
			return;
		break;
	case OUTCOME_HALF_OPEN:
	case OUTCOME_REFUSED:
	case OUTCOME_RESET_LATER:
	case N_OUTCOMES:
		return;
	}
	live_answered(t, e);
	live_detail(t, e)->rst_ttl = p->ttl;
	time_watch(t, e, t->at_ns + DISORDER_NS);
	live_decide(t, e, outcome);
}

static void take_reset(struct tracker *t, struct live *e, const struct packet *p,
		       bool is_from_server)
{
	if (seen_elsewhere(t, e, p, is_from_server))
		return;
	if (is_followed(t)) {
		live_event(t, e, p, PACKET_RST, is_from_server, false);
		stream_reset(t, e, p, is_from_server);
	}
	if (is_from_server) {
		take_server_reset(t, e, p);
		return;
	}
	if (!live_is(e, LIVE_SYN_ACK))
		return;
	live_detail(t, e)->n_client_resets++;
	e->flags |= LIVE_CLIENT_RESET;
	live_changed(t, e);
	if (live_is(e, LIVE_DECIDED))
		return;
	/* Who refuses a SYN-ACK sends an RST without ACK (RFC 9293, 3.10.7); with it the
	 * client aborts what it had established. */
	if (completes(e, p))
		decide_answered(t, e);
	else
		live_decide(t, e, OUTCOME_HALF_OPEN);
}

void tcp_take(struct tracker *t, struct live *e, const struct packet *p, uint32_t hash,
	      bool is_from_server)
{
	uint8_t flags = p->tcp_flags & (TH_SYN_ | TH_RST_ | TH_ACK_);

	if (flags == TH_SYN_) {
		take_syn(t, e, p, hash, is_from_server);
		return;
	}
	if (!e)
		return;
	if (flags & TH_RST_)
		take_reset(t, e, p, is_from_server);
	else if (flags & TH_SYN_)
		take_syn_ack(t, e, p, is_from_server);
	else
		take_segment(t, e, p, is_from_server);
}
