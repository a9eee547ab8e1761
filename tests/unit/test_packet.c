/* The packet decoder, with frames built here: link types, tags, IP, TCP, UDP, ICMP. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "capture/packet.h"
#include "tests/unit/packet_build.h"

/* Read from memory of exactly its size, so that asan sees a read behind it. */
static enum packet_result read_exactly(struct packet *out, struct frame_in in)
{
	uint8_t *copy = malloc(in.len ? in.len : 1);
	enum packet_result result;

	assert_non_null(copy);
	memcpy(copy, in.bytes, in.len);
	in.bytes = copy;
	result = packet_read(out, &in);
	out->payload = NULL;
	free(copy);
	return result;
}

static enum packet_result read_frame(struct packet *out, const struct frame *f,
				     int link_type)
{
	return read_exactly(out, frame_in_of(f, link_type));
}

static void assert_is_syn(const struct packet *p, int family)
{
	struct packet expected = syn_packet(family);

	assert_true(addr_equals(&p->flow.source, &expected.flow.source));
	assert_true(addr_equals(&p->flow.target, &expected.flow.target));
	assert_int_equal(p->flow.source_port, 40000);
	assert_int_equal(p->flow.target_port, 443);
	assert_int_equal(p->flow.proto, IPPROTO_TCP);
	assert_int_equal(p->sequence, 1000);
	assert_int_equal(p->tcp_flags, TH_SYN_);
	assert_int_equal(p->window, 64240);
	assert_int_equal(p->mss, 1460);
	assert_int_equal(p->ttl, 63);
	assert_int_equal(p->payload_wire_len, 0);
	assert_int_equal(p->at_ns, 1000);
}

