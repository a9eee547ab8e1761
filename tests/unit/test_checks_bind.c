/* Faults of a service that could not bind: its line beside what the tables say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/judge_scenes.h"

#include "tests/unit/hand_logs.h"

#define BIND_OF(port, words) "[emerg] 12#12: bind() to 0.0.0.0:" port " failed (" words ")"
#define IN_USE               "98: Address already in use"
#define DENIED               "13: Permission denied"
#define ABSENT(address)                                     \
	"[emerg] 12#12: bind() to " address " failed (99: " \
	"Cannot assign requested address)"
#define AVC(port, more)                                                                \
	"avc:  denied  { name_bind } for  pid=7 comm=\"web\" src=" port " scontext=a " \
	"tclass=tcp_socket permissive=0" more

static const struct hand_socket on_loopback[] = {
	SOCK(PROTO_TCP, "127.0.0.1", 443, 100, .limit = 511), {0}};

static void refused(struct scene *c, const struct hand_socket *sockets)
{
	scene_listen(c, sockets);
	scene_count(c, "Tcp.OutRsts", 1);
	scene_try(c, REFUSED_TRY);
}

/* What the space knows of its settings; given back with the snapshot. */
static void with_facts(struct scene *c, uint16_t unprivileged_start)
{
	struct net_facts *t = table_new(sizeof(*t), NULL);

	t->local_port_low = 32768;
	t->local_port_high = 60999;
	t->unprivileged_start = unprivileged_start;
	c->s->spaces[0].facts = t;
}

/* ---- server.address-in-use ---- */

static void held_by_another_service(struct scene *c)
{
	refused(c, on_loopback);
	scene_line(c, "apache2.service", BIND_OF("443", IN_USE), 1);
}

static void held_and_told_by_whoever_may_log(struct scene *c)
{
	refused(c, on_loopback);
	scene_forgeable_line(c, "apache2", BIND_OF("443", IN_USE));
}

static void held_and_another_port_failed(struct scene *c)
{
	refused(c, on_loopback);
	scene_line(c, "apache2.service", BIND_OF("8443", IN_USE), 1);
}

static void held_since_the_line_only(struct scene *c)
{
	refused(c, on_loopback);
	scene_line(c, "apache2.service", BIND_OF("443", IN_USE), 1);
	c->s->endpoints[0].started_boot_ns = c->s->boot_ns + 30 * NS_PER_S;
}

static void held_where_it_does_not_matter(struct scene *c)
{
	refused(c, on_loopback);
	scene_line(c, "apache2.service",
		   "[emerg] 12#12: bind() to 10.0.0.1:443 failed (" IN_USE ")", 1);
}

static void held_long_ago(struct scene *c)
{
	refused(c, on_loopback);
	scene_line(c, "apache2.service", BIND_OF("443", IN_USE), 7200);
}

static void held_long_ago_and_still_down(struct scene *c)
{
	held_long_ago(c);
	scene_unit(c, "apache2.service", "failed", "failed", "exit-code");
}

static void held_before_that_and_denied_at_last(struct scene *c)
{
	refused(c, on_loopback);
	scene_line(c, "apache2.service", BIND_OF("443", IN_USE), 3);
	scene_line(c, "apache2.service", BIND_OF("443", DENIED), 1);
}

static void in_use_by_nobody(struct scene *c)
{
	refused(c, none);
	scene_line(c, "apache2.service", BIND_OF("443", IN_USE), 1);
}

static void as_a_source_port(struct scene *c, uint16_t port, unsigned state,
			     const char *local)
{
	static struct connection_group row;
	static struct connection_table table = {.rows = &row, .n = 1, .total = 1};

	row = (struct connection_group){.local = hand_addr(local), .port = port};
	row.counts[state] = 1;
	c->e.connections_after = &table;
}

static void port_is_a_source_port(struct scene *c)
{
	c->e.target.port = 40080;
	refused(c, none);
	with_facts(c, 1024);
	scene_line(c, "web.service", BIND_OF("40080", IN_USE), 1);
	as_a_source_port(c, 40080, 1, SERVER);
}

static void port_is_a_source_port_of_before(struct scene *c)
{
	port_is_a_source_port(c);
	as_a_source_port(c, 40080, 6, SERVER);
}

static void source_port_elsewhere(struct scene *c)
{
	c->e.target.port = 40080;
	refused(c, none);
	scene_line(c, "web.service",
		   "[emerg] 12#12: bind() to 10.0.0.1:40080 failed (" IN_USE ")", 1);
	as_a_source_port(c, 40080, 1, "10.0.0.9");
}

static void source_port_and_no_line(struct scene *c)
{
	c->e.target.port = 40080;
	refused(c, none);
	as_a_source_port(c, 40080, 1, SERVER);
}

static void last_connections_are_left(struct scene *c)
{
	refused(c, none);
	with_facts(c, 0);
	scene_line(c, "web.service", BIND_OF("443", IN_USE), 1);
	as_a_source_port(c, 443, 5, SERVER);
}

static void in_use_and_served(struct scene *c)
{
	scene_line(c, "apache2.service", BIND_OF("443", IN_USE), 1);
	scene_try(c, ANSWERED_TRY);
}

