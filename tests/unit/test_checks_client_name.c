/* This host as the client: what its name for the target, and a proxy, show and do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/client_scene.h"

static struct names_answer names;

/* ---- names ---- */

static void named(struct scene *c)
{
	stands(c);
	c->e.target.name = text_of("web1");
	names = (struct names_answer){.n = 1, .addresses = {hand_addr(FAR)}};
	c->e.names = &names;
}

static void unresolved(struct scene *c)
{
	named(c);
	names = (struct names_answer){.error = ENOENT};
	c->e.n_walks = 0;
	c->e.plan.n = 0;
	c->e.reach = NULL;
}

static void resolver_too_slow(struct scene *c)
{
	unresolved(c);
	names.error = ETIMEDOUT;
}

static void hidden_by_hosts(struct scene *c)
{
	named(c);
	tries.rows[0].outcome = REACH_TIMED_OUT;
	tries.rows[0].error = ETIMEDOUT;
	tries.rows[1] = STANDS;
	tries.rows[1].is_told = true;
	tries.rows[1].to = hand_addr("198.51.100.8");
	tries.n = 2;
	c->e.plan.addresses[c->e.plan.n++] = tries.rows[1].to;
	names.hosts[names.n_hosts++] = hand_addr(FAR);
	names.replies[names.n_replies++] =
		(struct names_reply){.reply = {.n = 1, .addresses = {tries.rows[1].to}}};
}

/* Neither of them answers: which is right nobody knows. */
static void hidden_by_hosts_and_neither_works(struct scene *c)
{
	hidden_by_hosts(c);
	tries.rows[1].outcome = REACH_TIMED_OUT;
}

static void hidden_by_hosts_and_it_works(struct scene *c)
{
	hidden_by_hosts(c);
	tries.rows[0] = STANDS;
	tries.rows[0].is_told = true;
	tries.rows[0].to = hand_addr(FAR);
}

static void expected_elsewhere(struct scene *c)
{
	named(c);
	c->e.expected = hand_addr("198.51.100.9");
}

/* Where the service is: nothing came, and the name's address is not here. */
static void asked_at_the_server(struct scene *c)
{
	c->e.target.name = text_of("web1");
	names = (struct names_answer){.n = 1, .addresses = {hand_addr(FAR)}};
	c->e.names = &names;
	scene_walk(c, SERVER, NULL);
}

static void asked_at_the_server_and_clients_come(struct scene *c)
{
	asked_at_the_server(c);
	c->e.n_walks = 0;
	scene_try(c, ANSWERED_TRY);
}

static void both_families(struct scene *c)
{
	named(c);
	tries.rows[1] = tries.rows[0];
	tries.n = 2;
	tries.rows[0] = TIMED_OUT;
	tries.rows[0].is_told = true;
	tries.rows[0].to = hand_addr("2001:db8:7::7");
	c->e.plan.n = 2;
	c->e.plan.addresses[0] = tries.rows[0].to;
	c->e.plan.addresses[1] = tries.rows[1].to;
	names.n = 2;
	names.addresses[0] = tries.rows[0].to;
	names.addresses[1] = tries.rows[1].to;
	c->e.walks[0].server = tries.rows[0].to;
}

static void both_families_v4_first(struct scene *c)
{
	both_families(c);
	names.addresses[0] = tries.rows[1].to;
	names.addresses[1] = tries.rows[0].to;
}

static void both_families_and_neither_works(struct scene *c)
{
	both_families(c);
	tries.rows[1].outcome = REACH_REFUSED;
}

static void with_proxy(struct scene *c)
{
	silent(c);
	tries.variables[0] =
		(struct reach_variable){text_of("https_proxy"), text_of("http://p:3128")};
	tries.n_variables = 1;
}

static void with_proxy_but_not_for_it(struct scene *c)
{
	with_proxy(c);
	tries.variables[1] =
		(struct reach_variable){text_of("no_proxy"), text_of("localhost," FAR)};
	tries.n_variables = 2;
}

static void with_proxy_of_plain_http(struct scene *c)
{
	with_proxy(c);
	tries.variables[0].name = text_of("http_proxy");
}

static const struct scene_row rows[] = {
	PROVEN("no such name", unresolved, FAULT_NAME_UNRESOLVED,
	       "web1 does not resolve here: there is no such name"),
	LIKELY("the resolver took longer than we waited", resolver_too_slow,
	       FAULT_NAME_UNRESOLVED, ""),
	EXCLUDED("the name resolves", named, FAULT_NAME_UNRESOLVED),
	LIKELY("/etc/hosts hides an address that works", hidden_by_hosts,
	       FAULT_NAME_ELSEWHERE, "web1 resolves to " FAR ", not to 198.51.100.8"),
	NEVER("/etc/hosts hides an address that does not work either",
	      hidden_by_hosts_and_neither_works, FAULT_NAME_ELSEWHERE),
	EXCLUDED("/etc/hosts has the address that works", hidden_by_hosts_and_it_works,
		 FAULT_NAME_ELSEWHERE),
	PROVEN("not the expected address", expected_elsewhere, FAULT_NAME_ELSEWHERE, ""),
	POSSIBLE("asked at the server, the name is of nobody here", asked_at_the_server,
		 FAULT_NAME_ELSEWHERE, ""),
	EXCLUDED("asked at the server, and clients come all the same",
		 asked_at_the_server_and_clients_come, FAULT_NAME_ELSEWHERE),
	PROVEN("IPv6 comes first and fails", both_families, FAULT_PREFERS_IPV6,
	       "web1 is tried over IPv6 first"),
	EXCLUDED("IPv4 comes first", both_families_v4_first, FAULT_PREFERS_IPV6),
	NEVER("neither family works", both_families_and_neither_works, FAULT_PREFERS_IPV6),
	POSSIBLE("a proxy is set", with_proxy, FAULT_USES_PROXY, "programs that heed"),
	EXCLUDED("a proxy is set, not for this target", with_proxy_but_not_for_it,
		 FAULT_USES_PROXY),
	EXCLUDED("a proxy is set, for another scheme", with_proxy_of_plain_http,
		 FAULT_USES_PROXY),
};

static void what_a_name_shows_is_told_and_no_more(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

static void a_name_that_works_is_open_by_that_name(void **state)
{
	static struct scene c;
	struct diagnosis *d;

	(void)state;
	scene_start(&c);
	named(&c);
	d = judge(&c.e);
	assert_non_null(d);
	assert_int_equal(d->verdict, VERDICT_HEALTHY);
	assert_true(scene_contains(d->summary, "web1 port 443 is open from here: " FAR));
	table_unref(d);
	scene_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_name_shows_is_told_and_no_more),
		cmocka_unit_test(a_name_that_works_is_open_by_that_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
