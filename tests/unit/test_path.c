/* The way of a packet to a socket of this host and of the answer: rules and translations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

static void assert_is_open(const struct path *p)
{
	assert_int_equal(p->request.verdict, PATH_ACCEPT);
	assert_int_equal(p->is_served, TRI_YES);
	assert_true(p->reply.is_walked);
	assert_int_equal(p->reply.verdict, PATH_ACCEPT);
	assert_int_equal(p->n_needs, 0);
}

static void without_rules_a_served_port_is_open(void **state)
{
	static const enum place_kind in[] = {PLACE_INGRESS, PLACE_PREROUTING, PLACE_ROUTE,
					     PLACE_INPUT, PLACE_SOCKET};
	static const enum place_kind out[] = {PLACE_ROUTE, PLACE_OUTPUT, PLACE_POSTROUTING,
					      PLACE_EGRESS};
	struct path p = walk_from(CLIENT, SERVER, 80);

	(void)state;
	assert_is_open(&p);
	assert_true(p.is_local);
	assert_false(p.is_translated);
	assert_int_equal(p.in_ifindex, ETH0);
	assert_int_equal(p.socket->inode, 1001);
	assert_non_null(p.endpoint);
	assert_int_equal(p.endpoint->port, 80);
	assert_int_equal(p.request.n_hops, N_OF(in));
	assert_int_equal(p.reply.n_hops, N_OF(out));
	for (size_t i = 0; i < N_OF(in); i++)
		assert_int_equal(p.request.hops[i].place, in[i]);
	for (size_t i = 0; i < N_OF(out); i++)
		assert_int_equal(p.reply.hops[i].place, out[i]);
	assert_int_equal(p.request.decided_by, DECIDER_NONE);
	assert_string_equal(p.request.hops[0].why,
			    "taken as the interface of the way back");
}

static void a_port_that_nobody_serves_is_let_through_and_has_no_reply(void **state)
{
	struct path p = walk_from(CLIENT, SERVER, 81);

	(void)state;
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.request.decided_by, DECIDER_SOCKET);
	assert_int_equal(p.is_served, TRI_NO);
	assert_null(p.socket);
	assert_false(p.reply.is_walked);
	assert_int_equal(hop_at(&p.request, PLACE_SOCKET)->outcome, HOP_REJECTED);
}

static void a_drop_is_told_where_it_happens(void **state)
{
	static const struct {
		enum fw_hook hook;
		enum place_kind place;
		int32_t priority;
	} rows[] = {
		{FW_PREROUTING, PLACE_PREROUTING, -300},
		{FW_PREROUTING, PLACE_PREROUTING, -150},
		{FW_INPUT, PLACE_INPUT, 0},
	};

	for (size_t i = 0; i < N_OF(rows); i++) {
		uint32_t chain, rule;
		struct path p;

		host_start(state);
		chain = base_in(rows[i].hook, rows[i].priority, false);
		rule = HOST_RULE(X_PORT_IS(80), X_DROP);
		p = walk_from(CLIENT, SERVER, 80);
		assert_int_equal(p.request.verdict, PATH_DROP);
		assert_int_equal(p.request.decided_by, DECIDER_RULE);
		assert_int_equal(p.request.at, rows[i].place);
		assert_int_equal(p.request.chain, chain);
		assert_int_equal(p.request.rule, rule);
		assert_int_equal(hop_at(&p.request, rows[i].place)->outcome, HOP_DROPPED);
		/* Who would take it is known all the same. */
		assert_int_equal(p.is_served, TRI_YES);
		assert_true(p.is_local);
		assert_int_equal(p.socket->inode, 1001);
		assert_false(p.reply.is_walked);
		assert_int_equal(walk_from(CLIENT, SERVER, 443).request.verdict,
				 PATH_ACCEPT);
		host_end(state);
	}
}

static void chain_of_eth0(enum fw_hook hook)
{
	static struct text eth0 = {"eth0", 4};
	uint32_t t = hand_firewall_table(&host.rules, NFPROTO_NETDEV);
	struct fw_chain *c = &host.rules.chains[hand_base(&host.rules, t, hook, 0, false)];

	c->devices = &eth0;
	c->n_devices = 1;
}

static void a_chain_of_the_device_drops_before_everything(void **state)
{
	struct path p;

	(void)state;
	chain_of_eth0(FW_INGRESS);
	HOST_RULE(X_DROP);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.at, PLACE_INGRESS);
	host.out_ifindex = ETH1;
	responses_release(&host.responses);
	p = walk_from(CLIENT, SERVER, 80);
	assert_is_open(&p);
}

static void a_policy_decides_where_no_rule_does(void **state)
{
	uint32_t chain = base_in(FW_INPUT, 0, true);
	struct path p;

	(void)state;
	HOST_RULE(X_PORT_IS(443), X_ACCEPT);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.decided_by, DECIDER_POLICY);
	assert_int_equal(p.request.chain, chain);
	assert_int_equal(p.request.rule, UINT32_MAX);
	p = walk_from(CLIENT, SERVER, 443);
	assert_is_open(&p);
	assert_int_equal(p.request.decided_by, DECIDER_RULE);
}

