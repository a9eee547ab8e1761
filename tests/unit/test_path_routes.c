/* The way of a packet as the kernel's routes have it: forwarding, errors, next hops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/tcp.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"
#define BEHIND "192.168.7.80"

static struct path walk_by(uint32_t in_ifindex, const char *server, uint16_t port)
{
	struct path_ask ask = syn(CLIENT, server, port);

	ask.in_ifindex = in_ifindex;
	return host_walk(ask);
}

static void the_route_in_is_asked_as_the_packet_comes(void **state)
{
	struct path_ask ask = syn(CLIENT, SERVER, 81);
	const struct route_ask *asked = &host.last.route;
	struct path p;

	(void)state;
	ask.in_ifindex = ETH1;
	p = host_walk(ask);
	assert_int_equal(host.n_asked, 1);
	assert_true(addr_equals(&asked->target, &ask.server));
	assert_true(addr_equals(&asked->source, &ask.client));
	assert_int_equal(asked->in_ifindex, ETH1);
	assert_int_equal(asked->proto, IPPROTO_TCP);
	assert_int_equal(asked->source_port, 40000);
	assert_int_equal(asked->target_port, 81);
	assert_int_equal(p.in_ifindex, ETH1);
	assert_null(p.request.hops[0].why);
}

static void the_route_back_is_asked_from_the_socket(void **state)
{
	static const struct hand_socket rows[] = {
		SOCK(PROTO_TCP, "0.0.0.0", 80, 1, .ifindex = ETH1), {.local = NULL}};
	struct path_ask ask = syn(CLIENT, SERVER, 80);
	const struct route_ask *asked = &host.last.route;
	struct path p;

	(void)state;
	host_serves(rows);
	ask.in_ifindex = host.out_ifindex = ETH1;
	p = host_walk(ask);
	assert_int_equal(p.is_served, TRI_YES);
	assert_true(addr_equals(&asked->target, &ask.client));
	assert_true(addr_equals(&asked->source, &ask.server));
	assert_int_equal(asked->in_ifindex, 0);
	assert_int_equal(asked->out_ifindex, ETH1);
	assert_int_equal(asked->source_port, 80);
	assert_int_equal(asked->target_port, 40000);
}

static void without_an_answer_nothing_is_certain(void **state)
{
	struct path p;

	(void)state;
	host.is_silent = true;
	p = walk_by(ETH0, SERVER, 80);
	assert_int_equal(p.n_needs, 2);
	/* Being asked is not being answered. */
	for (size_t i = 0; i < p.n_needs; i++)
		responses_add(&host.responses, &p.needs[i]);
	p = walk_by(ETH0, SERVER, 80);
	assert_int_equal(p.n_needs, 2);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(
		is_unsure_of(&p.request, UINT32_MAX, "the kernel's route was not told"));
	assert_int_equal(p.reply.verdict, PATH_UNSURE);
	/* What a rule drops is dropped whatever the route is. */
	base_in(FW_INPUT, 0, true);
	p = walk_by(ETH0, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
}

static void an_answer_that_failed_is_not_asked_for_again(void **state)
{
	struct path_world w = host_world();
	struct path_ask ask = syn(CLIENT, SERVER, 80);
	struct path p;

	(void)state;
	ask.in_ifindex = ETH0;
	assert_int_equal(path_walk(&w, &ask, &p), 0);
	for (size_t i = 0; i < p.n_needs; i++) {
		struct response *r = responses_add(&host.responses, &p.needs[i]);

		r->state = RESPONSE_FAILED;
		r->error = ENODATA;
	}
	assert_int_equal(path_walk(&w, &ask, &p), 0);
	assert_int_equal(p.n_needs, 0);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(p.is_local);
}

static void the_reverse_path_filter_drops(void **state)
{
	struct path p;

	(void)state;
	host.in_error = EXDEV;
	p = walk_by(ETH1, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.decided_by, DECIDER_ROUTE);
	assert_int_equal(p.request.at, PLACE_ROUTE);
	assert_int_equal(p.request.rule, UINT32_MAX);
	assert_int_equal(hop_at(&p.request, PLACE_ROUTE)->error, EXDEV);
	assert_int_equal(p.is_served, TRI_YES);
	assert_false(p.reply.is_walked);
	/* A rule before it comes first. */
	base_in(FW_PREROUTING, 0, true);
	p = walk_by(ETH1, SERVER, 80);
	assert_int_equal(p.request.decided_by, DECIDER_POLICY);
}

