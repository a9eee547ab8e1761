/* Records as bytes and back: every field, every damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/wire/records.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Every byte that a value of its type may have is another one, so that no two fields can be
 * mixed up; then what has a range is set. */
static void fill(void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)bytes)[i] = (uint8_t)(i * 7 + 1);
}

static struct addr address(int family, uint8_t first)
{
	uint8_t bytes[16] = {first, 2, 3, 4, 5};

	return addr_from(family, bytes);
}

/* Within what a time may be. */
static void make_time(int64_t *ns)
{
	*ns &= INT64_MAX / 2;
}

static void make_stream(struct stream *s)
{
	for (unsigned i = 0; i < N_STREAM_ENDS; i++) {
		make_time(&s->side[i].first_ns);
		make_time(&s->side[i].fin_ns);
		make_time(&s->side[i].stuck_ns);
		s->side[i].rst_ns = -1;
		s->side[i].is_rst_exact = i;
		s->side[i].is_shut = !i;
		s->side[i].alert_level = ALERT_SEALED;
	}
	s->says = SAYS_DENIED;
	s->is_reused = true;
	s->is_older = false;
	s->too_big_from = address(AF_INET6, 40);
}

static struct record attempt_record(void)
{
	struct record r = {.kind = RECORD_ATTEMPT};
	struct attempt *a = &r.attempt;

	fill(a, sizeof(*a));
	make_time(&a->first_ns);
	make_time(&a->last_ns);
	make_time(&a->answered_ns);
	make_time(&a->rtt_ns);
	a->client = address(AF_INET, 10);
	a->server = address(AF_INET6, 20);
	a->icmp_from = address(AF_INET, 30);
	a->proto = IPPROTO_TCP;
	a->outcome = OUTCOME_RESET_LATER;
	a->is_decided = a->is_icmp_of_server = true;
	a->has_bare_ack = a->is_to_other_mac = false;
	a->n_devices = ATTEMPT_DEVICES_MAX;
	a->client_bytes = BYTES_TLS_CLIENT_HELLO;
	a->server_bytes = BYTES_PROXY_HEADER;
	memset(a->sni, 0, sizeof(a->sni));
	memset(a->sni, 'x', ATTEMPT_SNI_MAX - 1);
	a->has_stream = true;
	make_stream(&a->stream);
	a->n_events = ATTEMPT_EVENTS_MAX;
	for (unsigned i = 0; i < ATTEMPT_EVENTS_MAX; i++) {
		make_time(&a->events[i].at_ns);
		a->events[i].kind = (uint8_t)(i % N_PACKET_KINDS);
		a->events[i].is_from_server = i % 2;
		a->events[i].is_repeated = i % 3 == 0;
	}
	return r;
}

static struct record state_record(void)
{
	struct record r = {.kind = RECORD_STATE};

	fill(&r.state, sizeof(r.state));
	make_time(&r.state.wall_ns);
	r.state.is_ready = true;
	return r;
}

static struct record port_record(void)
{
	struct record r = {.kind = RECORD_PORT};

	fill(&r.port, sizeof(r.port));
	make_time(&r.port.since_ns);
	make_time(&r.port.until_ns);
	r.port.proto = IPPROTO_UDP;
	r.port.server = address(AF_INET6, 1);
	r.port.client = address(0, 0);
	for (int i = 0; i < PORT_FIRSTS_MAX; i++)
		r.port.firsts[i] = address(i % 2 ? AF_INET6 : AF_INET, (uint8_t)(i + 1));
	return r;
}

static struct record problem_record(void)
{
	struct record r = {.kind = RECORD_PROBLEM, .problem.error = EPERM};

	memset(r.problem.text, 'y', PROBLEM_MAX - 1);
	return r;
}

static struct record get_one(const void *bytes, size_t len)
{
	struct cursor c = cursor_of(bytes, len);
	struct record r;

	assert_int_equal(record_get(&c, &r), 1);
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(record_get(&c, &(struct record){0}), 0);
	return r;
}

static void assert_same_address(const struct addr *a, const struct addr *b)
{
	assert_true(addr_equals(a, b));
}

#define same(field) assert_memory_equal(&got.field, &r.field, sizeof(got.field))

