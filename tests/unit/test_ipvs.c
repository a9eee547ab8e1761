/*
 * IPVS: its services and what a packet for one comes to. The text is built after
 * ip_vs_info_seq_show() of net/netfilter/ipvs/ip_vs_ctl.c: no kernel at hand had IPVS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

#define HEAD                                            \
	"IP Virtual Server version 1.2.1 (size=4096)\n" \
	"Prot LocalAddress:Port Scheduler Flags\n"      \
	"  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n"
#define WEB    "TCP  0A000005:0050 wlc  \n"
#define STAYS  "TCP  0A000005:0050 wlc persistent 300 FFFFFFFF\n"
#define MARKED "FWM  00000007 rr \n"
#define UP     "  -> C0A80702:1F90      Masq    1      3          12        \n"
#define DOWN   "  -> C0A80703:1F90      Masq    0      0          0         \n"
#define V6                                                          \
	"TCP  [2001:0db8:0000:0000:0000:0000:0000:0005]:0050 rr \n" \
	"  -> [2001:0db8:0000:0000:0000:0000:0000:0009]:0050      " \
	"Route   100    0          0         \n"

static void a_service_has_its_servers_and_their_weights(void **state)
{
	struct text rest =
		text_of(HEAD WEB DOWN UP UP V6 MARKED "UDP  0A000005:0035 sh ops\n");
	char address[ADDR_TEXT_MAX];
	struct ipvs_service s;

	(void)state;
	assert_true(ipvs_next(&rest, &s));
	assert_int_equal(s.proto, IPPROTO_TCP);
	assert_string_equal(addr_format(&s.address, address), "10.0.0.5");
	assert_int_equal(s.port, 80);
	assert_int_equal(s.n_servers, 3);
	assert_int_equal(s.n_weighted, 2);
	assert_string_equal(addr_format(&s.server, address), "192.168.7.2");
	assert_int_equal(s.server_port, 8080);
	assert_false(s.is_persistent);
	assert_true(ipvs_next(&rest, &s));
	assert_string_equal(addr_format(&s.address, address), "2001:db8::5");
	assert_string_equal(addr_format(&s.server, address), "2001:db8::9");
	assert_int_equal(s.n_weighted, 1);
	assert_true(ipvs_next(&rest, &s));
	assert_true(s.is_of_mark);
	assert_int_equal(s.mark, 7);
	assert_true(ipvs_next(&rest, &s));
	assert_int_equal(s.proto, IPPROTO_UDP);
	assert_int_equal(s.n_servers, 0);
	assert_false(ipvs_next(&rest, &s));
}

static void the_service_of_a_packet_is_found_or_it_is_not_known(void **state)
{
	static const struct {
		const char *text;
		bool is_whole;
		uint16_t port;
		uint32_t mark;
		enum tri found;
	} rows[] = {
		{"", true, 80, 0, TRI_NO},
		{HEAD, true, 80, 0, TRI_NO},
		{HEAD, false, 80, 0, TRI_UNSURE},
		{HEAD WEB UP, true, 80, 0, TRI_YES},
		{HEAD WEB UP, false, 80, 0, TRI_UNSURE},
		{HEAD WEB UP, true, 81, 0, TRI_NO},
		{HEAD "UDP  0A000005:0050 rr \n", true, 80, 0, TRI_NO},
		{HEAD "TCP  0A000006:0050 rr \n", true, 80, 0, TRI_NO},
		{HEAD "TCP  0A000005:0000 rr persistent 9 FFFFFFFF\n", true, 80, 0,
		 TRI_YES},
		{HEAD "TCP  0A000005:0015 rr persistent 9 FFFFFFFF\n", true, 80, 0, TRI_NO},
		{HEAD "TCP  0A000005:0015 rr persistent 9 FFFFFFFF\n", true, 2000, 0,
		 TRI_UNSURE},
		{HEAD "TCP  0A000005:0015 rr \n", true, 2000, 0, TRI_NO},
		{HEAD MARKED, true, 80, 0, TRI_NO},
		{HEAD MARKED WEB UP, true, 80, 7, TRI_UNSURE},
		{HEAD "TCP  0A00005:0050 rr \n", true, 80, 0, TRI_UNSURE},
		{HEAD "TCP  0A000005:005 rr \n", true, 80, 0, TRI_UNSURE},
		{HEAD "TCP\n", true, 80, 0, TRI_UNSURE},
		{HEAD "  -> C0A80702:1F90 Masq 1 0 0\n", true, 80, 0, TRI_NO},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ipvs_ask ask = {.proto = IPPROTO_TCP,
				       .address = hand_addr(SERVER),
				       .port = rows[i].port,
				       .mark = rows[i].mark,
				       .is_mark_known = true};
		struct ipvs_service s;
		enum tri found =
			ipvs_find(text_of(rows[i].text), rows[i].is_whole, &ask, &s);

		if (found != rows[i].found)
			fail_msg("row %zu: %d", i, found);
	}
}

static void tell_services(const char *text)
{
	host.settings.files[SETTING_VIRTUAL_SERVICES] =
		(struct setting_text){text_of(text), 0, true};
}

static void what_a_service_does_with_a_first_packet(void **state)
{
	static const struct {
		const char *text;
		uint16_t port;
		enum path_verdict verdict;
		enum tri is_balanced;
	} rows[] = {
		{"", 80, PATH_ACCEPT, TRI_NO},
		{HEAD WEB UP, 443, PATH_ACCEPT, TRI_NO},
		{HEAD WEB UP, 80, PATH_UNSURE, TRI_YES},
		{HEAD WEB UP DOWN, 80, PATH_UNSURE, TRI_YES},
		{HEAD WEB, 80, PATH_REJECT, TRI_YES},
		{HEAD WEB DOWN, 80, PATH_REJECT, TRI_YES},
		{HEAD STAYS DOWN, 80, PATH_UNSURE, TRI_YES},
		{HEAD STAYS, 80, PATH_REJECT, TRI_YES},
		{HEAD WEB "  -> C0A80702:1F90 Masq x 0 0\n", 80, PATH_UNSURE, TRI_YES},
		{HEAD MARKED, 80, PATH_ACCEPT, TRI_NO},
		{"rubbish in it\n", 80, PATH_UNSURE, TRI_UNSURE},
	};

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct path p;

		host_start(state);
		tell_services(rows[i].text);
		p = walk_from(CLIENT, SERVER, rows[i].port);
		if (p.request.verdict != rows[i].verdict ||
		    p.is_balanced != rows[i].is_balanced)
			fail_msg("row %zu: verdict %d, balanced %d", i, p.request.verdict,
				 p.is_balanced);
		if (p.is_balanced != TRI_NO && p.is_served != TRI_UNSURE)
			fail_msg("row %zu: it speaks of a socket", i);
		host_end(state);
	}
}

static void without_a_server_it_is_answered_with_port_unreachable(void **state)
{
	struct path p;

	(void)state;
	tell_services(HEAD WEB);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.decided_by, DECIDER_BALANCER);
	assert_int_equal(p.request.at, PLACE_INPUT);
	assert_false(p.request.reject.is_reset);
	assert_int_equal(p.request.reject.type, 3);
	assert_int_equal(p.request.reject.code, 3);
	assert_int_equal(p.service.n_servers, 0);
	assert_false(p.reply.is_walked);
}

static void a_rule_before_it_decides_and_one_behind_it_does_not(void **state)
{
	struct path p;

	(void)state;
	tell_services(HEAD WEB);
	base_in(FW_INPUT, 100, false);
	HOST_RULE(X_DROP);
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_REJECT);
	assert_int_equal(walk_from(CLIENT, SERVER, 443).request.verdict, PATH_DROP);
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_DROP);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.decided_by, DECIDER_RULE);
	assert_int_equal(p.is_balanced, TRI_NO);
}

static void a_mark_that_a_rule_sets_counts(void **state)
{
	(void)state;
	tell_services(HEAD MARKED);
	base_in(FW_INPUT, -150, false);
	HOST_RULE(X_LET(0, 7, 0, 0, 0), {.kind = FW_EXPR_META,
					 .key = NFT_META_MARK,
					 .sreg = 0,
					 .dreg = FW_NO_REG,
					 .writes = true});
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_UNSURE);
	assert_int_equal(walk_from(CLIENT, SERVER, 80).is_balanced, TRI_UNSURE);
}

static void what_begins_no_connection_goes_on_to_the_socket(void **state)
{
	struct path_ask ask = syn(CLIENT, SERVER, 80);
	struct path p;

	(void)state;
	tell_services(HEAD WEB);
	ask.tcp_flags = 0x10;
	p = host_walk(ask);
	assert_int_equal(p.is_balanced, TRI_NO);
	assert_int_equal(p.request.decided_by, DECIDER_SOCKET);
	ask.is_established = true;
	assert_int_equal(host_walk(ask).request.verdict, PATH_UNSURE);
}

static void a_client_on_this_host_is_not_certain(void **state)
{
	(void)state;
	tell_services(HEAD WEB);
	assert_int_equal(walk_from(SERVER, SERVER, 80).request.verdict, PATH_UNSURE);
	assert_int_equal(walk_from(SERVER, SERVER, 443).request.verdict, PATH_ACCEPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_has_its_servers_and_their_weights),
		cmocka_unit_test(the_service_of_a_packet_is_found_or_it_is_not_known),
		cmocka_unit_test(what_a_service_does_with_a_first_packet),
		IN_HOST(without_a_server_it_is_answered_with_port_unreachable),
		IN_HOST(a_rule_before_it_decides_and_one_behind_it_does_not),
		IN_HOST(a_mark_that_a_rule_sets_counts),
		IN_HOST(what_begins_no_connection_goes_on_to_the_socket),
		IN_HOST(a_client_on_this_host_is_not_certain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
