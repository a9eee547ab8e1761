/* Frames counted by interface, direction and link addresses; and the kernel's filter that
 * chooses them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <net/if_arp.h>

#include "capture/link_filter.h"
#include "capture/tracker_link.h"
#include "tests/unit/packet_build.h"

enum { TOLD_MAX = 400 };

struct told {
	struct link_sight rows[TOLD_MAX];
	size_t n;
};

static void keep(void *arg, const struct link_sight *s)
{
	struct told *t = arg;

	assert_true(t->n < TOLD_MAX);
	t->rows[t->n++] = *s;
}

static struct link_tracker *tracker_of(const char *client)
{
	static struct link_tracker_options o;

	o = (struct link_tracker_options){.ports = {53, 443},
					  .n_ports = 2,
					  .own_macs = {{2, 0, 0, 0, 0, 1}},
					  .n_own_macs = 1,
					  .has_all_own = true};
	if (client)
		o.client = text_addr(client);
	return link_tracker_new(&o);
}

static struct flow flow_of(uint8_t proto, const char *from, uint16_t sport, const char *to,
			   uint16_t dport)
{
	return (struct flow){text_addr(from), text_addr(to), sport, dport, proto};
}

static void take(struct link_tracker *t, enum link_frame_kind kind, struct flow flow,
		 bool is_outgoing, uint8_t last_of_mac)
{
	struct link_frame_in in = {
		.at_ns = 100 + last_of_mac, .device = 3, .is_outgoing = is_outgoing};
	struct link_frame f = {.in = &in, .kind = kind, .flow = flow, .has_macs = true};

	f.source_mac[0] = f.target_mac[0] = 2;
	f.source_mac[5] = last_of_mac;
	link_tracker_take(t, &f);
}

static void test_a_handshake_is_three_rows_by_direction_and_kind(void **state)
{
	struct link_tracker *t = tracker_of(NULL);
	static struct told told;

	(void)state;
	told.n = 0;
	for (int i = 0; i < 3; i++)
		take(t, FRAME_SYN, flow_of(6, "10.0.0.2", 4000, "10.0.0.1", 443), false, 9);
	take(t, FRAME_SYN_ACK, flow_of(6, "10.0.0.1", 443, "10.0.0.2", 4000), true, 1);
	take(t, FRAME_RST, flow_of(6, "10.0.0.1", 443, "10.0.0.2", 4001), true, 1);
	/* The client's own reset, and a port that nobody asked about. */
	take(t, FRAME_RST, flow_of(6, "10.0.0.2", 4000, "10.0.0.1", 443), false, 9);
	take(t, FRAME_SYN, flow_of(6, "10.0.0.2", 4000, "10.0.0.1", 444), false, 9);
	link_tracker_tell(t, true, keep, &told);
	assert_int_equal(told.n, 4);
	assert_int_equal(told.rows[0].kind, LINK_STATE);
	assert_int_equal(told.rows[1].kind, LINK_ASK);
	assert_int_equal(told.rows[1].n, 3);
	assert_false(told.rows[1].is_source_own);
	assert_int_equal(told.rows[2].kind, LINK_ANSWER);
	assert_true(told.rows[2].is_outgoing && told.rows[2].is_source_own);
	assert_int_equal(told.rows[3].kind, LINK_RESET);
	assert_int_equal(told.rows[3].server_port, 443);
	link_tracker_free(t);
}

static void test_changes_are_told_with_the_counts_only(void **state)
{
	struct link_tracker *t = tracker_of(NULL);
	struct flow syn = flow_of(6, "10.0.0.2", 4000, "10.0.0.1", 443);
	static struct told told;

	(void)state;
	told.n = 0;
	take(t, FRAME_SYN, syn, false, 9);
	link_tracker_tell(t, false, keep, &told);
	assert_int_equal(told.n, 2);
	take(t, FRAME_SYN, syn, false, 9);
	link_tracker_tell(t, false, keep, &told);
	assert_int_equal(told.n, 2);
	link_tracker_tell(t, true, keep, &told);
	assert_int_equal(told.n, 3);
	assert_int_equal(told.rows[2].n, 2);
	link_tracker_free(t);
}

static void test_an_answer_from_another_address_is_a_stray(void **state)
{
	struct link_tracker *t = tracker_of(NULL);
	static struct told told;

	(void)state;
	told.n = 0;
	take(t, FRAME_DATAGRAM, flow_of(17, "10.0.0.2", 4000, "10.0.0.5", 53), false, 9);
	take(t, FRAME_DATAGRAM, flow_of(17, "10.0.0.1", 53, "10.0.0.2", 4000), true, 1);
	link_tracker_tell(t, true, keep, &told);
	assert_int_equal(told.n, 3);
	assert_int_equal(told.rows[2].kind, LINK_STRAY);
	assert_true(addr_equals(&told.rows[2].server, &told.rows[1].server));
	assert_int_equal(told.rows[2].from.bytes[3], 1);
	link_tracker_free(t);
}

