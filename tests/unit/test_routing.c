/* Rules that choose a table of routes: from messages of the kernel, as words, and which of
 * them decided. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "core/network/routing.h"
#include "tests/unit/netlink_message.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

struct told {
	uint32_t preference, table, mark, mask;
	const char *source, *in;
	uint8_t source_len, action, proto;
	bool is_inverted, has_users, is_v6;
};

#define TO(number) .table = (number), .action = FR_ACT_TO_TBL
/* Those that every host has. */
#define LOCAL                            \
	{                                \
		.preference = 0, TO(255) \
	}
#define MAIN                                 \
	{                                    \
		.preference = 32766, TO(254) \
	}

static void put(struct part *p, struct told t)
{
	struct fib_rule_hdr head = {.family = t.is_v6 ? AF_INET6 : AF_INET,
				    .src_len = t.source_len,
				    .table = t.table < 256 ? (uint8_t)t.table : 0,
				    .action = t.action,
				    .flags = t.is_inverted ? FIB_RULE_INVERT : 0};
	struct fib_rule_uid_range users = {0, t.has_users ? 1000 : UINT32_MAX};
	struct nl_msg *m = message_new(RTM_NEWRULE, &head, sizeof(head));
	struct addr source = {0};

	nla_put_u32(m, FRA_PRIORITY, t.preference);
	nla_put_u32(m, FRA_TABLE, t.table);
	nla_put_u32(m, FRA_SUPPRESS_PREFIXLEN, UINT32_MAX);
	nla_put(m, FRA_UID_RANGE, sizeof(users), &users);
	if (t.source) {
		assert_int_equal(addr_parse(&source, t.source), 0);
		nla_put(m, FRA_SRC, source.family == AF_INET ? 4 : 16, source.bytes);
	}
	if (t.mask) {
		nla_put_u32(m, FRA_FWMARK, t.mark);
		nla_put_u32(m, FRA_FWMASK, t.mask);
	}
	if (t.in)
		nla_put_string(m, FRA_IIFNAME, t.in);
	if (t.proto)
		nla_put_u8(m, FRA_IP_PROTO, t.proto);
	part_take(p, m);
}

static struct routing_table *table_of(const struct told *told, size_t n)
{
	struct routing_decoder d;
	struct routing_table *t;
	struct part p = {0};

	for (size_t i = 0; i < n && told[i].action; i++)
		put(&p, told[i]);
	routing_init(&d);
	assert_int_equal(routing_decode(&d, p.bytes, p.len), 0);
	t = routing_finish(&d);
	assert_non_null(t);
	routing_release(&d);
	return t;
}

static struct routing_flow answer(uint32_t mark)
{
	return (struct routing_flow){.source = addr_v4((uint8_t[]){10, 0, 0, 1}),
				     .target = addr_v4((uint8_t[]){192, 0, 2, 2}),
				     .in = text_of("lo"),
				     .mark = mark,
				     .proto = 6};
}

static struct routing_flow any(void)
{
	return (struct routing_flow){.target = addr_v4((uint8_t[]){192, 0, 2, 2}),
				     .in = text_of("lo")};
}

struct deciding {
	const char *what;
	struct told told[4];
	uint32_t mark, table, preference; /* table 0: an error; preference 0: none */
};

#define OWN      .source = "10.0.0.1", .source_len = 32
#define OF_OTHER .source = "10.0.0.9", .source_len = 32

