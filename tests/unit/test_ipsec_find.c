/* Which policy of IPsec a packet meets. The order of those with one priority real packets
 * show: tests/net/cases_ipsec.py. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/ipsec_message.h"

static struct ipsec_flow flow(void)
{
	return (struct ipsec_flow){.direction = IPSEC_IN,
				   .source = addr_v4((uint8_t[]){10, 0, 0, 2}),
				   .target = addr_v4((uint8_t[]){10, 0, 0, 1}),
				   .proto = IPPROTO_TCP,
				   .target_port = 443,
				   .is_mark_known = true};
}

struct meeting {
	const char *what;
	struct told told[3]; /* as the dump tells them: the newest first */
	struct ipsec_flow flow;
	enum ipsec_effect effect;
	uint32_t index; /* of the policy; 0: none */
	bool is_tied;
};

static void held(const struct meeting *m)
{
	struct part p = {0};
	struct ipsec_table *t;
	struct ipsec_answer a;

	for (size_t i = 0; i < N_OF(m->told) && m->told[i].index; i++)
		put(&p, m->told[i]);
	t = table_of(&p);
	a = ipsec_find(t, &m->flow);
	if (a.effect != m->effect || (a.policy ? a.policy->index : 0) != m->index ||
	    a.is_tied != m->is_tied)
		fail_msg("%s: effect %d, policy %u", m->what, a.effect,
			 a.policy ? a.policy->index : 0);
	table_unref(t);
}

static struct ipsec_flow with_port(uint16_t port)
{
	struct ipsec_flow f = flow();

	f.source_port = port;
	return f;
}

static struct ipsec_flow marked(uint32_t mark, bool is_known)
{
	struct ipsec_flow f = flow();

	f.mark = mark;
	f.is_mark_known = is_known;
	return f;
}

static struct ipsec_flow out_by(uint32_t ifindex)
{
	struct ipsec_flow f = flow();

	f.direction = IPSEC_OUT;
	f.out_ifindex = ifindex;
	return f;
}