static void no_route_back_and_routes_that_reject_stop_the_answer(void **state)
{
	static const int errors[] = {ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL};

	for (size_t i = 0; i < N_OF(errors); i++) {
		struct path p;

		host_start(state);
		host.out_error = errors[i];
		p = walk_by(ETH0, SERVER, 80);
		assert_int_equal(p.request.verdict, PATH_ACCEPT);
		assert_int_equal(p.reply.verdict, PATH_DROP);
		assert_int_equal(p.reply.decided_by, DECIDER_ROUTE);
		assert_int_equal(hop_at(&p.reply, PLACE_ROUTE)->error, errors[i]);
		assert_null(hop_at(&p.reply, PLACE_OUTPUT));
		host_end(state);
	}
}

static void without_route_back_nobody_knows_the_interface(void **state)
{
	struct path p;

	(void)state;
	host.out_error = ENETUNREACH;
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.in_ifindex, 0);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_string_equal(p.request.hops[0].why, "the interface is not known");
	/* A rule that asks for it makes it unsure. */
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_META(NFT_META_IIFNAME, 0), X_EQ(0, 'e', 't', 'h', '0', 0), X_ACCEPT);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
}

static void a_next_hop_that_does_not_resolve_stops_the_answer(void **state)
{
	static const uint16_t states[] = {0x20 /* FAILED */, 0x01 /* INCOMPLETE */};
	struct path p;

	(void)state;
	host.gateway = hand_addr("10.0.0.254");
	host.neighbour.address = host.gateway;
	host.neighbour.ifindex = ETH0;
	host.neighbours.rows = &host.neighbour;
	host.neighbours.n = 1;
	for (size_t i = 0; i < N_OF(states); i++) {
		host.neighbour.state = states[i];
		p = walk_by(ETH0, SERVER, 80);
		assert_int_equal(p.request.verdict, PATH_ACCEPT);
		assert_int_equal(p.reply.verdict, PATH_DROP);
		assert_int_equal(p.reply.decided_by, DECIDER_NEIGHBOUR);
		assert_int_equal(p.reply.at, PLACE_NEIGHBOUR);
	}
	host.neighbour.state = 0x02; /* REACHABLE */
	p = walk_by(ETH0, SERVER, 80);
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
	/* Of the same address on another interface nothing follows. */
	host.neighbour.state = 0x20;
	host.neighbour.ifindex = ETH1;
	p = walk_by(ETH0, SERVER, 80);
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
	assert_null(hop_at(&p.reply, PLACE_NEIGHBOUR));
}

static void what_is_for_others_is_passed_on(void **state)
{
	struct path p;

	(void)state;
	host_forwards(true);
	host.out_ifindex = ETH1;
	p = walk_by(ETH0, BEHIND, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_true(p.is_forwarded);
	assert_false(p.is_local);
	assert_non_null(hop_at(&p.request, PLACE_FORWARD));
	assert_null(hop_at(&p.request, PLACE_INPUT));
	assert_int_equal(hop_at(&p.request, PLACE_EGRESS)->ifindex, ETH1);
	assert_int_equal(p.out_ifindex, ETH1);
	assert_null(p.socket);
	base_in(FW_FORWARD, 0, true);
	HOST_RULE(X_META(NFT_META_OIFNAME, 0), X_EQ(0, 'e', 't', 'h', '0', 0), X_ACCEPT);
	p = walk_by(ETH0, BEHIND, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.at, PLACE_FORWARD);
}

static void with_forwarding_off_it_ends_here(void **state)
{
	struct path p;

	(void)state;
	host.out_ifindex = ETH1;
	/* The kernel of IPv4 says so itself. */
	host.in_error = EHOSTUNREACH;
	p = walk_by(ETH0, BEHIND, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.decided_by, DECIDER_ROUTE);
	assert_string_equal(hop_at(&p.request, PLACE_ROUTE)->why, "forwarding is off");
	/* The route lookup of IPv6 does not. */
	host.in_error = 0;
	responses_release(&host.responses);
	p = host_walk((struct path_ask){.proto = IPPROTO_TCP,
					.client = hand_addr("2001:db8:1::9"),
					.server = hand_addr("2001:db8:2::1"),
					.server_port = 80,
					.in_ifindex = ETH0});
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.at, PLACE_FORWARD);
	assert_int_equal(p.request.decided_by, DECIDER_ROUTE);
	assert_string_equal(hop_at(&p.request, PLACE_FORWARD)->why, "forwarding is off");
}

