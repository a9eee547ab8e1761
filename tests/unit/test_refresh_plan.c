/* When which source is asked, and when it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/refresh_host.h"

#define HOST      "files/set=host"
#define NET       "files/set=net"
#define LINKS     "rtnetlink/dump=links"
#define TCP       "sock_diag/family=0,protocol=6,states=0x400,ext=0x40"
#define UDP4      "sock_diag/family=2,protocol=17,states=0x80,ext=0x40"
#define UDP6      "sock_diag/family=10,protocol=17,states=0x80,ext=0x40"
#define MPTCP4    "sock_diag/family=2,protocol=262,states=0x400,ext=0x40"
#define CONNECTED "sock_diag/family=0,protocol=6,states=0x1b7e,ext=0x0"
#define OWNERS    "owners/-"

static const struct refresh_options batch = {.spaces = SPACES_OWN, .once = true};

static const char *const first_requests[] = {HOST,
					     TCP,
					     UDP4,
					     UDP6,
					     NET,
					     LINKS,
					     "rtnetlink/dump=addresses",
					     "rtnetlink/dump=local_routes"};

static void everything_that_waits_for_nothing_is_asked_at_once(void **state)
{
	struct host *h = web_host(&watching);

	(void)state;
	assert_int_equal(refresh_due_ns(h->refresh), 0);
	assert_int_equal(ask(h), N_OF(first_requests));
	for (size_t i = 0; i < N_OF(first_requests); i++)
		asked_for(h, first_requests[i]);
	assert_int_equal(refresh_due_ns(h->refresh), INT64_MAX);
	host_free(h);
}

/* Neither the facts of the host nor MPTCP. */
static void owners_wait_for_tcp_and_udp_only(void **state)
{
	static const char *const before[] = {TCP, UDP4, UDP6};
	struct host *h = web_host(&watching);

	(void)state;
	ask(h);
	for (size_t i = 0; i < N_OF(before); i++) {
		assert_null(find_asked(h, OWNERS));
		answer(h, asked_for(h, before[i]));
		ask(h);
	}
	asked_for(h, OWNERS);
	asked_for(h, HOST);
	host_free(h);
}

static void helpers_wait_for_the_facts_of_the_host(void **state)
{
	struct host *h = web_host(&watching);

	(void)state;
	h->owners = (const struct bundle_item[]){ITEM("scan", "full=1 pids=9 unread=0"),
						 {.name = {NULL, 0}}};
	ask(h);
	answer(h, asked_for(h, TCP));
	answer(h, asked_for(h, UDP4));
	answer(h, asked_for(h, UDP6));
	ask(h);
	answer(h, asked_for(h, OWNERS));
	ask(h);
	assert_null(find_asked(h, "socket_units/-"));
	give(h, asked_for(h, HOST), 0, BLOB_TIMED_OUT, ETIMEDOUT, NULL, 0);
	ask(h);
	asked_for(h, "socket_units/-");
	host_free(h);
}

static void owners_are_looked_for_after_the_listeners(void **state)
{
	struct host *h = web_host(&watching);
	struct asked *a;

	(void)state;
	h->listeners[3] = (struct listener){"", AF_INET, IPPROTO_TCP, 80, 55, 0};
	h->listeners[4] = (struct listener){"", AF_INET, IPPROTO_TCP, 81, 0, 0};
	ask(h);
	while (h->n_asked) {
		assert_null(find_asked(h, OWNERS));
		answer(h, &h->asked[0]);
	}
	ask(h);
	a = asked_for(h, OWNERS);
	assert_int_equal(a->request.owners.n_inodes, 3);
	assert_int_equal(a->inodes[0], 50);
	assert_int_equal(a->inodes[1], 55);
	assert_int_equal(a->inodes[2], 56);
	host_free(h);
}

/* What is asked at each second after everything was answered at second 0. */
static const struct {
	unsigned second;
	const char *text;
	bool is_asked;
} calendar[] = {
	{1, TCP, true},        {1, UDP6, true},      {1, UDP4, true},   {1, MPTCP4, true},
	{1, CONNECTED, false}, {1, OWNERS, false},   {1, NET, false},   {1, LINKS, false},
	{2, TCP, true},        {2, CONNECTED, true}, {2, OWNERS, true}, {2, NET, true},
	{3, CONNECTED, false}, {9, LINKS, false},    {10, LINKS, true}, {11, LINKS, false},
	{59, HOST, false},     {60, HOST, true},     {61, HOST, false}, {60, TCP, true},
};