static void the_first_policy_that_fits_decides(void **state)
{
	const struct meeting rows[] = {
		{"no policy at all", {{0}}, flow(), IPSEC_PASSES, 0, false},
		{"a block",
		 {{HOST_IN, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_BLOCKED,
		 8,
		 false},
		{"any address", {{BLOCK, .index = 8}}, flow(), IPSEC_BLOCKED, 8, false},
		{"another direction",
		 {{HOST_IN, .dir = XFRM_POLICY_FWD, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_PASSES,
		 0,
		 false},
		{"another source",
		 {{.source = "10.0.0.3", .source_len = 32, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_PASSES,
		 0,
		 false},
		{"another target",
		 {{.target = "10.0.1.0", .target_len = 24, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_PASSES,
		 0,
		 false},
		{"another protocol",
		 {{HOST_IN, .proto = IPPROTO_UDP, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_PASSES,
		 0,
		 false},
		{"the port",
		 {{HOST_IN, .dport = 443, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_BLOCKED,
		 8,
		 false},
		{"another port",
		 {{HOST_IN, .dport = 80, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_PASSES,
		 0,
		 false},
		{"a port of the client that is not known",
		 {{HOST_IN, .sport = 5000, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_UNSURE,
		 0,
		 false},
		{"a port of the client that is known",
		 {{HOST_IN, .sport = 5000, BLOCK, .index = 8}},
		 with_port(5001),
		 IPSEC_PASSES,
		 0,
		 false},
		{"another interface's id",
		 {{HOST_IN, .if_id = 5, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_PASSES,
		 0,
		 false},
		{"the mark",
		 {{HOST_IN, .mark = 7, .mark_mask = 15, BLOCK, .index = 8}},
		 marked(0x17, true),
		 IPSEC_BLOCKED,
		 8,
		 false},
		{"another mark",
		 {{HOST_IN, .mark = 7, .mark_mask = 15, BLOCK, .index = 8}},
		 marked(0, true),
		 IPSEC_PASSES,
		 0,
		 false},
		{"a mark that is not known",
		 {{HOST_IN, .mark = 7, .mark_mask = 15, BLOCK, .index = 8}},
		 marked(0, false),
		 IPSEC_UNSURE,
		 0,
		 false},
		{"a mark that is not known, behind one that decides",
		 {{HOST_IN, .mark = 7, .mark_mask = 15, BLOCK, .priority = 9, .index = 8},
		  {HOST_IN, .priority = 5, .index = 16}},
		 marked(0, false),
		 IPSEC_PASSES,
		 16,
		 false},
		{"the lower priority before the narrower",
		 {{HOST_IN, .priority = 20, .index = 8},
		  {BLOCK, .priority = 10, .index = 16}},
		 flow(),
		 IPSEC_BLOCKED,
		 16,
		 false},
		{"of one priority the older, which is told later",
		 {{HOST_IN, .index = 8}, {HOST_IN, BLOCK, .index = 16}},
		 flow(),
		 IPSEC_BLOCKED,
		 16,
		 true},
		{"of one priority and effect",
		 {{BLOCK, .index = 8}, {HOST_IN, BLOCK, .index = 16}},
		 flow(),
		 IPSEC_BLOCKED,
		 16,
		 false},
		{"a required template",
		 {{HOST_IN, .n_templates = 1, .index = 8}},
		 flow(),
		 IPSEC_PROTECTS,
		 8,
		 false},
		{"an optional template",
		 {{HOST_IN, .n_templates = 1, .is_optional = true, .index = 8}},
		 flow(),
		 IPSEC_PASSES,
		 8,
		 false},
		{"one of a socket",
		 {{.dir = 3, .index = 11}},
		 flow(),
		 IPSEC_PASSES,
		 0,
		 false},
		{"one of a socket that blocks",
		 {{.dir = 3, BLOCK, .index = 11}},
		 flow(),
		 IPSEC_UNSURE,
		 0,
		 false},
		{"one of the kind sub",
		 {{HOST_IN, .type = 1, .index = 8}},
		 flow(),
		 IPSEC_UNSURE,
		 0,
		 false},
		{"the device that it leaves by",
		 {{HOST_IN, .dir = 1, .ifindex = 2, BLOCK, .index = 9}},
		 out_by(2),
		 IPSEC_BLOCKED,
		 9,
		 false},
		{"another device",
		 {{HOST_IN, .dir = 1, .ifindex = 3, BLOCK, .index = 9}},
		 out_by(2),
		 IPSEC_PASSES,
		 0,
		 false},
		{"a device that is not known",
		 {{HOST_IN, .dir = 1, .ifindex = 3, BLOCK, .index = 9}},
		 out_by(0),
		 IPSEC_UNSURE,
		 0,
		 false},
		{"a device on the way in",
		 {{HOST_IN, .ifindex = 2, BLOCK, .index = 8}},
		 flow(),
		 IPSEC_UNSURE,
		 0,
		 false},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		held(&rows[i]);
}

static void what_no_policy_takes_meets_the_default(void **state)
{
	struct ipsec_flow in = flow(), out = out_by(2);
	struct part p = {0};
	struct ipsec_table *t;

	(void)state;
	put_default(&p, XFRM_USERPOLICY_BLOCK);
	t = table_of(&p);
	assert_int_equal(ipsec_find(t, &in).effect, IPSEC_BLOCKED);
	assert_null(ipsec_find(t, &in).policy);
	assert_int_equal(ipsec_find(t, &out).effect, IPSEC_PASSES);
	table_unref(t);
}

static void a_policy_of_ipv6_takes_no_packet_of_ipv4(void **state)
{
	struct ipsec_flow f = flow();
	struct part p = {0};
	struct ipsec_table *t;

	(void)state;
	put(&p, (struct told){.source = "::", .target = "::", BLOCK, .index = 8});
	t = table_of(&p);
	assert_int_equal(ipsec_find(t, &f).effect, IPSEC_PASSES);
	f.source = f.target = (struct addr){.family = AF_INET6, .bytes = {0xfd}};
	assert_int_equal(ipsec_find(t, &f).effect, IPSEC_BLOCKED);
	table_unref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_policy_that_fits_decides),
		cmocka_unit_test(what_no_policy_takes_meets_the_default),
		cmocka_unit_test(a_policy_of_ipv6_takes_no_packet_of_ipv4),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