static void every_link_type_leads_to_the_same_packet(void **state)
{
	static const struct {
		int link_type, family;
		uint8_t len, head[20];
	} rows[] = {
		{1, AF_INET, 14, {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0}},
		{1, AF_INET6, 14, {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd}},
		{113, AF_INET, 16, {0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}},
		{113, AF_INET6, 16, {0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd}},
		{276, AF_INET, 20, {8, 0, 0, 0, 0, 0, 0, 5, 0, 1, 0, 6}},
		{276, AF_INET6, 20, {0x86, 0xdd, 0, 0, 0, 0, 0, 5, 0, 1, 0, 6}},
		{12, AF_INET, 0, {0}},
		{101, AF_INET, 0, {0}},
		{101, AF_INET6, 0, {0}},
		{228, AF_INET, 0, {0}},
		{229, AF_INET6, 0, {0}},
		{0, AF_INET, 4, {2, 0, 0, 0}},
		{0, AF_INET, 4, {0, 0, 0, 2}},
		{0, AF_INET6, 4, {30, 0, 0, 0}},
		{0, AF_INET6, 4, {0, 0, 0, 10}},
		{108, AF_INET6, 4, {0, 0, 0, 24}},
		{108, AF_INET6, 4, {0, 0, 0, 28}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct packet p, syn = syn_packet(rows[i].family);
		struct frame f = frame_of(&syn);

		frame_put(&f, rows[i].head, rows[i].len);
		assert_true(packet_knows_link(rows[i].link_type));
		assert_int_equal(read_frame(&p, &f, rows[i].link_type), PACKET_TAKEN);
		assert_is_syn(&p, rows[i].family);
		assert_int_equal(p.device, 5);
		assert_int_equal(p.has_macs, rows[i].link_type == 1);
	}
}

static void an_unknown_link_type_is_called_so(void **state)
{
	struct packet p, syn = syn_packet(AF_INET);
	struct frame f = frame_of(&syn);

	(void)state;
	assert_false(packet_knows_link(127));
	assert_int_equal(read_frame(&p, &f, 127), PACKET_UNKNOWN_LINK);
}

static void a_cooked_header_tells_direction_and_device(void **state)
{
	static const uint8_t v2[20] = {8, 0, 0, 0, 0, 0, 1, 2, 0,
				       1, 4, 6, 2, 0, 0, 0, 0, 9};
	static const uint8_t v1[16] = {0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 8, 0};
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	struct packet p, syn = syn_packet(AF_INET);
	struct frame f = frame_of(&syn);
	struct frame g = f;

	(void)state;
	frame_put(&f, v2, sizeof(v2));
	assert_int_equal(read_frame(&p, &f, 276), PACKET_TAKEN);
	assert_int_equal(p.device, 0x102);
	assert_true(p.is_outgoing);
	assert_false(p.is_to_other_mac);
	assert_memory_equal(p.source_mac, mac, 6);
	frame_put(&g, v1, sizeof(v1));
	assert_int_equal(read_frame(&p, &g, 113), PACKET_TAKEN);
	assert_int_equal(p.device, 5);
	assert_false(p.is_outgoing);
	assert_true(p.is_to_other_mac);
	assert_memory_equal(p.source_mac, mac, 6);
}

static void up_to_four_tags_are_passed_over(void **state)
{
	static const unsigned kinds[] = {0x8100, 0x8100, 0x88a8, 0x9100, 0x8100};

	(void)state;
	for (unsigned n = 0; n <= 5; n++) {
		struct packet p, syn = syn_packet(AF_INET);
		struct frame f = frame_of(&syn);
		unsigned behind = 0x0800;

		for (unsigned i = 0; i < n; i++) {
			frame_tag(&f, behind);
			behind = kinds[i];
		}
		frame_ethernet(&f, behind);
		assert_int_equal(read_frame(&p, &f, 1),
				 n > 4 ? PACKET_OTHER : PACKET_TAKEN);
		if (n <= 4)
			assert_is_syn(&p, AF_INET);
	}
}

static void ipv4_options_and_padding_are_no_payload(void **state)
{
	struct packet p, syn = syn_packet(AF_INET);
	struct frame f = frame_new();
	uint8_t *ip;

	(void)state;
	frame_put(&f, "padding", 7);
	frame_tcp(&f, &syn);
	frame_front(&f, 8);
	frame_ip(&f, &syn.flow.source, &syn.flow.target, IPPROTO_TCP, 63);
	ip = f.bytes + f.start;
	ip[0] = 0x47;
	put_be16(ip + 2, 28 + 24);
	frame_ethernet(&f, 0x0800);
	assert_int_equal(read_frame(&p, &f, 1), PACKET_TAKEN);
	assert_is_syn(&p, AF_INET);
	assert_int_equal(p.payload_len, 0);
}

static void of_fragments_only_the_first_has_ports(void **state)
{
	static const struct {
		unsigned offset_and_flags;
		enum packet_result result;
	} rows[] = {{0x2000, PACKET_TAKEN},
		    {0x4000, PACKET_TAKEN},
		    {0x2001, PACKET_OTHER},
		    {0x00b9, PACKET_OTHER}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct packet p, syn = syn_packet(AF_INET);
		struct frame f = frame_of(&syn);

		put_be16(f.bytes + f.start + 6, rows[i].offset_and_flags);
		assert_int_equal(read_frame(&p, &f, 101), rows[i].result);
	}
}

static void ipv6_extension_headers_are_passed_over(void **state)
{
	struct packet p, syn = syn_packet(AF_INET6);
	struct frame f = frame_new();

	(void)state;
	frame_tcp(&f, &syn);
	frame_extension(&f, IPPROTO_TCP, 0, 0x0001); /* fragment 0, more to come */
	frame_front(&f, 4);
	frame_extension(&f, IPPROTO_FRAGMENT, 1, 0); /* authentication, 12 bytes */
	frame_extension(&f, IPPROTO_AH, 0, 0);
	frame_extension(&f, IPPROTO_DSTOPTS, 0, 0);
	frame_extension(&f, IPPROTO_ROUTING, 0, 0);
	frame_ip(&f, &syn.flow.source, &syn.flow.target, IPPROTO_HOPOPTS, 63);
	assert_int_equal(read_frame(&p, &f, 229), PACKET_TAKEN);
	assert_is_syn(&p, AF_INET6);
}

static void a_later_ipv6_fragment_and_too_many_headers_are_others(void **state)
{
	struct packet p, syn = syn_packet(AF_INET6);
	struct frame f = frame_new(), g = frame_new();

	(void)state;
	frame_tcp(&f, &syn);
	frame_extension(&f, IPPROTO_TCP, 0, 0x0008);
	frame_ip(&f, &syn.flow.source, &syn.flow.target, IPPROTO_FRAGMENT, 63);
	assert_int_equal(read_frame(&p, &f, 229), PACKET_OTHER);
	frame_tcp(&g, &syn);
	frame_extension(&g, IPPROTO_TCP, 0, 0);
	for (int i = 0; i < 20; i++)
		frame_extension(&g, IPPROTO_DSTOPTS, 0, 0);
	frame_ip(&g, &syn.flow.source, &syn.flow.target, IPPROTO_DSTOPTS, 63);
	assert_int_equal(read_frame(&p, &g, 229), PACKET_OTHER);
}

static void payload_is_counted_as_the_headers_tell_and_kept_as_captured(void **state)
{
	struct packet p, data = syn_packet(AF_INET);
	struct frame f;
	struct frame_in in;

	(void)state;
	data.tcp_flags = TH_ACK_;
	data.payload = (const uint8_t *)"0123456789";
	data.payload_len = 10;
	f = frame_of(&data);
	in = frame_in_of(&f, 101);
	in.len -= 6;
	assert_int_equal(read_exactly(&p, in), PACKET_TAKEN);
	assert_int_equal(p.payload_len, 4);
	assert_int_equal(p.payload_wire_len, 10);
	data.flow.proto = IPPROTO_UDP;
	f = frame_of(&data);
	assert_int_equal(read_frame(&p, &f, 101), PACKET_TAKEN);
	assert_int_equal(p.flow.proto, IPPROTO_UDP);
	assert_int_equal(p.payload_len, 10);
}

static void an_icmp_error_is_read_from_eight_quoted_bytes(void **state)
{
	static const struct {
		int family;
		unsigned type, proto;
		enum packet_result result;
	} rows[] = {
		{AF_INET, 3, IPPROTO_TCP, PACKET_TAKEN},
		{AF_INET, 4, IPPROTO_UDP, PACKET_TAKEN},
		{AF_INET, 5, IPPROTO_TCP, PACKET_TAKEN},
		{AF_INET, 11, IPPROTO_TCP, PACKET_TAKEN},
		{AF_INET, 12, IPPROTO_TCP, PACKET_TAKEN},
		{AF_INET, 8, IPPROTO_TCP, PACKET_OTHER},
		{AF_INET, 3, IPPROTO_GRE, PACKET_OTHER},
		{AF_INET6, 1, IPPROTO_TCP, PACKET_TAKEN},
		{AF_INET6, 2, IPPROTO_UDP, PACKET_TAKEN},
		{AF_INET6, 3, IPPROTO_TCP, PACKET_TAKEN},
		{AF_INET6, 4, IPPROTO_TCP, PACKET_TAKEN},
		{AF_INET6, 5, IPPROTO_TCP, PACKET_OTHER},
		{AF_INET6, 135, IPPROTO_TCP, PACKET_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool is_v4 = rows[i].family == AF_INET;
		struct packet p, syn = syn_packet(rows[i].family);
		struct addr router = text_addr(is_v4 ? "10.9.9.9" : "2001:db8::9");
		struct frame f = frame_new();

		frame_put(&f, "\x9c\x40\x01\xbb\0\0\x03\xe8", 8);
		frame_ip(&f, &syn.flow.source, &syn.flow.target, rows[i].proto, 62);
		frame_icmp(&f, rows[i].type, 13);
		frame_ip(&f, &router, &syn.flow.source,
			 is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, 250);
		assert_int_equal(read_frame(&p, &f, 101), rows[i].result);
		if (rows[i].result != PACKET_TAKEN)
			continue;
		assert_true(p.is_icmp);
		assert_int_equal(p.icmp_type, rows[i].type);
		assert_int_equal(p.icmp_code, 13);
		assert_int_equal(p.ttl, 250);
		assert_true(addr_equals(&p.icmp_from, &router));
		assert_true(addr_equals(&p.flow.source, &syn.flow.source));
		assert_true(addr_equals(&p.flow.target, &syn.flow.target));
		assert_int_equal(p.flow.source_port, 40000);
		assert_int_equal(p.flow.target_port, 443);
		assert_int_equal(p.flow.proto, rows[i].proto);
		if (rows[i].proto == IPPROTO_TCP)
			assert_int_equal(p.sequence, 1000);
	}
}

static void a_frame_cut_within_its_headers_is_never_taken(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct packet p, syn = syn_packet(families[i]);
		struct frame f = frame_of(&syn);
		struct frame_in in;

		frame_ethernet(&f, families[i] == AF_INET ? 0x0800 : 0x86dd);
		in = frame_in_of(&f, 1);
		for (in.len = 0; in.len < in.wire_len - 4; in.len++)
			assert_int_equal(read_exactly(&p, in), PACKET_CUT);
		for (; in.len < in.wire_len; in.len++)
			assert_int_equal(read_exactly(&p, in), PACKET_TAKEN);
		assert_int_equal(p.mss, 0);
	}
}

static void of_frames_read_together_those_that_are_taken_stand_in_their_order(void **state)
{
	static const uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 1};
	struct packet v4 = syn_packet(AF_INET), v6 = syn_packet(AF_INET6), out[4];
	struct frame f = frame_of(&v4), g = frame_of(&v6), other = frame_new();
	struct frame_in frames[4];
	size_t n_undecoded;

	(void)state;
	frame_put(&other, arp, sizeof(arp));
	frame_ethernet(&f, 0x0800);
	frame_ethernet(&g, 0x86dd);
	frame_ethernet(&other, 0x0806);
	frames[0] = frame_in_of(&other, 1);
	frames[1] = frame_in_of(&g, 1);
	frames[2] = frames[3] = frame_in_of(&f, 1);
	frames[2].len = 20;
	assert_int_equal(packet_read_all(out, frames, 4, &n_undecoded), 2);
	assert_int_equal(n_undecoded, 1);
	assert_is_syn(&out[0], AF_INET6);
	assert_is_syn(&out[1], AF_INET);
	assert_int_equal(packet_read_all(out, frames, 0, &n_undecoded), 0);
	assert_int_equal(n_undecoded, 0);
}