static void test_an_answer_of_either_of_two_that_were_asked_is_an_answer(void **state)
{
	struct link_tracker *t = tracker_of(NULL);
	static struct told told;

	(void)state;
	told.n = 0;
	/* As a translation shows it: the same question to two addresses. */
	take(t, FRAME_DATAGRAM, flow_of(17, "10.0.0.2", 4000, "10.0.0.5", 53), false, 9);
	take(t, FRAME_DATAGRAM, flow_of(17, "10.0.0.2", 4000, "10.1.0.2", 53), true, 1);
	take(t, FRAME_DATAGRAM, flow_of(17, "10.1.0.2", 53, "10.0.0.2", 4000), false, 8);
	take(t, FRAME_DATAGRAM, flow_of(17, "10.0.0.5", 53, "10.0.0.2", 4000), true, 1);
	link_tracker_tell(t, true, keep, &told);
	for (size_t i = 0; i < told.n; i++)
		assert_int_not_equal(told.rows[i].kind, LINK_STRAY);
	assert_int_equal(told.n, 5);
	link_tracker_free(t);
}

static void test_a_question_to_a_group_has_no_address_that_must_answer(void **state)
{
	struct link_tracker *t = tracker_of(NULL);
	static struct told told;

	(void)state;
	told.n = 0;
	take(t, FRAME_DATAGRAM, flow_of(17, "10.0.0.2", 4000, "224.0.0.251", 53), false, 9);
	take(t, FRAME_DATAGRAM, flow_of(17, "10.0.0.1", 53, "10.0.0.2", 4000), true, 1);
	link_tracker_tell(t, true, keep, &told);
	assert_int_equal(told.n, 1);
	link_tracker_free(t);
}

static void test_of_a_named_client_alone_but_of_all_who_claim(void **state)
{
	struct link_tracker *t = tracker_of("10.0.0.2");
	static struct told told;

	(void)state;
	told.n = 0;
	take(t, FRAME_SYN, flow_of(6, "10.0.0.3", 4000, "10.0.0.1", 443), false, 9);
	take(t, FRAME_SYN, flow_of(6, "10.0.0.2", 4000, "10.0.0.1", 443), false, 9);
	take(t, FRAME_TELLS, (struct flow){.source = text_addr("10.0.0.7")}, false, 8);
	link_tracker_tell(t, true, keep, &told);
	assert_int_equal(told.n, 3);
	assert_int_equal(told.rows[1].client.bytes[3], 2);
	assert_int_equal(told.rows[2].kind, LINK_TELLS);
	link_tracker_free(t);
}

static void test_what_has_no_room_is_counted_as_lost(void **state)
{
	struct link_tracker *t = tracker_of(NULL);
	static struct told told;

	(void)state;
	told.n = 0;
	for (unsigned i = 0; i < LINK_ROWS_MAX + 5; i++) {
		struct flow f = flow_of(6, "10.0.0.2", 4000, "10.0.0.1", 443);

		put_be16(f.source.bytes + 2, i);
		take(t, FRAME_SYN, f, false, 9);
	}
	link_tracker_lost(t, 2);
	link_tracker_tell(t, true, keep, &told);
	assert_int_equal(told.n, LINK_ROWS_MAX + 1);
	assert_int_equal(told.rows[0].kind, LINK_STATE);
	assert_int_equal(told.rows[0].n, 7);
	link_tracker_free(t);
}

/* ---- the filter, run as bpf(4) says ---- */

/* A load at an offset from the network header, or of the frame's type. */
static uint32_t load(const struct frame *f, uint16_t type, uint32_t k, uint32_t x,
		     unsigned size)
{
	const uint8_t *at = f->bytes + f->start + 14;
	uint32_t offset = k + x - (uint32_t)SKF_NET_OFF;

	if (k == (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL))
		return type;
	assert_true(offset + size <= frame_len(f) - 14);
	switch (size) {
	case 1:
		return at[offset];
	case 2:
		return (uint32_t)at[offset] << 8 | at[offset + 1];
	default:
		return (uint32_t)at[offset] << 24 | (uint32_t)at[offset + 1] << 16 |
		       (uint32_t)at[offset + 2] << 8 | at[offset + 3];
	}
}

static unsigned size_of(uint16_t code)
{
	return BPF_SIZE(code) == BPF_B ? 1 : BPF_SIZE(code) == BPF_H ? 2 : 4;
}

static bool passes(const struct sock_filter *code, size_t n, const struct frame *f,
		   uint16_t type)
{
	uint32_t a = 0, x = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sock_filter *p = &code[i];

		switch (p->code) {
		case BPF_RET | BPF_K:
			return p->k;
		case BPF_LDX | BPF_IMM:
			x = p->k;
			break;
		case BPF_LDX | BPF_B | BPF_MSH:
			x = (load(f, type, p->k, 0, 1) & 0xf) * 4;
			break;
		case BPF_JMP | BPF_JA:
			i += p->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			i += a == p->k ? p->jt : p->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			i += a & p->k ? p->jt : p->jf;
			break;
		default:
			assert_int_equal(BPF_CLASS(p->code), BPF_LD);
			a = load(f, type, p->k, BPF_MODE(p->code) == BPF_IND ? x : 0,
				 size_of(p->code));
		}
	}
	fail_msg("it runs over its end");
	return false;
}

