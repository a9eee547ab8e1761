/* Faults of where a service listens: told for what the table of sockets shows, and never
 * for packets that are not for this host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

static const struct hand_socket none[] = {{0}};

static void refused_with(struct scene *c, const struct hand_socket *sockets)
{
	scene_listen(c, sockets);
	scene_count(c, "Tcp.OutRsts", 1);
	scene_try(c, REFUSED_TRY);
}

/* ---- server.not-listening ---- */

static void nobody_listens(struct scene *c)
{
	refused_with(c, none);
}

static void nobody_listens_untried(struct scene *c)
{
	scene_listen(c, none);
	scene_walk(c, SERVER, NULL);
}

static void rules_and_modules_unread(struct scene *c)
{
	nobody_listens_untried(c);
	c->e.rules = NULL;
	c->e.settings = NULL;
}

static void rules_unread_without_nat(struct scene *c)
{
	nobody_listens_untried(c);
	c->e.rules = NULL;
}

static void rules_unread_and_stack_refused(struct scene *c)
{
	nobody_listens(c);
	c->e.rules = NULL;
	c->settings.modules = text_of("nf_nat 1 0 - Live 0x0\n");
}

static void legacy_nat(struct scene *c)
{
	nobody_listens_untried(c);
	c->settings.legacy_v4 = text_of("filter nat");
}

static void reset_not_of_the_stack(struct scene *c)
{
	nobody_listens(c);
	scene_count(c, "Tcp.OutRsts", 0);
}

static void nobody_listens_and_silence(struct scene *c)
{
	scene_listen(c, none);
	scene_try(c, SILENT_TRY);
}

