/* The tracker beside its outcomes: what is told and when, ladders and first bytes, UDP, the
 * clock. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/tracker_run.h"

#define RUN(r, ...)                                        \
	run_steps((r), (const struct step[]){__VA_ARGS__}, \
		  sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))
#define AT(ms, what) .at_ms = (ms), .kind = (what)

static void end(struct run *r, int at_ms)
{
	tracker_tick(r->tracker, START_NS + at_ms * MS_NS);
	tracker_tell(r->tracker);
}

static void finish(struct run *r)
{
	tracker_finish(r->tracker);
	tracker_free(r->tracker);
}

static void the_syn_and_its_answers_are_described(void **state)
{
	const struct attempt *a;
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(0, 's'), .device = 2}, {AT(1, 's'), .device = 3, .hops = 1},
	    {AT(20, 'S'), .device = 3, .hops = 3}, {AT(21, 'a'), .device = 3});
	a = run_last(&r);
	assert_int_equal(r.n_told, 1);
	assert_int_equal(a->first_ns, START_NS);
	assert_int_equal(a->last_ns, START_NS);
	assert_int_equal(a->answered_ns, START_NS + 20 * MS_NS);
	assert_int_equal(a->rtt_ns, 20 * MS_NS);
	assert_int_equal(a->sequence, CLIENT_SEQUENCE);
	assert_int_equal(a->syn_ttl, 63);
	assert_int_equal(a->syn_ack_ttl, 60);
	assert_int_equal(a->syn_mss, 1460);
	assert_int_equal(a->syn_flags, TH_SYN_);
	assert_int_equal(a->n_devices, 2);
	assert_int_equal(a->devices[0], 2);
	assert_int_equal(a->devices[1], 3);
	assert_int_equal(a->n_events, 0);
	finish(&r);
}

static void the_round_trip_of_a_repeated_syn_is_not_known(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(0, 's')}, {AT(1000, 's')}, {AT(1020, 'r'), .hops = 9});
	assert_int_equal(run_last(&r)->rtt_ns, -1);
	assert_int_equal(run_last(&r)->rst_ttl, 54);
	assert_int_equal(run_last(&r)->answered_ns, START_NS + 1020 * MS_NS);
	finish(&r);
}

static void who_sent_the_icmp_error_is_known(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(0, 's')}, {AT(1, 'i'), .icmp_type = 5, .icmp_code = 1, .hops = 1},
	    {AT(2, 'i'), .icmp_type = 3, .icmp_code = 13},
	    {AT(3, 'i'), .icmp_type = 3, .icmp_code = 1, .hops = 1});
	end(&r, 4);
	assert_true(run_last(&r)->is_icmp_of_server);
	assert_int_equal(run_last(&r)->icmp_type, 3);
	assert_int_equal(run_last(&r)->icmp_code, 13);
	assert_int_equal(run_last(&r)->n_icmp, 3);
	finish(&r);
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(0, 's')}, {AT(1, 'i'), .icmp_type = 3, .icmp_code = 1, .hops = 1});
	assert_false(run_last(&r)->is_icmp_of_server);
	finish(&r);
}

static void a_bare_ack_is_marked_and_one_of_an_answer_is_not(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(0, 's')}, {AT(1, 'b')});
	end(&r, 2);
	assert_true(run_last(&r)->has_bare_ack);
	finish(&r);
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(0, 's')}, {AT(1, 'D')});
	assert_false(run_last(&r)->has_bare_ack);
	finish(&r);
}

static void the_middle_of_a_conversation_is_no_attempt(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, true, 10, NULL);
	RUN(&r, {AT(0, 'S')}, {AT(1, 'a')}, {AT(2, 'd'), .payload = "x"}, {AT(3, 'D')},
	    {AT(4, 'r')}, {AT(5, 'i'), .icmp_type = 3}, {AT(6, 'f')});
	tracker_finish(r.tracker);
	assert_int_equal(r.n_told, 0);
	assert_int_equal(run_state(&r).n_attempts, 0);
	tracker_free(r.tracker);
}

static void an_attempt_is_told_when_it_changes_and_not_else(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(0, 's')});
	assert_int_equal(r.n_told, 0);
	end(&r, 1);
	assert_int_equal(r.n_told, 1);
	end(&r, 2);
	assert_int_equal(r.n_told, 1);
	RUN(&r, {AT(1000, 's')});
	end(&r, 1001);
	assert_int_equal(r.n_told, 2);
	RUN(&r, {AT(1002, 'S')}, {AT(1003, 'a')});
	assert_int_equal(r.n_told, 3);
	RUN(&r, {AT(1004, 'r')});
	assert_int_equal(r.n_told, 4);
	assert_int_equal(run_last(&r)->outcome, OUTCOME_RESET_LATER);
	tracker_finish(r.tracker);
	assert_int_equal(r.n_told, 4);
	tracker_free(r.tracker);
}

static void the_end_tells_what_is_undecided_once_more(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(0, 's')});
	end(&r, 1);
	tracker_finish(r.tracker);
	assert_int_equal(r.n_told, 2);
	assert_int_equal(run_last(&r)->outcome, OUTCOME_OPEN);
	assert_false(run_last(&r)->is_decided);
	assert_int_equal(run_state(&r).n_outcomes[OUTCOME_OPEN], 1);
	tracker_free(r.tracker);
}

static void told_once_an_attempt_is_told_with_all_that_came_of_it(void **state)
{
	const struct attempt *a;
	struct run r;

	(void)state;
	run_init_with(&r, &(struct tracker_options){.max_attempts = 10,
						    .with_events = true,
						    .tells_once = true});
	RUN(&r, {AT(0, 's')}, {AT(1, 'S')}, {AT(2, 'a')},
	    {AT(3, 'd'), .payload = "SSH-2.0-x"});
	RUN(&r, {AT(4, 'D'), .payload = "SSH-2.0-y"}, {AT(900, 'n')});
	assert_int_equal(r.n_told, 0);
	/* Another attempt of the same ends. */
	RUN(&r, {AT(2000, 's'), .shift = 5});
	assert_int_equal(r.n_told, 1);
	a = run_last(&r);
	assert_int_equal(a->outcome, OUTCOME_RESET_LATER);
	assert_int_equal(a->n_server_bytes, 9);
	assert_int_equal(a->client_bytes, BYTES_SSH_BANNER);
	RUN(&r, {AT(6000, 'S'), .shift = 5}, {AT(6001, 'a'), .shift = 5});
	tracker_tick(r.tracker, START_NS + 200000 * MS_NS);
	assert_int_equal(r.n_told, 2);
	assert_int_equal(run_last(&r)->outcome, OUTCOME_ANSWERED);
	RUN(&r, {AT(201000, 's'), .shift = 9});
	finish(&r);
	assert_int_equal(r.n_told, 3);
	assert_int_equal(run_last(&r)->outcome, OUTCOME_OPEN);
}

