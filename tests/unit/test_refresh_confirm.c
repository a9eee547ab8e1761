/* When a socket may be called one that no process holds: only if it is still there
 * afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/refresh_host.h"

#define S      NS_PER_S
#define UDP4   "sock_diag/family=2,protocol=17,states=0x80,ext=0x40"
#define OWNERS "owners/-"

static const struct bundle_item nobody[] = {
	ITEM("100/stat", "100 (nginx) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0"),
	ITEM("100/exe", "/usr/sbin/nginx"),
	ITEM("100/fd/3", "socket:[55]"),
	ITEM("100/fd/4", "socket:[56]"),
	ITEM("scan", "full=1 pids=9 unread=0"),
	{.name = {NULL, 0}},
};

/* What /proc shows is not told, so in the end it reads "not known" here. Everything is
 * answered up to the owners, who lack the name server's. */
static struct host *host_with_a_lost_socket(const struct refresh_options *o)
{
	struct host *h = web_host(o);

	h->owners = nobody;
	while (ask(h) && !find_asked(h, OWNERS))
		answer_all(h);
	answer_all(h);
	return h;
}

static enum owners_state state_of_port(struct host *h, uint16_t port)
{
	struct snapshot *s = look(h);
	enum owners_state state = OWNERS_COMPLETE;

	for (size_t i = 0; i < s->n_endpoints; i++)
		if (s->endpoints[i].port == port)
			state = s->endpoints[i].owners_state;
	table_unref(s);
	return state;
}

static void a_socket_without_a_process_is_looked_at_again_first(void **state)
{
	struct host *h = host_with_a_lost_socket(&watching);

	(void)state;
	assert_int_equal(state_of_port(h, 53), OWNERS_PENDING);
	assert_int_not_equal(state_of_port(h, 443), OWNERS_PENDING);
	assert_false(refresh_is_settled(h->refresh));
	assert_true(ask(h));
	asked_for(h, UDP4);
	settle(h);
	assert_true(refresh_is_settled(h->refresh));
	assert_int_not_equal(state_of_port(h, 53), OWNERS_PENDING);
	host_free(h);
}

static void a_socket_that_is_gone_by_then_is_no_row(void **state)
{
	static const struct refresh_options once = {.once = true};
	struct host *h = host_with_a_lost_socket(&once);
	struct snapshot *s;

	(void)state;
	h->listeners[2].netns = NULL;
	settle(h);
	assert_true(refresh_is_settled(h->refresh));
	s = look(h);
	assert_int_equal(s->n_endpoints, 1);
	table_unref(s);
	host_free(h);
}

static void what_was_seen_again_is_not_doubted_anew(void **state)
{
	struct host *h = host_with_a_lost_socket(&watching);

	(void)state;
	settle(h);
	for (int i = 0; i < 10; i++) {
		later(h, S);
		assert_int_not_equal(state_of_port(h, 53), OWNERS_PENDING);
	}
	host_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_without_a_process_is_looked_at_again_first),
		cmocka_unit_test(a_socket_that_is_gone_by_then_is_no_row),
		cmocka_unit_test(what_was_seen_again_is_not_doubted_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
