/* This host as the client: what a second connection and a datagram prove, and what they do
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "tests/unit/client_scene.h"

/* ---- two connections ---- */

static void said_twice(struct scene *c, struct reach_said first, struct reach_said second)
{
	stands(c);
	row()->said = first;
	row()->second = second;
	row()->said.is_told = row()->second.is_told = true;
}

#define CLOSED_ON(talk) ((struct reach_said){.said = (talk), .end = REACH_END_CLOSED})
#define HTTP_SAYS(code)       \
	((struct reach_said){ \
		.said = REACH_TALK_HTTP, .heard = HEARD_HTTP, .status = (code)})
#define TLS_GREETS ((struct reach_said){.said = REACH_TALK_TLS, .heard = HEARD_TLS_HELLO})

static void tls_after_it_closed_on_http(struct scene *c)
{
	said_twice(c, CLOSED_ON(REACH_TALK_HTTP), TLS_GREETS);
}

static void tls_after_400(struct scene *c)
{
	said_twice(c, HTTP_SAYS(400), TLS_GREETS);
}

static void tls_after_an_answer_of_http(struct scene *c)
{
	said_twice(c, HTTP_SAYS(200), TLS_GREETS);
}

static void nothing_after_400(struct scene *c)
{
	said_twice(c, HTTP_SAYS(400), CLOSED_ON(REACH_TALK_TLS));
}

static void http_after_it_closed_on_tls(struct scene *c)
{
	said_twice(c, CLOSED_ON(REACH_TALK_TLS), HTTP_SAYS(200));
}

static void http_400_after_it_closed_on_tls(struct scene *c)
{
	said_twice(c, CLOSED_ON(REACH_TALK_TLS), HTTP_SAYS(400));
}

static void nothing_twice(struct scene *c)
{
	said_twice(c, CLOSED_ON(REACH_TALK_TLS), CLOSED_ON(REACH_TALK_HTTP));
}

/* Slow to TLS, it is no answer without it. */
static void http_while_tls_is_silent(struct scene *c)
{
	http_after_it_closed_on_tls(c);
	row()->said.end = REACH_END_OPEN;
}

/* ---- datagrams ---- */

static void asked(struct scene *c, struct reach_result r)
{
	r.is_datagram = true;
	tried(c, r);
	c->e.target.proto = IPPROTO_UDP;
	c->e.plan.proto = IPPROTO_UDP;
	c->e.plan.talk = REACH_TALK_DNS;
}

static void answered_from(struct scene *c, const char *from, uint16_t port, bool is_ours)
{
	asked(c, TIMED_OUT);
	row()->stray = hand_addr(from);
	row()->stray_port = port;
	row()->is_stray_ours = is_ours;
}

static void our_number_comes_from_elsewhere(struct scene *c)
{
	answered_from(c, "198.51.100.9", 443, true);
}

static void some_datagram_comes_from_elsewhere(struct scene *c)
{
	answered_from(c, "198.51.100.9", 443, false);
}

static void some_datagram_comes_from_another_port_elsewhere(struct scene *c)
{
	answered_from(c, "198.51.100.9", 444, false);
}

static void it_goes_on_at_another_port(struct scene *c)
{
	answered_from(c, FAR, 40001, true);
}

static void answered_beside_a_stray(struct scene *c)
{
	our_number_comes_from_elsewhere(c);
	row()->outcome = REACH_CONNECTED;
	row()->error = 0;
}

static void silent_to_a_datagram(struct scene *c)
{
	asked(c, TIMED_OUT);
}

static void port_is_unreachable(struct scene *c)
{
	asked(c, REFUSED);
	row()->has_icmp = true;
	row()->icmp_type = 3;
	row()->icmp_code = 3;
	row()->icmp_from = hand_addr(FAR);
}

static void port_is_unreachable_to_a_router(struct scene *c)
{
	port_is_unreachable(c);
	row()->icmp_from = hand_addr(GATE);
}

static void not_permitted(struct scene *c)
{
	asked(c, (struct reach_result){.outcome = REACH_FAILED, .error = EPERM});
}

static void not_permitted_and_a_rule_drops(struct scene *c)
{
	not_permitted(c);
	scene_deny(c, false, c->output, 1, PATH_DROP);
}

static const struct scene_row rows[] = {
	PROVEN("it closes on HTTP and speaks TLS", tls_after_it_closed_on_http,
	       FAULT_TLS_MISMATCH, "speaks TLS, not plain HTTP"),
	LIKELY("it answers HTTP by 400 and speaks TLS", tls_after_400, FAULT_TLS_MISMATCH,
	       "speaks TLS"),
	EXCLUDED("it answers HTTP, and TLS too", tls_after_an_answer_of_http,
		 FAULT_TLS_MISMATCH),
	EXCLUDED("it answers 400, and speaks no TLS", nothing_after_400,
		 FAULT_TLS_MISMATCH),
	PROVEN("it closes on TLS and answers HTTP", http_after_it_closed_on_tls,
	       FAULT_TLS_MISMATCH, "does not speak TLS"),
	NEVER("it closes on TLS and answers HTTP by 400", http_400_after_it_closed_on_tls,
	      FAULT_TLS_MISMATCH),
	NEVER("it closes on both", nothing_twice, FAULT_TLS_MISMATCH),
	NEVER("it is silent to TLS and answers HTTP", http_while_tls_is_silent,
	      FAULT_TLS_MISMATCH),
	PROVEN("our number comes back from elsewhere", our_number_comes_from_elsewhere,
	       FAULT_UDP_REPLY_SOURCE, "198.51.100.9 answers"),
	LIKELY("a datagram comes from that port elsewhere",
	       some_datagram_comes_from_elsewhere, FAULT_UDP_REPLY_SOURCE, ""),
	POSSIBLE("a datagram comes from any port elsewhere",
		 some_datagram_comes_from_another_port_elsewhere, FAULT_UDP_REPLY_SOURCE,
		 ""),
	NEVER("it goes on at another port of its own", it_goes_on_at_another_port,
	      FAULT_UDP_REPLY_SOURCE),
	EXCLUDED("the answer came beside it", answered_beside_a_stray,
		 FAULT_UDP_REPLY_SOURCE),
	NEVER("nothing came back", silent_to_a_datagram, FAULT_UDP_REPLY_SOURCE),
	NEVER("the target says that nobody has the port", port_is_unreachable,
	      FAULT_REMOTE),
	LIKELY("a router says that nobody has the port", port_is_unreachable_to_a_router,
	       FAULT_REMOTE, "the router " GATE),
	PROVEN("the datagram is not let out, and a rule drops it",
	       not_permitted_and_a_rule_drops, FAULT_EGRESS_FILTERED,
	       "this host's own firewall drops"),
	LIKELY("the datagram is not let out, and no rule is known", not_permitted,
	       FAULT_EGRESS_FILTERED, "does not let us send to"),
};

static void what_comes_back_is_told_and_no_more(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_back_is_told_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