static const struct deciding rows[] = {
	{"the rules of every host", {LOCAL, MAIN}, 0, 254, 0},
	{"its source", {LOCAL, {.preference = 100, OWN, TO(100)}, MAIN}, 0, 100, 100},
	{"another source",
	 {LOCAL, {.preference = 100, OF_OTHER, TO(100)}, MAIN},
	 0,
	 100,
	 0},
	{"its mark",
	 {LOCAL, {.preference = 90, .mark = 7, .mask = 255, TO(77)}, MAIN},
	 7,
	 77,
	 90},
	{"another mark",
	 {LOCAL, {.preference = 90, .mark = 7, .mask = 255, TO(77)}, MAIN},
	 8,
	 77,
	 0},
	{"sent by this host",
	 {LOCAL, {.preference = 80, .in = "lo", TO(80)}, MAIN},
	 0,
	 80,
	 80},
	{"what comes in elsewhere",
	 {LOCAL, {.preference = 80, .in = "eth1", TO(80)}, MAIN},
	 0,
	 80,
	 0},
	{"not of another source",
	 {LOCAL, {.preference = 100, OF_OTHER, .is_inverted = true, TO(100)}, MAIN},
	 0,
	 100,
	 100},
	{"a user before it",
	 {LOCAL,
	  {.preference = 50, .has_users = true, TO(50)},
	  {.preference = 100, OWN, TO(100)}},
	 0,
	 100,
	 0},
	{"a rule of IPv6", {LOCAL, {.preference = 100, .is_v6 = true, TO(100)}}, 0, 100, 0},
	{"another protocol",
	 {LOCAL, {.preference = 100, .proto = 17, TO(100)}, MAIN},
	 0,
	 100,
	 0},
	{"an error behind its source",
	 {LOCAL, {.preference = 100, OWN, TO(100)}, MAIN},
	 0,
	 0,
	 100},
	{"an error behind a rule that rejects",
	 {LOCAL, {.preference = 100, OWN, .action = FR_ACT_PROHIBIT}, MAIN},
	 0,
	 0,
	 100},
	{"an error behind one of two",
	 {LOCAL,
	  {.preference = 100, OWN, TO(100)},
	  {.preference = 101, OWN, TO(101)},
	  MAIN},
	 0,
	 0,
	 0},
	{"an error behind none",
	 {LOCAL, {.preference = 100, OF_OTHER, TO(100)}, MAIN},
	 0,
	 0,
	 0},
	{"an error behind one that takes all",
	 {LOCAL, {.preference = 100, TO(100)}, MAIN},
	 0,
	 0,
	 0},
	{"an error, and a rule of users",
	 {LOCAL,
	  {.preference = 50, .has_users = true, TO(50)},
	  {.preference = 100, OWN, TO(100)}},
	 0,
	 0,
	 0},
};

static void the_rule_that_chose_the_table_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct routing_table *t = table_of(rows[i].told, N_OF(rows[i].told));
		struct routing_flow f = answer(rows[i].mark), plain = any();
		const struct routing_rule *r =
			routing_decider(t, &f, &plain, rows[i].table);

		if ((r ? r->preference : 0) != rows[i].preference)
			fail_msg("%s: rule %u", rows[i].what, r ? r->preference : 0);
		table_unref(t);
	}
}

static void assert_words(struct told told, const char *words)
{
	struct routing_table *t = table_of(&told, 1);
	struct str s = {0};

	routing_print(&s, &t->rows[0]);
	assert_string_equal(str_text(&s), words);
	str_release(&s);
	table_unref(t);
}

static void a_rule_reads_as_ip_rule_takes_it(void **state)
{
	(void)state;
	assert_words((struct told)MAIN, "from all lookup 254");
	assert_words((struct told){OWN, TO(1000)}, "from 10.0.0.1 lookup 1000");
	assert_words((struct told){.source = "10.0.0.0",
				   .source_len = 8,
				   .is_inverted = true,
				   .mark = 7,
				   .mask = 255,
				   .in = "eth0",
				   .proto = 6,
				   .action = FR_ACT_PROHIBIT},
		     "not from 10.0.0.0/8 fwmark 0x7/0xff iif eth0 ipproto 6 prohibit");
	assert_words((struct told){.mark = 1, .mask = UINT32_MAX, .in = "a\033b", TO(1)},
		     "from all fwmark 0x1 iif a\\x1bb lookup 1");
}

static void the_order_is_that_of_preference(void **state)
{
	const struct told told[] = {MAIN, {.preference = 7, TO(7)}, LOCAL};
	struct routing_table *t = table_of(told, N_OF(told));

	(void)state;
	assert_int_equal(t->n, 3);
	assert_int_equal(t->rows[0].table, 255);
	assert_int_equal(t->rows[1].table, 7);
	assert_int_equal(t->rows[2].table, 254);
	table_unref(t);
}

static void nothing_is_kept_of_a_damaged_part(void **state)
{
	struct routing_decoder d;
	struct part p = {0};

	(void)state;
	put(&p, (struct told)LOCAL);
	put(&p, (struct told){.source = "10.0.0.1", .source_len = 33, TO(1)});
	routing_init(&d);
	assert_int_equal(routing_decode(&d, p.bytes, p.len), -EBADMSG);
	assert_int_equal(routing_decode(&d, p.bytes, 20), -EBADMSG);
	assert_int_equal(d.rows.n, 0);
	routing_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_that_chose_the_table_is_found),
		cmocka_unit_test(a_rule_reads_as_ip_rule_takes_it),
		cmocka_unit_test(the_order_is_that_of_preference),
		cmocka_unit_test(nothing_is_kept_of_a_damaged_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
