/* Sysctls, legacy tables and modules of one namespace. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <sys/socket.h>

#include "core/network/settings.h"
#include "tests/unit/items.h"

static struct setting_table *table_of(const struct bundle_item *items, size_t n)
{
	uint8_t bytes[4096];
	size_t len = items_put(bytes, sizeof(bytes), items, n);
	struct setting_decoder *d = settings_new();
	struct setting_table *t;

	assert_int_equal(settings_decode(d, bytes, len), 0);
	t = settings_finish(d);
	assert_non_null(t);
	settings_free(d);
	return t;
}

static const struct bundle_item recorded[] = {
	ITEM("sys/net/ipv4/ip_forward", "1\n"),
	ITEM("sys/net/ipv4/conf/eth0.7/rp_filter", "2\n"),
	ITEM("sys/net/ipv6/conf/eth0.7/forwarding", "-1\n"),
	ITEM("sys/net/ipv4/tcp_mem", "46137\t61518\t92274\n"),
	ITEM("sys/net/ipv4/tcp_congestion_control", "cubic\n"),
	ITEM_ERROR("sys/net/ipv4/tcp_fastopen_key", EACCES),
	ITEM("net/ip_tables_names", "nat\nfilter\n"),
	ITEM("net/ip6_tables_names", ""),
	ITEM("modules", "nf_tables 311296 0 - Live 0x0000000000000000\n"),
	ITEM("elsewhere", "1"),
};

static const struct {
	const char *name;
	bool is_told;
	int64_t value;
} ints[] = {
	{"net/ipv4/ip_forward", true, 1},
	{"net/ipv4/tcp_mem", true, 46137},
	{"net/ipv6/conf/eth0.7/forwarding", true, -1},
	{"net/ipv4/tcp_congestion_control", false, 0},
	{"net/ipv4/tcp_fastopen_key", false, 0},
	{"net/ipv4/tcp_syncookies", false, 0},
};

static void settings_are_numbers_where_they_are_told(void **state)
{
	struct setting_table *t = table_of(recorded, N_OF(recorded));

	(void)state;
	for (size_t i = 0; i < N_OF(ints); i++) {
		int64_t value = 0;
		bool is_told = settings_int(t, ints[i].name, &value);

		if (is_told != ints[i].is_told || value != ints[i].value)
			fail_msg("%s: %d, %lld", ints[i].name, is_told, (long long)value);
	}
	assert_false(settings_int(NULL, "net/ipv4/ip_forward", &(int64_t){0}));
	table_unref(t);
}

static void of_several_numbers_each_is_found(void **state)
{
	struct setting_table *t = table_of(recorded, N_OF(recorded));
	int64_t value = 0;

	(void)state;
	assert_true(settings_int_at(t, "net/ipv4/tcp_mem", 2, &value));
	assert_int_equal(value, 92274);
	assert_false(settings_int_at(t, "net/ipv4/tcp_mem", 3, &value));
	assert_int_equal(value, 92274);
	table_unref(t);
}

static void a_device_s_setting_is_found_by_its_name_dots_and_all(void **state)
{
	struct setting_table *t = table_of(recorded, N_OF(recorded));
	char longest[300] = {'x'};
	int64_t value = 0;

	(void)state;
	assert_true(settings_device_int(t, AF_INET, LIT("eth0.7"), "rp_filter", &value));
	assert_int_equal(value, 2);
	assert_true(settings_device_int(t, AF_INET6, LIT("eth0.7"), "forwarding", &value));
	assert_int_equal(value, -1);
	assert_false(settings_device_int(t, AF_INET6, LIT("eth0.7"), "rp_filter", &value));
	assert_false(settings_device_int(t, AF_INET, TEXT_NONE, "rp_filter", &value));
	assert_false(settings_device_int(t, AF_INET, LIT("eth0\0"), "rp_filter", &value));
	assert_false(
		settings_device_int(t, AF_INET, (struct text){longest, 300}, "x", &value));
	table_unref(t);
}

static void legacy_tables_are_told_by_family(void **state)
{
	struct setting_table *t = table_of(recorded, N_OF(recorded));

	(void)state;
	assert_true(settings_has_legacy(t, AF_INET));
	assert_false(settings_has_legacy(t, AF_INET6));
	assert_int_equal(t->legacy_error, 0);
	assert_text("names", t->legacy_v4, "nat\nfilter");
	assert_int_equal(text_is_empty(t->modules), false);
	table_unref(t);
}

static void that_names_may_not_be_read_is_told_before_that_they_are_not_there(void **state)
{
	static const struct bundle_item items[] = {
		ITEM_ERROR("net/ip_tables_names", ENOENT),
		ITEM_ERROR("net/ip6_tables_names", EACCES),
	};
	struct setting_table *t = table_of(items, 1);

	(void)state;
	assert_int_equal(t->legacy_error, ENOENT);
	assert_int_equal(t->n, 0);
	table_unref(t);
	t = table_of(items, 2);
	assert_int_equal(t->legacy_error, EACCES);
	assert_false(settings_has_legacy(t, AF_INET6));
	table_unref(t);
}

static void a_long_file_comes_in_items_and_one_that_is_not_there_is_empty(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("net/ip_vs", "TCP  0A0000"),
		ITEM("net/ip_vs", "05:0050 rr\n"),
		ITEM_ERROR("net/netfilter/nfnetlink_queue", ENOENT),
	};
	static const struct bundle_item cut[] = {
		{.name = LIT("net/ip_vs"), .data = LIT("TCP"), .error = EMSGSIZE},
		ITEM_ERROR("net/netfilter/nfnetlink_queue", EACCES),
	};
	struct setting_table *t = table_of(items, N_OF(items));
	struct text text = TEXT_NONE;
	bool is_whole = false;

	(void)state;
	assert_true(settings_file(t, SETTING_VIRTUAL_SERVICES, &text, &is_whole));
	assert_true(is_whole);
	assert_text("services", text, "TCP  0A000005:0050 rr\n");
	is_whole = false;
	assert_true(settings_file(t, SETTING_QUEUE_READERS, &text, &is_whole));
	assert_true(is_whole);
	assert_int_equal(text.len, 0);
	table_unref(t);
	t = table_of(cut, N_OF(cut));
	assert_true(settings_file(t, SETTING_VIRTUAL_SERVICES, &text, &is_whole));
	assert_false(is_whole);
	assert_false(settings_file(t, SETTING_QUEUE_READERS, &text, &is_whole));
	table_unref(t);
	t = table_of(recorded, N_OF(recorded));
	assert_false(settings_file(t, SETTING_QUEUE_READERS, &text, &is_whole));
	assert_false(settings_file(NULL, SETTING_QUEUE_READERS, &text, &is_whole));
	table_unref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_numbers_where_they_are_told),
		cmocka_unit_test(of_several_numbers_each_is_found),
		cmocka_unit_test(a_device_s_setting_is_found_by_its_name_dots_and_all),
		cmocka_unit_test(legacy_tables_are_told_by_family),
		cmocka_unit_test(
			that_names_may_not_be_read_is_told_before_that_they_are_not_there),
		cmocka_unit_test(
			a_long_file_comes_in_items_and_one_that_is_not_there_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