static bool lets_pass(const struct capture_plan *plan, const struct packet *p)
{
	struct sock_filter code[LINK_FILTER_MAX];
	size_t n = link_filter_make(code, plan);
	uint16_t type = p->flow.source.family == AF_INET ? 0x0800 : 0x86dd;
	struct frame f = frame_of(p);

	assert_in_range(n, 1, LINK_FILTER_MAX);
	frame_ethernet(&f, type);
	return passes(code, n, &f, type);
}

static void check_family(int family)
{
	struct capture_plan plan = {.kind = CAPTURE_FLOW, .ports = {80, 443}, .n_ports = 2};
	struct packet p = syn_packet(family);

	assert_true(lets_pass(&plan, &p));
	p.tcp_flags = TH_ACK_ | TH_PUSH_;
	assert_false(lets_pass(&plan, &p));
	p.tcp_flags = TH_RST_;
	assert_true(lets_pass(&plan, &p));
	p.flow.target_port = 444;
	assert_false(lets_pass(&plan, &p));
	p.flow.source_port = 443;
	assert_true(lets_pass(&plan, &p));
	p.flow.proto = IPPROTO_UDP;
	assert_true(lets_pass(&plan, &p));
	plan.client = p.flow.target;
	assert_true(lets_pass(&plan, &p));
	plan.client = p.flow.source;
	assert_true(lets_pass(&plan, &p));
	plan.client.bytes[family == AF_INET ? 3 : 15]++;
	plan.client.bytes[family == AF_INET ? 3 : 15]++;
	assert_false(lets_pass(&plan, &p));
	plan.client = text_addr(family == AF_INET ? "2001:db8::1" : "10.0.0.1");
	assert_false(lets_pass(&plan, &p));
}

static void test_the_filter_lets_ends_of_the_flow_pass_and_nothing_else(void **state)
{
	(void)state;
	check_family(AF_INET);
	check_family(AF_INET6);
}

static void test_claims_of_addresses_pass_whoever_is_named(void **state)
{
	struct capture_plan plan = {.kind = CAPTURE_FLOW,
				    .ports = {80, 443, 1, 2, 3, 4, 5, 6},
				    .n_ports = 8,
				    .client = text_addr("2001:db8::77")};
	struct sock_filter code[LINK_FILTER_MAX];
	size_t n = link_filter_make(code, &plan);
	struct packet p = syn_packet(AF_INET6);
	struct frame f = frame_new();

	(void)state;
	assert_in_range(n, 1, LINK_FILTER_MAX);
	frame_front(&f, 46);
	assert_true(passes(code, n, &f, 0x0806));
	assert_false(passes(code, n, &f, 0x88cc));
	f = frame_new();
	frame_front(&f, 24)[0] = 136;
	frame_ip(&f, &p.flow.source, &p.flow.target, IPPROTO_ICMPV6, 255);
	frame_ethernet(&f, 0x86dd);
	assert_true(passes(code, n, &f, 0x86dd));
	f.bytes[f.start + 54] = 128;
	assert_false(passes(code, n, &f, 0x86dd));
}

static void test_a_later_fragment_does_not_pass(void **state)
{
	struct capture_plan plan = {.kind = CAPTURE_FLOW, .ports = {443}, .n_ports = 1};
	struct sock_filter code[LINK_FILTER_MAX];
	size_t n = link_filter_make(code, &plan);
	struct packet p = syn_packet(AF_INET);
	struct frame f = frame_of(&p);

	(void)state;
	put_be16(f.bytes + f.start + 6, 0x00b9);
	frame_ethernet(&f, 0x0800);
	assert_false(passes(code, n, &f, 0x0800));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_handshake_is_three_rows_by_direction_and_kind),
		cmocka_unit_test(test_changes_are_told_with_the_counts_only),
		cmocka_unit_test(test_an_answer_from_another_address_is_a_stray),
		cmocka_unit_test(
			test_an_answer_of_either_of_two_that_were_asked_is_an_answer),
		cmocka_unit_test(
			test_a_question_to_a_group_has_no_address_that_must_answer),
		cmocka_unit_test(test_of_a_named_client_alone_but_of_all_who_claim),
		cmocka_unit_test(test_what_has_no_room_is_counted_as_lost),
		cmocka_unit_test(
			test_the_filter_lets_ends_of_the_flow_pass_and_nothing_else),
		cmocka_unit_test(test_claims_of_addresses_pass_whoever_is_named),
		cmocka_unit_test(test_a_later_fragment_does_not_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
