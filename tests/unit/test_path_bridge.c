/* Bridges on the way: which hooks a frame meets, and what of them only a kernel with more
 * modules than this one could show (ct, reject and the bridge's name in its own family). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

#define CLIENT "10.0.0.9"
#define SERVER "10.0.0.5"
#define OTHER  "10.0.0.77"

enum { BRIDGE = ETH0, PORT_A = ETH1, PORT_B = 4, VLAN = 5 };

static struct link_row rows[] = {
	{.ifindex = LO, .flags = IFF_UP | IFF_LOOPBACK, .name = {"lo", 2}},
	{.ifindex = BRIDGE, .flags = IFF_UP, .name = {"br0", 3}, .kind = {"bridge", 6}},
	{.ifindex = PORT_A, .flags = IFF_UP, .master = BRIDGE, .name = {"pa", 2}},
	{.ifindex = PORT_B, .flags = IFF_UP, .master = BRIDGE, .name = {"pb", 2}},
	{.ifindex = VLAN,
	 .flags = IFF_UP,
	 .peer = BRIDGE,
	 .name = {"br0.7", 5},
	 .kind = {"vlan", 4}},
};
static struct link_table links = {.rows = rows, .n = 5};

static int start(void **state)
{
	host_start(state);
	host.snapshot->spaces[0].links = &links;
	return 0;
}

#define IN_BRIDGED_HOST(test) cmocka_unit_test_setup_teardown(test, start, host_end)

static void chain_of_bridge(enum fw_hook hook, int32_t priority)
{
	struct hand_rules *h = &host.rules;
	uint32_t t = hand_firewall_table(h, NFPROTO_BRIDGE);

	hand_base(h, t, hook, priority, false);
}

static struct path walk_in(uint32_t ifindex, const char *server, uint16_t port)
{
	struct path_ask ask = syn(CLIENT, server, port);

	ask.in_ifindex = ifindex;
	return host_walk(ask);
}

static void a_bridge_without_rules_is_any_device(void **state)
{
	struct path p = walk_in(BRIDGE, SERVER, 80);

	(void)state;
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.in_port, 0);
	assert_int_equal(p.request.n_hops, 5);
}

static void a_port_leads_up_to_the_bridge(void **state)
{
	struct path p = walk_in(PORT_A, SERVER, 80);

	(void)state;
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.in_ifindex, BRIDGE);
	assert_int_equal(p.in_port, PORT_A);
	assert_int_equal(p.request.hops[0].ifindex, PORT_A);
	assert_int_equal(p.request.hops[1].ifindex, BRIDGE);
	assert_int_equal(p.socket->inode, 1001);
}

static void what_is_for_another_host_of_the_network_is_bridged(void **state)
{
	struct path p = walk_in(PORT_A, OTHER, 80);

	(void)state;
	assert_true(p.is_bridged && p.is_forwarded);
	assert_false(p.is_local);
	assert_int_equal(p.out_ifindex, PORT_B);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_null(hop_at(&p.request, PLACE_ROUTE));
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.hops[p.reply.n_hops - 1].ifindex, PORT_A);
}

static void each_hook_of_the_bridge_has_its_turn(void **state)
{
	static const struct {
		enum fw_hook hook;
		enum place_kind place;
		const char *server;
		bool is_of_reply;
	} hooks[] = {
		{FW_PREROUTING, PLACE_BRIDGE_PREROUTING, SERVER, false},
		{FW_PREROUTING, PLACE_BRIDGE_PREROUTING, OTHER, false},
		{FW_INPUT, PLACE_BRIDGE_INPUT, SERVER, false},
		{FW_FORWARD, PLACE_BRIDGE_FORWARD, OTHER, false},
		{FW_POSTROUTING, PLACE_BRIDGE_POSTROUTING, OTHER, false},
		{FW_OUTPUT, PLACE_BRIDGE_OUTPUT, SERVER, true},
		{FW_POSTROUTING, PLACE_BRIDGE_POSTROUTING, SERVER, true},
	};

	for (size_t i = 0; i < N_OF(hooks); i++) {
		const struct path_leg *leg;
		struct path p;

		start(state);
		chain_of_bridge(hooks[i].hook, 0);
		HOST_RULE(X_DROP);
		p = walk_in(PORT_A, hooks[i].server, 80);
		leg = hooks[i].is_of_reply ? &p.reply : &p.request;
		assert_int_equal(leg->verdict, PATH_DROP);
		assert_int_equal(leg->at, hooks[i].place);
		host_end(state);
	}
}

static void a_rule_may_ask_the_bridges_name(void **state)
{
	(void)state;
	chain_of_bridge(FW_INPUT, 0);
	HOST_RULE(X_META(NFT_META_BRI_IIFNAME, 0), X_EQ(0, 'b', 'r', '1', 0), X_DROP);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict, PATH_ACCEPT);
	/* There is no device that it leaves by. */
	HOST_RULE(X_META(NFT_META_BRI_OIFNAME, 0), X_EQ(0, 'b', 'r', '0', 0), X_DROP);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict, PATH_ACCEPT);
	HOST_RULE(X_META(NFT_META_BRI_IIFNAME, 0), X_EQ(0, 'b', 'r', '0', 0), X_DROP);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict, PATH_DROP);
}

