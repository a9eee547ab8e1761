/* The filter of a plan, compiled by libpcap and held against packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <pcap.h>
#include <string.h>

#include "capture/child.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* What a test needs of libpcap, which no test is linked with. */
static struct {
	void *handle;
	__typeof__(&pcap_open_dead) open_dead;
	__typeof__(&pcap_compile) compile;
	__typeof__(&pcap_geterr) geterr;
	__typeof__(&pcap_offline_filter) filter;
	__typeof__(&pcap_freecode) freecode;
	__typeof__(&pcap_close) close;
} lib;

static int load(void **state)
{
	(void)state;
	lib.handle = dlopen("libpcap.so.0.8", RTLD_NOW);
	if (!lib.handle)
		return -1;
#define FIND(name) *(void **)&lib.name = dlsym(lib.handle, "pcap_" #name)
	FIND(open_dead);
	FIND(compile);
	FIND(geterr);
	*(void **)&lib.filter = dlsym(lib.handle, "pcap_offline_filter");
	FIND(freecode);
	FIND(close);
	return lib.open_dead && lib.compile && lib.filter ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	return dlclose(lib.handle);
}

/* A packet without link header: DLT_RAW. */
struct bytes {
	uint8_t at[160];
	uint8_t len;
};

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* proto: TCP or UDP; from port 5000 of 192.0.2.7 or 2001:db8::7 to the port of ...1. */
static struct bytes ports_packet(bool is_v6, uint8_t proto, unsigned port, unsigned flags,
				 uint8_t n_payload)
{
	struct bytes b = {.at = {0x45}};
	uint8_t l4 = proto == IPPROTO_TCP ? 20 : 8, ip = is_v6 ? 40 : 20;

	b.len = (uint8_t)(ip + l4 + n_payload);
	if (is_v6) {
		memcpy(b.at, "\x60\0\0\0\0\0\0\x40\x20\x01\x0d\xb8", 12);
		b.at[6] = proto;
		b.at[23] = 7;
		memcpy(b.at + 24, "\x20\x01\x0d\xb8", 4);
		b.at[39] = 1;
		put16(b.at + 4, (unsigned)(l4 + n_payload));
	} else {
		put16(b.at + 2, b.len);
		b.at[9] = proto;
		memcpy(b.at + 12, "\xc0\0\2\7\xc0\0\2\1", 8);
	}
	put16(b.at + ip, 5000);
	put16(b.at + ip + 2, port);
	if (proto == IPPROTO_TCP) {
		b.at[ip + 12] = 5 << 4;
		b.at[ip + 13] = (uint8_t)flags;
	}
	return b;
}

static struct bytes other_packet(bool is_v6, uint8_t proto, uint8_t first)
{
	struct bytes b = ports_packet(is_v6, IPPROTO_UDP, 9, 0, 40);

	b.at[is_v6 ? 6 : 9] = proto;
	b.at[is_v6 ? 40 : 20] = first;
	return b;
}

static bool passes(const struct capture_plan *plan, const struct bytes *b)
{
	struct pcap_pkthdr h = {.caplen = b->len, .len = b->len};
	pcap_t *dead = lib.open_dead(DLT_RAW, 262144);
	struct bpf_program program;
	char filter[4096];
	bool is_passed;

	assert_int_equal(capture_filter(plan, filter, sizeof(filter)), 0);
	if (lib.compile(dead, &program, filter, 1, PCAP_NETMASK_UNKNOWN))
		fail_msg("%s: %s", filter, lib.geterr(dead));
	is_passed = lib.filter(&program, &h, b->at) != 0;
	lib.freecode(&program);
	lib.close(dead);
	return is_passed;
}

static void expect_tcp(const struct capture_plan *p, const char *what, unsigned port,
		       unsigned flags, uint8_t n_payload, bool is_wanted)
{
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		struct bytes b = ports_packet(is_v6, IPPROTO_TCP, port, flags, n_payload);

		if (passes(p, &b) != is_wanted)
			fail_msg("%s, IPv%d", what, is_v6 ? 6 : 4);
	}
}

static void expect_udp(const struct capture_plan *p, unsigned port, bool is_wanted)
{
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		struct bytes b = ports_packet(is_v6, IPPROTO_UDP, port, 0, 9);

		assert_int_equal(passes(p, &b), is_wanted);
	}
}

static const struct capture_plan dashboard = {.kind = CAPTURE_DASHBOARD};
static const struct capture_plan all = {.kind = CAPTURE_ALL};
static const struct capture_plan flow = {
	.kind = CAPTURE_FLOW, .proto = IPPROTO_TCP, .ports = {443, 8443}, .n_ports = 2};