static void test_every_field_of_an_attempt_comes_back(void **state)
{
	struct record r = attempt_record(), got;
	uint8_t bytes[RECORD_MAX];
	size_t len = record_put(bytes, &r);

	(void)state;
	assert_in_range(len, 1, RECORD_MAX);
	got = get_one(bytes, len);
	assert_int_equal(got.kind, RECORD_ATTEMPT);
	assert_same_address(&got.attempt.client, &r.attempt.client);
	assert_same_address(&got.attempt.server, &r.attempt.server);
	assert_same_address(&got.attempt.icmp_from, &r.attempt.icmp_from);
	same(attempt.client_port);
	same(attempt.server_port);
	same(attempt.proto);
	same(attempt.outcome);
	same(attempt.is_decided);
	same(attempt.first_ns);
	same(attempt.last_ns);
	same(attempt.answered_ns);
	same(attempt.rtt_ns);
	same(attempt.sequence);
	same(attempt.n_syns);
	same(attempt.n_syn_acks);
	same(attempt.n_client_resets);
	same(attempt.n_client_bytes);
	same(attempt.n_server_bytes);
	same(attempt.devices);
	same(attempt.n_devices);
	same(attempt.syn_ttl);
	same(attempt.syn_ack_ttl);
	same(attempt.rst_ttl);
	same(attempt.syn_flags);
	same(attempt.syn_mss);
	same(attempt.has_bare_ack);
	same(attempt.is_icmp_of_server);
	same(attempt.icmp_type);
	same(attempt.icmp_code);
	same(attempt.n_icmp);
	same(attempt.client_bytes);
	same(attempt.server_bytes);
	same(attempt.http_status);
	same(attempt.sni);
	same(attempt.client_mac);
	same(attempt.server_mac);
	same(attempt.is_to_other_mac);
	same(attempt.n_events);
}

static void test_every_step_of_the_ladder_comes_back(void **state)
{
	struct record r = attempt_record(), got;
	uint8_t bytes[RECORD_MAX];

	(void)state;
	got = get_one(bytes, record_put(bytes, &r));
	for (unsigned i = 0; i < ATTEMPT_EVENTS_MAX; i++) {
		same(attempt.events[i].at_ns);
		same(attempt.events[i].kind);
		same(attempt.events[i].is_from_server);
		same(attempt.events[i].is_repeated);
		same(attempt.events[i].ttl);
		same(attempt.events[i].window);
		same(attempt.events[i].length);
	}
}

static void test_every_field_of_the_state_comes_back(void **state)
{
	struct record r = state_record(), got;
	uint8_t bytes[RECORD_MAX];

	(void)state;
	got = get_one(bytes, record_put(bytes, &r));
	assert_int_equal(got.kind, RECORD_STATE);
	same(state.is_ready);
	same(state.wall_ns);
	same(state.n_packets);
	same(state.n_saved);
	same(state.n_kernel_drops);
	same(state.n_device_drops);
	same(state.n_undecoded);
	same(state.n_attempts);
	same(state.n_evicted);
	same(state.n_not_told);
	same(state.n_outcomes);
	same(state.n_ports_left_out);
	same(state.snaplen);
	same(state.link_type);
}

static void test_every_field_of_a_port_comes_back(void **state)
{
	struct record r = port_record(), got;
	uint8_t bytes[RECORD_MAX];

	(void)state;
	got = get_one(bytes, record_put(bytes, &r));
	assert_int_equal(got.kind, RECORD_PORT);
	same(port.proto);
	same(port.port);
	assert_same_address(&got.port.server, &r.port.server);
	same(port.n_syns);
	same(port.n_attempts);
	same(port.n_outcomes);
	same(port.n_clients);
	assert_same_address(&got.port.client, &r.port.client);
	for (int i = 0; i < PORT_FIRSTS_MAX; i++)
		assert_same_address(&got.port.firsts[i], &r.port.firsts[i]);
	same(port.since_ns);
	same(port.until_ns);
}

static void test_a_problem_comes_back(void **state)
{
	struct record r = problem_record(), got;
	uint8_t bytes[RECORD_MAX];

	(void)state;
	got = get_one(bytes, record_put(bytes, &r));
	assert_int_equal(got.kind, RECORD_PROBLEM);
	same(problem.error);
	same(problem.text);
}

static void test_every_cut_is_damage_for_good(void **state)
{
	struct record records[] = {attempt_record(), state_record(), port_record(),
				   problem_record()};

	(void)state;
	for (size_t k = 0; k < N_OF(records); k++) {
		uint8_t bytes[RECORD_MAX];
		size_t len = record_put(bytes, &records[k]);

		for (size_t cut = 1; cut < len; cut++) {
			struct cursor c = cursor_of(bytes, cut);
			struct record r;

			assert_int_equal(record_get(&c, &r), -EBADMSG);
			assert_int_equal(record_get(&c, &r), -EBADMSG);
		}
	}
}