static void unread_settings_leave_forwarding_open(void **state)
{
	struct path p;

	(void)state;
	host.has_no_settings = true;
	host.out_ifindex = ETH1;
	p = walk_by(ETH0, BEHIND, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.request, UINT32_MAX,
				 "whether forwarding is on is not known"));
}

static bool was_asked(const struct addr *target, uint16_t port)
{
	for (size_t i = 0; i < host.responses.rows.n; i++) {
		const struct response *r =
			*(struct response **)vec_at(&host.responses.rows, i);

		if (r->question.kind == QUESTION_ROUTE &&
		    addr_equals(&r->question.route.target, target) &&
		    r->question.route.target_port == port)
			return true;
	}
	return false;
}

static void a_translation_to_another_host_is_routed_there(void **state)
{
	struct addr want = hand_addr(BEHIND);
	struct path p;

	(void)state;
	host_forwards(true);
	host.out_ifindex = ETH1;
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(0, 192, 168, 7, 80), X_LET(4, 0, 80),
		  X_DNAT(true, true));
	p = walk_by(ETH0, SERVER, 8080);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_true(p.is_translated);
	assert_true(p.is_forwarded);
	assert_true(addr_equals(&p.server, &want));
	assert_int_equal(p.server_port, 80);
	assert_true(was_asked(&want, 80));
}

static void the_answer_to_what_was_passed_on_is_passed_back(void **state)
{
	static const enum place_kind back[] = {PLACE_INGRESS,     PLACE_PREROUTING,
					       PLACE_ROUTE,       PLACE_FORWARD,
					       PLACE_POSTROUTING, PLACE_EGRESS};
	struct addr server = hand_addr(SERVER);
	struct path p;

	(void)state;
	host_forwards(true);
	host.out_ifindex = ETH1;
	host.gateway = hand_addr("192.168.7.254");
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(0, 192, 168, 7, 80), X_LET(4, 0, 80),
		  X_DNAT(true, true));
	p = walk_by(ETH0, SERVER, 8080);
	assert_true(p.reply.is_walked);
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.n_hops, N_OF(back));
	for (size_t i = 0; i < N_OF(back); i++)
		assert_int_equal(p.reply.hops[i].place, back[i]);
	assert_int_equal(p.reply.hops[0].ifindex, ETH1);
	assert_int_equal(p.reply.hops[4].outcome, HOP_TRANSLATED);
	assert_true(addr_equals(&p.reply.hops[4].to, &server));
	/* On one link with the client the server has no need of this host. */
	host.gateway = (struct addr){0};
	responses_release(&host.responses);
	p = walk_by(ETH0, SERVER, 8080);
	assert_int_equal(p.reply.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.reply, UINT32_MAX,
				 "the server may answer the client itself, past the "
				 "translation"));
	/* It is the container's until it has left the forward hook. */
	base_in(FW_FORWARD, 0, false);
	HOST_RULE(X_SADDR(0), X_EQ(0, 192, 168, 7, 80), X_DROP);
	p = walk_by(ETH0, SERVER, 8080);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_int_equal(p.reply.at, PLACE_FORWARD);
}

static void its_time_to_live_may_end_here(void **state)
{
	struct path_ask ask = syn(CLIENT, BEHIND, 80);
	struct path p;

	(void)state;
	host_forwards(true);
	host.out_ifindex = ETH1;
	ask.in_ifindex = ETH0;
	ask.ttl = 1;
	p = host_walk(ask);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.decided_by, DECIDER_ROUTE);
	assert_int_equal(p.request.at, PLACE_FORWARD);
	ask.ttl = 2;
	assert_int_equal(host_walk(ask).request.verdict, PATH_ACCEPT);
}