static void each_source_has_its_interval(void **state)
{
	struct host *h = web_host(&watching);

	(void)state;
	settle(h);
	for (unsigned second = 1; second < 62; second++) {
		h->now_ns += S;
		assert_true(refresh_due_ns(h->refresh) <= h->now_ns);
		ask(h);
		for (size_t i = 0; i < N_OF(calendar); i++)
			if (calendar[i].second == second &&
			    !find_asked(h, calendar[i].text) == calendar[i].is_asked)
				fail_msg("second %u: %s", second, calendar[i].text);
		answer_all(h);
		assert_int_equal(ask(h), 0);
	}
	host_free(h);
}

static void the_interval_is_the_users(void **state)
{
	static const struct refresh_options often = {.interval_ns = 200 * MS};
	struct host *h = web_host(&often);

	(void)state;
	settle(h);
	assert_int_equal(refresh_due_ns(h->refresh), h->now_ns + 200 * MS);
	h->now_ns += 200 * MS;
	ask(h);
	asked_for(h, TCP);
	assert_null(find_asked(h, CONNECTED));
	answer_all(h);
	h->now_ns += 200 * MS;
	ask(h);
	asked_for(h, CONNECTED);
	host_free(h);
}

static void timers_run_together(void **state)
{
	struct host *h = web_host(&watching);
	unsigned n_turns = 0;
	int64_t end;

	(void)state;
	while (ask(h)) {
		h->now_ns += 3 * MS;
		answer_all(h);
	}
	end = h->now_ns + 60 * S;
	while (h->now_ns < end) {
		h->now_ns = refresh_due_ns(h->refresh);
		assert_true(ask(h));
		h->now_ns += MS;
		answer_all(h);
		n_turns++;
	}
	assert_in_range(n_turns, 59, 62);
	host_free(h);
}

static const struct {
	const char *text;
	int64_t took_ns, rest_ns;
} stretches[] = {
	{TCP, 0, S},
	{UDP4, 100 * MS, 10 * S},
	{TCP, 10 * MS, S},
	{TCP, 11 * MS, 2 * S},
	{TCP, 100 * MS, 10 * S},
	{CONNECTED, 5 * MS, 2 * S},
	{CONNECTED, 6 * MS, 3 * S},
	{CONNECTED, 25 * MS, 10 * S},
	{CONNECTED, 110 * MS, 11 * S},
	{OWNERS, 5 * MS, 2 * S},
	{OWNERS, 10 * MS, 4 * S},
	{OWNERS, 40 * MS, 5 * S},
	{OWNERS, 120 * MS, 6 * S},
	{OWNERS, 10 * S, 60 * S}, /* never longer: the program may have been stopped */
	{NET, 15 * MS, 2 * S},
	{LINKS, 50 * MS, 10 * S},
	{LINKS, 150 * MS, 15 * S},
};

/* The second request of a table is answered together with the first. */
static void answer_pair(struct host *h, const char *text)
{
	struct request r = asked_for(h, text)->request;
	char other[REQUEST_TEXT_MAX];

	answer(h, asked_for(h, text));
	if (r.kind != REQUEST_SOCK_DIAG || !r.sock_diag.family)
		return;
	r.sock_diag.family = AF_INET6;
	answer(h, asked_for(h, request_text(&r, other)));
}

static void what_takes_long_is_asked_less_often(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(stretches); i++) {
		struct host *h = web_host(&watching);
		int64_t asked_ns;

		while (ask(h) && !find_asked(h, stretches[i].text))
			answer_all(h);
		asked_ns = h->now_ns;
		h->now_ns += stretches[i].took_ns;
		answer_pair(h, stretches[i].text);
		h->now_ns = asked_ns + stretches[i].rest_ns - S / 8 - 1;
		ask(h);
		if (find_asked(h, stretches[i].text))
			fail_msg("row %zu is asked too early", i);
		h->now_ns = asked_ns + stretches[i].rest_ns;
		ask(h);
		if (!find_asked(h, stretches[i].text))
			fail_msg("row %zu is not asked in time", i);
		host_free(h);
	}
}

