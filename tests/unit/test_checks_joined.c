/* Faults between a client and this host: each row where it is told, and where it must not
 * be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/joined_says.h"

/* ---- it never arrives ---- */

static void maybe_left_it(struct scene *c)
{
	says(c, CLIENT_TIMED_OUT);
}

static void left_it_and_came(struct scene *c)
{
	left_it(c);
	scene_tell(c, CLIENT, SILENT_TRY);
}

static void left_it_lossy(struct scene *c)
{
	left_it(c);
	c->attempts.state.n_kernel_drops = 1;
}

static void left_it_unheard(struct scene *c)
{
	left_it(c);
	c->attempts.state.n_packets = 0;
}

static void left_it_behind_xdp(struct scene *c)
{
	left_it(c);
	c->program = (struct program_row){.kind = PROGRAM_OF_XDP,
					  .place = PROGRAM_AT_XDP,
					  .device = "eth0",
					  .words = "a program"};
	c->e.walks[0].path.request.programs[0] = &c->program;
	c->e.walks[0].path.request.n_programs = 1;
}

/* It may be the same client behind a NAT. */
static void left_it_and_another_fails(struct scene *c)
{
	left_it(c);
	scene_tell(c, NEAR, SILENT_TRY);
}

static void left_it_and_another_gets_through(struct scene *c)
{
	left_it(c);
	scene_tell(c, NEAR, ANSWERED_TRY);
}

static void left_it_in_a_file(struct scene *c)
{
	left_it(c);
	view()->is_remote = false;
	c->e.joined = c->e.remote;
	c->e.remote = NULL;
}

static void left_it_at_another_time(struct scene *c)
{
	left_it_in_a_file(c);
	view()->has_own_time = false;
}

static void left_it_hours_ago(struct scene *c)
{
	left_it_in_a_file(c);
	view()->start_ns = view()->end_ns = WALL - 7200 * NS_PER_S;
}

static void went_to_another_port(struct scene *c)
{
	left_it(c);
	view()->tries[0].port = 8443;
}

static void before_the_end(struct scene *c)
{
	left_it(c);
	c->e.has_window_ended = false;
}

static const struct scene_row never_arrives[] = {
	PROVEN("the client's kernel sent it and nothing came", left_it,
	       FAULT_SYN_NEVER_ARRIVES, "left it, and none arrived here"),
	LIKELY("whether it left is not known", maybe_left_it, FAULT_SYN_NEVER_ARRIVES,
	       "got no answer"),
	LIKELY("the capture lost packets", left_it_lossy, FAULT_SYN_NEVER_ARRIVES, ""),
	LIKELY("the capture saw nothing at all", left_it_unheard, FAULT_SYN_NEVER_ARRIVES,
	       ""),
	BESIDE("another address fails at that moment", left_it_and_another_fails,
	       FAULT_SYN_NEVER_ARRIVES, CERTAINTY_POSSIBLE),
	POSSIBLE("and that may be it", left_it_and_another_fails, FAULT_SOURCE_DIFFERS,
		 NEAR),
	PROVEN("another address gets through: that is not this client",
	       left_it_and_another_gets_through, FAULT_SYN_NEVER_ARRIVES, ""),
	PROVEN("a saved document names its time, which fits", left_it_in_a_file,
	       FAULT_SYN_NEVER_ARRIVES, ""),
	POSSIBLE("a text without a time of its own", left_it_at_another_time,
		 FAULT_SYN_NEVER_ARRIVES, ""),
	POSSIBLE("a document of another time", left_it_hours_ago, FAULT_SYN_NEVER_ARRIVES,
		 ""),
	EXCLUDED("it came, and was not answered", left_it_and_came,
		 FAULT_SYN_NEVER_ARRIVES),
	NEVER("a program stands before the capture", left_it_behind_xdp,
	      FAULT_SYN_NEVER_ARRIVES),
	NEVER("it tried another port", went_to_another_port, FAULT_SYN_NEVER_ARRIVES),
	EXCLUDED("it got through", connected_and_came, FAULT_SYN_NEVER_ARRIVES),
	NEVER("the window is still open", before_the_end, FAULT_SYN_NEVER_ARRIVES),
};

/* ---- the client's own host ---- */

static void stopped_itself(struct scene *c)
{
	struct client_try *t = says(c, CLIENT_TIMED_OUT);

	t->has_left = TRI_NO;
	t->n_repeats = t->n_stopped = 3;
}

static void stopped_and_came(struct scene *c)
{
	stopped_itself(c);
	scene_tell(c, CLIENT, SILENT_TRY);
}

static void forbidden(struct scene *c)
{
	says(c, CLIENT_NOT_PERMITTED);
}

static void refused_itself(struct scene *c)
{
	says(c, CLIENT_REFUSED)->was_answered_here = TRI_YES;
}

static void refused_by_who_knows(struct scene *c)
{
	says(c, CLIENT_REFUSED)->was_answered_here = TRI_UNSURE;
}