static const struct scene_row in_use_rows[] = {
	LIKELY("another program has it", held_by_another_service, FAULT_ADDRESS_IN_USE,
	       "apache2.service could not take 443/tcp: nginx 812 holds it on "),
	NEVER("another program has it: its address is no cause beside",
	      held_by_another_service, FAULT_LOOPBACK_ONLY),
	BESIDE("a line that anybody may write", held_and_told_by_whoever_may_log,
	       FAULT_ADDRESS_IN_USE, CERTAINTY_POSSIBLE),
	PROVEN("a line that anybody may write changes no cause",
	       held_and_told_by_whoever_may_log, FAULT_LOOPBACK_ONLY, ""),
	NEVER("another port failed", held_and_another_port_failed, FAULT_ADDRESS_IN_USE),
	BESIDE("the holder came later", held_since_the_line_only, FAULT_ADDRESS_IN_USE,
	       CERTAINTY_POSSIBLE),
	BESIDE("the holder has another address", held_where_it_does_not_matter,
	       FAULT_ADDRESS_IN_USE, CERTAINTY_POSSIBLE),
	BESIDE("a line of hours ago may be history", held_long_ago, FAULT_ADDRESS_IN_USE,
	       CERTAINTY_POSSIBLE),
	LIKELY("a line of hours ago whose unit is down still", held_long_ago_and_still_down,
	       FAULT_ADDRESS_IN_USE, "nginx 812 holds it"),
	NEVER("its last word is another", held_before_that_and_denied_at_last,
	      FAULT_ADDRESS_IN_USE),
	BESIDE("nobody has it any more", in_use_by_nobody, FAULT_ADDRESS_IN_USE,
	       CERTAINTY_POSSIBLE),
	PROVEN("nobody has it any more: nobody listens", in_use_by_nobody,
	       FAULT_NOT_LISTENING, ""),
	LIKELY("a connection has it", port_is_a_source_port, FAULT_ADDRESS_IN_USE,
	       "web.service could not take 40080/tcp: a connection of this host has it"),
	BESIDE("a connection that is over holds nothing", port_is_a_source_port_of_before,
	       FAULT_ADDRESS_IN_USE, CERTAINTY_POSSIBLE),
	BESIDE("a connection of another address", source_port_elsewhere,
	       FAULT_ADDRESS_IN_USE, CERTAINTY_POSSIBLE),
	NEVER("a connection, and no service that wanted it", source_port_and_no_line,
	      FAULT_ADDRESS_IN_USE),
	LIKELY("connections of its last run", last_connections_are_left,
	       FAULT_ADDRESS_IN_USE, "connections of its last run still have it"),
	NEVER("the port is served", in_use_and_served, FAULT_ADDRESS_IN_USE),
};

static void a_port_in_use_is_told_with_who_has_it(void **state)
{
	(void)state;
	scene_run(in_use_rows, N_OF(in_use_rows));
}

/* ---- server.privileged-port, server.bind-denied ---- */

static struct log_line *low_port(struct scene *c)
{
	refused(c, none);
	with_facts(c, 1024);
	return scene_line(c, "web.service", BIND_OF("443", DENIED), 1);
}

static void may_not_take_a_low_port(struct scene *c)
{
	low_port(c);
}

static void root_may_not_take_a_low_port(struct scene *c)
{
	low_port(c)->is_root = true;
}

static void port_is_not_low_here(struct scene *c)
{
	low_port(c);
	c->s->spaces[0].facts->unprivileged_start = 80;
}

static void low_port_and_denied_by_a_module(struct scene *c)
{
	low_port(c);
	scene_kernel_line(c, AVC("443", ""), 1);
}

static void low_port_and_another_was_denied(struct scene *c)
{
	low_port(c);
	scene_kernel_line(c, AVC("8443", ""), 1);
}

static void low_port_and_denied_another_day(struct scene *c)
{
	refused(c, none);
	with_facts(c, 1024);
	scene_kernel_line(c, AVC("443", ""), 7200);
	scene_line(c, "web.service", BIND_OF("443", DENIED), 1);
}

static void low_port_and_it_is_served(struct scene *c)
{
	with_facts(c, 1024);
	scene_line(c, "web.service", BIND_OF("443", DENIED), 1);
	scene_try(c, ANSWERED_TRY);
}

static void high_port_denied(struct scene *c)
{
	c->e.target.port = 8443;
	refused(c, none);
	with_facts(c, 1024);
	scene_line(c, "web.service", BIND_OF("8443", DENIED), 1);
}

static void high_port_denied_by_a_module(struct scene *c)
{
	high_port_denied(c);
	scene_kernel_line(c, AVC("8443", ""), 1);
}

static void a_denial_alone(struct scene *c)
{
	refused(c, none);
	scene_kernel_line(c, AVC("443", ""), 1);
}

static void a_denial_that_was_only_told(struct scene *c)
{
	refused(c, none);
	scene_kernel_line(c,
			  "avc:  denied  { name_bind } for  pid=7 comm=\"web\" src=443 "
			  "tclass=tcp_socket permissive=1",
			  1);
}

