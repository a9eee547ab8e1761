/* Faults of routes, addresses, neighbours and translations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

static struct path *path_of(struct scene *c)
{
	return &c->e.walks[0].path;
}

static void end_by_route(struct path_leg *leg, int error)
{
	leg->verdict = PATH_DROP;
	leg->decided_by = DECIDER_ROUTE;
	leg->at = PLACE_ROUTE;
	leg->is_walked = true;
	leg->n_hops = 1;
	leg->hops[0].place = PLACE_ROUTE;
	leg->hops[0].error = error;
}

/* ---- the way back ---- */

static void no_way_back(struct scene *c, struct attempt a, int error)
{
	scene_try(c, a);
	end_by_route(&path_of(c)->reply, error);
	scene_count(c, "Ip.OutNoRoutes", 3);
}

static void no_route(struct scene *c)
{
	no_way_back(c, SILENT_TRY, ENETUNREACH);
}

static void no_route_lossy(struct scene *c)
{
	no_route(c);
	c->attempts.state.n_kernel_drops = 1;
}

static void no_route_not_counted(struct scene *c)
{
	no_route(c);
	scene_count(c, "Ip.OutNoRoutes", 0);
}

static void no_route_yet_refused(struct scene *c)
{
	no_way_back(c, REFUSED_TRY, ENETUNREACH);
}

static void no_route_yet_syn_ack(struct scene *c)
{
	no_way_back(c, (struct attempt){.outcome = OUTCOME_HALF_OPEN, .n_syn_acks = 2},
		    ENETUNREACH);
}

static void blackhole(struct scene *c)
{
	no_way_back(c, SILENT_TRY, EINVAL);
}

static void prohibited_untried(struct scene *c)
{
	scene_walk(c, SERVER, CLIENT);
	end_by_route(&path_of(c)->reply, EACCES);
}

static void blackhole_yet_answered(struct scene *c)
{
	no_way_back(c, ANSWERED_TRY, EINVAL);
}

/* ---- the way in ---- */

static void filtered(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	end_by_route(&path_of(c)->request, EXDEV);
	scene_count(c, "TcpExt.IPReversePathFilter", 3);
}

static void filtered_not_counted(struct scene *c)
{
	filtered(c);
	scene_count(c, "TcpExt.IPReversePathFilter", 0);
}

static void martian_or_filtered(struct scene *c)
{
	filtered(c);
	path_of(c)->request.hops[0].error = EINVAL;
}

static void martian(struct scene *c)
{
	martian_or_filtered(c);
	scene_count(c, "TcpExt.IPReversePathFilter", 0);
}

static void others_filtered(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	path_of(c)->request.n_hops = 1;
	path_of(c)->request.hops[0].place = PLACE_ROUTE;
	scene_count(c, "TcpExt.IPReversePathFilter", 9);
}

