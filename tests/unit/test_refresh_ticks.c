/* Looks that run together with a clock's seconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/refresh_host.h"

/* The ticks are those of another clock: where they are is never told the same. */
static void looks_come_with_the_ticks(void **state)
{
	struct host *h = web_host(&watching);
	int64_t tick_ns = h->now_ns + 300 * MS;

	(void)state;
	refresh_set_phase(h->refresh, tick_ns);
	settle(h);
	for (int i = 0; i < 20; i++, tick_ns += S) {
		int64_t late_ns = refresh_due_ns(h->refresh) - tick_ns;

		assert_true(late_ns > -MS && late_ns < MS);
		h->now_ns = tick_ns + (i % 3 - 1) * MS / 2;
		refresh_set_phase(h->refresh, tick_ns + (i % 2 ? MS : -MS) / 4);
		assert_true(ask(h));
		answer_all(h);
	}
	host_free(h);
}

static void what_is_asked_between_two_ticks_is_due_at_the_next(void **state)
{
	struct host *h = web_host(&watching);

	(void)state;
	settle(h);
	refresh_set_phase(h->refresh, h->now_ns + 400 * MS);
	later(h, S);
	assert_int_equal(refresh_due_ns(h->refresh), h->now_ns + 400 * MS);
	host_free(h);
}

#define CONNECTED "sock_diag/family=0,protocol=6,states=0x1b7e,ext=0x0"

static void connections_wait_for_a_long_look_at_owners(void **state)
{
	struct host *h = web_host(&watching);

	(void)state;
	ask(h);
	answer_all(h);
	ask(h);
	asked_for(h, CONNECTED);
	h->now_ns += 10 * MS;
	settle(h);
	h->now_ns += 4 * S;
	ask(h);
	asked_for(h, "owners/-");
	assert_null(find_asked(h, CONNECTED));
	assert_true(refresh_due_ns(h->refresh) > h->now_ns);
	answer(h, asked_for(h, "owners/-"));
	assert_true(refresh_due_ns(h->refresh) <= h->now_ns);
	ask(h);
	asked_for(h, CONNECTED);
	host_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_come_with_the_ticks),
		cmocka_unit_test(what_is_asked_between_two_ticks_is_due_at_the_next),
		cmocka_unit_test(connections_wait_for_a_long_look_at_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