static void test_a_length_that_is_not_the_records_is_damage(void **state)
{
	uint8_t bytes[RECORD_MAX + 1] = {0};
	struct record r = port_record(), got;
	size_t len = record_put(bytes, &r);
	struct cursor c;

	(void)state;
	bytes[2]++;
	c = cursor_of(bytes, len + 1);
	assert_int_equal(record_get(&c, &got), -EBADMSG);
	bytes[2] = (uint8_t)(bytes[2] - 2);
	c = cursor_of(bytes, len - 1);
	assert_int_equal(record_get(&c, &got), -EBADMSG);
}

/* The place of a byte in an attempt's record, and a value that it cannot have. */
static const struct {
	const char *what;
	size_t at;
	uint8_t value;
} wrong_rows[] = {
	{"family", 4, 5},
	{"protocol", 4 + 5 + 17 + 4, 132},
	{"outcome", 4 + 5 + 17 + 4 + 1, N_OUTCOMES},
	{"decided", 4 + 5 + 17 + 4 + 2, 2},
	{"a time before 1970", 4 + 5 + 17 + 4 + 3 + 7, 0x80},
	{"a time beyond all sums", 4 + 5 + 17 + 4 + 3 + 7, 0x40},
	{"a round trip of centuries", 4 + 5 + 17 + 4 + 3 + 24 + 7, 0x40},
	{"devices", 4 + 5 + 17 + 4 + 3 + 32 + 24, ATTEMPT_DEVICES_MAX + 1},
};

static void test_a_field_out_of_its_range_is_damage(void **state)
{
	struct record r = attempt_record(), got;

	(void)state;
	for (size_t i = 0; i < N_OF(wrong_rows); i++) {
		uint8_t bytes[RECORD_MAX];
		struct cursor c = cursor_of(bytes, record_put(bytes, &r));

		bytes[wrong_rows[i].at] = wrong_rows[i].value;
		if (record_get(&c, &got) != -EBADMSG)
			fail_msg("%s", wrong_rows[i].what);
	}
}

/* Its last byte says that there is no stream. */
static void test_an_attempt_of_the_version_before_has_no_stream(void **state)
{
	struct record r = attempt_record(), got;
	uint8_t bytes[RECORD_MAX];
	struct cursor c;
	size_t len;

	(void)state;
	r.attempt.has_stream = false;
	len = record_put(bytes, &r) - 1;
	bytes[0] = 1;
	bytes[2] = (uint8_t)(len - 4);
	bytes[3] = (uint8_t)((len - 4) >> 8);
	c = cursor_of(bytes, len);
	assert_int_equal(record_get(&c, &got), 1);
	assert_int_equal(got.attempt.n_events, ATTEMPT_EVENTS_MAX);
	assert_false(got.attempt.has_stream);
	assert_int_equal(record_get(&c, &got), 0);
}

static void test_every_field_of_a_stream_comes_back(void **state)
{
	struct record r = attempt_record(), got;
	uint8_t bytes[RECORD_MAX];

	(void)state;
	got = get_one(bytes, record_put(bytes, &r));
	assert_true(got.attempt.has_stream);
	for (unsigned i = 0; i < N_STREAM_ENDS; i++) {
		same(attempt.stream.side[i].first_ns);
		same(attempt.stream.side[i].fin_ns);
		same(attempt.stream.side[i].rst_ns);
		same(attempt.stream.side[i].n_heard);
		same(attempt.stream.side[i].n_acknowledged);
		same(attempt.stream.side[i].n_again);
		same(attempt.stream.side[i].again_bytes);
		same(attempt.stream.side[i].missing_bytes);
		same(attempt.stream.side[i].n_behind);
		same(attempt.stream.side[i].stuck_ns);
		same(attempt.stream.side[i].passed_bytes);
		same(attempt.stream.side[i].selective_bytes);
		same(attempt.stream.side[i].n_unheard);
		same(attempt.stream.side[i].n_shut);
		same(attempt.stream.side[i].is_shut);
		same(attempt.stream.side[i].mss);
		same(attempt.stream.side[i].ttl_least);
		same(attempt.stream.side[i].ttl_most);
		same(attempt.stream.side[i].ip_id);
		same(attempt.stream.side[i].rst_ttl);
		same(attempt.stream.side[i].rst_ip_id);
		same(attempt.stream.side[i].rst_window);
		same(attempt.stream.side[i].is_rst_exact);
		same(attempt.stream.side[i].tls_version);
		same(attempt.stream.side[i].alert_level);
		same(attempt.stream.side[i].alert_code);
	}
	same(attempt.stream.says);
	same(attempt.stream.n_bare_acks);
	same(attempt.stream.is_reused);
	same(attempt.stream.is_older);
	same(attempt.stream.n_too_big);
	same(attempt.stream.too_big_mtu);
	assert_same_address(&got.attempt.stream.too_big_from,
			    &r.attempt.stream.too_big_from);
}

