/* Addresses: text both ways, kinds, order, prefixes. Does not test names. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "core/base/addr.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
	const char *text, *formatted;
} good_rows[] = {
	{"10.0.0.1", "10.0.0.1"},
	{"0.0.0.0", "0.0.0.0"},
	{"255.255.255.255", "255.255.255.255"},
	{"::", "::"},
	{"::1", "::1"},
	{"[::1]", "::1"},
	{"[fe80::1]", "fe80::1"},
	{"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
	{"::ffff:10.0.0.1", "::ffff:10.0.0.1"},
	{"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
	 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

static const char *const bad_rows[] = {
	"",
	"[",
	"]",
	"[]",
	"[::1",
	"::1]",
	"[[::1]]",
	"10.0.0",
	"10.0.0.256",
	"10.0.0.1:80",
	"[::1]:80",
	"fe80::1%eth0",
	":::",
	"[10.0.0.1]",
	"localhost",
	" 10.0.0.1",
	"10.0.0.1 ",
	"1::2::3",
	"0x7f.1",
	"12345::",
	"0000000000000000000000000000000000000000000000000000000000000000000000::1",
};

enum kind {
	ANY = 1,
	LOOPBACK = 2,
	MAPPED = 4,
	LINK_LOCAL = 8,
	MULTICAST = 16,
};

static const struct {
	const char *text;
	unsigned kinds;
} kind_rows[] = {
	{"0.0.0.0", ANY},
	{"0.0.0.1", 0},
	{"::", ANY},
	{"127.0.0.1", LOOPBACK},
	{"127.255.3.4", LOOPBACK},
	{"126.255.255.255", 0},
	{"128.0.0.0", 0},
	{"::1", LOOPBACK},
	{"::2", 0},
	{"1::1", 0},
	{"::ffff:127.0.0.1", LOOPBACK | MAPPED},
	{"::ffff:10.0.0.1", MAPPED},
	{"::ffff:0.0.0.0", MAPPED},
	{"::fffe:10.0.0.1", 0},
	{"1::ffff:10.0.0.1", 0},
	{"169.254.0.1", LINK_LOCAL},
	{"169.255.0.1", 0},
	{"168.254.0.1", 0},
	{"fe80::1", LINK_LOCAL},
	{"febf:ffff::1", LINK_LOCAL},
	{"fec0::1", 0},
	{"fe7f::1", 0},
	{"224.0.0.1", MULTICAST},
	{"239.255.255.255", MULTICAST},
	{"223.255.255.255", 0},
	{"240.0.0.0", 0},
	{"ff02::1", MULTICAST},
	{"feff::1", 0},
};

static const struct {
	const char *addr, *prefix;
	unsigned len;
	bool in;
} prefix_rows[] = {
	{"10.1.2.3", "10.0.0.0", 8, true},
	{"11.1.2.3", "10.0.0.0", 8, false},
	{"11.1.2.3", "10.0.0.0", 7, true},
	{"12.1.2.3", "10.0.0.0", 7, false},
	{"192.168.1.127", "192.168.1.0", 25, true},
	{"192.168.1.128", "192.168.1.0", 25, false},
	{"192.168.1.1", "192.168.1.1", 32, true},
	{"192.168.1.0", "192.168.1.1", 32, false},
	{"192.168.1.0", "192.168.1.1", 31, true},
	{"192.168.1.1", "192.168.1.1", 33, false},
	{"8.8.8.8", "0.0.0.0", 0, true},
	{"::1", "0.0.0.0", 0, false},
	{"8.8.8.8", "::", 0, false},
	{"2001:db8::1", "::", 0, true},
	{"2001:db8:8000::", "2001:db8::", 32, true},
	{"2001:db8:8000::", "2001:db8::", 33, false},
	{"2001:db8::1", "2001:db8::1", 128, true},
	{"2001:db8::", "2001:db8::1", 128, false},
	{"2001:db8::", "2001:db8::1", 127, true},
	{"2001:db8::", "2001:db8::", 129, false},
};

static struct addr parsed(const char *text)
{
	struct addr a = {0};

	if (addr_parse(&a, text))
		fail_msg("%s does not parse", text);
	return a;
}

static void an_address_is_read_and_written_in_its_shortest_form(void **state)
{
	char out[ADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(good_rows); i++) {
		struct addr a = parsed(good_rows[i].text);
		struct addr again;

		assert_ptr_equal(addr_format(&a, out), out);
		assert_string_equal(out, good_rows[i].formatted);
		again = parsed(out);
		assert_true(addr_equals(&a, &again));
	}
}

static void what_is_no_address_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad_rows); i++) {
		struct addr a, before;

		memset(&a, 0x5a, sizeof(a));
		before = a;
		if (addr_parse(&a, bad_rows[i]) != -EINVAL)
			fail_msg("\"%s\" was taken for an address", bad_rows[i]);
		assert_memory_equal(&a, &before, sizeof(a));
	}
}

static void every_kind_is_known_at_its_borders(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(kind_rows); i++) {
		struct addr a = parsed(kind_rows[i].text);
		unsigned kinds = 0;

		kinds |= addr_is_any(&a) ? ANY : 0;
		kinds |= addr_is_loopback(&a) ? LOOPBACK : 0;
		kinds |= addr_is_v4_mapped(&a) ? MAPPED : 0;
		kinds |= addr_is_link_local(&a) ? LINK_LOCAL : 0;
		kinds |= addr_is_multicast(&a) ? MULTICAST : 0;
		if (kinds != kind_rows[i].kinds)
			fail_msg("%s is of kinds %#x", kind_rows[i].text, kinds);
	}
}

static void a_prefix_holds_the_addresses_that_share_its_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(prefix_rows); i++) {
		struct addr a = parsed(prefix_rows[i].addr);
		struct addr p = parsed(prefix_rows[i].prefix);

		if (addr_in_prefix(&a, &p, prefix_rows[i].len) != prefix_rows[i].in)
			fail_msg("%s in %s/%u", prefix_rows[i].addr, prefix_rows[i].prefix,
				 prefix_rows[i].len);
	}
}

static void no_address_is_of_no_kind_in_no_prefix_and_without_text(void **state)
{
	struct addr none = addr_from(AF_UNIX, "0123456789abcdef");
	struct addr zero = {0};
	char out[ADDR_TEXT_MAX] = "before";

	(void)state;
	assert_memory_equal(&none, &zero, sizeof(zero));
	assert_false(addr_is_any(&none) || addr_is_loopback(&none) ||
		     addr_is_v4_mapped(&none) || addr_is_link_local(&none) ||
		     addr_is_multicast(&none));
	assert_false(addr_in_prefix(&none, &zero, 0));
	assert_true(addr_equals(&none, &zero));
	assert_string_equal(addr_format(&none, out), "");
}

static void addresses_from_bytes_leave_the_rest_zero(void **state)
{
	static const uint8_t sixteen[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9};
	struct addr four = addr_v4("\x0a\x01\x02\x03");
	struct addr six = addr_v6(sixteen);
	struct addr expected = {.family = AF_INET, .bytes = {10, 1, 2, 3}};
	struct addr from = addr_from(AF_INET6, sixteen);

	(void)state;
	assert_memory_equal(&four, &expected, sizeof(four));
	assert_int_equal(six.family, AF_INET6);
	assert_memory_equal(six.bytes, sixteen, 16);
	assert_true(addr_equals(&six, &from));
}

static void the_order_is_family_then_bytes(void **state)
{
	static const char *const ordered[] = {
		"0.0.0.0", "9.255.255.255", "10.0.0.0", "10.0.0.1", "200.0.0.0",
		"::",      "::1",           "2001::",   "fe80::1",
	};

	(void)state;
	for (size_t i = 0; i < N_OF(ordered); i++) {
		for (size_t k = 0; k < N_OF(ordered); k++) {
			struct addr a = parsed(ordered[i]);
			struct addr b = parsed(ordered[k]);
			int order = addr_compare(&a, &b);

			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
			assert_int_equal(addr_equals(&a, &b), i == k);
		}
	}
}

static void unmapping_gives_the_inner_address_and_leaves_others(void **state)
{
	struct addr mapped = parsed("::ffff:10.1.2.3");
	struct addr inner = parsed("10.1.2.3");
	struct addr six = parsed("2001:db8::1");
	struct addr a;

	(void)state;
	a = addr_unmapped(&mapped);
	assert_memory_equal(&a, &inner, sizeof(a));
	a = addr_unmapped(&inner);
	assert_true(addr_equals(&a, &inner));
	a = addr_unmapped(&six);
	assert_true(addr_equals(&a, &six));
}

static void a_link_behind_a_link_local_address_is_left_out(void **state)
{
	static const char *const bad[] = {
		"fe80::1%", "2001:db8::1%eth0",         "10.0.0.1%eth0", "fe80::1%%",
		"%eth0",    "fe80::1%sixteen-letters-", "fe80::1%a b"};
	struct addr a, plain;

	(void)state;
	assert_int_equal(addr_parse(&plain, "fe80::1"), 0);
	assert_int_equal(addr_parse_scoped(&a, "fe80::1%eth0"), 0);
	assert_true(addr_equals(&a, &plain));
	assert_int_equal(addr_parse_scoped(&a, "fe80::1"), 0);
	assert_true(addr_equals(&a, &plain));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(addr_parse_scoped(&a, bad[i]), -EINVAL);
	assert_int_equal(addr_parse(&a, "fe80::1%eth0"), -EINVAL);
}

static void test_a_span_is_all_that_begins_alike(void **state)
{
	static const struct {
		unsigned bits;
		uint8_t low[4], high[4];
	} rows[] = {
		{0, {0, 0, 0, 0}, {255, 255, 255, 255}},
		{1, {128, 0, 0, 0}, {255, 255, 255, 255}},
		{8, {192, 0, 0, 0}, {192, 255, 255, 255}},
		{12, {192, 160, 0, 0}, {192, 175, 255, 255}},
		{31, {192, 168, 1, 2}, {192, 168, 1, 3}},
		{32, {192, 168, 1, 3}, {192, 168, 1, 3}},
		{40, {192, 168, 1, 3}, {192, 168, 1, 3}},
	};
	const uint8_t bytes[4] = {192, 168, 1, 3};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		uint8_t low[4], high[4];

		addr_bits_span(bytes, sizeof(bytes), rows[i].bits, low, high);
		assert_memory_equal(low, rows[i].low, sizeof(low));
		assert_memory_equal(high, rows[i].high, sizeof(high));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_read_and_written_in_its_shortest_form),
		cmocka_unit_test(what_is_no_address_is_refused_and_changes_nothing),
		cmocka_unit_test(every_kind_is_known_at_its_borders),
		cmocka_unit_test(a_link_behind_a_link_local_address_is_left_out),
		cmocka_unit_test(a_prefix_holds_the_addresses_that_share_its_bits),
		cmocka_unit_test(no_address_is_of_no_kind_in_no_prefix_and_without_text),
		cmocka_unit_test(addresses_from_bytes_leave_the_rest_zero),
		cmocka_unit_test(the_order_is_family_then_bytes),
		cmocka_unit_test(unmapping_gives_the_inner_address_and_leaves_others),
		cmocka_unit_test(test_a_span_is_all_that_begins_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
