/*
 * flow add: what it does to packets, and the flowtables as the kernel tells them. Built by
 * hand after nft_flow_offload.c and nf_tables_api.c: the kernels at hand have no
 * flowtables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/netfilter/nfnetlink.h>

#include "tests/unit/by_rules.h"
#include "tests/unit/netlink_message.h"
#include "tests/unit/path_host.h"

#define CLIENT  "203.0.113.9"
#define BEHIND  "192.168.7.80"
#define EXPIRES "once its flow is offloaded (flow add) it passes by the rules"
#define BY_CARD                                                                          \
	"once its flow is offloaded (flow add) the device forwards it: past all rules, " \
	"and unseen by this host"

#define X_FLOW                                                                         \
	{                                                                              \
		.kind = FW_EXPR_FLOW_OFFLOAD, .value = {"fast", 4}, .sreg = FW_NO_REG, \
		.dreg = FW_NO_REG                                                      \
	}

/* ---- messages ---- */

static void put_message(struct part *p, int type, struct nl_msg *(*fill)(struct nl_msg *m))
{
	static const struct nfgenmsg head = {.nfgen_family = NFPROTO_INET};

	part_take(p,
		  fill(message_new(NFNL_SUBSYS_NFTABLES << 8 | type, &head, sizeof(head))));
}

static struct nl_msg *fill_table(struct nl_msg *m)
{
	nla_put_string(m, NFTA_TABLE_NAME, "filter");
	nla_put_u32(m, NFTA_TABLE_FLAGS, 0);
	return m;
}

static struct nl_msg *fill_flowtable(struct nl_msg *m)
{
	struct nlattr *hook, *devices;

	nla_put_string(m, NFTA_FLOWTABLE_TABLE, "filter");
	nla_put_string(m, NFTA_FLOWTABLE_NAME, "fast");
	hook = nla_nest_start(m, NFTA_FLOWTABLE_HOOK);
	nla_put_u32(m, NFTA_FLOWTABLE_HOOK_NUM, 0);
	nla_put_u32(m, NFTA_FLOWTABLE_HOOK_PRIORITY, htonl((uint32_t)-10));
	devices = nla_nest_start(m, NFTA_FLOWTABLE_HOOK_DEVS);
	nla_put_string(m, NFTA_DEVICE_NAME, "eth0");
	nla_put_string(m, NFTA_DEVICE_NAME, "eth1");
	nla_nest_end(m, devices);
	nla_nest_end(m, hook);
	nla_put_u32(m, NFTA_FLOWTABLE_FLAGS, htonl(NFT_FLOWTABLE_HW_OFFLOAD));
	return m;
}

static struct nl_msg *fill_lost(struct nl_msg *m)
{
	nla_put_string(m, NFTA_FLOWTABLE_TABLE, "gone");
	nla_put_string(m, NFTA_FLOWTABLE_NAME, "fast");
	return m;
}

static void a_flowtable_has_its_devices_and_who_forwards(void **state)
{
	struct part p = {.len = 0};
	struct ruleset *r;

	(void)state;
	put_message(&p, NFT_MSG_NEWTABLE, fill_table);
	put_message(&p, NFT_MSG_NEWFLOWTABLE, fill_flowtable);
	r = rules_of(p.bytes, p.len);
	assert_int_equal(r->n_flowtables, 1);
	assert_int_equal(r->flowtables[0].table, 0);
	assert_true(text_equals_str(r->flowtables[0].name, "fast"));
	assert_int_equal(r->flowtables[0].priority, -10);
	assert_true(r->flowtables[0].is_by_hardware);
	assert_int_equal(r->flowtables[0].n_devices, 2);
	assert_true(text_equals_str(r->flowtables[0].devices[1], "eth1"));
	assert_false(r->is_changing);
	table_unref(r);
}

