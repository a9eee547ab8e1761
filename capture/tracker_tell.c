/*
 * The life of one attempt: made, decided, told, forgotten, counted; and as others see it.
 * The rules that decide are in tracker_tcp.c and its neighbours.
 */
#include <netinet/in.h>
#include <string.h>

#include "capture/tracker_impl.h"

void live_changed(struct tracker *t, const struct live *e)
{
	if (t->changed)
		t->changed[e->index / 64] |= UINT64_C(1) << e->index % 64;
}

static bool is_changed(const struct tracker *t, const struct live *e)
{
	return t->changed && t->changed[e->index / 64] >> e->index % 64 & 1;
}

static void clear_changed(struct tracker *t, const struct live *e)
{
	if (t->changed)
		t->changed[e->index / 64] &= ~(UINT64_C(1) << e->index % 64);
}

static void tell_ends(struct attempt *a, const struct live *e, const struct detail *d)
{
	a->client = e->client;
	a->server = e->server;
	a->client_port = e->client_port;
	a->server_port = e->server_port;
	a->proto = e->proto;
	a->sequence = e->sequence;
	memcpy(a->devices, d->devices, sizeof(a->devices));
	a->n_devices = d->n_devices;
	memcpy(a->client_mac, d->client_mac, sizeof(a->client_mac));
	memcpy(a->server_mac, d->server_mac, sizeof(a->server_mac));
	a->is_to_other_mac = live_is(e, LIVE_OTHER_MAC);
	a->syn_flags = d->syn_flags;
	a->syn_mss = d->syn_mss;
	a->syn_ttl = d->syn_ttl;
}

static void tell_answers(struct attempt *a, const struct live *e, const struct detail *d)
{
	a->outcome = e->outcome;
	a->is_decided = live_is(e, LIVE_DECIDED);
	a->first_ns = d->first_ns;
	a->last_ns = e->last_ns;
	a->answered_ns = d->answered_ns;
	a->rtt_ns = d->rtt_ns;
	a->n_syns = d->n_syns;
	a->n_syn_acks = d->n_syn_acks;
	a->n_client_resets = d->n_client_resets;
	a->syn_ack_ttl = d->syn_ack_ttl;
	a->rst_ttl = d->rst_ttl;
	a->has_bare_ack = live_is(e, LIVE_BARE_ACK);
	a->icmp_type = d->icmp_type;
	a->icmp_code = d->icmp_code;
	a->icmp_from = d->icmp_from;
	a->n_icmp = d->n_icmp;
	a->is_icmp_of_server = d->n_icmp && addr_equals(&d->icmp_from, &e->server);
}

static void tell_events(struct attempt *a, const struct ladder *ladder,
			const struct ladder_rest *rest)
{
	memset(a->events, 0, sizeof(a->events));
	memcpy(a->events, ladder->events, sizeof(ladder->events));
	if (ladder->n_events > EVENTS_EARLY)
		memcpy(a->events + EVENTS_EARLY, rest->events,
		       (size_t)(ladder->n_events - EVENTS_EARLY) * sizeof(*rest->events));
	a->n_events = ladder->n_events;
	if (ladder->has_sni)
		memcpy(a->sni, rest->sni, sizeof(a->sni));
	else
		memset(a->sni, 0, sizeof(a->sni));
}

static void tell_ladder(struct attempt *a, const struct detail *d,
			const struct ladder *ladder)
{
	a->n_client_bytes = d->n_client_bytes;
	a->n_server_bytes = d->n_server_bytes;
	a->client_bytes = d->client_bytes;
	a->server_bytes = d->server_bytes;
	a->http_status = d->http_status;
	a->has_stream = a->proto == IPPROTO_TCP && stream_has_news(&ladder->stream);
	if (a->has_stream)
		a->stream = ladder->stream;
}

void live_tell(struct tracker *t, struct live *e)
{
	const struct ladder *ladder = live_ladder(t, e);
	const struct detail *d = live_detail(t, e);

	if (!t->options.tell)
		return;
	clear_changed(t, e);
	if (t->options.wants &&
	    !t->options.wants(t->options.arg, e->server_port, live_is(e, LIVE_DECIDED)))
		return;
	tell_ends(&t->told, e, d);
	tell_answers(&t->told, e, d);
	if (ladder)
		tell_ladder(&t->told, d, ladder);
	if (ladder)
		tell_events(&t->told, ladder, &t->rests[e->index]);
	t->options.tell(t->options.arg, &t->told);
}

void live_news(struct tracker *t, struct live *e)
{
	if (t->options.tells_once)
		live_changed(t, e);
	else
		live_tell(t, e);
}

void live_forget(struct tracker *t, struct live *e)
{
	if (is_changed(t, e))
		live_tell(t, e);
	clear_changed(t, e);
	table_remove(t, e);
}

