/* What the tracker tells of a conversation behind its handshake. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/tracker_run.h"

#define TEXT(words) (words), sizeof(words) - 1

enum { CLIENT = 0, SERVER = 1, FULL = 1448 };

static const uint8_t hello[] =
	"\x16\x03\x01\0\x2f\x01\0\0\x2b\x03\x03"
	"0123456789012345678901234567890\0\0\0\x02\x13\x01\x01\0\0\0";
/* ServerHello with supported_versions 0x0304, behind it a change of cipher. */
static const uint8_t server_hello[] =
	"\x16\x03\x03\0\x32\x02\0\0\x2e\x03\x03"
	"01234567890123456789012345678901\0\x13\x01\0\0\x06\0\x2b\0\x02\x03\x04"
	"\x14\x03\x03\0\x01\x01";
static const uint8_t fatal[] = "\x15\x03\x03\0\x02\x02\x30";
static const uint8_t goodbye[] = "\x15\x03\x03\0\x02\x01\0";
/* A change of cipher, then an encrypted record as long as an alert is. */
static const uint8_t sealed[] = "\x14\x03\x03\0\x01\x01\x17\x03\x03\0\x13"
				"0123456789012345678";
static const uint8_t large[2 * FULL + 400];

/* Sequence and acknowledgement count from each end's first byte. */
struct part {
	int at_ms;
	bool is_from_server;
	uint8_t flags;
	uint32_t sequence, acknowledged;
	const void *payload;
	size_t len;
	uint8_t ttl;
	uint16_t ip_id;
};

static void pass(struct run *r, struct part s)
{
	struct step step = {.at_ms = s.at_ms, .kind = s.is_from_server ? 'D' : 'd'};
	struct packet p = step_packet(&step);

	p.tcp_flags = s.flags | TH_ACK_;
	p.sequence += s.sequence;
	p.acknowledged += s.acknowledged;
	p.payload = s.payload;
	p.payload_len = p.payload_wire_len = (uint32_t)s.len;
	p.ip_id = s.ip_id;
	if (s.ttl)
		p.ttl = s.ttl;
	tracker_packets(r->tracker, &p, 1);
}
#define PASS(r, at, end, ...) \
	pass((r), (struct part){.at_ms = (at), .is_from_server = (end), __VA_ARGS__})

static void open_one(struct run *r)
{
	static const struct step steps[] = {{.at_ms = 0, .kind = 's'},
					    {.at_ms = 10, .kind = 'S'},
					    {.at_ms = 20, .kind = 'a'}};

	run_init(r, true, 10, NULL);
	run_steps(r, steps, 3);
}

static const struct stream *told(struct run *r)
{
	tracker_tell(r->tracker);
	assert_true(run_last(r)->has_stream);
	return &run_last(r)->stream;
}

static void finish(struct run *r)
{
	tracker_finish(r->tracker);
	tracker_free(r->tracker);
}

static void who_speaks_and_who_ends_is_told_with_its_time(void **state)
{
	const struct stream *s;
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, CLIENT, 0, 0, 0, TEXT("GET / HTTP/1.0\r\n\r\n"));
	PASS(&r, 50, SERVER, TH_FIN_, 0, 18, NULL, 0);
	s = told(&r);
	assert_int_equal(s->side[CLIENT].first_ns, 30 * MS_NS);
	assert_int_equal(s->side[SERVER].first_ns, -1);
	assert_int_equal(s->side[SERVER].fin_ns, 50 * MS_NS);
	assert_int_equal(s->side[SERVER].rst_ns, -1);
	assert_int_equal(s->side[SERVER].n_heard, 18);
	assert_int_equal(s->side[CLIENT].fin_ns, -1);
	assert_int_equal(s->side[CLIENT].n_acknowledged, 18);
	assert_int_equal(s->side[CLIENT].mss, 1460);
	finish(&r);
}

static void a_reset_is_told_beside_its_senders_other_packets(void **state)
{
	const struct stream *s;
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, CLIENT, 0, 0, 0, TEXT("hello"), .ttl = 61, .ip_id = 700);
	PASS(&r, 31, CLIENT, TH_RST_, 5, 0, NULL, 0, .ttl = 40, .ip_id = 4242);
	s = told(&r);
	assert_int_equal(s->side[CLIENT].rst_ns, 31 * MS_NS);
	assert_int_equal(s->side[CLIENT].rst_ttl, 40);
	assert_int_equal(s->side[CLIENT].rst_ip_id, 4242);
	assert_true(s->side[CLIENT].is_rst_exact);
	assert_int_equal(s->side[CLIENT].ttl_least, 61);
	assert_int_equal(s->side[CLIENT].ttl_most, 63);
	assert_int_equal(s->side[CLIENT].ip_id, 700);
	assert_int_equal(s->side[SERVER].rst_ns, -1);
	finish(&r);
}

