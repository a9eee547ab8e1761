/* What may come on the screen Wire: one function each. */
#ifndef TESTS_SCREENS_WIRE_SCENES_H
#define TESTS_SCREENS_WIRE_SCENES_H

#include "tests/screens/wired.h"

static UNUSED void typical_rows_come(struct console *c)
{
	wired_typical(c);
	c->model.wire.until_ns = c->model.now_ns + 252 * NS_PER_S;
}

static UNUSED void nothing_comes(struct console *c)
{
	(void)c;
}

static UNUSED void nobody_tries(struct console *c)
{
	static const uint64_t none[N_OUTCOMES];

	wired_state(c, 3, none);
	c->model.wire.until_ns = c->model.now_ns + 299 * NS_PER_S;
}

static UNUSED void end_as(struct console *c, enum wire_end end, const char *problem)
{
	strcpy(c->model.wire.problem, problem);
	wire_end(&c->model.wire, end);
}

static UNUSED void there_is_no_right(struct console *c)
{
	end_as(c, WIRE_END_NO_RIGHT, "capturing on 'any' needs CAP_NET_RAW (run as root)");
}

static UNUSED void nothing_was_recorded(struct console *c)
{
	c->model.around.replay = "web-01.dport";
	end_as(c, WIRE_END_NOT_RECORDED, "No data available");
}

static UNUSED void it_fails(struct console *c)
{
	typical_rows_come(c);
	end_as(c, WIRE_END_FAILED, "the interface went away");
}

static UNUSED void it_fails_at_once(struct console *c)
{
	end_as(c, WIRE_END_FAILED, "there is no libpcap.so.0.8 here");
}

static UNUSED void the_limit_is_reached(struct console *c)
{
	typical_rows_come(c);
	end_as(c, WIRE_END_LIMIT, "");
}

static UNUSED void the_limit_is_reached_by_nobody(struct console *c)
{
	nobody_tries(c);
	end_as(c, WIRE_END_LIMIT, "");
}

static UNUSED void packets_are_saved(struct console *c)
{
	typical_rows_come(c);
	wired_file(c);
}

static UNUSED void packets_were_saved(struct console *c)
{
	typical_rows_come(c);
	wired_file(c)->is_closed = true;
}

static UNUSED void the_disk_is_full(struct console *c)
{
	typical_rows_come(c);
	strcpy(wired_file(c)->problem, "the file of packets could not be written to its "
				       "end: what came later is not "
				       "in it");
}

static UNUSED void much_is_lost(struct console *c)
{
	struct record r = {.kind = RECORD_STATE,
			   .state = {.is_ready = true,
				     .wall_ns = WIRED_BEGIN_NS,
				     .n_packets = 1000000,
				     .n_attempts = 90000,
				     .n_kernel_drops = 1200,
				     .n_not_told = 80000,
				     .n_outcomes = {[OUTCOME_SILENT] = 90000}}};

	typical_rows_come(c);
	wired_take(c, &r);
}

static UNUSED void thousands_come(struct console *c)
{
	static const uint64_t totals[N_OUTCOMES] = {[OUTCOME_SILENT] = 5000};

	wired_state(c, 5000, totals);
	for (int i = 0; i < 5000; i++) {
		struct record r = wired_attempt("198.51.100.7", (uint16_t)(1024 + i),
						i / 100, OUTCOME_SILENT);

		wired_take(c, &r);
	}
}

static UNUSED void hostile_text_comes(struct console *c)
{
	struct record r = wired_attempt("198.51.100.7", 666, 1, OUTCOME_ANSWERED);

	wired_answer(&r.attempt, 1000, PACKET_SYN_ACK);
	strcpy(r.attempt.sni, "a\x1b[31m\xe2\x80\xae\xff.b");
	wired_state(c, 4, NULL);
	wired_take(c, &r);
	wired_file(c);
	strcpy(wired_file(c)->problem, "\x1b]0;no\x07\xe2\x80\xae");
	strcpy(c->model.wire.problem, "\x1b[2J\xff\xe2\x80\xae");
	strcpy(c->model.wire.aim.space, "bl\x1bue");
	str_puts(&c->model.wire.search, "\x1b[1m");
}

static UNUSED void datagrams_come(struct console *c)
{
	struct record r = wired_attempt("198.51.100.7", 5353, 1, OUTCOME_SILENT);

	c->model.wire.aim = (struct wire_aim){.proto = IPPROTO_UDP, .port = 53};
	wired_state(c, 4, NULL);
	r.attempt.proto = IPPROTO_UDP;
	r.attempt.server_port = 53;
	r.attempt.n_syns = 3;
	wired_take(c, &r);
	r = wired_attempt("198.51.100.8", 5354, 2, OUTCOME_ANSWERED);
	r.attempt.proto = IPPROTO_UDP;
	r.attempt.server_port = 53;
	wired_answer(&r.attempt, 2000 * 1000, PACKET_UDP);
	wired_take(c, &r);
}

static UNUSED void all_ports_are_looked_at(struct console *c)
{
	struct record r;

	c->model.wire.aim = (struct wire_aim){0};
	typical_rows_come(c);
	r = wired_attempt("10.0.0.9", 41000, 17, OUTCOME_REFUSED);
	r.attempt.server_port = 8443;
	r.attempt.n_events = 0;
	wired_take(c, &r);
}

static UNUSED void one_client_is_looked_at(struct console *c)
{
	addr_parse(&c->model.wire.aim.client, "198.51.100.7");
	typical_rows_come(c);
}

#endif