static void filtered_yet_answered(struct scene *c)
{
	filtered(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

/* ---- an address that is not here ---- */

static void for_elsewhere(struct scene *c, struct attempt a)
{
	c->e.target.role = AIM_ROUTER;
	c->e.target.address = hand_addr("10.0.0.77");
	a.server = c->e.target.address;
	scene_tell(c, CLIENT, a);
	scene_walk(c, "10.0.0.77", CLIENT);
	path_of(c)->is_local = false;
	scene_count(c, "Ip.InAddrErrors", 3);
}

static void not_here(struct scene *c)
{
	for_elsewhere(c, SILENT_TRY);
}

static void not_here_and_does_not_forward(struct scene *c)
{
	not_here(c);
	path_of(c)->is_forwarded = true;
	end_by_route(&path_of(c)->request, 0);
}

static void not_here_others_counted(struct scene *c)
{
	not_here(c);
	scene_count(c, "Ip.InAddrErrors", 1);
}

static void not_here_passed_on(struct scene *c)
{
	not_here(c);
	path_of(c)->is_forwarded = true;
}

static void not_here_of_another_host(struct scene *c)
{
	struct attempt a = SILENT_TRY;

	a.is_to_other_mac = true;
	for_elsewhere(c, a);
}

static void not_here_this_host_asks(struct scene *c)
{
	not_here(c);
	c->e.target.role = AIM_CLIENT;
}

static void not_here_yet_answered(struct scene *c)
{
	for_elsewhere(c, ANSWERED_TRY);
}

static void it_is_here(struct scene *c)
{
	scene_try(c, SILENT_TRY);
}

static void addresses_unread(struct scene *c)
{
	not_here(c);
	table_unref(c->s->spaces[0].addresses);
	c->s->spaces[0].addresses = NULL;
}

/* ---- the next hop ---- */

enum { REACHABLE = 0x02, FAILED = 0x20, INCOMPLETE = 0x01 };

static void does_not_resolve(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_neighbour(c, FAILED);
}

static void still_asked_for(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_neighbour(c, INCOMPLETE);
}

static void resolved(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_neighbour(c, REACHABLE);
}

static void failed_untried(struct scene *c)
{
	scene_walk(c, SERVER, CLIENT);
	scene_neighbour(c, FAILED);
}

static void failed_behind_a_drop(struct scene *c)
{
	does_not_resolve(c);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void failed_yet_refused(struct scene *c)
{
	scene_try(c, REFUSED_TRY);
	scene_neighbour(c, FAILED);
}

static void failed_by_another_device(struct scene *c)
{
	does_not_resolve(c);
	c->neighbour.ifindex = ETH1;
}

/* ---- translations ---- */

static void redirected(struct scene *c)
{
	scene_try(c, REFUSED_TRY);
	scene_count(c, "Tcp.OutRsts", 1);
	path_of(c)->is_translated = true;
	path_of(c)->server_port = 8443;
	path_of(c)->request.nat_chain = c->input;
	path_of(c)->request.nat_rule = 0;
}

static void redirected_untried(struct scene *c)
{
	redirected(c);
	scene_forget(c);
}

static void redirected_and_silence(struct scene *c)
{
	redirected(c);
	scene_forget(c);
	scene_tell(c, CLIENT, SILENT_TRY);
}

static void redirected_to_a_served_port(struct scene *c)
{
	redirected(c);
	path_of(c)->server_port = 443;
}

static void translated_elsewhere(struct scene *c)
{
	redirected(c);
	path_of(c)->is_local = false;
	path_of(c)->is_forwarded = true;
}

static const struct scene_row rows[] = {
	PROVEN("no route, counted", no_route, FAULT_NO_ROUTE_BACK,
	       "no way back to 10.0.0.2: network is unreachable"),
	LIKELY("no route, not counted", no_route_not_counted, FAULT_NO_ROUTE_BACK, ""),
	LIKELY("no route, the capture lost packets", no_route_lossy, FAULT_NO_ROUTE_BACK,
	       ""),
	EXCLUDED("no route, yet a reset left", no_route_yet_refused, FAULT_NO_ROUTE_BACK),
	EXCLUDED("no route, yet a SYN-ACK left", no_route_yet_syn_ack, FAULT_NO_ROUTE_BACK),
	NEVER("a blackhole is no missing route", blackhole, FAULT_NO_ROUTE_BACK),
	PROVEN("a blackhole", blackhole, FAULT_ROUTE_REJECTS, "a blackhole route"),
	LIKELY("prohibited, nobody tried", prohibited_untried, FAULT_ROUTE_REJECTS,
	       "a prohibit route"),
	EXCLUDED("a blackhole, yet answered", blackhole_yet_answered, FAULT_ROUTE_REJECTS),
	PROVEN("reverse path, counted", filtered, FAULT_RP_FILTER, "10.0.0.2 on eth0"),
	LIKELY("reverse path, not counted", filtered_not_counted, FAULT_RP_FILTER, ""),
	LIKELY("martian or reverse path", martian_or_filtered, FAULT_RP_FILTER, ""),
	NEVER("a martian, and the filter did not count", martian, FAULT_RP_FILTER),
	EXCLUDED("others are filtered, this one has a route", others_filtered,
		 FAULT_RP_FILTER),
	EXCLUDED("reverse path, yet answered", filtered_yet_answered, FAULT_RP_FILTER),
	PROVEN("not here, counted", not_here, FAULT_ADDRESS_NOT_HERE,
	       "SYNs arrive for 10.0.0.77"),
	PROVEN("not here, and this host is no router", not_here_and_does_not_forward,
	       FAULT_ADDRESS_NOT_HERE, ""),
	LIKELY("not here, counted less often", not_here_others_counted,
	       FAULT_ADDRESS_NOT_HERE, ""),
	NEVER("passed on", not_here_passed_on, FAULT_ADDRESS_NOT_HERE),
	NEVER("frames for another host", not_here_of_another_host, FAULT_ADDRESS_NOT_HERE),
	NEVER("this host is the client", not_here_this_host_asks, FAULT_ADDRESS_NOT_HERE),
	NEVER("addresses were not read", addresses_unread, FAULT_ADDRESS_NOT_HERE),
	EXCLUDED("not here, yet answered", not_here_yet_answered, FAULT_ADDRESS_NOT_HERE),
	EXCLUDED("it is here", it_is_here, FAULT_ADDRESS_NOT_HERE),
	PROVEN("the next hop failed", does_not_resolve, FAULT_NEIGHBOUR_FAILED,
	       "its next hop 10.0.0.2 on eth0"),
	LIKELY("the next hop is still asked for", still_asked_for, FAULT_NEIGHBOUR_FAILED,
	       ""),
	LIKELY("the next hop failed, nobody tried", failed_untried, FAULT_NEIGHBOUR_FAILED,
	       ""),
	BESIDE("failed, and the SYN met no socket", failed_behind_a_drop,
	       FAULT_NEIGHBOUR_FAILED, CERTAINTY_POSSIBLE),
	EXCLUDED("reachable", resolved, FAULT_NEIGHBOUR_FAILED),
	EXCLUDED("failed, yet a reset left", failed_yet_refused, FAULT_NEIGHBOUR_FAILED),
	NEVER("failed on another interface", failed_by_another_device,
	      FAULT_NEIGHBOUR_FAILED),
	PROVEN("redirected and refused", redirected, FAULT_REDIRECT_UNSERVED,
	       "443/tcp is translated to port 8443 here, where nobody listens"),
	LIKELY("redirected, nobody tried", redirected_untried, FAULT_REDIRECT_UNSERVED, ""),
	POSSIBLE("redirected, and silence", redirected_and_silence, FAULT_REDIRECT_UNSERVED,
		 ""),
	EXCLUDED("redirected to a port that is served", redirected_to_a_served_port,
		 FAULT_REDIRECT_UNSERVED),
	NEVER("translated to another host", translated_elsewhere, FAULT_REDIRECT_UNSERVED),
};

static void routes_addresses_neighbours_and_translations_are_told_as_seen(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			routes_addresses_neighbours_and_translations_are_told_as_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