static void a_fatal_alert_is_told_and_a_goodbye_is_not(void **state)
{
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, CLIENT, 0, 0, 0, hello, 52);
	PASS(&r, 40, SERVER, 0, 0, 52, server_hello, sizeof(server_hello) - 1);
	PASS(&r, 50, CLIENT, 0, 52, 61, goodbye, 7);
	assert_int_equal(told(&r)->side[CLIENT].alert_level, ALERT_NONE);
	PASS(&r, 60, CLIENT, 0, 59, 61, fatal, 7);
	assert_int_equal(told(&r)->side[CLIENT].alert_level, ALERT_FATAL);
	assert_int_equal(told(&r)->side[CLIENT].alert_code, 48);
	assert_int_equal(told(&r)->side[CLIENT].tls_version, 0x0303);
	assert_int_equal(told(&r)->side[SERVER].tls_version, 0x0304);
	assert_int_equal(told(&r)->side[SERVER].alert_level, ALERT_NONE);
	finish(&r);
}

static void an_encrypted_alert_is_known_by_its_place_under_tls_1_3_alone(void **state)
{
	uint8_t older[sizeof(server_hello)];
	struct run r;

	(void)state;
	memcpy(older, server_hello, sizeof(older));
	older[54] = 3; /* it chooses TLS 1.2 */
	for (int is_older = 0; is_older < 2; is_older++) {
		open_one(&r);
		PASS(&r, 30, CLIENT, 0, 0, 0, hello, 52);
		PASS(&r, 40, SERVER, 0, 0, 52, is_older ? older : server_hello, 61);
		PASS(&r, 50, CLIENT, 0, 52, 61, sealed, sizeof(sealed) - 1);
		assert_int_equal(told(&r)->side[CLIENT].alert_level,
				 is_older ? ALERT_NONE : ALERT_SEALED);
		finish(&r);
	}
}

static void an_alert_is_found_behind_records_that_were_not_captured(void **state)
{
	struct step step = {.at_ms = 40, .kind = 'D'};
	struct packet p = step_packet(&step);
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, CLIENT, 0, 0, 0, hello, 52);
	p.payload = server_hello;
	p.payload_len = 61;
	p.payload_wire_len = 1200;
	tracker_packets(r.tracker, &p, 1);
	PASS(&r, 50, SERVER, 0, 1200, 52, fatal, 7);
	assert_int_equal(told(&r)->side[SERVER].alert_level, ALERT_FATAL);
	finish(&r);
}

static void what_is_no_tls_has_no_alert(void **state)
{
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, CLIENT, 0, 0, 0, TEXT("GET / HTTP/1.0\r\n\r\n"));
	PASS(&r, 40, CLIENT, 0, 18, 0, fatal, 7);
	assert_int_equal(told(&r)->side[CLIENT].alert_level, ALERT_NONE);
	finish(&r);
}

static void a_segment_that_is_stuck_is_counted_until_it_is_acknowledged(void **state)
{
	const struct stream_side *s;
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, SERVER, 0, 0, 0, large, FULL);
	PASS(&r, 31, SERVER, 0, FULL, 0, large, 300);
	for (int i = 0; i < 3; i++) {
		PASS(&r, 300 << i, SERVER, 0, 0, 0, large, FULL);
		PASS(&r, (300 << i) + 20, CLIENT, 0, 0, 0, NULL, 0);
	}
	s = &told(&r)->side[SERVER];
	assert_int_equal(s->n_again, 3);
	assert_int_equal(s->again_bytes, FULL);
	assert_int_equal(s->n_behind, 3);
	assert_int_equal(s->n_acknowledged, 0);
	PASS(&r, 3000, CLIENT, 0, 0, FULL + 300, NULL, 0);
	s = &told(&r)->side[SERVER];
	assert_int_equal(s->n_again, 0);
	assert_int_equal(s->n_behind, 0);
	assert_int_equal(s->stuck_ns, -1);
	assert_int_equal(s->n_acknowledged, FULL + 300);
	finish(&r);
}

/* Acknowledged up to `acknowledged`, and a block behind it. */
static void acknowledge_block(struct run *r, int at_ms, uint32_t acknowledged,
			      uint32_t left, uint32_t right)
{
	uint8_t options[] = {1, 1, 5, 10, 0, 0, 0, 0, 0, 0, 0, 0};
	struct step step = {.at_ms = at_ms, .kind = 'd'};
	struct packet p = step_packet(&step);

	for (int i = 0; i < 4; i++) {
		options[4 + i] = (uint8_t)((SERVER_SEQUENCE + 1 + left) >> (24 - 8 * i));
		options[8 + i] = (uint8_t)((SERVER_SEQUENCE + 1 + right) >> (24 - 8 * i));
	}
	p.tcp_flags = TH_ACK_;
	p.acknowledged += acknowledged;
	p.payload = options + sizeof(options);
	p.payload_len = p.payload_wire_len = 0;
	p.options_len = sizeof(options);
	tracker_packets(r->tracker, &p, 1);
}