static void a_reject_says_how(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_PORT_IS(80), X_REJECT_RESET);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_REJECT);
	assert_true(p.request.reject.is_reset);
	assert_int_equal(hop_at(&p.request, PLACE_INPUT)->outcome, HOP_REJECTED);
}

static void the_answer_is_dropped_on_its_way_out(void **state)
{
	uint32_t rule;
	struct path p;

	(void)state;
	base_in(FW_OUTPUT, 0, false);
	/* The answer leaves from port 80. */
	rule = HOST_RULE(X_LOAD(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0), X_EQ(0, 0, 80),
			 X_DROP);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_int_equal(p.reply.rule, rule);
	assert_int_equal(p.reply.at, PLACE_OUTPUT);
}

static void the_answer_is_an_established_one(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_OUTPUT, 0, true);
	HOST_RULE(X_CT(NFT_CT_STATE, 0), X_EQ(0, 2, 0, 0, 0), X_ACCEPT);
	p = walk_from(CLIENT, SERVER, 80);
	assert_is_open(&p);
}

static void the_answer_to_an_untracked_request_is_invalid(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_PREROUTING, -300, false);
	HOST_RULE(X_PORT_IS(80), X_NOTRACK);
	base_in(FW_OUTPUT, 0, true);
	HOST_RULE(X_CT(NFT_CT_STATE, 0), X_EQ(0, 2, 0, 0, 0), X_ACCEPT);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_int_equal(p.reply.decided_by, DECIDER_POLICY);
	/* Tracked ones go on. */
	p = walk_from(CLIENT, SERVER, 443);
	assert_is_open(&p);
}

static void a_drop_of_invalid_ones_takes_that_answer_too(void **state)
{
	uint32_t rule;
	struct path p;

	(void)state;
	base_in(FW_PREROUTING, -300, false);
	HOST_RULE(X_PORT_IS(80), X_NOTRACK);
	base_in(FW_OUTPUT, 0, false);
	rule = HOST_RULE(X_CT(NFT_CT_STATE, 0), X_EQ(0, 1, 0, 0, 0), X_DROP);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_int_equal(p.reply.rule, rule);
}

static void the_device_sees_the_answer_as_the_client_knows_it(void **state)
{
	struct path p;

	(void)state;
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_DNAT(false, true));
	chain_of_eth0(FW_EGRESS);
	HOST_RULE(X_LOAD(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0), X_EQ(0, 0x1f, 0x90),
		  X_DROP);
	p = walk_from(CLIENT, SERVER, 8080);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_int_equal(p.reply.at, PLACE_EGRESS);
	p = walk_from(CLIENT, SERVER, 80);
	assert_is_open(&p);
}

static void a_translation_to_another_port_of_this_host(void **state)
{
	uint32_t rule;
	struct path p;

	(void)state;
	nat_in(FW_PREROUTING);
	rule = HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_DNAT(false, true));
	HOST_RULE(X_PORT_IS(8081), X_LET(4, 0, 81), X_DNAT(false, true));
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_PORT_IS(80), X_ACCEPT);
	HOST_RULE(X_PORT_IS(81), X_ACCEPT);
	p = walk_from(CLIENT, SERVER, 8080);
	assert_is_open(&p);
	assert_true(p.is_translated);
	assert_int_equal(p.server_port, 80);
	assert_int_equal(p.request.nat_rule, rule);
	assert_true(p.request.is_nat_touched);
	assert_int_equal(hop_at(&p.request, PLACE_PREROUTING)->outcome, HOP_TRANSLATED);
	assert_int_equal(hop_at(&p.request, PLACE_PREROUTING)->to_port, 80);
	/* It leaves as what the client knows. */
	assert_int_equal(hop_at(&p.reply, PLACE_POSTROUTING)->outcome, HOP_TRANSLATED);
	assert_int_equal(hop_at(&p.reply, PLACE_POSTROUTING)->to_port, 8080);

	p = walk_from(CLIENT, SERVER, 8081);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.is_served, TRI_NO);
	assert_int_equal(p.server_port, 81);
}

static void output_rules_meet_the_translated_port(void **state)
{
	struct path p;

	(void)state;
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_DNAT(false, true));
	base_in(FW_OUTPUT, 0, true);
	HOST_RULE(X_LOAD(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0), X_EQ(0, 0, 80), X_ACCEPT);
	p = walk_from(CLIENT, SERVER, 8080);
	assert_is_open(&p);
	assert_true(p.is_translated);
}