static void the_ladder_has_the_first_packets_once_each(void **state)
{
	static const struct {
		uint8_t kind;
		bool is_from_server, is_repeated;
	} wanted[] = {
		{PACKET_SYN, false, false},    {PACKET_SYN, false, true},
		{PACKET_SYN_ACK, true, false}, {PACKET_ACK, false, false},
		{PACKET_DATA, false, false},   {PACKET_DATA, false, true},
		{PACKET_DATA, true, false},    {PACKET_FIN, true, false},
	};
	const struct attempt *a;
	struct run r;

	(void)state;
	run_init(&r, true, 10, NULL);
	RUN(&r, {AT(0, 's'), .device = 2}, {AT(1, 's'), .device = 3},
	    {AT(1000, 's'), .device = 2}, {AT(1001, 'S'), .device = 3},
	    {AT(1001, 'S'), .device = 2}, {AT(1002, 'a'), .device = 2},
	    {AT(1003, 'd'), .device = 2, .payload = "GET / HTTP/1.1\r\n"},
	    {AT(1003, 'a'), .device = 3},
	    {AT(1004, 'd'), .device = 3, .payload = "GET / HTTP/1.1\r\n"},
	    {AT(1300, 'd'), .device = 2, .payload = "GET / HTTP/1.1\r\n"},
	    {AT(1310, 'D'), .payload = "HTTP/1.1 503 Busy"}, {AT(1320, 'f')});
	end(&r, 1400);
	a = run_last(&r);
	assert_int_equal(a->n_events, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(a->events[i].kind, wanted[i].kind);
		assert_int_equal(a->events[i].is_from_server, wanted[i].is_from_server);
		assert_int_equal(a->events[i].is_repeated, wanted[i].is_repeated);
	}
	assert_int_equal(a->events[1].at_ns, 1000 * MS_NS);
	assert_int_equal(a->events[4].length, 16);
	assert_int_equal(a->n_client_bytes, 16);
	assert_int_equal(a->n_server_bytes, 17);
	assert_int_equal(a->client_bytes, BYTES_HTTP_REQUEST);
	assert_int_equal(a->server_bytes, BYTES_HTTP_STATUS);
	assert_int_equal(a->http_status, 503);
	finish(&r);
}

