/* Traces: recorded ones of a drop and of a translation, and messages made by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "core/base/asks.h"
#include "core/base/time.h"
#include "core/firewall/trace.h"
#include "tests/unit/fixture.h"
#include "tests/unit/netlink_message.h"

#define MESSAGE_TYPE (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE)
#define NOON         (12 * 3600 * NS_PER_S)

/* A TCP packet as the headers of a message tell it. */
struct sent {
	uint32_t id, sequence;
	uint8_t last_byte; /* of the source 10.0.0.x */
	uint16_t to_port;
};

static void put_headers(struct nl_msg *m, const struct sent *s)
{
	uint8_t ip[20] = {0x45, [9] = 6, [12] = 10, 0, 0, s->last_byte, 10, 0, 0, 1};
	uint8_t tcp[20] = {
		0xc0,        0x01, (uint8_t)(s->to_port >> 8), (uint8_t)s->to_port,
		[12] = 0x50, 0x02};
	uint32_t sequence = htonl(s->sequence);

	memcpy(tcp + 4, &sequence, 4);
	nla_put(m, NFTA_TRACE_NETWORK_HEADER, sizeof(ip), ip);
	nla_put(m, NFTA_TRACE_TRANSPORT_HEADER, sizeof(tcp), tcp);
}

/* headers NULL: an event behind the first of its chain. */
static void put_event(struct part *p, uint32_t id, const struct sent *headers,
		      const char *table, uint64_t handle, uint32_t verdict)
{
	struct nfgenmsg head = {.nfgen_family = NFPROTO_INET};
	struct nl_msg *m = message_new(MESSAGE_TYPE, &head, sizeof(head));
	uint32_t low_handle[2] = {0, htonl((uint32_t)handle)};
	struct nlattr *nest;

	nla_put_u32(m, NFTA_TRACE_TYPE, htonl(NFT_TRACETYPE_RULE));
	nla_put_u32(m, NFTA_TRACE_ID, htonl(id));
	nla_put_string(m, NFTA_TRACE_TABLE, table);
	nla_put_string(m, NFTA_TRACE_CHAIN, "input");
	if (handle)
		nla_put(m, NFTA_TRACE_RULE_HANDLE, sizeof(low_handle), low_handle);
	nest = nla_nest_start(m, NFTA_TRACE_VERDICT);
	nla_put_u32(m, NFTA_VERDICT_CODE, htonl(verdict));
	nla_nest_end(m, nest);
	if (headers)
		put_headers(m, headers);
	part_take(p, m);
}

static void take(struct fw_trace *t, const struct part *p, int64_t wall_ns)
{
	assert_int_equal(fw_trace_take(t, p->bytes, p->len, wall_ns), 0);
}

static void take_recorded(struct fw_trace *t, const char *name)
{
	struct fixture f = fixture_read(name);

	fw_trace_init(t);
	assert_int_equal(fw_trace_take(t, f.bytes, f.len, NOON), 0);
	fixture_release(&f);
}

static void a_dropped_packet_ends_at_the_rule_of_the_inner_chain(void **state)
{
	const struct fw_trace_event *passed, *denier;
	struct fw_trace t;

	(void)state;
	take_recorded(&t, "trace-drop.bin");
	assert_true(t.is_ready);
	assert_int_equal(t.n_left_out, 0);
	assert_int_equal(t.packets.n, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct fw_trace_packet *p = fw_trace_packet(&t, i);

		assert_int_equal(p->to_port, 443);
		assert_int_equal(p->tcp_flags & 0x12, 0x02);
		denier = fw_trace_denier(&t, i, &passed);
		assert_non_null(denier);
		assert_int_equal(denier->kind, FW_TRACE_RULE);
		assert_true(text_equals_str(denier->chain, "deep"));
		assert_true(denier->handle > 0);
		assert_string_equal(fw_trace_verdict_word(denier->verdict), "drop");
	}
	fw_trace_release(&t);
}

static void a_translated_packet_keeps_its_first_addresses(void **state)
{
	const struct fw_trace_event *passed;
	struct fw_trace t;

	(void)state;
	take_recorded(&t, "trace-nat.bin");
	assert_int_equal(t.packets.n, 2); /* the SYN and its answer */
	assert_int_equal(fw_trace_packet(&t, 0)->to_port, 443);
	assert_null(fw_trace_denier(&t, 0, &passed));
	assert_non_null(passed);
	assert_true(text_equals_str(passed->table, "filter"));
	assert_int_equal(fw_trace_packet(&t, 1)->tcp_flags & 0x12, 0x12);
	assert_int_equal(fw_trace_packet(&t, 1)->from_port, 8443);
	fw_trace_release(&t);
}

