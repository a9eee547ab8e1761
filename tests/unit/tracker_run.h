/* A tracker that is given packets step by step, and what it told: for its tests. */
#ifndef TESTS_UNIT_TRACKER_RUN_H
#define TESTS_UNIT_TRACKER_RUN_H

#include <stdlib.h>

#include "capture/tracker.h"
#include "tests/unit/packet_build.h"

#define START_NS INT64_C(1700000000000000000)
#define MS_NS    INT64_C(1000000)

enum { CLIENT_SEQUENCE = 1000, SERVER_SEQUENCE = 9000, TOLD_MAX = 64 };

/* One packet between 10.0.0.1:40000 and 10.0.0.2:443; kind 0 ends a row of them. */
struct step {
	int at_ms;
	/* s SYN, S SYN-ACK, a the client's ACK, b a bare ACK of the server, r the server's
	 * RST|ACK, R the client's RST, A its RST|ACK, n the server's RST without ACK, x a
	 * stale RST|ACK of the server, d data of the client, D of the server, f FIN of the
	 * server, i an ICMP error, c a SYN of the server's end, C the client's SYN-ACK to
	 * it, u the client's datagram, U the server's */
	char kind;
	uint8_t icmp_type, icmp_code;
	uint32_t shift; /* added to the client's sequence number */
	uint32_t device;
	bool is_outgoing;
	uint8_t hops; /* taken from the TTL */
	const char *payload;
};

struct run {
	struct tracker *tracker;
	struct attempt told[TOLD_MAX]; /* the latest */
	size_t n_told, n_asked;
};

static inline void run_tell(void *arg, const struct attempt *a)
{
	struct run *r = arg;

	r->told[r->n_told++ % TOLD_MAX] = *a;
}

/* Its tell and arg are the run's. */
static inline void run_init_with(struct run *r, const struct tracker_options *options)
{
	struct tracker_options o = *options;

	o.tell = run_tell;
	o.arg = r;
	memset(r, 0, sizeof(*r));
	r->tracker = tracker_new(&o);
	if (!r->tracker)
		abort();
}

static inline void run_init(struct run *r, bool with_events, size_t max,
			    struct ports *ports)
{
	const struct tracker_options o = {
		.max_attempts = max,
		.with_events = with_events,
		.ports = ports,
	};

	run_init_with(r, &o);
}

static inline const struct attempt *run_last(const struct run *r)
{
	return &r->told[(r->n_told - 1) % TOLD_MAX];
}

static inline void turn_round(struct packet *p)
{
	struct flow f = p->flow;

	p->flow.source = f.target;
	p->flow.target = f.source;
	p->flow.source_port = f.target_port;
	p->flow.target_port = f.source_port;
	p->mss = 0;
}

struct step_kind {
	char kind;
	bool is_from_server;
	uint8_t flags;
	uint32_t sequence, acknowledged; /* before the shift */
};

static inline const struct step_kind *kind_of(char kind)
{
	enum { CS = CLIENT_SEQUENCE, SS = SERVER_SEQUENCE };
	static const struct step_kind kinds[] = {
		{'s', false, TH_SYN_, CS, 0},
		{'S', true, TH_SYN_ | TH_ACK_, SS, CS + 1},
		{'a', false, TH_ACK_, CS + 1, SS + 1},
		{'b', true, TH_ACK_, 77, 88},
		{'r', true, TH_RST_ | TH_ACK_, 0, CS + 1},
		{'x', true, TH_RST_ | TH_ACK_, 0, CS + 500},
		{'n', true, TH_RST_, 0, 0},
		{'R', false, TH_RST_, CS + 1, 0},
		{'A', false, TH_RST_ | TH_ACK_, CS + 1, SS + 1},
		{'d', false, TH_ACK_ | TH_PUSH_, CS + 1, SS + 1},
		{'D', true, TH_ACK_ | TH_PUSH_, SS + 1, CS + 1},
		{'f', true, TH_ACK_ | TH_FIN_, SS + 1, CS + 1},
		{'c', true, TH_SYN_, SS, 0},
		{'C', false, TH_SYN_ | TH_ACK_, CS, SS + 1},
		{'u', false, 0, 0, 0},
		{'U', true, 0, 0, 0},
		{'i', false, TH_SYN_, CS, 0},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind == kind)
			return &kinds[i];
	abort();
}

static inline struct packet step_packet(const struct step *s)
{
	const struct step_kind *kind = kind_of(s->kind);
	struct packet p = syn_packet(AF_INET);

	p.at_ns = START_NS + s->at_ms * MS_NS;
	p.device = s->device;
	p.is_outgoing = s->is_outgoing;
	p.ttl = (uint8_t)(p.ttl - s->hops);
	p.tcp_flags = kind->flags;
	p.sequence = kind->sequence + (kind->is_from_server ? 0 : s->shift);
	p.acknowledged = kind->acknowledged + (kind->is_from_server ? s->shift : 0);
	if (s->kind == 'u' || s->kind == 'U')
		p.flow.proto = IPPROTO_UDP;
	if (s->payload) {
		p.payload = (const uint8_t *)s->payload;
		p.payload_len = p.payload_wire_len = (uint32_t)strlen(s->payload);
	}
	if (kind->is_from_server)
		turn_round(&p);
	if (s->kind == 'i') {
		p.is_icmp = true;
		p.icmp_type = s->icmp_type;
		p.icmp_code = s->icmp_code;
		p.icmp_from = s->hops ? text_addr("10.0.0.254") : p.flow.target;
	}
	return p;
}

/* All of them at once, as a capture gives them. */
static inline void run_steps(struct run *r, const struct step *steps, size_t max)
{
	struct packet packets[32];
	size_t n = 0;

	for (size_t i = 0; i < max && steps[i].kind; i++)
		packets[n++] = step_packet(&steps[i]);
	tracker_packets(r->tracker, packets, n);
}

static inline struct capture_state run_state(const struct run *r)
{
	struct capture_state s = {0};

	tracker_state(r->tracker, &s);
	return s;
}

#endif