static void one_of_a_table_that_was_not_told_is_left_out(void **state)
{
	struct part p = {.len = 0};
	struct ruleset *r;

	(void)state;
	put_message(&p, NFT_MSG_NEWTABLE, fill_table);
	put_message(&p, NFT_MSG_NEWFLOWTABLE, fill_lost);
	r = rules_of(p.bytes, p.len);
	assert_int_equal(r->n_flowtables, 0);
	assert_true(r->is_changing);
	table_unref(r);
}

/* ---- packets ---- */

static struct path_ask passing(bool is_established, uint8_t tcp_flags)
{
	struct path_ask ask = syn(CLIENT, BEHIND, 80);

	host.out_ifindex = ETH1;
	host_forwards(true);
	ask.in_ifindex = ETH0;
	ask.is_established = is_established;
	ask.tcp_flags = tcp_flags;
	return ask;
}

static void forward_chain(void)
{
	base_in(FW_FORWARD, 0, false);
}

static void the_first_packet_of_a_flow_does_not_match(void **state)
{
	uint32_t drop;
	struct path p;

	(void)state;
	forward_chain();
	HOST_RULE(X_FLOW, X_ACCEPT);
	drop = HOST_RULE(X_DROP);
	p = host_walk(passing(false, 0));
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.rule, drop);
}

static void an_established_one_may_or_may_not(void **state)
{
	struct path p;

	(void)state;
	forward_chain();
	HOST_RULE(X_FLOW, X_ACCEPT);
	HOST_RULE(X_DROP);
	p = host_walk(passing(true, 0x10));
	assert_int_equal(p.request.verdict, PATH_UNSURE);
}

static void the_end_of_a_connection_meets_the_rules(void **state)
{
	static const uint8_t flags[] = {0x11, 0x04, 0x14};

	for (size_t i = 0; i < N_OF(flags); i++) {
		struct path p;

		host_start(state);
		forward_chain();
		HOST_RULE(X_FLOW);
		HOST_RULE(X_DROP);
		p = host_walk(passing(true, flags[i]));
		assert_int_equal(p.request.verdict, PATH_DROP);
		host_end(state);
	}
}

static void a_drop_behind_it_is_not_certain(void **state)
{
	struct path p;

	(void)state;
	forward_chain();
	HOST_RULE(X_FLOW);
	HOST_RULE(X_DROP);
	p = host_walk(passing(true, 0x10));
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.request, UINT32_MAX, EXPIRES));
	assert_string_equal(hop_at(&p.request, PLACE_FORWARD)->why, EXPIRES);
}

static void an_accept_stays_certain_and_has_the_note(void **state)
{
	struct path p;

	(void)state;
	forward_chain();
	HOST_RULE(X_FLOW);
	HOST_RULE(X_ACCEPT);
	p = host_walk(passing(true, 0x10));
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_string_equal(hop_at(&p.request, PLACE_FORWARD)->why, EXPIRES);
	p = host_walk(passing(false, 0));
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_null(hop_at(&p.request, PLACE_FORWARD)->why);
}

static void one_of_hardware_says_that_nothing_is_seen(void **state)
{
	static struct fw_flowtable fast = {.name = {"fast", 4}, .is_by_hardware = true};
	struct path p;

	(void)state;
	forward_chain();
	HOST_RULE(X_FLOW);
	host.rules.r.flowtables = &fast;
	host.rules.r.n_flowtables = 1;
	p = host_walk(passing(true, 0x10));
	assert_string_equal(hop_at(&p.request, PLACE_FORWARD)->why, BY_CARD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flowtable_has_its_devices_and_who_forwards),
		cmocka_unit_test(one_of_a_table_that_was_not_told_is_left_out),
		IN_HOST(the_first_packet_of_a_flow_does_not_match),
		IN_HOST(an_established_one_may_or_may_not),
		cmocka_unit_test(the_end_of_a_connection_meets_the_rules),
		IN_HOST(a_drop_behind_it_is_not_certain),
		IN_HOST(an_accept_stays_certain_and_has_the_note),
		IN_HOST(one_of_hardware_says_that_nothing_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