/* What version 4 added to each end is taken out of the bytes. */
static void test_a_stream_of_version_3_does_not_tell_what_passed(void **state)
{
	enum { SIDE = 68, ADDED = 9, BEHIND_SIDES = 26 };
	struct record r = attempt_record(), got;
	uint8_t bytes[RECORD_MAX];
	size_t len = record_put(bytes, &r), end = len - BEHIND_SIDES;
	struct cursor c;

	(void)state;
	for (unsigned i = 0; i < N_STREAM_ENDS; i++) {
		memmove(bytes + end - ADDED, bytes + end, len - end);
		len -= ADDED;
		end -= SIDE + ADDED;
	}
	bytes[0] = 3;
	bytes[2] = (uint8_t)(len - 4);
	bytes[3] = (uint8_t)((len - 4) >> 8);
	c = cursor_of(bytes, len);
	assert_int_equal(record_get(&c, &got), 1);
	for (unsigned i = 0; i < N_STREAM_ENDS; i++) {
		same(attempt.stream.side[i].alert_code);
		same(attempt.stream.side[i].mss);
		assert_int_equal(got.attempt.stream.side[i].passed_bytes, 0);
		assert_int_equal(got.attempt.stream.side[i].n_shut, 0);
	}
	same(attempt.stream.too_big_mtu);
}

static void test_a_state_of_version_2_tells_of_no_file(void **state)
{
	enum { N_SAVED = 8 };
	struct record r = state_record(), got;
	uint8_t bytes[RECORD_MAX];
	size_t len = record_put(bytes, &r) - N_SAVED;
	struct cursor c = cursor_of(bytes, len);

	(void)state;
	bytes[0] = 2;
	bytes[2] = (uint8_t)(len - 4);
	bytes[3] = (uint8_t)((len - 4) >> 8);
	assert_int_equal(record_get(&c, &got), 1);
	assert_int_equal(got.state.link_type, r.state.link_type);
	assert_int_equal(got.state.n_saved, 0);
}

static void test_later_versions_and_kinds_are_passed_over(void **state)
{
	uint8_t bytes[64 + RECORD_MAX] = {WIRE_VERSION + 1, 1, 3, 0, 9, 9, 9,
					  WIRE_VERSION,     9, 0, 0};
	struct record r = port_record(), got;
	struct cursor c = cursor_of(bytes, 11 + record_put(bytes + 11, &r));

	(void)state;
	assert_int_equal(record_get(&c, &got), 1);
	assert_int_equal(got.kind, RECORD_PORT);
	assert_int_equal(record_get(&c, &got), 0);
}

static void test_outcomes_have_the_contracts_words(void **state)
{
	struct attempt a = {.icmp_type = 3, .icmp_code = 3};

	(void)state;
	assert_string_equal(outcome_word(OUTCOME_HALF_OPEN), "half-open");
	assert_string_equal(outcome_state(OUTCOME_SILENT, IPPROTO_TCP, false), "filtered");
	assert_string_equal(outcome_state(OUTCOME_SILENT, IPPROTO_UDP, false), "unknown");
	assert_string_equal(outcome_state(OUTCOME_ICMP, IPPROTO_UDP, true), "closed");
	assert_string_equal(outcome_state(OUTCOME_ICMP, IPPROTO_TCP, true), "rejected");
	assert_false(attempt_is_port_unreachable(&a));
	a.icmp_from.family = AF_INET;
	assert_true(attempt_is_port_unreachable(&a));
	a.icmp_from.family = AF_INET6;
	assert_false(attempt_is_port_unreachable(&a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_of_an_attempt_comes_back),
		cmocka_unit_test(test_every_step_of_the_ladder_comes_back),
		cmocka_unit_test(test_every_field_of_the_state_comes_back),
		cmocka_unit_test(test_every_field_of_a_port_comes_back),
		cmocka_unit_test(test_a_problem_comes_back),
		cmocka_unit_test(test_every_cut_is_damage_for_good),
		cmocka_unit_test(test_a_length_that_is_not_the_records_is_damage),
		cmocka_unit_test(test_a_field_out_of_its_range_is_damage),
		cmocka_unit_test(test_an_attempt_of_the_version_before_has_no_stream),
		cmocka_unit_test(test_every_field_of_a_stream_comes_back),
		cmocka_unit_test(test_a_stream_of_version_3_does_not_tell_what_passed),
		cmocka_unit_test(test_a_state_of_version_2_tells_of_no_file),
		cmocka_unit_test(test_later_versions_and_kinds_are_passed_over),
		cmocka_unit_test(test_outcomes_have_the_contracts_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