static void a_redirect_goes_to_the_address_of_the_interface(void **state)
{
	static const struct hand_socket rows[] = {SOCK(PROTO_TCP, "192.168.7.1", 80, 7),
						  {.local = NULL}};
	struct path_ask ask = syn("192.168.7.9", SERVER, 8080);
	struct addr want = hand_addr("192.168.7.1");
	struct path p;

	(void)state;
	host_serves(rows);
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_REDIRECT);
	ask.in_ifindex = host.out_ifindex = ETH1;
	p = host_walk(ask);
	assert_is_open(&p);
	assert_true(addr_equals(&p.server, &want));
	assert_int_equal(p.server_port, 80);
	/* Nobody knows the client, so nobody knows the interface: it is served on one. */
	p = walk_from(NULL, SERVER, 8080);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_int_equal(p.is_served, TRI_UNSURE);
}

static void a_redirect_of_anybody_is_certain_where_one_socket_takes_all(void **state)
{
	struct path p;

	(void)state;
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_REDIRECT);
	p = walk_from(NULL, SERVER, 8080);
	assert_is_open(&p);
	assert_int_equal(p.server_port, 80);
	assert_int_equal(p.socket->inode, 1001);
}

static void a_client_of_this_host_meets_the_rules_of_lo(void **state)
{
	static const enum place_kind in[] = {PLACE_ROUTE,  PLACE_OUTPUT,  PLACE_POSTROUTING,
					     PLACE_EGRESS, PLACE_INGRESS, PLACE_PREROUTING,
					     PLACE_INPUT,  PLACE_SOCKET};
	struct path p = walk_from(SERVER, SERVER, 80);

	(void)state;
	assert_is_open(&p);
	assert_int_equal(host.n_asked, 0);
	assert_int_equal(p.in_ifindex, LO);
	assert_int_equal(p.request.n_hops, N_OF(in));
	for (size_t i = 0; i < N_OF(in); i++)
		assert_int_equal(p.request.hops[i].place, in[i]);
	/* It comes in by lo, so a rule for lo lets it in, and its answer too. */
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_META(NFT_META_IIFNAME, 0), X_EQ(0, 'l', 'o', 0), X_ACCEPT);
	p = walk_from("127.0.0.1", SERVER, 80);
	assert_is_open(&p);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	/* Nobody else reaches a loopback address. */
	p = walk_from(NULL, "127.0.0.1", 80);
	assert_is_open(&p);
}

static void a_local_client_fails_on_the_answer_that_input_drops(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_PORT_IS(80), X_ACCEPT);
	p = walk_from(SERVER, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_int_equal(p.reply.at, PLACE_INPUT);
}

static void a_redirect_in_prerouting_does_nothing_for_local_clients(void **state)
{
	struct path p;

	(void)state;
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_REDIRECT);
	p = walk_from(SERVER, SERVER, 8080);
	assert_false(p.is_translated);
	assert_int_equal(p.is_served, TRI_NO);
	nat_in(FW_OUTPUT);
	HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_REDIRECT);
	p = walk_from(SERVER, SERVER, 8080);
	assert_is_open(&p);
	assert_true(addr_is_loopback(&p.server));
}

static void datagrams_take_the_same_way(void **state)
{
	static const struct hand_socket rows[] = {SOCK(PROTO_UDP, "0.0.0.0", 53, 9),
						  {.local = NULL}};
	struct path_ask ask = syn(CLIENT, SERVER, 53);
	struct path p;

	(void)state;
	host_serves(rows);
	ask.proto = IPPROTO_UDP;
	p = host_walk(ask);
	assert_is_open(&p);
	assert_int_equal(p.socket->inode, 9);
	assert_int_equal(walk_from(CLIENT, SERVER, 53).is_served, TRI_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOST(without_rules_a_served_port_is_open),
		IN_HOST(a_port_that_nobody_serves_is_let_through_and_has_no_reply),
		cmocka_unit_test(a_drop_is_told_where_it_happens),
		IN_HOST(a_chain_of_the_device_drops_before_everything),
		IN_HOST(a_policy_decides_where_no_rule_does),
		IN_HOST(a_reject_says_how),
		IN_HOST(the_answer_is_dropped_on_its_way_out),
		IN_HOST(the_answer_is_an_established_one),
		IN_HOST(the_answer_to_an_untracked_request_is_invalid),
		IN_HOST(a_drop_of_invalid_ones_takes_that_answer_too),
		IN_HOST(the_device_sees_the_answer_as_the_client_knows_it),
		IN_HOST(a_translation_to_another_port_of_this_host),
		IN_HOST(output_rules_meet_the_translated_port),
		IN_HOST(a_redirect_goes_to_the_address_of_the_interface),
		IN_HOST(a_redirect_of_anybody_is_certain_where_one_socket_takes_all),
		IN_HOST(a_client_of_this_host_meets_the_rules_of_lo),
		IN_HOST(a_local_client_fails_on_the_answer_that_input_drops),
		IN_HOST(a_redirect_in_prerouting_does_nothing_for_local_clients),
		IN_HOST(datagrams_take_the_same_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
