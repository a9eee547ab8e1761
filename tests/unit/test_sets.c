/* Which element a key meets: exact keys, intervals, concatenations, what covers the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/firewall/eval/sets.h"

#include <linux/netfilter/nf_tables.h>

#include "core/base/addr.h"
#include "tests/unit/by_rules.h"

static uint32_t find_address(const struct fw_set *set, const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text), 0);
	return set_find(set, a.bytes, 4);
}

static void a_key_between_two_ends_is_in_the_interval(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");
	const struct fw_set *trusted = set_named(r, "trusted");

	(void)state;
	assert_true(trusted->is_read);
	assert_int_not_equal(find_address(trusted, "10.0.0.0"), FW_NONE);
	assert_int_not_equal(find_address(trusted, "10.255.255.255"), FW_NONE);
	assert_int_equal(find_address(trusted, "11.0.0.0"), FW_NONE);
	assert_int_equal(find_address(trusted, "9.255.255.255"), FW_NONE);
	assert_int_equal(find_address(trusted, "0.0.0.0"), FW_NONE);
	assert_int_not_equal(find_address(trusted, "192.0.2.9"), FW_NONE);
	assert_int_equal(find_address(trusted, "192.0.2.10"), FW_NONE);
	assert_int_not_equal(find_address(trusted, "198.51.100.7"), FW_NONE);
	assert_int_equal(find_address(trusted, "255.255.255.255"), FW_NONE);
	table_unref(r);
}

static void an_exact_set_holds_its_keys_and_no_others(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");
	const struct fw_set *banned = set_named(r, "banned");
	uint32_t found = find_address(banned, "203.0.113.5");

	(void)state;
	assert_int_not_equal(found, FW_NONE);
	assert_true(text_equals_str(banned->elements[found].comment, "three strikes"));
	assert_in_range(banned->elements[found].expires_ms, 1, 86400000);
	assert_int_equal(find_address(banned, "203.0.113.7"), FW_NONE);
	assert_int_equal(set_find(banned, (const uint8_t *)"\xcb\x00\x71", 3), FW_NONE);
	table_unref(r);
}

static void a_concatenation_is_met_field_by_field(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");
	const struct fw_set *admin = set_named(r, "admin");
	static const uint8_t inside[8] = {10, 1, 200, 3, 0, 22, 0, 0};
	static const uint8_t port_outside[8] = {10, 1, 200, 3, 0, 23, 0, 0};
	static const uint8_t range[8] = {192, 0, 2, 1, 0x1f, 0x45, 0, 0};
	static const uint8_t beyond[8] = {192, 0, 2, 1, 0x1f, 0x4b, 0, 0};

	(void)state;
	assert_int_equal(admin->n_fields, 2);
	assert_int_not_equal(set_find(admin, inside, 8), FW_NONE);
	assert_int_equal(set_find(admin, port_outside, 8), FW_NONE);
	assert_int_not_equal(set_find(admin, range, 8), FW_NONE);
	assert_int_equal(set_find(admin, beyond, 8), FW_NONE);
	table_unref(r);
}

static void the_catch_all_element_comes_last(void **state)
{
	struct ruleset *r = rules_of_fixture("ruleset-web.bin");
	const struct fw_set *services = set_named(r, "services");
	uint32_t https = set_find(services, (const uint8_t *)"\x01\xbb", 2);
	uint32_t inside = set_find(services, (const uint8_t *)"\x1f\x45", 2);
	uint32_t other = set_find(services, (const uint8_t *)"\x00\x51", 2);

	(void)state;
	assert_int_equal(services->elements[https].verdict, 1);
	assert_int_equal(services->elements[inside].verdict, NFT_JUMP);
	assert_ptr_equal(&r->chains[services->elements[inside].verdict_chain],
			 chain_named(r, "internal"));
	assert_true(services->elements[other].is_catch_all);
	table_unref(r);
}

static void an_interval_without_an_end_reaches_the_highest_key(void **state)
{
	struct fw_element one[] = {{.key = {"\x04\x00", 2}}};
	struct fw_set set = {
		.flags = NFT_SET_INTERVAL, .key_len = 2, .elements = one, .n_elements = 1};

	(void)state;
	set_sort(&set);
	assert_int_equal(set_find(&set, (const uint8_t *)"\xff\xff", 2), 0);
	assert_int_equal(set_find(&set, (const uint8_t *)"\x04\x00", 2), 0);
	assert_int_equal(set_find(&set, (const uint8_t *)"\x03\xff", 2), FW_NONE);
	assert_int_equal(set_end_of(&set, 0).len, 0);
}

static void where_one_interval_ends_the_next_may_begin(void **state)
{
	struct fw_element rows[] = {{.key = {"\x05", 1}},
				    {.key = {"\x05", 1}, .is_end = true},
				    {.key = {"\x09", 1}, .is_end = true},
				    {.key = {"\x01", 1}},
				    {.key = {"\x00", 1}, .is_end = true}};
	struct fw_set set = {
		.flags = NFT_SET_INTERVAL, .key_len = 1, .elements = rows, .n_elements = 5};

	(void)state;
	set_sort(&set);
	assert_int_equal(set_find(&set, (const uint8_t *)"\x00", 1), FW_NONE);
	assert_int_equal(set_find(&set, (const uint8_t *)"\x04", 1), 1);
	assert_int_equal(set_find(&set, (const uint8_t *)"\x05", 1), 3);
	assert_int_equal(set_find(&set, (const uint8_t *)"\x08", 1), 3);
	assert_int_equal(set_find(&set, (const uint8_t *)"\x09", 1), FW_NONE);
}

static void an_empty_set_holds_nothing(void **state)
{
	struct fw_set set = {.key_len = 4};

	(void)state;
	set_sort(&set);
	assert_int_equal(set_find(&set, (const uint8_t *)"abcd", 4), FW_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_between_two_ends_is_in_the_interval),
		cmocka_unit_test(an_exact_set_holds_its_keys_and_no_others),
		cmocka_unit_test(a_concatenation_is_met_field_by_field),
		cmocka_unit_test(the_catch_all_element_comes_last),
		cmocka_unit_test(an_interval_without_an_end_reaches_the_highest_key),
		cmocka_unit_test(where_one_interval_ends_the_next_may_begin),
		cmocka_unit_test(an_empty_set_holds_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