static void behind_a_drop(struct scene *c)
{
	nobody_listens_and_silence(c);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void behind_a_reject(struct scene *c)
{
	scene_listen(c, none);
	scene_try(c, REFUSED_TRY);
	scene_deny(c, false, c->input, 0, PATH_REJECT)->reject.is_reset = true;
}

static void it_listens(struct scene *c)
{
	scene_try(c, REFUSED_TRY);
}

static void answered_anyway(struct scene *c)
{
	scene_listen(c, none);
	scene_try(c, ANSWERED_TRY);
}

static void another_was_answered(struct scene *c)
{
	scene_tell(c, "198.51.100.7", ANSWERED_TRY);
	nobody_listens(c);
}

static void it_came_since(struct scene *c)
{
	nobody_listens(c);
	scene_after(c, scene_web);
}

static void listeners_were_cut(struct scene *c)
{
	static struct source_note note = {.source = "tcp", .status = SOURCE_TRUNCATED};

	nobody_listens(c);
	c->s->notes = &note;
	c->s->n_notes = 1;
}

static void passed_on(struct scene *c)
{
	nobody_listens(c);
	c->e.walks[0].path.is_forwarded = true;
	c->e.walks[0].path.is_local = false;
}

static void translated_to_a_backend(struct scene *c)
{
	nobody_listens(c);
	c->e.walks[0].path.is_translated = true;
	c->e.walks[0].path.is_local = false;
	c->e.walks[0].path.server = hand_addr("172.17.0.2");
}

static void of_a_remote_target(struct scene *c)
{
	scene_listen(c, none);
	c->e.target.role = AIM_CLIENT;
	c->e.target.address = hand_addr("203.0.113.5");
	scene_tell(c, SERVER,
		   (struct attempt){.outcome = OUTCOME_REFUSED,
				    .server = hand_addr("203.0.113.5")});
	scene_walk(c, "203.0.113.5", SERVER);
	c->e.walks[0].path.is_local = false;
}

static void no_datagram_socket(struct scene *c)
{
	c->e.target.proto = IPPROTO_UDP;
	c->e.target.port = 53;
	scene_count(c, "Udp.NoPorts", 1);
	scene_try(c, (struct attempt){.outcome = OUTCOME_ICMP,
				      .n_icmp = 1,
				      .icmp_type = 3,
				      .icmp_code = 3,
				      .icmp_from = hand_addr(SERVER)});
}

static void no_datagram_socket_and_silence(struct scene *c)
{
	c->e.target.proto = IPPROTO_UDP;
	c->e.target.port = 53;
	scene_count(c, "Udp.NoPorts", 2);
	scene_try(c, SILENT_TRY);
}

static const struct scene_row absent_rows[] = {
	PROVEN("refused by the stack", nobody_listens, FAULT_NOT_LISTENING,
	       "nobody listens on 443/tcp"),
	PROVEN("nobody tried", nobody_listens_untried, FAULT_NOT_LISTENING, ""),
	PROVEN("rules unread, but no translation is loaded", rules_unread_without_nat,
	       FAULT_NOT_LISTENING, ""),
	PROVEN("datagrams", no_datagram_socket, FAULT_NOT_LISTENING, "53/udp"),
	PROVEN("datagrams whose errors were held back", no_datagram_socket_and_silence,
	       FAULT_NOT_LISTENING, ""),
	BESIDE("behind a rule that drops", behind_a_drop, FAULT_NOT_LISTENING,
	       CERTAINTY_PROVEN),
	BESIDE("behind a rule that resets", behind_a_reject, FAULT_NOT_LISTENING,
	       CERTAINTY_PROVEN),
	LIKELY("rules unread, the stack's own reset", rules_unread_and_stack_refused,
	       FAULT_NOT_LISTENING, ""),
	POSSIBLE("rules unread, may be translated", rules_and_modules_unread,
		 FAULT_NOT_LISTENING, ""),
	POSSIBLE("legacy translations unread", legacy_nat, FAULT_NOT_LISTENING, ""),
	POSSIBLE("a reset that is not the stack's", reset_not_of_the_stack,
		 FAULT_NOT_LISTENING, ""),
	POSSIBLE("silence that nothing explains", nobody_listens_and_silence,
		 FAULT_NOT_LISTENING, ""),
	EXCLUDED("it listens", it_listens, FAULT_NOT_LISTENING),
	EXCLUDED("answered anyway", answered_anyway, FAULT_NOT_LISTENING),
	EXCLUDED("another client was answered", another_was_answered, FAULT_NOT_LISTENING),
	EXCLUDED("passed on", passed_on, FAULT_NOT_LISTENING),
	EXCLUDED("translated to a backend", translated_to_a_backend, FAULT_NOT_LISTENING),
	EXCLUDED("a remote target", of_a_remote_target, FAULT_NOT_LISTENING),
	NEVER("it came since", it_came_since, FAULT_NOT_LISTENING),
	NEVER("listeners could not all be read", listeners_were_cut, FAULT_NOT_LISTENING),
};

static void nobody_listens_is_told_of_this_hosts_packets_only(void **state)
{
	(void)state;
	scene_run(absent_rows, N_OF(absent_rows));
}

/* ---- bound elsewhere ---- */

static void on_loopback(struct scene *c)
{
	static const struct hand_socket rows[] = {SOCK(PROTO_TCP, "127.0.0.1", 443, 100),
						  SOCK(PROTO_TCP, "::1", 443, 101),
						  {0}};

	refused_with(c, rows);
}

static void loopback_client(struct scene *c)
{
	static const struct hand_socket rows[] = {SOCK(PROTO_TCP, "127.0.0.1", 443, 100),
						  {0}};

	scene_listen(c, rows);
	scene_walk(c, "127.0.0.1", "127.0.0.1");
}

static void on_loopback_and_silence(struct scene *c)
{
	on_loopback(c);
	scene_forget(c);
	scene_tell(c, CLIENT, SILENT_TRY);
}

static void on_other_address(struct scene *c)
{
	static const struct hand_socket rows[] = {SOCK(PROTO_TCP, "10.0.0.9", 443, 100),
						  {0}};

	refused_with(c, rows);
}

static void on_other_address_untried(struct scene *c)
{
	on_other_address(c);
	scene_forget(c);
}

static void on_other_address_than_asked(struct scene *c)
{
	on_other_address_untried(c);
	c->e.target.address = hand_addr(SERVER);
}

static void on_other_address_unread(struct scene *c)
{
	on_other_address(c);
	c->e.rules = NULL;
	c->e.settings = NULL;
}

static void on_v6_alone(struct scene *c)
{
	static const struct hand_socket rows[] = {
		SOCK(PROTO_TCP, "::", 443, 100, .v6only = TRI_YES), {0}};

	refused_with(c, rows);
}

static void on_v6_alone_untried(struct scene *c)
{
	on_v6_alone(c);
	scene_forget(c);
}

static void on_both_families(struct scene *c)
{
	static const struct hand_socket rows[] = {
		SOCK(PROTO_TCP, "::", 443, 100, .v6only = TRI_NO), {0}};

	refused_with(c, rows);
}

static void v6only_not_told(struct scene *c)
{
	static const struct hand_socket rows[] = {
		SOCK(PROTO_TCP, "::", 443, 100, .v6only = TRI_UNSURE), {0}};

	refused_with(c, rows);
}

static void over_v6_to_v4(struct scene *c)
{
	struct attempt a = REFUSED_TRY;

	a.server = hand_addr("2001:db8::1");
	scene_count(c, "Tcp.OutRsts", 1);
	scene_tell(c, "2001:db8::2", a);
	scene_walk(c, "2001:db8::1", "2001:db8::2");
}

static void over_v6_to_v4_untried(struct scene *c)
{
	over_v6_to_v4(c);
	scene_forget(c);
}

static const struct hand_socket dns[] = {SOCK(PROTO_UDP, "0.0.0.0", 443, 100), {0}};

static void by_datagrams(struct scene *c)
{
	refused_with(c, dns);
}

static void by_a_question_of_somebody(struct scene *c)
{
	by_datagrams(c);
	c->s->endpoints[0].is_ephemeral = true;
}

static void by_datagrams_unread(struct scene *c)
{
	by_datagrams(c);
	c->e.rules = NULL;
	c->e.settings = NULL;
}

static void on_eth1(struct scene *c)
{
	static const struct hand_socket rows[] = {
		SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .ifindex = ETH1), {0}};

	refused_with(c, rows);
}