static void the_sizes_that_pass_are_told(void **state)
{
	const struct stream_side *s;
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, SERVER, 0, 0, 0, large, 200);
	PASS(&r, 31, CLIENT, 0, 0, 200, NULL, 0);
	PASS(&r, 40, SERVER, 0, 200, 0, large, FULL);
	PASS(&r, 41, SERVER, 0, 200 + FULL, 0, large, 300);
	acknowledge_block(&r, 50, 200, 200 + FULL, 500 + FULL);
	s = &told(&r)->side[SERVER];
	assert_int_equal(s->passed_bytes, 200);
	assert_int_equal(s->selective_bytes, 300);
	PASS(&r, 60, CLIENT, 0, 0, 500 + FULL, NULL, 0);
	s = &told(&r)->side[SERVER];
	assert_int_equal(s->passed_bytes, FULL);
	finish(&r);
}

/* RFC 2883: it says that they came twice, not that they stand behind a hole. */
static void a_block_of_bytes_that_came_twice_is_no_hole(void **state)
{
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, SERVER, 0, 0, 0, large, 400);
	acknowledge_block(&r, 40, 400, 0, 400);
	assert_int_equal(told(&r)->side[SERVER].selective_bytes, 0);
	finish(&r);
}

static void who_does_not_hear_the_acknowledgement_says_it_again(void **state)
{
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, CLIENT, 0, 0, 0, TEXT("hello"));
	PASS(&r, 31, SERVER, 0, 0, 5, NULL, 0);
	assert_int_equal(told(&r)->side[CLIENT].n_unheard, 0);
	PASS(&r, 230, CLIENT, 0, 0, 0, TEXT("hello"));
	PASS(&r, 630, CLIENT, 0, 0, 0, TEXT("hello"));
	assert_int_equal(told(&r)->side[CLIENT].n_unheard, 2);
	assert_int_equal(told(&r)->side[CLIENT].n_again, 0);
	finish(&r);
}

static void a_reader_that_takes_no_more_is_told_until_it_does(void **state)
{
	struct step step = {.at_ms = 40, .kind = 'd'};
	struct packet p = step_packet(&step);
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, SERVER, 0, 0, 0, large, FULL);
	assert_int_equal(told(&r)->side[CLIENT].n_shut, 0);
	p.window = 0;
	tracker_packets(r.tracker, &p, 1);
	assert_true(told(&r)->side[CLIENT].is_shut);
	p.window = 100;
	p.at_ns += 50 * MS_NS;
	tracker_packets(r.tracker, &p, 1);
	assert_false(told(&r)->side[CLIENT].is_shut);
	assert_int_equal(told(&r)->side[CLIENT].n_shut, 1);
	assert_false(told(&r)->side[SERVER].is_shut);
	finish(&r);
}

static void a_spurious_second_copy_is_not_stuck(void **state)
{
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, SERVER, 0, 0, 0, large, FULL);
	PASS(&r, 40, CLIENT, 0, 0, FULL, NULL, 0);
	PASS(&r, 300, SERVER, 0, 0, 0, large, FULL);
	assert_int_equal(told(&r)->side[SERVER].n_again, 0);
	finish(&r);
}

static void a_hole_is_told_until_it_is_filled(void **state)
{
	const struct stream_side *s;
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, CLIENT, 0, 2 * FULL, 0, large, 400);
	s = &told(&r)->side[CLIENT];
	assert_int_equal(s->missing_bytes, 2 * FULL);
	assert_int_equal(s->stuck_ns, 30 * MS_NS);
	PASS(&r, 40, CLIENT, 0, 0, 0, large, FULL);
	assert_int_equal(told(&r)->side[CLIENT].missing_bytes, 0);
	finish(&r);
}

/* The capture missed it, not the server. */
static void a_hole_that_is_acknowledged_is_none(void **state)
{
	struct run r;

	(void)state;
	open_one(&r);
	PASS(&r, 30, CLIENT, 0, FULL, 0, large, 400);
	PASS(&r, 31, SERVER, 0, 0, FULL + 400, NULL, 0);
	assert_int_equal(told(&r)->side[CLIENT].missing_bytes, 0);
	finish(&r);
}