static void first_bytes_are_told_when_they_come(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, true, 10, NULL);
	RUN(&r, {AT(0, 's')}, {AT(1, 'S')}, {AT(2, 'a')});
	assert_int_equal(run_last(&r)->server_bytes, BYTES_NONE);
	RUN(&r, {AT(30, 'D'), .payload = "SSH-2.0-x\r\n"});
	assert_int_equal(r.n_told, 2);
	assert_int_equal(run_last(&r)->server_bytes, BYTES_SSH_BANNER);
	finish(&r);
}

static void the_ladder_is_bounded(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, true, 10, NULL);
	for (int i = 0; i < 100; i++)
		RUN(&r, {AT(i * 1000, 's')});
	end(&r, 100000);
	assert_int_equal(run_last(&r)->n_events, ATTEMPT_EVENTS_MAX);
	assert_int_equal(run_last(&r)->n_syns, 100);
	finish(&r);
}

static void a_datagram_is_answered_rejected_or_silent(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, true, 10, NULL);
	RUN(&r, {AT(0, 'u'), .payload = "a"}, {AT(5, 'U'), .payload = "b"});
	assert_int_equal(run_last(&r)->outcome, OUTCOME_ANSWERED);
	assert_int_equal(run_last(&r)->rtt_ns, 5 * MS_NS);
	assert_int_equal(run_last(&r)->n_server_bytes, 1);
	RUN(&r, {AT(20000, 'u')}, {AT(40000, 'u')});
	assert_int_equal(run_state(&r).n_attempts, 1);
	RUN(&r, {AT(80000, 'u')});
	assert_int_equal(run_state(&r).n_attempts, 2);
	end(&r, 82900);
	assert_int_equal(run_last(&r)->outcome, OUTCOME_OPEN);
	end(&r, 83100);
	assert_int_equal(run_last(&r)->outcome, OUTCOME_SILENT);
	RUN(&r, {AT(84000, 'u')}, {AT(86000, 'u')});
	assert_int_equal(run_state(&r).n_attempts, 3);
	finish(&r);
}

static void an_icmp_error_answers_a_datagram(void **state)
{
	struct step question = {AT(0, 'u')},
		    error = {AT(1, 'i'), .icmp_type = 3, .icmp_code = 3};
	struct packet packets[2];
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	packets[0] = step_packet(&question);
	packets[1] = step_packet(&error);
	packets[1].flow.proto = IPPROTO_UDP;
	packets[1].sequence = 12345;
	tracker_packets(r.tracker, packets, 2);
	assert_int_equal(run_last(&r)->outcome, OUTCOME_ICMP);
	RUN(&r, {AT(100, 'U')});
	assert_int_equal(run_last(&r)->outcome, OUTCOME_ANSWERED);
	finish(&r);
}