static void nothing_is_asked_again_before_it_is_answered(void **state)
{
	struct host *h = web_host(&watching);

	(void)state;
	settle(h);
	h->now_ns += 60 * S;
	assert_true(ask(h) > 10);
	h->now_ns += 1000 * S;
	assert_int_equal(ask(h), 0);
	refresh_now(h->refresh);
	assert_int_equal(ask(h), 0);
	assert_int_equal(refresh_due_ns(h->refresh), INT64_MAX);
	answer(h, asked_for(h, UDP4));
	assert_int_equal(ask(h), 0); /* the other half of the table is still out */
	answer(h, asked_for(h, UDP6));
	h->now_ns += 100 * S;
	assert_int_equal(ask(h), 2);
	host_free(h);
}

static void once_means_once(void **state)
{
	struct host *h = web_host(&batch);

	(void)state;
	settle(h);
	assert_true(refresh_is_settled(h->refresh));
	h->n_all = 0;
	later(h, 1000 * S);
	assert_int_equal(h->n_all, 0);
	assert_int_equal(refresh_due_ns(h->refresh), INT64_MAX);
	host_free(h);
}

static void the_r_key_asks_everything_anew(void **state)
{
	struct host *h = web_host(&watching);
	unsigned n_first;

	(void)state;
	settle(h);
	n_first = h->n_all;
	h->n_all = 0;
	refresh_now(h->refresh);
	settle(h);
	assert_int_equal(h->n_all, n_first);
	host_free(h);
}

static void a_new_listener_has_its_owner_looked_for_at_once(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	settle(h);
	h->listeners[3] = (struct listener){"", AF_INET, IPPROTO_TCP, 8080, 57, 0};
	h->now_ns += S;
	ask(h);
	assert_null(find_asked(h, OWNERS));
	assert_true(answer_all(h));
	s = look(h);
	assert_int_equal(s->spaces[0].tcp->n, 3);
	assert_int_equal(s->n_owners_asked, 3); /* not 57 yet */
	table_unref(s);
	ask(h);
	assert_int_equal(asked_for(h, OWNERS)->request.owners.n_inodes, 4);
	assert_non_null(find_asked(h, CONNECTED)); /* and connections to its port */
	/* the same rows, but of four sockets */
	assert_int_equal(answer(h, asked_for(h, OWNERS)), 1);
	assert_true(answer_all(h));
	s = look(h);
	assert_int_equal(s->n_owners_asked, 4);
	table_unref(s);
	host_free(h);
}

static void a_listener_that_is_gone_has_no_owner_looked_for(void **state)
{
	struct host *h = web_host(&watching);

	(void)state;
	settle(h);
	h->listeners[2].netns = NULL;
	h->now_ns += S;
	ask(h);
	assert_true(answer_all(h));
	assert_int_equal(ask(h), 0);
	host_free(h);
}

static void a_slow_scan_is_not_repeated_for_every_new_listener(void **state)
{
	struct host *h = web_host(&watching);

	(void)state;
	while (ask(h) && !find_asked(h, OWNERS))
		answer_all(h);
	h->now_ns += S;
	answer_all(h);
	settle(h);
	h->listeners[3] = (struct listener){"", AF_INET, IPPROTO_TCP, 8080, 57, 0};
	h->now_ns += S;
	settle(h);
	h->now_ns += S;
	ask(h);
	assert_null(find_asked(h, OWNERS));
	answer_all(h);
	h->now_ns += 3 * S;
	ask(h);
	asked_for(h, OWNERS);
	host_free(h);
}

static void connections_are_counted_only_where_somebody_listens(void **state)
{
	struct host *h = host_new(&watching);
	struct snapshot *s;

	(void)state;
	h->listeners[0] = dns;
	settle(h);
	s = look(h);
	assert_null(s->spaces[0].connections);
	assert_true(s->is_settled);
	table_unref(s);
	h->listeners[1] = web;
	assert_true(later(h, S));
	s = look(h);
	assert_int_equal(s->spaces[0].connections->n, 1);
	assert_int_equal(s->spaces[0].connections->rows[0].port, 443);
	table_unref(s);
	host_free(h);
}

static void options_leave_sources_out(void **state)
{
	static const struct refresh_options few = {.without_owners = true,
						   .without_connections = true};
	struct host *h = web_host(&few);
	struct snapshot *s;

	(void)state;
	settle(h);
	for (int i = 0; i < 10; i++)
		later(h, S);
	s = look(h);
	assert_true(s->is_settled);
	assert_null(s->owners);
	assert_null(s->spaces[0].connections);
	table_unref(s);
	host_free(h);
}