static void send_syn(struct run *r, int at_ms, uint32_t sequence, uint32_t clock)
{
	uint8_t options[] = {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0};
	struct packet p = syn_packet(AF_INET);

	for (int i = 0; i < 4; i++)
		options[4 + i] = (uint8_t)(clock >> (24 - 8 * i));
	p.at_ns = START_NS + at_ms * MS_NS;
	p.sequence = sequence;
	p.payload = options + sizeof(options);
	p.options_len = sizeof(options);
	tracker_packets(r->tracker, &p, 1);
}

static void a_tuple_used_again_is_told_with_its_clock(void **state)
{
	for (uint32_t clock = 900; clock <= 1100; clock += 200) {
		struct run r;

		(void)state;
		run_init(&r, true, 10, NULL);
		send_syn(&r, 0, CLIENT_SEQUENCE, 1000);
		tracker_tell(r.tracker);
		assert_false(run_last(&r)->has_stream);
		run_steps(&r, (const struct step[]){{.at_ms = 1, .kind = 'S'}}, 1);
		send_syn(&r, 5000, CLIENT_SEQUENCE + 5, clock);
		assert_true(told(&r)->is_reused);
		assert_int_equal(told(&r)->is_older, clock < 1000);
		finish(&r);
	}
}

static void a_bare_ack_and_too_big_a_packet_are_counted(void **state)
{
	static const struct step steps[] = {
		{.at_ms = 0, .kind = 's'},
		{.at_ms = 1, .kind = 'b'},
		{.at_ms = 1000, .kind = 's'},
		{.at_ms = 1001, .kind = 'b'},
		{.at_ms = 1100, .kind = 'i', .icmp_type = 3, .icmp_code = 4, .hops = 1},
		{.at_ms = 3000, .kind = 's'}};
	const struct stream *s;
	struct run r;

	(void)state;
	run_init(&r, true, 10, NULL);
	run_steps(&r, steps, 6);
	s = told(&r);
	assert_int_equal(s->n_bare_acks, 2);
	assert_int_equal(s->n_too_big, 1);
	assert_true(
		addr_equals(&s->too_big_from, &(struct addr){AF_INET, {10, 0, 0, 254}}));
	assert_int_equal(attempt_schedule(run_last(&r)), SCHEDULE_DOUBLING);
	finish(&r);
}

static void syns_at_equal_pauses_are_linear(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, true, 10, NULL);
	for (int i = 0; i < 2; i++)
		run_steps(&r, (const struct step[]){{.at_ms = i * 1000, .kind = 's'}}, 1);
	tracker_tell(r.tracker);
	assert_int_equal(attempt_schedule(run_last(&r)), SCHEDULE_UNKNOWN);
	run_steps(&r, (const struct step[]){{.at_ms = 2000, .kind = 's'}}, 1);
	tracker_tell(r.tracker);
	assert_int_equal(attempt_schedule(run_last(&r)), SCHEDULE_LINEAR);
	finish(&r);
}

static void a_tracker_without_events_follows_nothing(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	run_steps(&r,
		  (const struct step[]){{.at_ms = 0, .kind = 's'},
					{.at_ms = 1, .kind = 'S'},
					{.at_ms = 2, .kind = 'a'}},
		  3);
	PASS(&r, 30, CLIENT, TH_FIN_, 0, 0, TEXT("hello"));
	assert_false(run_last(&r)->has_stream);
	finish(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_speaks_and_who_ends_is_told_with_its_time),
		cmocka_unit_test(a_reset_is_told_beside_its_senders_other_packets),
		cmocka_unit_test(a_fatal_alert_is_told_and_a_goodbye_is_not),
		cmocka_unit_test(
			an_encrypted_alert_is_known_by_its_place_under_tls_1_3_alone),
		cmocka_unit_test(an_alert_is_found_behind_records_that_were_not_captured),
		cmocka_unit_test(what_is_no_tls_has_no_alert),
		cmocka_unit_test(
			a_segment_that_is_stuck_is_counted_until_it_is_acknowledged),
		cmocka_unit_test(the_sizes_that_pass_are_told),
		cmocka_unit_test(a_block_of_bytes_that_came_twice_is_no_hole),
		cmocka_unit_test(who_does_not_hear_the_acknowledgement_says_it_again),
		cmocka_unit_test(a_reader_that_takes_no_more_is_told_until_it_does),
		cmocka_unit_test(a_spurious_second_copy_is_not_stuck),
		cmocka_unit_test(a_hole_is_told_until_it_is_filled),
		cmocka_unit_test(a_hole_that_is_acknowledged_is_none),
		cmocka_unit_test(a_tuple_used_again_is_told_with_its_clock),
		cmocka_unit_test(a_bare_ack_and_too_big_a_packet_are_counted),
		cmocka_unit_test(syns_at_equal_pauses_are_linear),
		cmocka_unit_test(a_tracker_without_events_follows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
