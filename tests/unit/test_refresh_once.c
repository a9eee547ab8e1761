/* The order in which one look asks: its owner scan lasts longest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/refresh_host.h"

static const char *const listening[] = {
	"sock_diag/family=0,protocol=6,states=0x400,ext=0x40",
	"sock_diag/family=2,protocol=17,states=0x80,ext=0x40",
	"sock_diag/family=10,protocol=17,states=0x80,ext=0x40"};

/* What the owner scan does not need. */
static const char *const rest[] = {"files/set=net", "rtnetlink/dump=links",
				   "rtnetlink/dump=addresses",
				   "rtnetlink/dump=local_routes"};

static const struct refresh_options once = {.once = true};

static void assert_rest_is_asked(struct host *h, bool is_asked)
{
	for (size_t i = 0; i < N_OF(rest); i++)
		assert_int_equal(find_asked(h, rest[i]) != NULL, is_asked);
}

static void what_the_owner_scan_does_not_need_is_asked_after_it(void **state)
{
	struct host *h = web_host(&once);

	(void)state;
	ask(h);
	for (size_t i = 0; i < N_OF(listening); i++) {
		assert_rest_is_asked(h, false);
		assert_null(find_asked(h, "owners/-"));
		/* Nothing is due before an answer: nobody may wait for it in a circle. */
		assert_int_equal(refresh_due_ns(h->refresh), INT64_MAX);
		answer(h, asked_for(h, listening[i]));
		ask(h);
	}
	assert_rest_is_asked(h, true);
	assert_true(asked_for(h, "owners/-")->seq < asked_for(h, rest[0])->seq);
	host_free(h);
}

static void a_look_without_owners_waits_for_none(void **state)
{
	static const struct refresh_options ownerless = {.once = true,
							 .without_owners = true};
	struct host *h = web_host(&ownerless);

	(void)state;
	ask(h);
	assert_rest_is_asked(h, true);
	host_free(h);
}

static void a_host_without_listeners_is_asked_for_the_rest(void **state)
{
	struct host *h = host_new(&once);

	(void)state;
	ask(h);
	for (size_t i = 0; i < N_OF(listening); i++)
		answer(h, asked_for(h, listening[i]));
	ask(h);
	assert_null(find_asked(h, "owners/-"));
	assert_rest_is_asked(h, true);
	settle(h);
	assert_true(refresh_is_settled(h->refresh));
	host_free(h);
}

/* A scan of all namespaces waits for the slowest of them. */
static void of_all_namespaces_everything_is_asked_at_once(void **state)
{
	static const struct refresh_options all = {.spaces = SPACES_ALL, .once = true};
	struct host *h = web_host(&all);

	(void)state;
	ask(h);
	assert_rest_is_asked(h, true);
	host_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_owner_scan_does_not_need_is_asked_after_it),
		cmocka_unit_test(a_look_without_owners_waits_for_none),
		cmocka_unit_test(a_host_without_listeners_is_asked_for_the_rest),
		cmocka_unit_test(of_all_namespaces_everything_is_asked_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