static void a_reject_of_the_bridge_is_told_as_one(void **state)
{
	struct path p;

	(void)state;
	chain_of_bridge(FW_INPUT, 0);
	HOST_RULE(X_PORT_IS(80), X_REJECT_RESET);
	p = walk_in(PORT_A, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_REJECT);
	assert_true(p.request.reject.is_reset);
}

/* nf_conntrack_bridge.c: then IP's first chains see the flow already. */
static void tracking_begins_at_the_bridge_where_its_rules_ask_for_it(void **state)
{
	static const struct fw_expr state_of = {.kind = FW_EXPR_CT, .key = NFT_CT_STATE};
	uint32_t t;

	t = hand_firewall_table(&host.rules, NFPROTO_IPV4);
	hand_base(&host.rules, t, FW_PREROUTING, -300, false);
	HOST_RULE(state_of, X_EQ(0, 8, 0, 0, 0), X_DROP);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict, PATH_ACCEPT);
	host_end(state);

	start(state);
	t = hand_firewall_table(&host.rules, NFPROTO_IPV4);
	hand_base(&host.rules, t, FW_PREROUTING, -300, false);
	HOST_RULE(state_of, X_EQ(0, 8, 0, 0, 0), X_DROP);
	chain_of_bridge(FW_INPUT, 0);
	HOST_RULE(state_of, X_EQ(0, 2, 0, 0, 0), X_DROP);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.at, PLACE_PREROUTING);
	host_end(state);

	/* Before it the flow is not known to the bridge either. */
	start(state);
	chain_of_bridge(FW_PREROUTING, -300);
	HOST_RULE(state_of, X_EQ(0, 8, 0, 0, 0), X_DROP);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict, PATH_ACCEPT);
	chain_of_bridge(FW_PREROUTING, -100);
	HOST_RULE(state_of, X_EQ(0, 8, 0, 0, 0), X_DROP);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict, PATH_DROP);
}

static void the_bridges_rules_are_not_of_the_family_of_ip(void **state)
{
	(void)state;
	chain_of_bridge(FW_INPUT, 0);
	HOST_RULE(X_META(NFT_META_NFPROTO, 0), X_EQ(0, NFPROTO_IPV4), X_DROP);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict, PATH_ACCEPT);
	HOST_RULE(X_META(NFT_META_NFPROTO, 0), X_EQ(0, NFPROTO_BRIDGE), X_DROP);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict, PATH_DROP);
}

static void which_port_it_was_matters_only_to_a_rule_that_asks(void **state)
{
	struct path p;

	(void)state;
	chain_of_bridge(FW_INPUT, 0);
	HOST_RULE(X_PORT_IS(443), X_DROP);
	p = walk_in(BRIDGE, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.request.n_unsure, 0);
	HOST_RULE(X_META(NFT_META_IIFNAME, 0), X_EQ(0, 'p', 'b', 0), X_DROP);
	p = walk_in(BRIDGE, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict, PATH_ACCEPT);
	assert_int_equal(walk_in(PORT_B, SERVER, 80).request.verdict, PATH_DROP);
}

/* As bridges tell it; rows are the test's own. */
static void bridges_tell(struct bridge_learned *learned, size_t n_learned,
			 struct bridge_vlans *vlans, size_t n_vlans)
{
	const struct question q = {.kind = QUESTION_BRIDGES};
	struct response *r = responses_add(&host.responses, &q);
	struct bridge_table *t = table_new(sizeof(*t), NULL);

	t->learned = learned;
	t->n_learned = n_learned;
	t->vlans = vlans;
	t->n_vlans = n_vlans;
	r->table = t;
	r->state = RESPONSE_WHOLE;
}

