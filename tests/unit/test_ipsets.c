/* Ipsets as the kernel lists them: numbers, types, and what lists of sets list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>

#include "core/firewall/ipsets.h"
#include "tests/unit/by_rules.h"

/* tests/fixtures/ipsets.bin: s hash:net, p bitmap:port, v6 hash:ip,port, l list:set of v6
 * and s. */
static const struct fw_ipset *named(const struct ruleset *r, const char *name)
{
	for (size_t i = 0; i < r->n_ipsets; i++)
		if (text_equals_str(r->ipsets[i].name, name))
			return &r->ipsets[i];
	fail_msg("no ipset %s", name);
	return NULL;
}

static void a_type_s_name_says_what_it_holds(void **state)
{
	struct ruleset *r = rules_of_fixture("ipsets.bin");

	(void)state;
	assert_int_equal(r->n_ipsets, 4);
	assert_int_equal(named(r, "s")->n_dims, 1);
	assert_int_equal(named(r, "s")->dims[0], IPSET_DIM_NET);
	assert_int_equal(named(r, "s")->family, AF_INET);
	assert_int_equal(named(r, "p")->dims[0], IPSET_DIM_PORT);
	assert_int_equal(named(r, "p")->family, AF_UNSPEC);
	assert_int_equal(named(r, "v6")->n_dims, 2);
	assert_int_equal(named(r, "v6")->dims[0], IPSET_DIM_IP);
	assert_int_equal(named(r, "v6")->dims[1], IPSET_DIM_PORT);
	assert_int_equal(named(r, "v6")->family, AF_INET6);
	assert_string_equal(named(r, "s")->words, "set s");
	table_unref(r);
}

static void a_list_lists_its_sets_in_their_order(void **state)
{
	struct ruleset *r = rules_of_fixture("ipsets.bin");
	const struct fw_ipset *list = named(r, "l");

	(void)state;
	assert_int_equal(list->dims[0], IPSET_DIM_SET);
	assert_int_equal(list->n_members, 2);
	assert_ptr_equal(&r->ipsets[list->members[0]], named(r, "v6"));
	assert_ptr_equal(&r->ipsets[list->members[1]], named(r, "s"));
	table_unref(r);
}

static void a_set_is_found_by_its_number(void **state)
{
	struct ruleset *r = rules_of_fixture("ipsets.bin");

	(void)state;
	for (size_t i = 0; i < r->n_ipsets; i++)
		assert_ptr_equal(ipsets_find(r, r->ipsets[i].index), &r->ipsets[i]);
	assert_null(ipsets_find(r, 999));
	table_unref(r);
}

static void other_sets_are_another_ruleset(void **state)
{
	struct ruleset *r = rules_of_fixture("ipsets.bin"), *same;

	(void)state;
	same = rules_of_fixture("ipsets.bin");
	assert_true(ruleset_is_same(r, same));
	same->ipsets[0].index++;
	assert_false(ruleset_is_same(r, same));
	table_unref(r);
	table_unref(same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_s_name_says_what_it_holds),
		cmocka_unit_test(a_list_lists_its_sets_in_their_order),
		cmocka_unit_test(a_set_is_found_by_its_number),
		cmocka_unit_test(other_sets_are_another_ruleset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