static void on_eth1_from_anywhere(struct scene *c)
{
	on_eth1(c);
	c->e.walks[0].path.in_ifindex = 0;
}

static void on_eth1_unread(struct scene *c)
{
	on_eth1(c);
	c->e.rules = NULL;
	c->e.settings = NULL;
}

static void in_another_namespace(struct scene *c)
{
	refused_with(c, scene_web);
	c->s->spaces[1] = (struct space){.netns = 77, .name = {"blue", 4}};
	c->s->n_spaces = 2;
	c->s->endpoints[0].space = &c->s->spaces[1];
	c->s->spaces[0].tcp->n = 0;
	c->e.walks[0].path.endpoint = NULL;
}

static void in_another_namespace_passed_on(struct scene *c)
{
	in_another_namespace(c);
	c->e.walks[0].path.is_forwarded = true;
}

static void in_another_namespace_unread(struct scene *c)
{
	in_another_namespace(c);
	c->e.rules = NULL;
	c->e.settings = NULL;
}

static const struct scene_row bound_rows[] = {
	PROVEN("on loopback", on_loopback, FAULT_LOOPBACK_ONLY,
	       "listens on 127.0.0.1 and ::1 only"),
	POSSIBLE("on loopback, and silence", on_loopback_and_silence, FAULT_LOOPBACK_ONLY,
		 ""),
	EXCLUDED("a client on loopback", loopback_client, FAULT_LOOPBACK_ONLY),
	PROVEN("another address", on_other_address, FAULT_OTHER_ADDRESS,
	       "listens on 10.0.0.9 (eth0), the client uses 10.0.0.1"),
	POSSIBLE("another address, nobody tried", on_other_address_untried,
		 FAULT_OTHER_ADDRESS, "listens on 10.0.0.9 (eth0), not on 10.0.0.1"),
	PROVEN("another address than was asked about, nobody tried",
	       on_other_address_than_asked, FAULT_OTHER_ADDRESS, "not on 10.0.0.1"),
	LIKELY("another address, rules unread", on_other_address_unread,
	       FAULT_OTHER_ADDRESS, ""),
	EXCLUDED("not another address", on_loopback, FAULT_OTHER_ADDRESS),
	PROVEN("IPv6 only", on_v6_alone, FAULT_IPV6_ONLY, "takes IPv6 only"),
	LIKELY("IPv6 only, nobody tried", on_v6_alone_untried, FAULT_IPV6_ONLY, ""),
	EXCLUDED("both families", on_both_families, FAULT_IPV6_ONLY),
	NEVER("whether both is not told", v6only_not_told, FAULT_IPV6_ONLY),
	PROVEN("IPv4 only", over_v6_to_v4, FAULT_IPV4_ONLY, "takes IPv4 only"),
	LIKELY("IPv4 only, nobody tried", over_v6_to_v4_untried, FAULT_IPV4_ONLY, ""),
	EXCLUDED("over IPv4", it_listens, FAULT_IPV4_ONLY),
	PROVEN("the other transport", by_datagrams, FAULT_TRANSPORT_MISMATCH,
	       "port 443 is served over UDP by nginx 812, not over TCP"),
	LIKELY("the other transport, rules unread", by_datagrams_unread,
	       FAULT_TRANSPORT_MISMATCH, ""),
	EXCLUDED("an ephemeral datagram socket", by_a_question_of_somebody,
		 FAULT_TRANSPORT_MISMATCH),
	PROVEN("another interface", on_eth1, FAULT_BOUND_TO_DEVICE, "via eth1"),
	LIKELY("another interface, rules unread", on_eth1_unread, FAULT_BOUND_TO_DEVICE,
	       ""),
	NEVER("the way in is not known", on_eth1_from_anywhere, FAULT_BOUND_TO_DEVICE),
	PROVEN("another namespace", in_another_namespace, FAULT_OTHER_NAMESPACE,
	       "in namespace blue by nginx 812"),
	LIKELY("another namespace, rules unread", in_another_namespace_unread,
	       FAULT_OTHER_NAMESPACE, ""),
	EXCLUDED("passed on to it", in_another_namespace_passed_on, FAULT_OTHER_NAMESPACE),
};

static void where_it_is_bound_tells_why_it_is_not_reached(void **state)
{
	(void)state;
	scene_run(bound_rows, N_OF(bound_rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_listens_is_told_of_this_hosts_packets_only),
		cmocka_unit_test(where_it_is_bound_tells_why_it_is_not_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