static void a_segment_of_no_connection_is_refused_by_the_socket(void **state)
{
	static const struct {
		uint8_t flags;
		enum path_outcome outcome;
		bool is_invalid;
	} rows[] = {
		{TH_ACK, HOP_REJECTED, false},
		{TH_SYN | TH_ACK, HOP_REJECTED, true},
		{TH_FIN | TH_ACK, HOP_REJECTED, true},
		{TH_RST, HOP_DROPPED, true},
		{TH_FIN | TH_PUSH | TH_URG, HOP_DROPPED, true},
	};
	struct path_ask ask = syn(CLIENT, SERVER, 80);
	struct path p;

	(void)state;
	ask.in_ifindex = ETH0;
	for (size_t i = 0; i < N_OF(rows); i++) {
		ask.tcp_flags = rows[i].flags;
		p = host_walk(ask);
		assert_int_equal(p.request.decided_by, DECIDER_SOCKET);
		assert_int_equal(hop_at(&p.request, PLACE_SOCKET)->outcome,
				 rows[i].outcome);
		assert_false(p.reply.is_walked);
		assert_int_equal(p.request.met.ct.state == 1, rows[i].is_invalid);
	}
	ask.is_established = true;
	ask.tcp_flags = TH_ACK;
	assert_int_equal(host_walk(ask).reply.verdict, PATH_ACCEPT);
}

static void what_stopped_a_leg_names_its_near_misses(void **state)
{
	struct path_world w = host_world();
	struct fw_near near[2];
	uint32_t rule;
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	rule = HOST_RULE(X_PORT_IS(81), X_ACCEPT);
	p = walk_by(ETH0, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(path_near_misses(&w, &p.request, near, N_OF(near)), 1);
	assert_int_equal(near[0].rule, rule);
	assert_string_equal(near[0].field, "port");
	/* Nothing is near where nothing stops it. */
	p = walk_by(ETH0, SERVER, 81);
	assert_int_equal(path_near_misses(&w, &p.request, near, N_OF(near)), 0);
}

static void a_client_here_goes_out(void **state)
{
	struct path_ask ask = syn(SERVER, "203.0.113.80", 443);
	uint32_t rule;
	struct path p;

	(void)state;
	ask.is_from_here = true;
	p = host_walk(ask);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.request.hops[0].place, PLACE_ROUTE);
	assert_int_equal(p.request.hops[1].place, PLACE_OUTPUT);
	assert_false(p.is_local);
	assert_true(p.reply.is_walked);
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
	assert_non_null(hop_at(&p.reply, PLACE_INPUT));
	base_in(FW_OUTPUT, 0, false);
	rule = HOST_RULE(X_PORT_IS(443), X_DROP);
	p = host_walk(ask);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.rule, rule);
	assert_int_equal(p.request.at, PLACE_OUTPUT);
	assert_false(p.reply.is_walked);
}

static void a_rule_about_the_way_back_has_it_asked(void **state)
{
	static const struct fw_expr by_route = {.kind = FW_EXPR_FIB,
						.op = NFT_FIB_RESULT_OIF,
						.flags = NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF,
						.dreg = 0};
	struct path p;

	(void)state;
	base_in(FW_PREROUTING, 0, false);
	HOST_RULE(by_route, X_EQ(0, 0, 0, 0, 0), X_DROP);
	p = walk_by(ETH0, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	p = walk_by(ETH1, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOST(the_route_in_is_asked_as_the_packet_comes),
		IN_HOST(the_route_back_is_asked_from_the_socket),
		IN_HOST(without_an_answer_nothing_is_certain),
		IN_HOST(an_answer_that_failed_is_not_asked_for_again),
		IN_HOST(the_reverse_path_filter_drops),
		cmocka_unit_test(no_route_back_and_routes_that_reject_stop_the_answer),
		IN_HOST(without_route_back_nobody_knows_the_interface),
		IN_HOST(a_next_hop_that_does_not_resolve_stops_the_answer),
		IN_HOST(what_is_for_others_is_passed_on),
		IN_HOST(with_forwarding_off_it_ends_here),
		IN_HOST(unread_settings_leave_forwarding_open),
		IN_HOST(a_translation_to_another_host_is_routed_there),
		IN_HOST(the_answer_to_what_was_passed_on_is_passed_back),
		IN_HOST(its_time_to_live_may_end_here),
		IN_HOST(a_segment_of_no_connection_is_refused_by_the_socket),
		IN_HOST(what_stopped_a_leg_names_its_near_misses),
		IN_HOST(a_client_here_goes_out),
		IN_HOST(a_rule_about_the_way_back_has_it_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