/* What the owners' answer says, and whether units and groups are then asked for. */
static const struct {
	const char *name;
	uint64_t cgroup_id;
	struct bundle_item items[4];
	bool asks_cgroups, asks_units;
} helper_rows[] = {
	{"all read, all owned",
	 77,
	 {ITEM("100/fd/3", "socket:[55]"), ITEM("scan", "full=1 pids=9 unread=0")},
	 false,
	 false},
	{"held by the host's systemd",
	 0,
	 {ITEM("1/stat", "1 (systemd) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0"),
	  ITEM("1/fd/3", "socket:[55]"), ITEM("scan", "full=1 pids=9 unread=0")},
	 false,
	 true},
	{"held by a user's systemd",
	 0,
	 {ITEM("90/stat", "90 (systemd) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0"),
	  ITEM("90/fd/3", "socket:[55]"), ITEM("scan", "full=1 pids=9 unread=0")},
	 false,
	 true},
	{"nobody found", 0, {ITEM("scan", "full=1 pids=9 unread=0")}, false, true},
	{"not all read",
	 77,
	 {ITEM("100/fd/3", "socket:[55]"), ITEM("scan", "full=1 pids=9 unread=2")},
	 true,
	 false},
	{"not all read, root group",
	 1,
	 {ITEM("100/fd/3", "socket:[55]"), ITEM("scan", "full=1 pids=9 unread=2")},
	 false,
	 false},
};

static void units_and_groups_are_read_only_where_they_can_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(helper_rows); i++) {
		struct host *h = host_new(&watching);

		h->listeners[0] = web;
		h->listeners[0].cgroup_id = helper_rows[i].cgroup_id;
		h->owners = helper_rows[i].items;
		while (ask(h) && !find_asked(h, OWNERS))
			answer_all(h);
		assert_null(find_asked(h, "cgroups/-"));
		assert_null(find_asked(h, "socket_units/-"));
		answer_all(h);
		ask(h);
		if (!find_asked(h, "cgroups/-") == helper_rows[i].asks_cgroups)
			fail_msg("%s: groups", helper_rows[i].name);
		if (!find_asked(h, "socket_units/-") == helper_rows[i].asks_units)
			fail_msg("%s: units", helper_rows[i].name);
		host_free(h);
	}
}

static void a_request_that_was_not_sent_is_named_again(void **state)
{
	struct host *h = web_host(&watching);
	struct request first, again;
	char text[REQUEST_TEXT_MAX], text_again[REQUEST_TEXT_MAX];

	(void)state;
	assert_int_equal(refresh_sent(h->refresh, 1, h->now_ns), -EINVAL);
	assert_true(refresh_next(h->refresh, h->now_ns, &first));
	assert_true(refresh_next(h->refresh, h->now_ns, &again));
	assert_string_equal(request_text(&first, text), request_text(&again, text_again));
	assert_int_equal(refresh_sent(h->refresh, 1, h->now_ns), 0);
	assert_int_equal(refresh_sent(h->refresh, 2, h->now_ns), -EINVAL);
	assert_true(refresh_next(h->refresh, h->now_ns, &again));
	assert_string_not_equal(request_text(&first, text),
				request_text(&again, text_again));
	host_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_waits_for_nothing_is_asked_at_once),
		cmocka_unit_test(owners_wait_for_tcp_and_udp_only),
		cmocka_unit_test(helpers_wait_for_the_facts_of_the_host),
		cmocka_unit_test(owners_are_looked_for_after_the_listeners),
		cmocka_unit_test(each_source_has_its_interval),
		cmocka_unit_test(the_interval_is_the_users),
		cmocka_unit_test(timers_run_together),
		cmocka_unit_test(what_takes_long_is_asked_less_often),
		cmocka_unit_test(nothing_is_asked_again_before_it_is_answered),
		cmocka_unit_test(once_means_once),
		cmocka_unit_test(the_r_key_asks_everything_anew),
		cmocka_unit_test(a_new_listener_has_its_owner_looked_for_at_once),
		cmocka_unit_test(a_listener_that_is_gone_has_no_owner_looked_for),
		cmocka_unit_test(a_slow_scan_is_not_repeated_for_every_new_listener),
		cmocka_unit_test(connections_are_counted_only_where_somebody_listens),
		cmocka_unit_test(options_leave_sources_out),
		cmocka_unit_test(units_and_groups_are_read_only_where_they_can_help),
		cmocka_unit_test(a_request_that_was_not_sent_is_named_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
