/* Conntrack entries: both tuples, what was translated, and the search for one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include "core/nat/conntrack.h"
#include "tests/unit/fixture.h"
#include "tests/unit/netlink_message.h"

#define MESSAGE_TYPE (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW)

struct end {
	const char *address;
	uint16_t port;
};

static struct ct_tuple tuple_of(struct end from, struct end to)
{
	struct ct_tuple t = {.sport = from.port, .dport = to.port};

	assert_int_equal(addr_parse(&t.saddr, from.address), 0);
	assert_int_equal(addr_parse(&t.daddr, to.address), 0);
	return t;
}

static void put_tuple(struct nl_msg *m, int type, const struct ct_tuple *t, uint8_t proto)
{
	bool is_v4 = t->saddr.family == AF_INET;
	struct nlattr *tuple = nla_nest_start(m, type), *nest;

	nest = nla_nest_start(m, CTA_TUPLE_IP);
	nla_put(m, is_v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, is_v4 ? 4 : 16, t->saddr.bytes);
	nla_put(m, is_v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, is_v4 ? 4 : 16, t->daddr.bytes);
	nla_nest_end(m, nest);
	nest = nla_nest_start(m, CTA_TUPLE_PROTO);
	nla_put_u8(m, CTA_PROTO_NUM, proto);
	nla_put_u16(m, CTA_PROTO_SRC_PORT, htons(t->sport));
	nla_put_u16(m, CTA_PROTO_DST_PORT, htons(t->dport));
	nla_nest_end(m, nest);
	nla_nest_end(m, tuple);
}

static void put_entry(struct part *p, const struct ct_tuple *original,
		      const struct ct_tuple *reply, uint32_t status)
{
	struct nfgenmsg head = {.nfgen_family = original->saddr.family};
	struct nl_msg *m = message_new(MESSAGE_TYPE, &head, sizeof(head));
	struct nlattr *info, *tcp;

	put_tuple(m, CTA_TUPLE_ORIG, original, IPPROTO_TCP);
	put_tuple(m, CTA_TUPLE_REPLY, reply, IPPROTO_TCP);
	nla_put_u32(m, CTA_STATUS, htonl(status));
	nla_put_u32(m, CTA_TIMEOUT, htonl(119));
	nla_put_u32(m, CTA_MARK, htonl(0x10));
	nla_put_u32(m, CTA_ID, htonl(77));
	nla_put_u16(m, CTA_ZONE, htons(5));
	info = nla_nest_start(m, CTA_PROTOINFO);
	tcp = nla_nest_start(m, CTA_PROTOINFO_TCP);
	nla_put_u8(m, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_SYN_RECV);
	nla_nest_end(m, tcp);
	nla_nest_end(m, info);
	part_take(p, m);
}

static struct conntrack_table *table_of(const struct part *p)
{
	struct conntrack_decoder *d = conntrack_new();
	struct conntrack_table *t;

	assert_non_null(d);
	assert_int_equal(conntrack_decode(d, p->bytes, p->len), 0);
	t = conntrack_finish(d);
	assert_non_null(t);
	conntrack_free(d);
	return t;
}

#define CLIENT  ((struct end){"198.51.100.9", 40000})
#define PUBLIC  ((struct end){"192.0.2.1", 443})
#define BACKEND ((struct end){"172.17.0.2", 8443})
#define GATEWAY ((struct end){"172.17.0.1", 40000})

static void a_translated_flow_is_found_by_both_tuples(void **state)
{
	struct ct_tuple there = tuple_of(CLIENT, PUBLIC), back = tuple_of(BACKEND, CLIENT);
	struct ct_tuple plain = tuple_of(PUBLIC, CLIENT);
	struct part p = {0};
	struct conntrack_table *t;
	const struct conntrack_row *row;

	(void)state;
	put_entry(&p, &plain, &there, IPS_SEEN_REPLY);
	put_entry(&p, &there, &back, IPS_DST_NAT);
	t = table_of(&p);
	assert_int_equal(t->n, 2);
	row = conntrack_find(t, IPPROTO_TCP, &there, false);
	assert_non_null(row);
	assert_ptr_equal(conntrack_find(t, IPPROTO_TCP, &back, true), row);
	assert_null(conntrack_find(t, IPPROTO_UDP, &there, false));
	assert_null(conntrack_find(t, IPPROTO_TCP, &back, false));
	assert_true(conntrack_is_translated(row));
	assert_true(conntrack_is_dnat(row));
	assert_true(conntrack_is_unreplied(row));
	assert_string_equal(conntrack_tcp_state_word(row->tcp_state), "SYN_RECV");
	assert_int_equal(row->timeout_s, 119);
	assert_int_equal(row->mark, 0x10);
	assert_int_equal(row->id, 77);
	assert_int_equal(row->zone, 5);
	assert_int_equal(row->reply.sport, 8443);
	table_unref(t);
}

static const struct {
	const char *what;
	struct end from, to, back_from, back_to;
	bool is_translated, is_dnat;
} nat_rows[] = {
	{"none", CLIENT, PUBLIC, PUBLIC, CLIENT, false, false},
	{"target", CLIENT, PUBLIC, BACKEND, CLIENT, true, true},
	{"source", CLIENT, BACKEND, BACKEND, GATEWAY, true, false},
	{"both", CLIENT, PUBLIC, BACKEND, GATEWAY, true, true},
	{"the port alone", CLIENT, {"192.0.2.1", 80}, PUBLIC, CLIENT, true, true},
	{"of IPv6",
	 {"2001:db8::9", 1},
	 {"2001:db8::1", 2},
	 {"2001:db8::1", 2},
	 {"2001:db8::9", 1},
	 false,
	 false},
};

static void what_was_translated_is_told_by_the_reply(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(nat_rows) / sizeof(*nat_rows); i++) {
		struct ct_tuple there = tuple_of(nat_rows[i].from, nat_rows[i].to);
		struct ct_tuple back = tuple_of(nat_rows[i].back_from, nat_rows[i].back_to);
		struct part p = {0};
		struct conntrack_table *t;

		put_entry(&p, &there, &back, IPS_SEEN_REPLY);
		t = table_of(&p);
		if (conntrack_is_translated(&t->rows[0]) != nat_rows[i].is_translated ||
		    conntrack_is_dnat(&t->rows[0]) != nat_rows[i].is_dnat)
			fail_msg("%s", nat_rows[i].what);
		assert_false(conntrack_is_unreplied(&t->rows[0]));
		table_unref(t);
	}
}

static void nothing_is_kept_of_a_part_with_a_damaged_entry(void **state)
{
	struct ct_tuple there = tuple_of(CLIENT, PUBLIC), back = tuple_of(PUBLIC, CLIENT);
	struct nfgenmsg head = {.nfgen_family = AF_INET};
	struct conntrack_decoder *d = conntrack_new();
	struct part p = {0};
	struct conntrack_table *t;
	struct nl_msg *m;

	(void)state;
	put_entry(&p, &there, &back, 0);
	m = message_new(MESSAGE_TYPE, &head, sizeof(head));
	put_tuple(m, CTA_TUPLE_ORIG, &there, IPPROTO_TCP);
	part_take(&p, m);
	assert_int_equal(conntrack_decode(d, p.bytes, p.len), -EBADMSG);
	t = conntrack_finish(d);
	assert_int_equal(t->n, 0);
	assert_null(conntrack_find(t, IPPROTO_TCP, &there, false));
	table_unref(t);
	conntrack_free(d);
}

static void a_state_that_is_not_known_has_no_word(void **state)
{
	(void)state;
	assert_string_equal(conntrack_tcp_state_word(0), "");
	assert_string_equal(conntrack_tcp_state_word(3), "ESTABLISHED");
	assert_string_equal(conntrack_tcp_state_word(200), "");
}

static void the_recorded_flow_through_a_dnat_rule_is_seen_as_one(void **state)
{
	struct fixture f = fixture_read("conntrack.bin");
	struct ct_tuple there =
		tuple_of((struct end){"10.9.0.1", 37652}, (struct end){"10.9.0.1", 80});
	struct ct_tuple silent =
		tuple_of((struct end){"10.9.0.1", 53405}, (struct end){"10.9.0.77", 53});
	struct part p = {.len = f.len};
	struct conntrack_table *t;
	const struct conntrack_row *row;

	(void)state;
	memcpy(p.bytes, f.bytes, f.len);
	t = table_of(&p);
	assert_int_equal(t->n, 3);
	row = conntrack_find(t, IPPROTO_TCP, &there, false);
	assert_non_null(row);
	assert_true(conntrack_is_dnat(row));
	assert_false(conntrack_is_unreplied(row));
	assert_int_equal(row->reply.sport, 8080);
	assert_true(addr_is_loopback(&row->reply.saddr));
	assert_string_equal(conntrack_tcp_state_word(row->tcp_state), "ESTABLISHED");
	assert_int_equal(row->timeout_s, 431999);
	row = conntrack_find(t, IPPROTO_UDP, &silent, false);
	assert_non_null(row);
	assert_true(conntrack_is_unreplied(row));
	assert_false(conntrack_is_translated(row));
	table_unref(t);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recorded_flow_through_a_dnat_rule_is_seen_as_one),
		cmocka_unit_test(a_translated_flow_is_found_by_both_tuples),
		cmocka_unit_test(what_was_translated_is_told_by_the_reply),
		cmocka_unit_test(nothing_is_kept_of_a_part_with_a_damaged_entry),
		cmocka_unit_test(a_state_that_is_not_known_has_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