static void which_port_it_was_the_bridge_has_learned(void **state)
{
	static struct bridge_learned learned[] = {
		{.bridge = BRIDGE, .port = PORT_B, .mac = {2, 0, 0, 0, 0, 9}}};
	static struct neighbour_row client = {.ifindex = BRIDGE,
					      .state = 0x02 /* NUD_REACHABLE */,
					      .has_mac = true,
					      .mac = {2, 0, 0, 0, 0, 9}};

	(void)state;
	client.address = hand_addr(CLIENT);
	host.neighbours.rows = &client;
	host.neighbours.n = 1;
	bridges_tell(learned, 1, NULL, 0);
	chain_of_bridge(FW_INPUT, 0);
	HOST_RULE(X_META(NFT_META_IIFNAME, 0), X_EQ(0, 'p', 'b', 0), X_DROP);
	assert_int_equal(walk_in(BRIDGE, SERVER, 80).request.verdict, PATH_DROP);
	learned[0].port = PORT_A;
	assert_int_equal(walk_in(BRIDGE, SERVER, 80).request.verdict, PATH_ACCEPT);
	learned[0].is_own = true;
	assert_int_equal(walk_in(BRIDGE, SERVER, 80).request.verdict, PATH_UNSURE);
	host.neighbours.rows = NULL;
	host.neighbours.n = 0;
}

static void a_bridge_that_filters_vlans_passes_on_what_stays_within_one(void **state)
{
	static const struct {
		uint16_t of_a, of_bridge;
		bool is_untagged, has_pvid;
		enum path_verdict wanted;
	} vlans[] = {
		{1, 1, true, true, PATH_ACCEPT},  {7, 7, true, true, PATH_ACCEPT},
		{7, 1, true, true, PATH_UNSURE},  {1, 1, false, true, PATH_UNSURE},
		{1, 1, true, false, PATH_UNSURE},
	};

	(void)state;
	rows[1].has_vlan_filter = true;
	for (size_t i = 0; i < sizeof(vlans) / sizeof(vlans[0]); i++) {
		struct bridge_vlans told[] = {{.ifindex = BRIDGE,
					       .first = vlans[i].of_bridge,
					       .last = vlans[i].of_bridge,
					       .is_pvid = true,
					       .is_untagged = vlans[i].is_untagged},
					      {.ifindex = PORT_A,
					       .first = vlans[i].of_a,
					       .last = vlans[i].of_a,
					       .is_pvid = vlans[i].has_pvid,
					       .is_untagged = true}};

		responses_release(&host.responses);
		responses_init(&host.responses);
		bridges_tell(NULL, 0, told, 2);
		assert_int_equal(walk_in(PORT_A, SERVER, 80).request.verdict,
				 vlans[i].wanted);
	}
	rows[1].has_vlan_filter = false;
}

static void beneath_a_vlan_the_bridges_rules_leave_it_open(void **state)
{
	struct path p;

	(void)state;
	assert_int_equal(walk_in(VLAN, SERVER, 80).request.verdict, PATH_ACCEPT);
	chain_of_bridge(FW_INPUT, 0);
	HOST_RULE(X_DROP);
	p = walk_in(VLAN, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.request, UINT32_MAX,
				 "rules of a bridge are not followed beneath another "
				 "device"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BRIDGED_HOST(a_bridge_without_rules_is_any_device),
		IN_BRIDGED_HOST(a_port_leads_up_to_the_bridge),
		IN_BRIDGED_HOST(what_is_for_another_host_of_the_network_is_bridged),
		cmocka_unit_test(each_hook_of_the_bridge_has_its_turn),
		IN_BRIDGED_HOST(a_rule_may_ask_the_bridges_name),
		IN_BRIDGED_HOST(a_reject_of_the_bridge_is_told_as_one),
		IN_BRIDGED_HOST(tracking_begins_at_the_bridge_where_its_rules_ask_for_it),
		IN_BRIDGED_HOST(the_bridges_rules_are_not_of_the_family_of_ip),
		IN_BRIDGED_HOST(which_port_it_was_matters_only_to_a_rule_that_asks),
		IN_BRIDGED_HOST(which_port_it_was_the_bridge_has_learned),
		IN_BRIDGED_HOST(
			a_bridge_that_filters_vlans_passes_on_what_stays_within_one),
		IN_BRIDGED_HOST(beneath_a_vlan_the_bridges_rules_leave_it_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