static void test_the_dashboard_sees_beginnings_and_resets_only(void **state)
{
	(void)state;
	expect_tcp(&dashboard, "SYN", 443, SYN, 0, true);
	expect_tcp(&dashboard, "SYN-ACK", 443, SYN | ACK, 0, true);
	expect_tcp(&dashboard, "RST", 443, RST | ACK, 0, true);
	expect_tcp(&dashboard, "ACK", 443, ACK, 0, false);
	expect_tcp(&dashboard, "data", 443, ACK | PSH, 9, false);
	expect_udp(&dashboard, 53, false);
}

static void test_a_flow_sees_its_ports_whole_and_others_beginnings(void **state)
{
	(void)state;
	expect_tcp(&flow, "data", 443, ACK | PSH, 9, true);
	expect_tcp(&flow, "the other port", 8443, FIN | ACK, 0, true);
	expect_tcp(&flow, "data of another port", 80, ACK | PSH, 9, false);
	expect_tcp(&flow, "another port's SYN", 80, SYN, 0, true);
	expect_tcp(&flow, "another port's SYN-ACK", 80, SYN | ACK, 0, true);
	expect_udp(&flow, 443, false);
}

static void test_with_a_client_others_data_stays_outside(void **state)
{
	struct capture_plan p = flow;

	(void)state;
	p.client = addr_v4("\xc0\0\2\7");
	assert_true(passes(&p, &(struct bytes[]){ports_packet(false, 6, 443, ACK, 9)}[0]));
	p.client = addr_v4("\xc0\0\2\x09");
	expect_tcp(&p, "others' data", 443, ACK | PSH, 9, false);
	expect_tcp(&p, "others' ACK", 443, ACK, 0, true);
	expect_tcp(&p, "others' SYN", 443, SYN, 0, true);
}

static void test_all_is_tcp_and_udp_or_the_one_that_is_asked_for(void **state)
{
	struct capture_plan p = all;

	(void)state;
	expect_tcp(&p, "ACK", 80, ACK, 0, true);
	expect_udp(&p, 53, true);
	p.proto = IPPROTO_UDP;
	expect_tcp(&p, "ACK", 80, ACK, 0, false);
	expect_udp(&p, 53, true);
	p.kind = CAPTURE_FLOW;
	p.n_ports = 1;
	p.ports[0] = 53;
	expect_udp(&p, 53, true);
	expect_udp(&p, 54, false);
}

/* Every plan: errors pass, pings do not; what IPv6 has between passes for the tracker. */
static const struct {
	const char *what;
	bool is_v6;
	uint8_t proto, first;
	bool is_wanted;
} others[] = {
	{"unreachable", false, 1, 3, true},
	{"time exceeded", false, 1, 11, true},
	{"echo", false, 1, 8, false},
	{"redirect", false, 1, 5, false},
	{"IPv6 unreachable", true, 58, 1, true},
	{"IPv6 parameter problem", true, 58, 4, true},
	{"IPv6 echo", true, 58, 128, false},
	{"neighbour solicitation", true, 58, 135, false},
	{"hop-by-hop options", true, 0, 6, true},
	{"routing header", true, 43, 6, true},
	{"fragment", true, 44, 6, true},
	{"destination options", true, 60, 6, true},
	{"GRE", false, 47, 0, false},
	{"ESP", true, 50, 0, false},
};

static void test_every_plan_sees_errors_and_what_only_the_tracker_can_tell(void **state)
{
	const struct capture_plan *plans[] = {&dashboard, &all, &flow};

	(void)state;
	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
			struct bytes b = other_packet(others[i].is_v6, others[i].proto,
						      others[i].first);

			if (passes(plans[k], &b) != others[i].is_wanted)
				fail_msg("plan %zu: %s", k, others[i].what);
		}
}

static void test_a_filter_that_does_not_fit_is_refused(void **state)
{
	char filter[4096];
	size_t room;

	(void)state;
	assert_int_equal(capture_filter(&flow, filter, sizeof(filter)), 0);
	room = strlen(filter) + 1;
	assert_int_equal(capture_filter(&flow, filter, room), 0);
	assert_int_equal(capture_filter(&flow, filter, room - 1), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_dashboard_sees_beginnings_and_resets_only),
		cmocka_unit_test(test_a_flow_sees_its_ports_whole_and_others_beginnings),
		cmocka_unit_test(test_with_a_client_others_data_stays_outside),
		cmocka_unit_test(test_all_is_tcp_and_udp_or_the_one_that_is_asked_for),
		cmocka_unit_test(
			test_every_plan_sees_errors_and_what_only_the_tracker_can_tell),
		cmocka_unit_test(test_a_filter_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
