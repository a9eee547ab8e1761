/* Queues over the last minutes: what a slot holds, gaps, and the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/time.h"
#include "core/snapshot/queue_past.h"

#define SLOT_NS (QUEUE_PAST_SLOT_S * NS_PER_S)

/* One look at n endpoints with the ids from first on, all of this length. */
static void look(struct queue_past *p, int64_t boot_ns, uint64_t first, size_t n,
		 uint32_t length)
{
	struct snapshot *s = snapshot_new();

	s->boot_ns = boot_ns;
	s->endpoints = arena_alloc(&s->head.arena, n * sizeof(*s->endpoints) + 1);
	s->n_endpoints = n;
	for (size_t i = 0; i < n; i++) {
		s->endpoints[i].id = first + n - 1 - i;
		s->endpoints[i].queue.length = length;
	}
	assert_int_equal(queue_past_take(p, s), 0);
	table_unref(s);
}

static void a_slot_holds_the_highest_length_that_was_seen_in_it(void **state)
{
	uint32_t out[QUEUE_PAST_SLOTS];
	struct queue_past p;

	(void)state;
	queue_past_init(&p);
	look(&p, 100 * SLOT_NS, 7, 1, 3);
	look(&p, 100 * SLOT_NS + NS_PER_S, 7, 1, 9);
	look(&p, 100 * SLOT_NS + 2 * NS_PER_S, 7, 1, 1);
	look(&p, 101 * SLOT_NS, 7, 1, 2);
	assert_int_equal(queue_past_of(&p, 7, out), 2);
	assert_int_equal(out[0], 9);
	assert_int_equal(out[1], 2);
	queue_past_release(&p);
}

static void nothing_is_known_of_an_endpoint_that_was_never_seen(void **state)
{
	uint32_t out[QUEUE_PAST_SLOTS];
	struct queue_past p;

	(void)state;
	queue_past_init(&p);
	assert_int_equal(queue_past_of(&p, 7, out), 0);
	look(&p, 0, 7, 1, 3);
	assert_int_equal(queue_past_of(&p, 8, out), 0);
	assert_int_equal(queue_past_of(&p, 7, out), 1);
	queue_past_release(&p);
}

static void a_time_in_which_nobody_looked_is_unknown_and_not_nothing(void **state)
{
	uint32_t out[QUEUE_PAST_SLOTS];
	struct queue_past p;

	(void)state;
	queue_past_init(&p);
	look(&p, 100 * SLOT_NS, 7, 1, 3);
	look(&p, 103 * SLOT_NS, 7, 1, 4);
	assert_int_equal(queue_past_of(&p, 7, out), 4);
	assert_int_equal(out[0], 3);
	assert_int_equal(out[1], QUEUE_UNKNOWN);
	assert_int_equal(out[2], QUEUE_UNKNOWN);
	assert_int_equal(out[3], 4);
	queue_past_release(&p);
}

static void an_endpoint_that_came_later_has_no_past_before_it(void **state)
{
	uint32_t out[QUEUE_PAST_SLOTS];
	struct queue_past p;

	(void)state;
	queue_past_init(&p);
	look(&p, 100 * SLOT_NS, 7, 1, 3);
	look(&p, 110 * SLOT_NS, 7, 2, 4);
	assert_int_equal(queue_past_of(&p, 8, out), 1);
	assert_int_equal(queue_past_of(&p, 7, out), 11);
	queue_past_release(&p);
}

static void a_length_that_is_not_told_stays_unknown(void **state)
{
	uint32_t out[QUEUE_PAST_SLOTS];
	struct queue_past p;

	(void)state;
	queue_past_init(&p);
	look(&p, 100 * SLOT_NS, 7, 1, QUEUE_UNKNOWN);
	assert_int_equal(queue_past_of(&p, 7, out), 0);
	look(&p, 101 * SLOT_NS, 7, 1, 5);
	assert_int_equal(queue_past_of(&p, 7, out), 1);
	queue_past_release(&p);
}

static void only_the_newest_slots_are_kept(void **state)
{
	uint32_t out[QUEUE_PAST_SLOTS];
	struct queue_past p;

	(void)state;
	queue_past_init(&p);
	for (int64_t i = 0; i < 3 * QUEUE_PAST_SLOTS; i++)
		look(&p, i * SLOT_NS, 7, 1, (uint32_t)i);
	assert_int_equal(queue_past_of(&p, 7, out), QUEUE_PAST_SLOTS);
	for (uint32_t i = 0; i < QUEUE_PAST_SLOTS; i++)
		assert_int_equal(out[i], 2 * QUEUE_PAST_SLOTS + i);
	queue_past_release(&p);
}

static void what_is_gone_for_long_is_forgotten(void **state)
{
	uint32_t out[QUEUE_PAST_SLOTS];
	struct queue_past p;

	(void)state;
	queue_past_init(&p);
	look(&p, 100 * SLOT_NS, 7, 1, 3);
	look(&p, 130 * SLOT_NS, 900, 1, 3);
	assert_int_equal(queue_past_of(&p, 7, out), 31);
	look(&p, 160 * SLOT_NS, 900, 1, 3);
	assert_int_equal(queue_past_of(&p, 7, out), 0);
	assert_int_equal(p.rows.n, 1);
	queue_past_release(&p);
}

static void a_clock_that_goes_back_begins_anew(void **state)
{
	uint32_t out[QUEUE_PAST_SLOTS];
	struct queue_past p;

	(void)state;
	queue_past_init(&p);
	look(&p, 100 * SLOT_NS, 7, 1, 3);
	look(&p, -100 * SLOT_NS, 7, 1, 4);
	assert_int_equal(queue_past_of(&p, 7, out), 1);
	assert_int_equal(out[0], 4);
	queue_past_release(&p);
}

static void no_more_endpoints_are_kept_than_there_is_room_for(void **state)
{
	uint32_t out[QUEUE_PAST_SLOTS];
	struct queue_past p;

	(void)state;
	queue_past_init(&p);
	look(&p, 100 * SLOT_NS, 10, 5000, 3);
	assert_int_equal(p.rows.n, QUEUE_PAST_ENDPOINTS_MAX);
	assert_int_equal(p.n_left_out, 5000 - QUEUE_PAST_ENDPOINTS_MAX);
	look(&p, 101 * SLOT_NS, 10, 5000, 4);
	assert_int_equal(p.rows.n, QUEUE_PAST_ENDPOINTS_MAX);
	assert_int_equal(queue_past_of(&p, 10 + 4999, out), 2);
	queue_past_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_holds_the_highest_length_that_was_seen_in_it),
		cmocka_unit_test(nothing_is_known_of_an_endpoint_that_was_never_seen),
		cmocka_unit_test(a_time_in_which_nobody_looked_is_unknown_and_not_nothing),
		cmocka_unit_test(an_endpoint_that_came_later_has_no_past_before_it),
		cmocka_unit_test(a_length_that_is_not_told_stays_unknown),
		cmocka_unit_test(only_the_newest_slots_are_kept),
		cmocka_unit_test(what_is_gone_for_long_is_forgotten),
		cmocka_unit_test(a_clock_that_goes_back_begins_anew),
		cmocka_unit_test(no_more_endpoints_are_kept_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