/* The oldest decided attempt makes room, else the one whose time is over first. */
static void make_room(struct tracker *t)
{
	struct live *e = list_first(t, LIST_LINGER);

	if (!e)
		e = list_first_of_wheel(t, t->tick + 1);
	if (!e)
		return;
	if (!live_is(e, LIVE_DECIDED)) {
		t->n_evicted++;
		live_changed(t, e);
	}
	live_forget(t, e);
}

static void fill(struct tracker *t, struct live *e, const struct packet *p)
{
	struct detail *d = live_detail(t, e);

	e->client = p->flow.source;
	e->server = p->flow.target;
	e->client_port = p->flow.source_port;
	e->server_port = p->flow.target_port;
	e->proto = p->flow.proto;
	e->last_ns = e->active_ns = t->at_ns;
	d->first_ns = t->at_ns;
	d->rtt_ns = -1;
	d->n_syns = 1;
	d->syn_ttl = p->ttl;
	memcpy(d->client_mac, p->source_mac, sizeof(d->client_mac));
	memcpy(d->server_mac, p->target_mac, sizeof(d->server_mac));
	if (p->is_to_other_mac)
		e->flags |= LIVE_OTHER_MAC;
}

struct live *live_new(struct tracker *t, const struct packet *p, uint32_t hash)
{
	struct live *e = table_add(t, hash);

	if (!e) {
		make_room(t);
		e = table_add(t, hash);
	}
	if (!e)
		return NULL;
	fill(t, e, p);
	t->n_attempts++;
	t->n_outcomes[OUTCOME_OPEN]++;
	if (t->options.ports)
		ports_syn(t->options.ports, &p->flow, true);
	live_changed(t, e);
	return e;
}

static void set_outcome(struct tracker *t, struct live *e, enum outcome outcome)
{
	t->n_outcomes[e->outcome]--;
	t->n_outcomes[outcome]++;
	e->outcome = (uint8_t)outcome;
}

static void count_outcome(const struct tracker *t, const struct live *e,
			  enum outcome outcome)
{
	if (t->options.ports)
		ports_outcome(t->options.ports, &e->server, e->server_port, e->proto,
			      outcome);
}

static void presume(struct tracker *t, const struct live *e)
{
	if (live_is(e, LIVE_SYN_ACK_AGAIN) || live_is(e, LIVE_CLIENT_RESET))
		return;
	t->n_presumed++;
	count_outcome(t, e, OUTCOME_OPEN);
}

void live_decide(struct tracker *t, struct live *e, enum outcome outcome)
{
	set_outcome(t, e, outcome);
	e->flags |= LIVE_DECIDED;
	count_outcome(t, e, outcome);
	if (outcome == OUTCOME_HALF_OPEN && t->options.presumes_answered)
		presume(t, e);
	live_news(t, e);
}

void live_reopen(struct tracker *t, struct live *e, int64_t deadline_ns)
{
	set_outcome(t, e, OUTCOME_OPEN);
	e->flags &= (uint8_t)~LIVE_DECIDED;
	live_changed(t, e);
	time_watch(t, e, deadline_ns);
}

void live_asked_again(struct tracker *t, struct live *e, const struct packet *p)
{
	live_detail(t, e)->n_syns++;
	e->active_ns = t->at_ns;
	if (t->at_ns > e->last_ns)
		e->last_ns = t->at_ns;
	if (!live_is(e, LIVE_DECIDED) && !live_is(e, LIVE_SYN_ACK))
		e->deadline_ns = e->last_ns + ANSWER_WAIT_NS;
	live_changed(t, e);
	if (t->options.ports)
		ports_syn(t->options.ports, &p->flow, false);
}

void live_answered(struct tracker *t, struct live *e)
{
	struct detail *d = live_detail(t, e);

	if (d->answered_ns)
		return;
	d->answered_ns = t->at_ns;
	if (d->n_syns == 1 && t->at_ns >= d->first_ns)
		d->rtt_ns = t->at_ns - d->first_ns;
}

void live_named(struct tracker *t, const struct live *e, const char *sni)
{
	live_ladder(t, e)->has_sni = true;
	memcpy(t->rests[e->index].sni, sni, ATTEMPT_SNI_MAX);
}

void live_event(struct tracker *t, struct live *e, const struct packet *p,
		enum packet_kind kind, bool is_from_server, bool is_repeated)
{
	struct ladder *ladder = live_ladder(t, e);
	struct attempt_event *place;

	if (!ladder || ladder->n_events == ATTEMPT_EVENTS_MAX)
		return;
	place = ladder->n_events < EVENTS_EARLY
			? &ladder->events[ladder->n_events]
			: &t->rests[e->index].events[ladder->n_events - EVENTS_EARLY];
	ladder->n_events++;
	*place = (struct attempt_event){
		.at_ns = t->at_ns - live_detail(t, e)->first_ns,
		.kind = (uint8_t)kind,
		.is_from_server = is_from_server,
		.is_repeated = is_repeated,
		.ttl = p->ttl,
		.window = p->window,
		.length = p->payload_wire_len > UINT16_MAX ? UINT16_MAX
							   : (uint16_t)p->payload_wire_len,
	};
	live_changed(t, e);
}