static void an_id_that_is_used_again_is_another_packet(void **state)
{
	const struct sent first = {7, 1000, 2, 443}, second = {7, 2000, 2, 443};
	const struct fw_trace_event *passed;
	struct part p = {.len = 0};
	struct fw_trace t;

	(void)state;
	fw_trace_init(&t);
	put_event(&p, 7, &first, "filter", 3, NF_ACCEPT);
	put_event(&p, 7, &second, "filter", 4, NF_ACCEPT);
	put_event(&p, 7, NULL, "filter", 5, NF_DROP);
	take(&t, &p, NOON);
	assert_int_equal(t.packets.n, 2);
	assert_null(fw_trace_denier(&t, 0, &passed));
	assert_int_equal(passed->handle, 3);
	assert_int_equal(fw_trace_denier(&t, 1, &passed)->handle, 5);
	fw_trace_release(&t);
}

static void one_packet_with_two_ids_is_one(void **state)
{
	const struct sent before = {7, 1000, 2, 443}, after = {8, 1000, 2, 8443};
	struct part p = {.len = 0};
	struct fw_trace t;

	(void)state;
	fw_trace_init(&t);
	put_event(&p, 7, &before, "nat", 3, NF_ACCEPT);
	put_event(&p, 8, &after, "filter", 4, NF_ACCEPT);
	put_event(&p, 8, NULL, "filter", 5, NF_DROP);
	take(&t, &p, NOON);
	assert_int_equal(t.packets.n, 1);
	assert_int_equal(t.events.n, 3);
	assert_int_equal(fw_trace_packet(&t, 0)->to_port, 443);
	fw_trace_release(&t);
}

static void what_is_sent_again_is_another_packet(void **state)
{
	const struct sent syn = {7, 1000, 2, 443};
	struct part p = {.len = 0};
	struct fw_trace t;

	(void)state;
	fw_trace_init(&t);
	put_event(&p, 7, &syn, "filter", 3, NF_DROP);
	take(&t, &p, NOON);
	take(&t, &p, NOON + NS_PER_S);
	assert_int_equal(t.packets.n, 2);
	fw_trace_release(&t);
}

static void the_own_table_brings_headers_and_no_event(void **state)
{
	const struct sent syn = {7, 1000, 2, 443};
	struct part p = {.len = 0};
	struct fw_trace t;

	(void)state;
	fw_trace_init(&t);
	put_event(&p, 7, &syn, TRACE_TABLE_START "123", 3, (uint32_t)NFT_CONTINUE);
	take(&t, &p, NOON);
	assert_int_equal(t.packets.n, 1);
	assert_int_equal(t.events.n, 0);
	assert_true(trace_is_own_table(NFPROTO_INET, text_of(TRACE_TABLE_START "123")));
	assert_false(trace_is_own_table(NFPROTO_INET, text_of(TRACE_TABLE_START)));
	assert_false(trace_is_own_table(NFPROTO_IPV4, text_of(TRACE_TABLE_START "123")));
	fw_trace_release(&t);
}

static void an_event_of_no_known_packet_is_counted(void **state)
{
	struct part p = {.len = 0};
	struct fw_trace t;

	(void)state;
	fw_trace_init(&t);
	put_event(&p, 7, NULL, "filter", 3, NF_DROP);
	take(&t, &p, NOON);
	assert_int_equal(t.events.n, 0);
	assert_int_equal(t.n_left_out, 1);
	fw_trace_release(&t);
}

static void that_messages_were_lost_is_told(void **state)
{
	struct nlmsghdr lost = {.nlmsg_len = sizeof(lost), .nlmsg_type = NLMSG_OVERRUN};
	struct fw_trace t;

	(void)state;
	fw_trace_init(&t);
	assert_int_equal(fw_trace_take(&t, &lost, sizeof(lost), NOON), 0);
	assert_true(t.has_lost);
	fw_trace_release(&t);
}

static void damage_keeps_what_was_before_it(void **state)
{
	struct fixture f = fixture_read("trace-drop.bin");
	struct fw_trace t;

	(void)state;
	for (size_t len = 17; len < f.len; len += 3) {
		fw_trace_init(&t);
		fw_trace_take(&t, f.bytes, len, NOON);
		assert_true(t.packets.n <= 2 && t.events.n <= 8);
		fw_trace_release(&t);
	}
	fw_trace_init(&t);
	assert_int_equal(fw_trace_take(&t, f.bytes, f.len - 1, NOON), -EBADMSG);
	assert_int_equal(t.packets.n, 2);
	fw_trace_release(&t);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dropped_packet_ends_at_the_rule_of_the_inner_chain),
		cmocka_unit_test(a_translated_packet_keeps_its_first_addresses),
		cmocka_unit_test(an_id_that_is_used_again_is_another_packet),
		cmocka_unit_test(one_packet_with_two_ids_is_one),
		cmocka_unit_test(what_is_sent_again_is_another_packet),
		cmocka_unit_test(the_own_table_brings_headers_and_no_event),
		cmocka_unit_test(an_event_of_no_known_packet_is_counted),
		cmocka_unit_test(that_messages_were_lost_is_told),
		cmocka_unit_test(damage_keeps_what_was_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
