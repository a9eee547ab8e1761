/* What one frame tells of link addresses, tags and checksums, and what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <net/if_arp.h>
#include <stdlib.h>

#include "capture/link_frame.h"
#include "tests/unit/packet_build.h"

enum { ARP = 0x0806, IPV4 = 0x0800, IPV6 = 0x86dd, VLAN = 0x8100 };

static const uint8_t source_mac[6] = {2, 0, 0, 0, 0, 1}, target_mac[6] = {2, 0, 0, 0, 0, 2};

static struct link_frame_in in_of(const struct frame *f)
{
	return (struct link_frame_in){
		.at_ns = 7,
		.bytes = f->bytes + f->start,
		.len = (uint32_t)frame_len(f),
		.wire_len = (uint32_t)frame_len(f),
		.device = 5,
		.hardware = ARPHRD_ETHER,
	};
}

static struct frame arp_frame(unsigned operation, const char *sender)
{
	static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};
	struct frame f = frame_new();
	struct addr address = text_addr(sender);
	uint8_t *arp = frame_front(&f, 28);

	memcpy(arp, head, sizeof(head));
	put_be16(arp + 6, operation);
	memcpy(arp + 8, "\x02\xaa\xaa\xaa\xaa\xaa", 6);
	memcpy(arp + 14, address.bytes, 4);
	frame_ethernet(&f, ARP);
	return f;
}

/* type 136: an advertisement of 2001:db8::9; 135: a question of 2001:db8::1. */
static struct frame nd_frame(unsigned type, unsigned option)
{
	struct frame f = frame_new();
	struct addr claimed = text_addr("2001:db8::9"), from = text_addr("2001:db8::1");
	uint8_t *icmp = frame_front(&f, 32);

	icmp[0] = (uint8_t)type;
	memcpy(icmp + 8, claimed.bytes, 16);
	icmp[24] = (uint8_t)option;
	icmp[25] = 1;
	memcpy(icmp + 26, "\x02\xbb\xbb\xbb\xbb\xbb", 6);
	frame_ip(&f, &from, &claimed, IPPROTO_ICMPV6, 255);
	frame_ethernet(&f, IPV6);
	return f;
}

