/* The queue of an endpoint: its fullest member, and what it did before. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/by_hand.h"

#define TCP PROTO_TCP

/* One look at a socket's queue after the other, and what is shown then. */
static const struct {
	uint32_t length, limit, drops;
	struct queue shown;
} queue_rows[] = {
	{3, 128, 10, {3, 128, 10, 3, 0}},
	{90, 128, 12, {90, 128, 12, 90, 2}},
	{0, 128, 15, {0, 128, 15, 90, 5}},
	{QUEUE_UNKNOWN,
	 QUEUE_UNKNOWN,
	 QUEUE_UNKNOWN,
	 {QUEUE_UNKNOWN, QUEUE_UNKNOWN, QUEUE_UNKNOWN, 90, 0}},
	{1, 128, 16, {1, 128, 16, 90, 6}},
};

static struct queue look_at_queue(struct queue_history *h,
				  const struct hand_socket *sockets)
{
	struct snapshot *s = hand_snapshot();
	struct queue q;

	hand_sockets(&s->spaces[0], sockets);
	assert_int_equal(snapshot_link(s, h), 0);
	q = s->endpoints[0].queue;
	table_unref(s);
	return q;
}

static void assert_queue(const struct queue *q, const struct queue *expected)
{
	assert_int_equal(q->length, expected->length);
	assert_int_equal(q->limit, expected->limit);
	assert_int_equal(q->drops, expected->drops);
	assert_int_equal(q->high_water, expected->high_water);
	assert_int_equal(q->new_drops, expected->new_drops);
}

static void a_queue_remembers_its_high_water_and_first_drops(void **state)
{
	struct queue_history *h = queue_history_new();

	(void)state;
	for (size_t i = 0; i < N_OF(queue_rows); i++) {
		struct hand_socket sockets[] = {SOCK(TCP, "::", 443, 7), {0}};
		struct queue q;

		sockets[0].length = queue_rows[i].length;
		sockets[0].limit = queue_rows[i].limit;
		sockets[0].drops = queue_rows[i].drops;
		q = look_at_queue(h, sockets);
		assert_queue(&q, &queue_rows[i].shown);
	}
	queue_history_free(h);
}

static void a_vanished_socket_is_forgotten(void **state)
{
	static const struct hand_socket full[] = {
		SOCK(TCP, "::", 443, 7, .length = 90, .limit = 128, .drops = 4), {0}};
	static const struct hand_socket other[] = {SOCK(TCP, "::", 443, 8), {0}};
	static const struct hand_socket again[] = {
		SOCK(TCP, "::", 443, 7, .length = 1, .limit = 128, .drops = 9), {0}};
	struct queue_history *h = queue_history_new();
	struct queue q;

	(void)state;
	look_at_queue(h, full);
	look_at_queue(h, other);
	q = look_at_queue(h, again);
	assert_int_equal(q.high_water, 1);
	assert_int_equal(q.new_drops, 0);
	queue_history_free(h);
}

static void a_socket_without_a_cookie_has_no_past(void **state)
{
	static const struct hand_socket full[] = {
		SOCK(TCP, "::", 443, 7, .has_no_cookie = true, .length = 90, .limit = 128),
		{0}};
	static const struct hand_socket empty[] = {
		SOCK(TCP, "::", 443, 7, .has_no_cookie = true, .length = 0, .limit = 128),
		{0}};
	struct queue_history *h = queue_history_new();

	(void)state;
	look_at_queue(h, full);
	assert_int_equal(look_at_queue(h, empty).high_water, 0);
	queue_history_free(h);
}

/* REUSEPORT members and the one whose queue is shown, by the limit. */
static const struct {
	struct hand_socket sockets[4];
	uint32_t shown_drops;
} fullest_rows[] = {
	{{SOCK(TCP, "::", 1, 1, .length = 5, .limit = 5, .drops = 1),
	  SOCK(TCP, "::", 1, 2, .length = 50, .limit = 500, .drops = 2)},
	 1},
	{{SOCK(TCP, "::", 1, 1, .length = 5, .limit = 5, .drops = 1),
	  SOCK(TCP, "::", 1, 2, .length = 501, .limit = 500, .drops = 2)},
	 2},
	{{SOCK(TCP, "::", 1, 1, .length = 0, .limit = 5, .drops = 1),
	  SOCK(TCP, "::", 1, 2, .length = 0, .limit = 500, .drops = 7)},
	 7},
	{{SOCK(TCP, "::", 1, 1, .length = QUEUE_UNKNOWN, .limit = QUEUE_UNKNOWN,
	       .drops = 1),
	  SOCK(TCP, "::", 1, 2, .length = 0, .limit = 5, .drops = 2)},
	 2},
	{{SOCK(TCP, "::", 1, 1, .length = 9, .limit = QUEUE_UNKNOWN, .drops = 1),
	  SOCK(TCP, "::", 1, 2, .length = 1, .limit = 5, .drops = 2)},
	 2},
	{{SOCK(TCP, "::", 1, 1, .length = 0, .limit = 5, .drops = QUEUE_UNKNOWN),
	  SOCK(TCP, "::", 1, 2, .length = 0, .limit = 5, .drops = 2)},
	 2},
	{{SOCK(TCP, "::", 1, 1, .length = UINT32_MAX - 1, .limit = UINT32_MAX - 1,
	       .drops = 1),
	  SOCK(TCP, "::", 1, 2, .length = UINT32_MAX - 1, .limit = 5, .drops = 2)},
	 2},
};

static void the_fullest_member_shows_its_queue(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(fullest_rows); i++) {
		struct queue q = look_at_queue(NULL, fullest_rows[i].sockets);

		if (q.drops != fullest_rows[i].shown_drops)
			fail_msg("row %zu: drops %u", i, q.drops);
		assert_int_equal(q.high_water, q.length);
		assert_int_equal(q.new_drops, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_remembers_its_high_water_and_first_drops),
		cmocka_unit_test(a_vanished_socket_is_forgotten),
		cmocka_unit_test(a_socket_without_a_cookie_has_no_past),
		cmocka_unit_test(the_fullest_member_shows_its_queue),
	};

	return cmocka_run_group_tests_name("queues", tests, NULL, NULL);
}
