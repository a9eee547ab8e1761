/* The table of attempts on the receiving side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/wire/attempts.h"

static struct attempt attempt_of(uint32_t number, bool is_decided)
{
	uint8_t client[4] = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8),
			     (uint8_t)number};

	return (struct attempt){.client = addr_v4(client),
				.server = addr_v4("\xc0\xa8\x01\x01"),
				.client_port = 40000,
				.server_port = 443,
				.proto = IPPROTO_TCP,
				.sequence = number,
				.rtt_ns = -1,
				.is_decided = is_decided,
				.outcome = is_decided ? OUTCOME_ANSWERED : OUTCOME_OPEN};
}

static void tell(struct attempts *t, const struct attempt *a)
{
	struct record r = {.kind = RECORD_ATTEMPT, .attempt = *a};
	uint8_t bytes[RECORD_MAX];
	bool changed;

	assert_int_equal(attempts_take(t, bytes, record_put(bytes, &r), &changed), 0);
	assert_true(changed);
}

static void test_an_attempt_told_again_replaces_its_row(void **state)
{
	struct attempt a = attempt_of(1, false);
	struct attempts t;

	(void)state;
	attempts_init(&t, 100);
	tell(&t, &a);
	a.outcome = OUTCOME_REFUSED;
	tell(&t, &a);
	assert_int_equal(attempts_n(&t), 1);
	assert_int_equal(attempts_at(&t, 0)->outcome, OUTCOME_REFUSED);
	assert_int_equal(attempts_find(&t, &a)->outcome, OUTCOME_REFUSED);
	a.sequence++;
	assert_null(attempts_find(&t, &a));
	tell(&t, &a);
	assert_int_equal(attempts_n(&t), 2);
	attempts_release(&t);
}

static void test_datagrams_are_told_apart_by_their_first_time(void **state)
{
	struct attempt a = attempt_of(1, false);
	struct attempts t;

	(void)state;
	attempts_init(&t, 100);
	a.proto = IPPROTO_UDP;
	a.first_ns = 5;
	tell(&t, &a);
	a.sequence = 9;
	tell(&t, &a);
	assert_int_equal(attempts_n(&t), 1);
	a.first_ns = 6;
	tell(&t, &a);
	assert_int_equal(attempts_n(&t), 2);
	attempts_release(&t);
}

static void test_many_are_found_again(void **state)
{
	struct attempts t;
	struct attempt a;

	(void)state;
	attempts_init(&t, 100000);
	for (uint32_t i = 0; i < 5000; i++) {
		a = attempt_of(i, true);
		tell(&t, &a);
	}
	assert_int_equal(attempts_n(&t), 5000);
	for (uint32_t i = 0; i < 5000; i++) {
		a = attempt_of(i, true);
		assert_ptr_equal(attempts_find(&t, &a), attempts_at(&t, i));
	}
	assert_int_equal(t.n_forgotten, 0);
	attempts_release(&t);
}

static void test_the_oldest_decided_ones_make_room(void **state)
{
	struct attempt undecided = attempt_of(0, false), a;
	struct attempts t;

	(void)state;
	attempts_init(&t, 16);
	tell(&t, &undecided);
	for (uint32_t i = 1; i <= 40; i++) {
		a = attempt_of(i, true);
		tell(&t, &a);
		assert_true(attempts_n(&t) <= 16);
		assert_non_null(attempts_find(&t, &a));
	}
	assert_non_null(attempts_find(&t, &undecided));
	assert_int_equal(t.n_forgotten + attempts_n(&t), 41);
	a = attempt_of(1, true);
	assert_null(attempts_find(&t, &a));
	attempts_release(&t);
}

static void test_where_none_is_decided_the_oldest_make_room(void **state)
{
	struct attempts t;
	struct attempt a;

	(void)state;
	attempts_init(&t, 1);
	for (uint32_t i = 0; i < 3; i++) {
		a = attempt_of(i, false);
		tell(&t, &a);
	}
	assert_int_equal(attempts_n(&t), 1);
	assert_int_equal(attempts_at(&t, 0)->sequence, 2);
	assert_int_equal(t.n_forgotten, 2);
	attempts_release(&t);
}

static void test_state_ports_and_problems_are_kept(void **state)
{
	struct record records[] = {
		{.kind = RECORD_STATE, .state = {.is_ready = true, .n_packets = 5}},
		{.kind = RECORD_PORT,
		 .port = {.proto = IPPROTO_TCP, .port = 22, .n_syns = 1}},
		{.kind = RECORD_PORT,
		 .port = {.proto = IPPROTO_TCP, .port = 22, .n_syns = 7}},
		{.kind = RECORD_PORT, .port = {.proto = IPPROTO_UDP, .port = 22}},
		{.kind = RECORD_PROBLEM, .problem = {EPERM, "no right"}},
	};
	uint8_t bytes[5 * RECORD_MAX];
	struct attempts t;
	size_t len = 0;

	(void)state;
	attempts_init(&t, 4);
	assert_false(t.is_ready);
	for (size_t i = 0; i < 5; i++)
		len += record_put(bytes + len, &records[i]);
	assert_int_equal(attempts_take(&t, bytes, len, NULL), 0);
	assert_true(t.is_ready);
	assert_int_equal(t.state.n_packets, 5);
	assert_int_equal(t.ports.n, 2);
	assert_int_equal(((struct port_count *)vec_at(&t.ports, 0))->n_syns, 7);
	assert_int_equal(t.error, EPERM);
	assert_string_equal(t.problem, "no right");
	attempts_release(&t);
}

static void test_what_stands_before_damage_is_kept(void **state)
{
	struct record r = {.kind = RECORD_ATTEMPT, .attempt = attempt_of(3, true)};
	uint8_t bytes[2 * RECORD_MAX];
	size_t len = record_put(bytes, &r);
	struct attempts t;
	bool changed;

	(void)state;
	attempts_init(&t, 4);
	len += record_put(bytes + len, &r);
	assert_int_equal(attempts_take(&t, bytes, len - 1, &changed), -EBADMSG);
	assert_true(changed);
	assert_int_equal(attempts_n(&t), 1);
	attempts_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_attempt_told_again_replaces_its_row),
		cmocka_unit_test(test_datagrams_are_told_apart_by_their_first_time),
		cmocka_unit_test(test_many_are_found_again),
		cmocka_unit_test(test_the_oldest_decided_ones_make_room),
		cmocka_unit_test(test_where_none_is_decided_the_oldest_make_room),
		cmocka_unit_test(test_state_ports_and_problems_are_kept),
		cmocka_unit_test(test_what_stands_before_damage_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