static uint16_t sum_of(const uint8_t *at, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* From its IP header on, with the checksums that it must have. */
static struct frame summed_frame(const struct packet *p)
{
	struct frame f = frame_of(p);
	uint8_t *ip = f.bytes + f.start;
	bool is_v4 = p->flow.source.family == AF_INET;
	size_t head = is_v4 ? 20 : 40, len = frame_len(&f) - head, n = is_v4 ? 4 : 16;
	size_t place = p->flow.proto == IPPROTO_TCP ? 16 : 6;
	uint32_t pseudo = (uint32_t)len + p->flow.proto;

	for (size_t i = 0; i < 2 * n; i++)
		pseudo +=
			i % 2 ? ip[head - 2 * n + i] : (uint32_t)ip[head - 2 * n + i] << 8;
	put_be16(ip + head + place, sum_of(ip + head, len, pseudo));
	if (is_v4)
		put_be16(ip + 10, sum_of(ip, 20, 0));
	return f;
}

static struct link_frame read_or_fail(const struct link_frame_in *in)
{
	struct link_frame out;

	assert_true(link_frame_read(&out, in));
	return out;
}

static void test_an_arp_question_and_an_answer_both_tell_their_sender(void **state)
{
	struct addr sender = text_addr("10.0.0.9");

	(void)state;
	for (unsigned operation = 1; operation <= 2; operation++) {
		struct frame f = arp_frame(operation, "10.0.0.9");
		struct link_frame_in in = in_of(&f);
		struct link_frame got = read_or_fail(&in);

		assert_int_equal(got.kind, FRAME_TELLS);
		assert_true(addr_equals(&got.flow.source, &sender));
		assert_memory_equal(got.source_mac, "\x02\xaa\xaa\xaa\xaa\xaa", 6);
	}
}

static void test_an_arp_probe_claims_nothing(void **state)
{
	struct frame f = arp_frame(1, "0.0.0.0");
	struct link_frame_in in = in_of(&f);
	struct link_frame out;

	(void)state;
	assert_false(link_frame_read(&out, &in));
}

static void test_a_claim_for_a_group_or_for_no_link_address_is_none(void **state)
{
	struct frame f = arp_frame(2, "10.0.0.9");
	struct link_frame_in in = in_of(&f);
	struct link_frame out;

	(void)state;
	f.bytes[f.start + 14 + 8] = 3;
	assert_false(link_frame_read(&out, &in));
	memset(f.bytes + f.start + 14 + 8, 0, 6);
	assert_false(link_frame_read(&out, &in));
}

static void test_an_advertisement_tells_its_target_a_question_its_sender(void **state)
{
	struct addr claimed = text_addr("2001:db8::9"), sender = text_addr("2001:db8::1");
	struct frame answer = nd_frame(136, 2), question = nd_frame(135, 1);
	struct link_frame_in in = in_of(&answer);
	struct link_frame got = read_or_fail(&in);

	(void)state;
	assert_int_equal(got.kind, FRAME_TELLS);
	assert_true(addr_equals(&got.flow.source, &claimed));
	assert_memory_equal(got.source_mac, "\x02\xbb\xbb\xbb\xbb\xbb", 6);
	in = in_of(&question);
	got = read_or_fail(&in);
	assert_true(addr_equals(&got.flow.source, &sender));
}

static void test_an_advertisement_without_a_link_address_tells_nothing(void **state)
{
	struct frame f = nd_frame(136, 1);
	struct link_frame_in in = in_of(&f);
	struct link_frame out;

	(void)state;
	assert_false(link_frame_read(&out, &in));
}

static void test_a_syn_has_its_link_addresses_and_no_tag(void **state)
{
	struct packet p = syn_packet(AF_INET);
	struct frame f = frame_of(&p);
	struct link_frame_in in;
	struct link_frame got;

	(void)state;
	frame_ethernet(&f, IPV4);
	in = in_of(&f);
	got = read_or_fail(&in);
	assert_int_equal(got.kind, FRAME_SYN);
	assert_true(got.has_macs);
	assert_false(got.has_tag);
	assert_memory_equal(got.source_mac, source_mac, 6);
	assert_memory_equal(got.target_mac, target_mac, 6);
	assert_int_equal(got.flow.target_port, 443);
}

static void test_the_outermost_tag_counts_wherever_it_stands(void **state)
{
	struct packet p = syn_packet(AF_INET);
	struct frame f = frame_of(&p);
	struct link_frame_in in;
	struct link_frame got;

	(void)state;
	frame_tag(&f, IPV4);
	frame_ethernet(&f, VLAN);
	in = in_of(&f);
	got = read_or_fail(&in);
	assert_true(got.has_tag);
	assert_int_equal(got.vlan, 7);
	/* The kernel took one out: it stood before the frame's own. */
	in.has_tag = true;
	in.tag = 0xa014;
	got = read_or_fail(&in);
	assert_int_equal(got.vlan, 20);
}

static void test_flags_say_what_a_segment_is(void **state)
{
	static const struct {
		uint8_t flags;
		int kind; /* -1: none of these */
	} rows[] = {
		{TH_SYN_ | TH_ECE_ | TH_CWR_, FRAME_SYN},
		{TH_SYN_ | TH_ACK_, FRAME_SYN_ACK},
		{TH_RST_ | TH_ACK_, FRAME_RST},
		{TH_ACK_, -1},
		{TH_ACK_ | TH_FIN_, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct packet p = syn_packet(AF_INET6);
		struct link_frame_in in;
		struct link_frame out;
		struct frame f;

		p.tcp_flags = rows[i].flags;
		f = frame_of(&p);
		frame_ethernet(&f, IPV6);
		in = in_of(&f);
		assert_int_equal(link_frame_read(&out, &in), rows[i].kind >= 0);
		if (rows[i].kind >= 0)
			assert_int_equal(out.kind, rows[i].kind);
	}
}

/* A frame of either family and protocol, right, and with one bit changed at a place. */
static void check_sums(int family, uint8_t proto, uint8_t n_payload)
{
	struct packet p = syn_packet(family);
	struct link_frame_in in;
	struct link_frame got;
	struct frame f;

	p.flow.proto = proto;
	p.payload = (const uint8_t *)"payload";
	p.payload_len = n_payload;
	f = summed_frame(&p);
	frame_ethernet(&f, family == AF_INET ? IPV4 : IPV6);
	in = in_of(&f);
	got = read_or_fail(&in);
	assert_false(got.is_bad_checksum || got.is_bad_head);
	f.bytes[FRAME_MAX - 1] ^= 4;
	got = read_or_fail(&in);
	assert_true(got.is_bad_checksum);
	assert_false(got.is_bad_head);
	in.is_vouched = true;
	got = read_or_fail(&in);
	assert_false(got.is_bad_checksum);
	in.is_vouched = false;
	in.is_outgoing = true;
	got = read_or_fail(&in);
	assert_false(got.is_bad_checksum);
}

static void test_a_changed_bit_is_seen_where_the_kernel_does_not_vouch(void **state)
{
	(void)state;
	check_sums(AF_INET, IPPROTO_TCP, 0);
	check_sums(AF_INET, IPPROTO_TCP, 7);
	check_sums(AF_INET6, IPPROTO_TCP, 7);
	check_sums(AF_INET, IPPROTO_UDP, 7);
	check_sums(AF_INET6, IPPROTO_UDP, 6);
}

static void test_a_changed_ip_header_is_told_apart(void **state)
{
	struct packet p = syn_packet(AF_INET);
	struct frame f = summed_frame(&p);
	struct link_frame_in in;
	struct link_frame got;

	(void)state;
	f.bytes[f.start + 8]++; /* the time to live */
	frame_ethernet(&f, IPV4);
	in = in_of(&f);
	got = read_or_fail(&in);
	assert_true(got.is_bad_head);
	assert_false(got.is_bad_checksum);
}

static void test_a_datagram_without_a_checksum_is_fine(void **state)
{
	struct packet p = syn_packet(AF_INET);
	struct frame f;
	struct link_frame_in in;
	struct link_frame got;

	(void)state;
	p.flow.proto = IPPROTO_UDP;
	f = frame_of(&p);
	put_be16(f.bytes + f.start + 10, sum_of(f.bytes + f.start, 20, 0));
	frame_ethernet(&f, IPV4);
	in = in_of(&f);
	got = read_or_fail(&in);
	assert_false(got.is_bad_checksum || got.is_bad_head);
}

static void test_what_is_not_whole_is_not_called_damaged(void **state)
{
	struct packet p = syn_packet(AF_INET);
	struct frame f;
	struct link_frame_in in;
	struct link_frame got;

	(void)state;
	p.payload = (const uint8_t *)"payload";
	p.payload_len = 7;
	f = summed_frame(&p);
	frame_ethernet(&f, IPV4);
	in = in_of(&f);
	in.len -= 3;
	got = read_or_fail(&in);
	assert_false(got.is_bad_checksum);
}

static void test_no_cut_is_read_beyond_its_end(void **state)
{
	struct packet p = syn_packet(AF_INET6);
	struct frame frames[] = {arp_frame(2, "10.0.0.9"), nd_frame(136, 2), frame_of(&p)};

	(void)state;
	frame_ethernet(&frames[2], IPV6);
	for (size_t k = 0; k < sizeof(frames) / sizeof(frames[0]); k++)
		for (uint32_t len = 0; len < 54; len++) {
			struct link_frame_in in = in_of(&frames[k]);
			uint8_t *exact = malloc(len ? len : 1);
			struct link_frame out;

			assert_non_null(exact);
			memcpy(exact, in.bytes, len);
			in.bytes = exact;
			in.len = len;
			if (link_frame_read(&out, &in))
				assert_true(k == 0 && len >= 32);
			free(exact);
		}
}

static void test_a_device_without_link_addresses_has_none(void **state)
{
	struct packet p = syn_packet(AF_INET6);
	struct frame f = frame_of(&p);
	struct link_frame_in in = in_of(&f);
	struct link_frame got;

	(void)state;
	in.hardware = ARPHRD_NONE;
	got = read_or_fail(&in);
	assert_int_equal(got.kind, FRAME_SYN);
	assert_false(got.has_macs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_arp_question_and_an_answer_both_tell_their_sender),
		cmocka_unit_test(test_an_arp_probe_claims_nothing),
		cmocka_unit_test(test_a_claim_for_a_group_or_for_no_link_address_is_none),
		cmocka_unit_test(
			test_an_advertisement_tells_its_target_a_question_its_sender),
		cmocka_unit_test(
			test_an_advertisement_without_a_link_address_tells_nothing),
		cmocka_unit_test(test_a_syn_has_its_link_addresses_and_no_tag),
		cmocka_unit_test(test_the_outermost_tag_counts_wherever_it_stands),
		cmocka_unit_test(test_flags_say_what_a_segment_is),
		cmocka_unit_test(
			test_a_changed_bit_is_seen_where_the_kernel_does_not_vouch),
		cmocka_unit_test(test_a_changed_ip_header_is_told_apart),
		cmocka_unit_test(test_a_datagram_without_a_checksum_is_fine),
		cmocka_unit_test(test_what_is_not_whole_is_not_called_damaged),
		cmocka_unit_test(test_no_cut_is_read_beyond_its_end),
		cmocka_unit_test(test_a_device_without_link_addresses_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
