/* Answers to "where would this packet go", with a route or without. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/rtnetlink.h>

#include "core/network/routes.h"
#include "tests/unit/fixture.h"
#include "tests/unit/netlink_message.h"

static struct addr addr_of(const char *text)
{
	struct addr a = {0};

	assert_int_equal(addr_parse(&a, text), 0);
	return a;
}

static void put_addr(struct nl_msg *m, int type, const char *text)
{
	struct addr a = addr_of(text);

	assert_int_equal(nla_put(m, type, a.family == AF_INET ? 4 : 16, a.bytes), 0);
}

static struct nl_msg *route_message(uint8_t family, uint8_t type)
{
	struct rtmsg head = {.rtm_family = family,
			     .rtm_dst_len = family == AF_INET ? 32 : 128,
			     .rtm_table = RT_TABLE_MAIN,
			     .rtm_scope = RT_SCOPE_UNIVERSE,
			     .rtm_type = type};

	return message_new(RTM_NEWROUTE, &head, sizeof(head));
}

static struct route_answer *answer_of(const struct part *p, int error)
{
	struct route_decoder d;
	struct route_answer *answer;

	routes_init(&d);
	assert_int_equal(routes_decode(&d, p->bytes, p->len), 0);
	answer = routes_finish(&d, error);
	assert_non_null(answer);
	assert_false(d.has_row);
	return answer;
}

static void assert_addr(const struct addr *a, const char *text)
{
	char shown[ADDR_TEXT_MAX];

	assert_string_equal(addr_format(a, shown), text);
}

static void a_route_tells_gateway_source_table_and_device(void **state)
{
	struct part p = {0};
	struct nl_msg *m = route_message(AF_INET, RTN_UNICAST);
	struct route_answer *answer;

	(void)state;
	put_addr(m, RTA_DST, "192.0.2.9");
	put_addr(m, RTA_GATEWAY, "10.0.0.254");
	put_addr(m, RTA_PREFSRC, "10.0.0.1");
	nla_put_u32(m, RTA_OIF, 7);
	nla_put_u32(m, RTA_TABLE, 1001);
	part_take(&p, m);
	answer = answer_of(&p, 0);
	assert_int_equal(answer->error, 0);
	assert_int_equal(answer->type, RTN_UNICAST);
	assert_int_equal(answer->table, 1001);
	assert_int_equal(answer->out_ifindex, 7);
	assert_int_equal(answer->prefix_len, 32);
	assert_addr(&answer->gateway, "10.0.0.254");
	assert_addr(&answer->source, "10.0.0.1");
	assert_addr(&answer->prefix, "192.0.2.9");
	table_unref(answer);
}

static void a_gateway_of_the_other_family_is_kept(void **state)
{
	struct part p = {0};
	struct nl_msg *m = route_message(AF_INET, RTN_UNICAST);
	struct addr gateway = addr_of("fe80::1");
	uint8_t via[18] = {0};
	uint16_t family = AF_INET6;
	struct route_answer *answer;

	(void)state;
	memcpy(via, &family, sizeof(family));
	memcpy(via + 2, gateway.bytes, 16);
	put_addr(m, RTA_DST, "192.0.2.9");
	nla_put(m, RTA_VIA, sizeof(via), via);
	part_take(&p, m);
	answer = answer_of(&p, 0);
	assert_addr(&answer->gateway, "fe80::1");
	assert_addr(&answer->source, "");
	table_unref(answer);
}

static const struct {
	uint8_t type;
	int told, error;
} error_rows[] = {
	{RTN_LOCAL, 0, 0},         {RTN_UNREACHABLE, 0, EHOSTUNREACH},
	{RTN_PROHIBIT, 0, EACCES}, {RTN_BLACKHOLE, 0, EINVAL},
	{RTN_LOCAL, EXDEV, EXDEV},
};

static void the_error_is_that_of_the_answer_or_of_the_kind_of_route(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(error_rows) / sizeof(*error_rows); i++) {
		struct part p = {0};
		struct route_answer *answer;

		part_take(&p, route_message(AF_INET6, error_rows[i].type));
		answer = answer_of(&p, error_rows[i].told);
		assert_int_equal(answer->error, error_rows[i].error);
		table_unref(answer);
	}
}

static void no_route_and_no_error_is_no_answer(void **state)
{
	struct part p = {0};
	struct route_answer *answer = answer_of(&p, 0);

	(void)state;
	assert_int_equal(answer->error, EPROTO);
	table_unref(answer);
	answer = answer_of(&p, ENETUNREACH);
	assert_int_equal(answer->error, ENETUNREACH);
	table_unref(answer);
}

static void nothing_is_kept_of_a_damaged_answer(void **state)
{
	struct part p = {0};
	struct nl_msg *m = route_message(AF_INET, RTN_UNICAST);
	struct route_decoder d;

	(void)state;
	part_take(&p, route_message(AF_INET, RTN_UNICAST));
	nla_put_u16(m, RTA_OIF, 7);
	part_take(&p, m);
	routes_init(&d);
	assert_int_equal(routes_decode(&d, p.bytes, p.len), -EBADMSG);
	assert_false(d.has_row);
	assert_int_equal(routes_decode(&d, p.bytes, 20), -EBADMSG);
	assert_false(d.has_row);
}

static void a_recorded_answer_tells_the_way(void **state)
{
	struct fixture f = fixture_read("route-v4.bin");
	struct part p = {.len = f.len};
	struct route_answer *answer;

	(void)state;
	memcpy(p.bytes, f.bytes, f.len);
	answer = answer_of(&p, 0);
	assert_int_equal(answer->error, 0);
	assert_int_equal(answer->type, RTN_UNICAST);
	assert_int_equal(answer->table, RT_TABLE_MAIN);
	assert_int_equal(answer->out_ifindex, 3);
	assert_addr(&answer->gateway, "10.9.0.254");
	assert_addr(&answer->source, "10.9.0.1");
	table_unref(answer);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recorded_answer_tells_the_way),
		cmocka_unit_test(a_route_tells_gateway_source_table_and_device),
		cmocka_unit_test(a_gateway_of_the_other_family_is_kept),
		cmocka_unit_test(the_error_is_that_of_the_answer_or_of_the_kind_of_route),
		cmocka_unit_test(no_route_and_no_error_is_no_answer),
		cmocka_unit_test(nothing_is_kept_of_a_damaged_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