static void lengths_that_contradict_each_other_are_malformed(void **state)
{
	/* at: of an IPv4 packet with TCP; what is put there */
	static const struct {
		size_t at;
		uint8_t byte;
	} rows[] = {{0, 0x55}, {0, 0x44},       {2, 0xff},
		    {3, 19},   {20 + 12, 0x40}, {20 + 12, 0xf0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct packet p, syn = syn_packet(AF_INET);
		struct frame f = frame_of(&syn);

		f.bytes[f.start + rows[i].at] = rows[i].byte;
		assert_int_equal(read_frame(&p, &f, 228), PACKET_MALFORMED);
	}
}

static void what_is_neither_tcp_nor_udp_is_other(void **state)
{
	static const uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 1};
	struct packet p, syn = syn_packet(AF_INET);
	struct frame f = frame_new(), g = frame_of(&syn);

	(void)state;
	frame_put(&f, arp, sizeof(arp));
	frame_ethernet(&f, 0x0806);
	assert_int_equal(read_frame(&p, &f, 1), PACKET_OTHER);
	g.bytes[g.start + 9] = IPPROTO_SCTP;
	assert_int_equal(read_frame(&p, &g, 101), PACKET_OTHER);
}

static void a_total_length_of_zero_is_left_to_the_device(void **state)
{
	struct packet p, syn = syn_packet(AF_INET);
	struct frame f = frame_of(&syn);

	(void)state;
	put_be16(f.bytes + f.start + 2, 0);
	assert_int_equal(read_frame(&p, &f, 101), PACKET_TAKEN);
	assert_is_syn(&p, AF_INET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_type_leads_to_the_same_packet),
		cmocka_unit_test(an_unknown_link_type_is_called_so),
		cmocka_unit_test(a_cooked_header_tells_direction_and_device),
		cmocka_unit_test(up_to_four_tags_are_passed_over),
		cmocka_unit_test(ipv4_options_and_padding_are_no_payload),
		cmocka_unit_test(of_fragments_only_the_first_has_ports),
		cmocka_unit_test(ipv6_extension_headers_are_passed_over),
		cmocka_unit_test(a_later_ipv6_fragment_and_too_many_headers_are_others),
		cmocka_unit_test(
			payload_is_counted_as_the_headers_tell_and_kept_as_captured),
		cmocka_unit_test(an_icmp_error_is_read_from_eight_quoted_bytes),
		cmocka_unit_test(a_frame_cut_within_its_headers_is_never_taken),
		cmocka_unit_test(
			of_frames_read_together_those_that_are_taken_stand_in_their_order),
		cmocka_unit_test(lengths_that_contradict_each_other_are_malformed),
		cmocka_unit_test(what_is_neither_tcp_nor_udp_is_other),
		cmocka_unit_test(a_total_length_of_zero_is_left_to_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