static void a_denial_that_a_program_wrote(struct scene *c)
{
	refused(c, none);
	scene_forgeable_line(c, "kernel", AVC("443", ""));
}

static const struct scene_row denied_rows[] = {
	LIKELY("a low port", may_not_take_a_low_port, FAULT_PRIVILEGED_PORT,
	       "web.service may not take 443/tcp: ports below 1024"),
	NEVER("a low port: nobody listening is its effect", may_not_take_a_low_port,
	      FAULT_NOT_LISTENING),
	NEVER("a low port is no denial", may_not_take_a_low_port, FAULT_BIND_DENIED),
	NEVER("root has the right", root_may_not_take_a_low_port, FAULT_PRIVILEGED_PORT),
	BESIDE("root has the right: something else denies", root_may_not_take_a_low_port,
	       FAULT_BIND_DENIED, CERTAINTY_POSSIBLE),
	NEVER("the port is free to all", port_is_not_low_here, FAULT_PRIVILEGED_PORT),
	LIKELY("a module denied it", low_port_and_denied_by_a_module, FAULT_BIND_DENIED,
	       "SELinux"),
	NEVER("a module denied it: not because it is low", low_port_and_denied_by_a_module,
	      FAULT_PRIVILEGED_PORT),
	LIKELY("a module denied another port", low_port_and_another_was_denied,
	       FAULT_PRIVILEGED_PORT, ""),
	LIKELY("a module denied it another day", low_port_and_denied_another_day,
	       FAULT_PRIVILEGED_PORT, ""),
	NEVER("the port is served", low_port_and_it_is_served, FAULT_PRIVILEGED_PORT),
	BESIDE("a high port, and no denial is found", high_port_denied, FAULT_BIND_DENIED,
	       CERTAINTY_POSSIBLE),
	NEVER("a high port is none of the low ones", high_port_denied,
	      FAULT_PRIVILEGED_PORT),
	LIKELY("a high port that a module denied", high_port_denied_by_a_module,
	       FAULT_BIND_DENIED, "web.service may not take 8443/tcp"),
	LIKELY("the denial alone", a_denial_alone, FAULT_BIND_DENIED, ""),
	NEVER("a permissive module", a_denial_that_was_only_told, FAULT_BIND_DENIED),
	NEVER("the words of a denial by a program", a_denial_that_a_program_wrote,
	      FAULT_BIND_DENIED),
};

static void a_right_that_lacks_is_told_from_a_denial(void **state)
{
	(void)state;
	scene_run(denied_rows, N_OF(denied_rows));
}

/* ---- server.address-absent ---- */

static void address_is_not_here(struct scene *c)
{
	refused(c, none);
	scene_line(c, "web.service", ABSENT("10.0.0.77:443"), 1);
}

static void address_came_later(struct scene *c)
{
	refused(c, none);
	scene_line(c, "web.service", ABSENT("10.0.0.1:443"), 1);
}

static void address_of_another_port(struct scene *c)
{
	refused(c, none);
	scene_line(c, "web.service", ABSENT("10.0.0.77:80"), 1);
}

static void address_told_by_whoever_may_log(struct scene *c)
{
	refused(c, none);
	scene_forgeable_line(c, "web", ABSENT("10.0.0.77:443"));
}

static void address_and_no_list_of_them(struct scene *c)
{
	address_is_not_here(c);
	table_unref(c->s->spaces[0].addresses);
	c->s->spaces[0].addresses = NULL;
}

static const struct scene_row absent_rows[] = {
	LIKELY("an address that is not here", address_is_not_here, FAULT_ADDRESS_ABSENT,
	       "could not take 443/tcp on 10.0.0.77: the address is not on this host"),
	LIKELY("an address that came later", address_came_later, FAULT_ADDRESS_ABSENT,
	       "was not here yet"),
	NEVER("another port", address_of_another_port, FAULT_ADDRESS_ABSENT),
	BESIDE("a line that anybody may write", address_told_by_whoever_may_log,
	       FAULT_ADDRESS_ABSENT, CERTAINTY_POSSIBLE),
	NEVER("it is not known which are here", address_and_no_list_of_them,
	      FAULT_ADDRESS_ABSENT),
};

static void an_address_that_was_not_there_is_told(void **state)
{
	(void)state;
	scene_run(absent_rows, N_OF(absent_rows));
}

static void what_to_do_names_the_unit_and_can_be_taken_back(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, held_by_another_service);
	const struct finding *f = &d->findings[0];

	(void)state;
	assert_true(text_equals_str(f->next[0].command, "systemctl stop nginx.service"));
	assert_true(text_equals_str(f->next[0].undo, "systemctl start nginx.service"));
	assert_true(
		text_equals_str(f->next[1].command, "systemctl restart apache2.service"));
	scene_give_back(&c, d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_in_use_is_told_with_who_has_it),
		cmocka_unit_test(a_right_that_lacks_is_told_from_a_denial),
		cmocka_unit_test(an_address_that_was_not_there_is_told),
		cmocka_unit_test(what_to_do_names_the_unit_and_can_be_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
