/* The functions at this kernel's own hooks, where it tells them (nfnetlink_hook), and in
 * which generation rules and an element of a set were told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>

#include "core/firewall/eval/member.h"
#include "core/firewall/hooks.h"
#include "tests/net/evidence.h"

static int read_hooks(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	(void)status;
	return hooks_read(out);
}

static int read_ruleset(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	return ruleset_read(out, status);
}

static int read_member(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)status;
	return set_member_read(ask, out);
}

static int clean(void **state)
{
	(void)state;
	run("nft flush ruleset");
	return 0;
}

static struct ruleset *rules(void)
{
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r;

	hear(read_ruleset, NULL);
	assert_int_equal(heard.end.error, 0);
	assert_int_equal(ruleset_decode(d, heard.bytes, heard.len), 0);
	r = ruleset_finish(d);
	assert_non_null(r);
	ruleset_free(d);
	return r;
}

static bool tells_hooks(void)
{
	hear(read_hooks, NULL);
	if (heard.end.error != ENOPKG && heard.end.error != ENODATA)
		return true;
	print_message("this kernel has no nfnetlink_hook\n");
	return false;
}

static void where_it_cannot_be_asked_nothing_is_said_and_rules_are_read(void **state)
{
	struct ruleset *r;

	(void)state;
	if (tells_hooks())
		skip();
	assert_int_equal(heard.len, 0);
	load_rules("table inet t { chain c { type filter hook input priority 0; }; }");
	r = rules();
	assert_int_equal(r->n_chains, 1);
	assert_null(r->hook_lists);
	assert_int_equal(r->chains[0].places[0], 0);
	table_unref(r);
}

static void of_one_priority_the_last_registered_is_called_first(void **state)
{
	const struct fw_hook_list *list;
	struct ruleset *r;

	(void)state;
	if (!tells_hooks())
		skip();
	load_rules("table inet a { chain c { type filter hook input priority 0; }; }");
	load_rules("table ip b { chain c { type filter hook input priority 0; }; }");
	r = rules();
	list = hooks_at(r, FW_INPUT, NFPROTO_IPV4);
	assert_non_null(list);
	assert_true(list->is_told && list->is_ordered);
	assert_int_equal(r->n_chains, 2);
	assert_in_range(r->chains[1].places[0], 1, r->chains[0].places[0] - 1);
	assert_int_equal(r->chains[1].places[1], 0);
	assert_int_not_equal(r->chains[0].places[1], 0);
	for (size_t i = 0; i < list->n; i++)
		assert_null(list->rows[i].doubt);
	table_unref(r);
}

static void an_element_is_told_in_the_generation_of_its_rules(void **state)
{
	static const struct member_ask ask = {.backend = MEMBER_NFT,
					      .family = NFPROTO_INET,
					      .table = "t",
					      .set = "s",
					      .key_len = 4,
					      .key = {10, 0, 0, 1}};
	struct ruleset *r;

	(void)state;
	load_rules("table inet t { set s { type ipv4_addr; elements = { 10.0.0.1 }; }; }");
	r = rules();
	for (int i = 0; i < 2; i++) {
		struct member_decoder *d = member_new();
		struct fw_member *m;

		hear(read_member, &ask);
		assert_int_equal(member_decode(d, heard.bytes, heard.len), 0);
		m = member_finish(d);
		assert_non_null(m);
		assert_true(m->has_generation && !m->is_changing);
		assert_int_equal(m->generation, (r->generation + (uint32_t)i) & 0xffff);
		table_unref(m);
		member_free(d);
		load_rules("add element inet t s { 10.0.0.2 }");
	}
	table_unref(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			where_it_cannot_be_asked_nothing_is_said_and_rules_are_read, clean),
		cmocka_unit_test_setup(of_one_priority_the_last_registered_is_called_first,
				       clean),
		cmocka_unit_test_setup(an_element_is_told_in_the_generation_of_its_rules,
				       clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
