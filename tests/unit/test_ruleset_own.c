/* The table that a trace of our own adds is no part of the host's rules. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "core/base/asks.h"
#include "core/firewall/ruleset.h"
#include "tests/unit/netlink_message.h"

enum { OWNER = 2 }; /* NFT_TABLE_F_OWNER */

static struct nl_msg *start(uint8_t type, const char *table)
{
	struct nfgenmsg head = {.nfgen_family = NFPROTO_INET};
	struct nl_msg *m =
		message_new(NFNL_SUBSYS_NFTABLES << 8 | type, &head, sizeof(head));

	nla_put_string(m, NFTA_TABLE_NAME, table);
	return m;
}

/* A table with a base chain that has one rule. */
static void put_table(struct part *p, const char *name, uint32_t flags)
{
	struct nl_msg *m = start(NFT_MSG_NEWTABLE, name);
	struct nlattr *hook;

	nla_put_u32(m, NFTA_TABLE_FLAGS, htonl(flags));
	part_take(p, m);
	m = start(NFT_MSG_NEWCHAIN, name);
	nla_put_string(m, NFTA_CHAIN_NAME, "prerouting");
	hook = nla_nest_start(m, NFTA_CHAIN_HOOK);
	nla_put_u32(m, NFTA_HOOK_HOOKNUM, htonl(NF_INET_PRE_ROUTING));
	nla_put_u32(m, NFTA_HOOK_PRIORITY, htonl((uint32_t)-350));
	nla_nest_end(m, hook);
	part_take(p, m);
	m = start(NFT_MSG_NEWRULE, name);
	nla_put_string(m, NFTA_RULE_CHAIN, "prerouting");
	part_take(p, m);
}

static struct ruleset *ruleset_of(const struct part *p)
{
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r;

	assert_non_null(d);
	assert_int_equal(ruleset_decode(d, p->bytes, p->len), 0);
	r = ruleset_finish(d);
	ruleset_free(d);
	assert_non_null(r);
	return r;
}

static void the_table_of_a_trace_is_left_out_whole(void **state)
{
	struct part p = {.len = 0};
	struct ruleset *r;

	(void)state;
	put_table(&p, TRACE_TABLE_START "77", OWNER);
	put_table(&p, "filter", 0);
	r = ruleset_of(&p);
	assert_int_equal(r->n_tables, 1);
	assert_int_equal(r->n_chains, 1);
	assert_int_equal(r->n_rules, 1);
	assert_true(text_equals_str(r->tables[0].name, "filter"));
	assert_false(r->is_changing);
	table_unref(r);
}

static void a_table_of_that_name_without_an_owner_is_somebodys(void **state)
{
	struct part p = {.len = 0};
	struct ruleset *r;

	(void)state;
	put_table(&p, TRACE_TABLE_START "77", 0);
	r = ruleset_of(&p);
	assert_int_equal(r->n_tables, 1);
	assert_int_equal(r->n_rules, 1);
	table_unref(r);
}

static void a_table_of_another_owner_is_shown(void **state)
{
	struct part p = {.len = 0};
	struct ruleset *r;

	(void)state;
	put_table(&p, "firewalld", OWNER);
	r = ruleset_of(&p);
	assert_int_equal(r->n_tables, 1);
	assert_true(r->tables[0].has_owner);
	table_unref(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_a_trace_is_left_out_whole),
		cmocka_unit_test(a_table_of_that_name_without_an_owner_is_somebodys),
		cmocka_unit_test(a_table_of_another_owner_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
