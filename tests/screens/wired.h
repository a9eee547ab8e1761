/* Attempts made by hand and a console on the screen Wire, for its tests. */
#ifndef TESTS_SCREENS_WIRED_H
#define TESTS_SCREENS_WIRED_H

#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"

#define WIRED_BEGIN_NS (FIXTURE_WALL_NS - 60 * NS_PER_S)

static UNUSED void wired_take(struct console *c, const struct record *r)
{
	assert_true(wire_take(&c->model.wire, r, false) >= 0);
}

/* A state: totals as they are told. */
static UNUSED void wired_state(struct console *c, uint64_t n_packets,
			       const uint64_t n_outcomes[N_OUTCOMES])
{
	struct record r = {.kind = RECORD_STATE,
			   .state = {.is_ready = true,
				     .wall_ns = WIRED_BEGIN_NS,
				     .n_packets = n_packets}};

	for (unsigned i = 0; n_outcomes && i < N_OUTCOMES; i++) {
		r.state.n_outcomes[i] = n_outcomes[i];
		r.state.n_attempts += n_outcomes[i];
	}
	wired_take(c, &r);
}

/* One of 443/tcp at 10.0.0.5, n_s seconds after the capture began. */
static UNUSED struct record wired_attempt(const char *client, uint16_t port, int n_s,
					  enum outcome outcome)
{
	struct record r = {.kind = RECORD_ATTEMPT};
	struct attempt *a = &r.attempt;

	addr_parse(&a->client, client);
	addr_parse(&a->server, a->client.family == AF_INET6 ? "fd00::5" : "10.0.0.5");
	a->client_port = port;
	a->server_port = 443;
	a->proto = IPPROTO_TCP;
	a->outcome = (uint8_t)outcome;
	a->is_decided = outcome != OUTCOME_OPEN;
	a->sequence = 1000u + port;
	a->first_ns = a->last_ns =
		WIRED_BEGIN_NS + n_s * NS_PER_S + port % 1000 * NS_PER_MS;
	a->rtt_ns = -1;
	a->n_syns = 1;
	a->syn_ttl = 57;
	a->devices[0] = 2;
	a->n_devices = 1;
	a->n_events = 1;
	a->events[0] =
		(struct attempt_event){.kind = PACKET_SYN, .ttl = 57, .window = 64240};
	return r;
}

static UNUSED void wired_answer(struct attempt *a, int64_t after_ns, enum packet_kind kind)
{
	a->rtt_ns = after_ns;
	a->answered_ns = a->first_ns + after_ns;
	a->n_syn_acks = kind == PACKET_SYN_ACK;
	a->syn_ack_ttl = kind == PACKET_SYN_ACK ? 64 : 0;
	a->rst_ttl = kind == PACKET_RST ? 64 : 0;
	a->events[a->n_events++] = (struct attempt_event){.at_ns = after_ns,
							  .kind = (uint8_t)kind,
							  .is_from_server = true,
							  .ttl = 64,
							  .window = 65160};
}

/* Four SYNs and nothing. */
static UNUSED void wired_silence(struct attempt *a)
{
	static const int64_t at_ms[] = {1013, 3061, 7093};

	a->n_syns = 4;
	a->last_ns = a->first_ns + 7093 * NS_PER_MS;
	for (size_t i = 0; i < N_OF(at_ms); i++)
		a->events[a->n_events++] =
			(struct attempt_event){.at_ns = at_ms[i] * NS_PER_MS,
					       .kind = PACKET_SYN,
					       .is_repeated = true,
					       .ttl = 57,
					       .window = 64240};
}

/* One of each outcome. */
static UNUSED void wired_typical(struct console *c)
{
	static const uint64_t totals[N_OUTCOMES] = {1, 2, 1, 1, 1, 1, 1};
	struct record r;

	wired_state(c, 48, totals);
	r = wired_attempt("10.0.0.9", 40001, 3, OUTCOME_ANSWERED);
	wired_answer(&r.attempt, 310 * 1000, PACKET_SYN_ACK);
	r.attempt.events[r.attempt.n_events++] =
		(struct attempt_event){.at_ns = 620 * 1000, .kind = PACKET_ACK, .ttl = 57};
	wired_take(c, &r);
	r = wired_attempt("198.51.100.7", 51514, 8, OUTCOME_SILENT);
	wired_silence(&r.attempt);
	wired_take(c, &r);
	r = wired_attempt("198.51.100.8", 51111, 9, OUTCOME_REFUSED);
	wired_answer(&r.attempt, 90 * 1000, PACKET_RST);
	wired_take(c, &r);
	r = wired_attempt("203.0.113.4", 60999, 12, OUTCOME_ICMP);
	addr_parse(&r.attempt.icmp_from, "10.0.0.1");
	r.attempt.icmp_type = 3;
	r.attempt.icmp_code = 10;
	r.attempt.n_icmp = 1;
	r.attempt.devices[1] = 7;
	r.attempt.n_devices = 2;
	wired_take(c, &r);
	r = wired_attempt("203.0.113.5", 33000, 13, OUTCOME_RESET_LATER);
	wired_answer(&r.attempt, 1200 * 1000, PACKET_SYN_ACK);
	r.attempt.client_bytes = BYTES_TLS_CLIENT_HELLO;
	strcpy(r.attempt.sni, "web-01.example.org");
	wired_take(c, &r);
	r = wired_attempt("203.0.113.6", 33001, 14, OUTCOME_HALF_OPEN);
	wired_answer(&r.attempt, 1300 * 1000, PACKET_SYN_ACK);
	wired_take(c, &r);
	r = wired_attempt("2001:db8:1:2:3:4:5:6", 40404, 15, OUTCOME_ANSWERED);
	wired_answer(&r.attempt, 9870 * 1000, PACKET_SYN_ACK);
	wired_take(c, &r);
	r = wired_attempt("10.0.0.10", 40002, 16, OUTCOME_OPEN);
	wired_take(c, &r);
}

/* The screen, opened on 443/tcp of the typical host, its capture begun as the run does. */
static UNUSED void wired_open(struct console *c, bool is_ascii)
{
	fixture_console(c, is_ascii, typical());
	draw_unseen(c, 80, 24);
	assert_int_equal(press(c, "Down Down Down Down c"), EFFECT_WIRE | EFFECT_DRAW);
	assert_int_equal(c->model.wire.aim.port, 443);
	wire_begin(&c->model.wire);
}

/* A file that is written to. */
static UNUSED struct wire_saved *wired_file(struct console *c)
{
	struct wire_saved *file;

	wire_name_file(&c->model.wire, text_of("web-01"), FIXTURE_WALL_NS);
	file = vec_push(&c->model.wire.saved);
	strcpy(file->name, c->model.wire.wanted_name);
	c->model.wire.wanted_name[0] = '\0';
	file->n_packets = 31;
	return file;
}

#endif