static void datagrams_to_groups_and_late_answers_are_no_attempts(void **state)
{
	static const char *const targets[] = {"224.0.0.251", "255.255.255.255"};
	struct step question = {AT(0, 'u')};
	struct packet p = step_packet(&question);
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	for (size_t i = 0; i < 2; i++) {
		p.flow.target = text_addr(targets[i]);
		tracker_packets(r.tracker, &p, 1);
	}
	p = step_packet(&question);
	p.has_macs = true;
	memset(p.target_mac, 0xff, sizeof(p.target_mac));
	tracker_packets(r.tracker, &p, 1);
	p = step_packet(&question);
	turn_round(&p);
	p.flow.source_port = 53;
	tracker_packets(r.tracker, &p, 1);
	assert_int_equal(run_state(&r).n_attempts, 0);
	finish(&r);
}

static void decided_attempts_are_forgotten_after_a_while(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(0, 's')}, {AT(200000, 's')});
	assert_int_equal(run_state(&r).n_attempts, 2);
	finish(&r);
}

static void a_clock_set_back_decides_nothing_by_silence(void **state)
{
	struct run r;

	(void)state;
	run_init(&r, false, 10, NULL);
	RUN(&r, {AT(3600000, 's')}, {AT(0, 's'), .shift = 9}, {AT(5, 'r'), .shift = 9});
	assert_int_equal(run_state(&r).n_outcomes[OUTCOME_OPEN], 1);
	assert_int_equal(run_state(&r).n_outcomes[OUTCOME_REFUSED], 1);
	tracker_tick(r.tracker, START_NS - 100);
	RUN(&r, {AT(6000, 's'), .shift = 99});
	end(&r, 9100);
	assert_int_equal(run_last(&r)->outcome, OUTCOME_SILENT);
	finish(&r);
}

static void times_at_the_ends_of_the_scale_are_survived(void **state)
{
	static const int64_t times[] = {INT64_MAX, INT64_MIN, 0, -1, INT64_MAX - 1};
	struct step syn = {AT(0, 's')};
	struct run r;

	(void)state;
	run_init(&r, true, 10, NULL);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct packet p = step_packet(&syn);

		p.at_ns = times[i];
		p.flow.source_port = (uint16_t)i;
		tracker_packets(r.tracker, &p, 1);
		tracker_tick(r.tracker, times[i]);
	}
	assert_int_equal(run_state(&r).n_attempts, 5);
	finish(&r);
}

static void take_port(void *arg, const struct port_count *row)
{
	*(struct port_count *)arg = *row;
}

static void ports_are_fed_with_every_syn_and_outcome_once(void **state)
{
	struct ports *ports = ports_new(10, START_NS);
	struct port_count row;
	struct run r;

	(void)state;
	run_init(&r, false, 10, ports);
	RUN(&r, {AT(0, 's'), .device = 2}, {AT(1, 's'), .device = 3},
	    {AT(1000, 's'), .device = 2}, {AT(1001, 'S')}, {AT(1002, 'a')},
	    {AT(1003, 'r')});
	assert_int_equal(ports_emit(ports, START_NS + 1, take_port, &row), 1);
	assert_int_equal(row.port, 443);
	assert_int_equal(row.n_syns, 2);
	assert_int_equal(row.n_attempts, 1);
	assert_int_equal(row.n_outcomes[OUTCOME_ANSWERED], 1);
	assert_int_equal(row.n_outcomes[OUTCOME_RESET_LATER], 1);
	finish(&r);
	ports_free(ports);
}

static bool wants_decided(void *arg, uint16_t server_port, bool is_decided)
{
	struct run *r = arg;

	assert_int_equal(server_port, 443);
	r->n_asked++;
	return is_decided;
}