static void refused_on_the_way(struct scene *c)
{
	says(c, CLIENT_REFUSED);
}

static void refused_by_us(struct scene *c)
{
	refused_on_the_way(c);
	scene_count(c, "Tcp.OutRsts", 1);
	scene_tell(c, CLIENT, REFUSED_TRY);
}

static void refused_and_silent_here(struct scene *c)
{
	refused_on_the_way(c);
	scene_tell(c, CLIENT, SILENT_TRY);
}

/* Its packets may come under that address. */
static void refused_and_another_is(struct scene *c)
{
	refused_on_the_way(c);
	scene_count(c, "Tcp.OutRsts", 1);
	scene_tell(c, NEAR, REFUSED_TRY);
}

static void without_route(struct scene *c)
{
	says(c, CLIENT_NET_UNREACHABLE)->has_no_route = true;
}

static void told_of_no_route_by_a_router(struct scene *c)
{
	says(c, CLIENT_NET_UNREACHABLE)->device = text_of("eth0");
}

static void dead_next_hop(struct scene *c)
{
	struct client_try *t = says(c, CLIENT_UNREACHABLE);

	t->is_neighbour_dead = true;
	t->next_hop = text_of("192.0.2.254");
}

static void unreachable_on_the_way(struct scene *c)
{
	says(c, CLIENT_UNREACHABLE);
}

static void unreachable_and_told_by_us(struct scene *c)
{
	unreachable_on_the_way(c);
	scene_tell(c, CLIENT,
		   (struct attempt){.outcome = OUTCOME_ICMP,
				    .n_icmp = 1,
				    .icmp_type = 3,
				    .icmp_code = 10,
				    .icmp_from = hand_addr(SERVER)});
}

static const struct scene_row own_host[] = {
	LIKELY("its kernel could send none", stopped_itself, FAULT_EGRESS_FILTERED,
	       "own host stops"),
	EXCLUDED("its kernel could send none, and yet it came", stopped_and_came,
		 FAULT_EGRESS_FILTERED),
	PROVEN("it may not send", forbidden, FAULT_EGRESS_FILTERED, ""),
	LIKELY("its own interface carried the no", refused_itself, FAULT_EGRESS_FILTERED,
	       ""),
	NEVER("who said no is not known", refused_by_who_knows, FAULT_EGRESS_FILTERED),
	EXCLUDED("it left the client", left_it, FAULT_EGRESS_FILTERED),
	NEVER("it is this host that stops it: nothing arrived, all the same",
	      stopped_itself, FAULT_SYN_NEVER_ARRIVES),
	PROVEN("its route table says so", without_route, FAULT_CLIENT_NO_ROUTE, "no route"),
	LIKELY("a router may have said so", told_of_no_route_by_a_router,
	       FAULT_CLIENT_NO_ROUTE, ""),
	PROVEN("its next hop is dead", dead_next_hop, FAULT_NEXT_HOP_UNREACHABLE,
	       "192.0.2.254"),
	NEVER("a dead next hop is no firewall", dead_next_hop, FAULT_REMOTE),
	LIKELY("no route to host, and it never came", unreachable_on_the_way, FAULT_REMOTE,
	       "never came here"),
	NEVER("its next hop lives", unreachable_on_the_way, FAULT_NEXT_HOP_UNREACHABLE),
	EXCLUDED("its SYN came here", unreachable_and_told_by_us,
		 FAULT_NEXT_HOP_UNREACHABLE),
};

static const struct scene_row between[] = {
	LIKELY("refused, and it never came", refused_on_the_way, FAULT_MIDDLEBOX_RESET,
	       "never came here"),
	PROVEN("refused, and here nothing was sent back", refused_and_silent_here,
	       FAULT_MIDDLEBOX_RESET, "nothing was sent back"),
	POSSIBLE("refused, and its own host may have", refused_by_who_knows,
		 FAULT_MIDDLEBOX_RESET, ""),
	NEVER("refused by itself", refused_itself, FAULT_MIDDLEBOX_RESET),
	NEVER("refused by this host", refused_by_us, FAULT_MIDDLEBOX_RESET),
	NEVER("another was refused here at that moment", refused_and_another_is,
	      FAULT_MIDDLEBOX_RESET),
};

static void a_syn_that_left_and_never_came_is_lost_between(void **state)
{
	(void)state;
	scene_run(never_arrives, N_OF(never_arrives));
}

static void what_the_client_s_own_host_does_is_told_of_it(void **state)
{
	(void)state;
	scene_run(own_host, N_OF(own_host));
}

static void who_answers_in_this_host_s_place_is_told(void **state)
{
	(void)state;
	scene_run(between, N_OF(between));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_that_left_and_never_came_is_lost_between),
		cmocka_unit_test(what_the_client_s_own_host_does_is_told_of_it),
		cmocka_unit_test(who_answers_in_this_host_s_place_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, give_back);
}