static void what_nobody_wants_is_not_told(void **state)
{
	struct run r;

	(void)state;
	run_init_with(
		&r, &(struct tracker_options){.max_attempts = 10, .wants = wants_decided});
	RUN(&r, {AT(0, 's')});
	tracker_tell(r.tracker);
	tracker_tell(r.tracker);
	assert_int_equal(r.n_asked, 1);
	assert_int_equal(r.n_told, 0);
	RUN(&r, {AT(1, 'r')});
	assert_int_equal(r.n_asked, 2);
	assert_int_equal(r.n_told, 1);
	assert_int_equal(run_last(&r)->outcome, OUTCOME_REFUSED);
	finish(&r);
}

static void keep_row(void *arg, const struct port_count *row)
{
	*(struct port_count *)arg = *row;
}

/* Without the client's ACKs, which nobody captured. */
static void a_syn_ack_that_is_not_sent_again_is_presumed_to_be_answered(void **state)
{
	struct ports *ports = ports_new(10, 0);
	struct port_count row;
	struct run r;

	(void)state;
	run_init_with(&r, &(struct tracker_options){.max_attempts = 10,
						    .ports = ports,
						    .presumes_answered = true});
	RUN(&r, {AT(0, 's')}, {AT(1, 'S')});
	tracker_tick(r.tracker, START_NS + 9000 * MS_NS);
	assert_int_equal(tracker_n_presumed(r.tracker), 1);
	RUN(&r, {AT(10000, 's'), .shift = 5}, {AT(10001, 'S'), .shift = 5},
	    {AT(11001, 'S'), .shift = 5});
	tracker_tick(r.tracker, START_NS + 19000 * MS_NS);
	RUN(&r, {AT(20000, 's'), .shift = 9}, {AT(20001, 'S'), .shift = 9},
	    {AT(20002, 'R'), .shift = 9});
	tracker_tick(r.tracker, START_NS + 29000 * MS_NS);
	assert_int_equal(tracker_n_presumed(r.tracker), 1);
	assert_int_equal(ports_emit(ports, 1, keep_row, &row), 1);
	assert_int_equal(row.n_outcomes[OUTCOME_OPEN], 1);
	assert_int_equal(row.n_outcomes[OUTCOME_HALF_OPEN], 3);
	finish(&r);
	ports_free(ports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_syn_and_its_answers_are_described),
		cmocka_unit_test(the_round_trip_of_a_repeated_syn_is_not_known),
		cmocka_unit_test(who_sent_the_icmp_error_is_known),
		cmocka_unit_test(a_bare_ack_is_marked_and_one_of_an_answer_is_not),
		cmocka_unit_test(the_middle_of_a_conversation_is_no_attempt),
		cmocka_unit_test(an_attempt_is_told_when_it_changes_and_not_else),
		cmocka_unit_test(the_end_tells_what_is_undecided_once_more),
		cmocka_unit_test(told_once_an_attempt_is_told_with_all_that_came_of_it),
		cmocka_unit_test(the_ladder_has_the_first_packets_once_each),
		cmocka_unit_test(first_bytes_are_told_when_they_come),
		cmocka_unit_test(the_ladder_is_bounded),
		cmocka_unit_test(a_datagram_is_answered_rejected_or_silent),
		cmocka_unit_test(an_icmp_error_answers_a_datagram),
		cmocka_unit_test(datagrams_to_groups_and_late_answers_are_no_attempts),
		cmocka_unit_test(decided_attempts_are_forgotten_after_a_while),
		cmocka_unit_test(a_clock_set_back_decides_nothing_by_silence),
		cmocka_unit_test(times_at_the_ends_of_the_scale_are_survived),
		cmocka_unit_test(ports_are_fed_with_every_syn_and_outcome_once),
		cmocka_unit_test(what_nobody_wants_is_not_told),
		cmocka_unit_test(
			a_syn_ack_that_is_not_sent_again_is_presumed_to_be_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
