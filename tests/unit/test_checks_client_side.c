/* This host as the client: what its own tries prove, and what they do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/client_scene.h"

/* ---- its own firewall ---- */

static void dropped_by_rule(struct scene *c)
{
	silent(c);
	scene_deny(c, false, c->output, 1, PATH_DROP);
}

static void dropped_and_counted(struct scene *c)
{
	dropped_by_rule(c);
	c->e.capture_error = EPERM;
	scene_move(c, 1, 3);
}

/* Somebody else moved it as well, and no capture says whether ours left. */
static void dropped_and_counted_for_others(struct scene *c)
{
	dropped_by_rule(c);
	c->e.capture_error = EPERM;
	scene_move(c, 1, 30);
}

static void rule_that_did_not_count(struct scene *c)
{
	dropped_by_rule(c);
	scene_move(c, 1, 0);
}

static void dropped_by_rule_yet_seen_leaving(struct scene *c)
{
	dropped_by_rule(c);
	scene_tell(c, SERVER,
		   (struct attempt){.server = hand_addr(FAR),
				    .client_port = 40000,
				    .outcome = OUTCOME_SILENT,
				    .n_syns = 3});
}

static void refused_where_a_rule_drops(struct scene *c)
{
	refused(c);
	scene_deny(c, false, c->output, 1, PATH_DROP);
}

static void answered_where_a_rule_drops(struct scene *c)
{
	stands(c);
	scene_deny(c, false, c->output, 1, PATH_DROP);
}

/* ---- route, next hop ---- */

static void without_route(struct scene *c)
{
	tried(c, (struct reach_result){.outcome = REACH_FAILED, .error = ENETUNREACH});
	c->e.walks[0].path.request.hops[0].error = ENETUNREACH;
}

static void told_by_a_router(struct scene *c)
{
	tried(c, (struct reach_result){.outcome = REACH_FAILED,
				       .error = ENETUNREACH,
				       .has_icmp = true,
				       .icmp_type = 3,
				       .icmp_code = 0,
				       .icmp_from = hand_addr(GATE)});
}

static void next_hop_is_gone(struct scene *c)
{
	tried(c, (struct reach_result){.outcome = REACH_FAILED,
				       .error = EHOSTUNREACH,
				       .took_ns = 3 * NS_PER_S});
	c->neighbour.state = FAILED;
}

static void next_hop_is_gone_so_far(struct scene *c)
{
	silent(c);
	c->neighbour.state = FAILED;
}

/* The router has an ICMP to say so: its own next hop is the one that is gone. */
static void next_hop_of_a_router_is_gone(struct scene *c)
{
	told_by_a_router(c);
	row()->error = EHOSTUNREACH;
	row()->icmp_code = 1;
	c->neighbour.state = FAILED;
}

/* ---- source ports ---- */

static void without_port(struct scene *c, struct reach_ports ports)
{
	tried(c, (struct reach_result){.outcome = REACH_FAILED, .error = EADDRNOTAVAIL});
	row()->ports = ports;
}

static void every_port_is_busy(struct scene *c)
{
	without_port(c, (struct reach_ports){true, 40000, 40001, 2, 1, 2, 0});
}

static void some_port_is_free(struct scene *c)
{
	without_port(c, (struct reach_ports){true, 32768, 60999, 0, 0, 9, 0});
}

/* ---- beyond ---- */

static void prohibited_beyond(struct scene *c)
{
	told_by_a_router(c);
	row()->error = EHOSTUNREACH;
	row()->icmp_code = 13;
}

static void prohibited_here(struct scene *c)
{
	prohibited_beyond(c);
	row()->icmp_from = hand_addr(SERVER);
}

static void large_ones_vanish(struct scene *c)
{
	stands(c);
	row()->sizes = (struct reach_sizes){true, 0, 1500, 576, 1400, 0, {0}};
	row()->said = (struct reach_said){.is_told = true,
					  .said = REACH_TALK_TLS,
					  .heard = HEARD_TLS_HELLO,
					  .mss = 1448};
}

static void large_ones_vanish_and_it_is_stuck(struct scene *c)
{
	large_ones_vanish(c);
	row()->said.unacked = 1;
	row()->said.again = 3;
}

static void large_ones_vanish_and_mss_is_less(struct scene *c)
{
	large_ones_vanish(c);
	row()->said.mss = 1348;
}

static void large_ones_are_told_to_be(struct scene *c)
{
	large_ones_vanish(c);
	row()->sizes.told = 1400;
}

static void nothing_is_echoed(struct scene *c)
{
	large_ones_vanish(c);
	row()->sizes.smallest = row()->sizes.largest = 0;
}

static void said(struct scene *c, enum reach_talk talk, enum heard heard)
{
	stands(c);
	row()->said = (struct reach_said){.is_told = true, .said = talk, .heard = heard};
}

static void plain_text_to_tls(struct scene *c)
{
	said(c, REACH_TALK_TLS, HEARD_HTTP);
}

static void tls_to_plain_text(struct scene *c)
{
	said(c, REACH_TALK_HTTP, HEARD_TLS_ALERT);
}

static void tls_to_tls(struct scene *c)
{
	said(c, REACH_TALK_TLS, HEARD_TLS_HELLO);
}

static void mute_to_tls(struct scene *c)
{
	said(c, REACH_TALK_TLS, HEARD_NOTHING);
}

static void large_ones_vanish_and_the_second_is_stuck(struct scene *c)
{
	large_ones_vanish(c);
	row()->second = row()->said;
	row()->second.unacked = 1;
	row()->second.again = 3;
}

static const struct scene_row rows[] = {
	PROVEN("a rule drops it, and the capture saw none leave", dropped_by_rule,
	       FAULT_EGRESS_FILTERED, "this host's own firewall drops"),
	PROVEN("a rule counted as many as were sent", dropped_and_counted,
	       FAULT_EGRESS_FILTERED, ""),
	LIKELY("a rule counted those of others too", dropped_and_counted_for_others,
	       FAULT_EGRESS_FILTERED, ""),
	NEVER("the rule did not count", rule_that_did_not_count, FAULT_EGRESS_FILTERED),
	EXCLUDED("the SYN was seen leaving", dropped_by_rule_yet_seen_leaving,
		 FAULT_EGRESS_FILTERED),
	NEVER("a reset is not what a drop looks like", refused_where_a_rule_drops,
	      FAULT_EGRESS_FILTERED),
	EXCLUDED("it was answered whatever the rules say", answered_where_a_rule_drops,
		 FAULT_EGRESS_FILTERED),
	EXCLUDED("nothing here stops it", silent, FAULT_EGRESS_FILTERED),

	PROVEN("no route", without_route, FAULT_CLIENT_NO_ROUTE, "there is no route"),
	EXCLUDED("a router says that it has no route", told_by_a_router,
		 FAULT_CLIENT_NO_ROUTE),
	PROVEN("the next hop does not resolve", next_hop_is_gone,
	       FAULT_NEXT_HOP_UNREACHABLE, "the next hop " GATE " does not answer"),
	LIKELY("the next hop did not resolve in our time", next_hop_is_gone_so_far,
	       FAULT_NEXT_HOP_UNREACHABLE, ""),
	NEVER("the next hop of a router", next_hop_of_a_router_is_gone,
	      FAULT_NEXT_HOP_UNREACHABLE),
	EXCLUDED("the next hop answers", silent, FAULT_NEXT_HOP_UNREACHABLE),

	PROVEN("every source port is taken", every_port_is_busy,
	       FAULT_SOURCE_PORTS_EXHAUSTED, "no source port is left"),
	POSSIBLE("the same error with ports left", some_port_is_free,
		 FAULT_SOURCE_PORTS_EXHAUSTED, ""),
	EXCLUDED("a refusal", refused, FAULT_SOURCE_PORTS_EXHAUSTED),

	PROVEN("a router prohibits it", prohibited_beyond, FAULT_REMOTE,
	       "the router " GATE),
	NEVER("this host itself prohibits it", prohibited_here, FAULT_REMOTE),
	NEVER("a router without a route", told_by_a_router, FAULT_REMOTE),
	LIKELY("large packets vanish", large_ones_vanish, FAULT_MTU_BLACK_HOLE,
	       "packets of more than 1400 bytes"),
	PROVEN("large packets vanish and the connection is stuck",
	       large_ones_vanish_and_it_is_stuck, FAULT_MTU_BLACK_HOLE, ""),
	EXCLUDED("what TCP sends fits", large_ones_vanish_and_mss_is_less,
		 FAULT_MTU_BLACK_HOLE),
	EXCLUDED("too big is told", large_ones_are_told_to_be, FAULT_MTU_BLACK_HOLE),
	NEVER("no size at all is echoed", nothing_is_echoed, FAULT_MTU_BLACK_HOLE),
	PROVEN("plain text answers a ClientHello", plain_text_to_tls, FAULT_TLS_MISMATCH,
	       "does not speak TLS"),
	PROVEN("TLS answers plain HTTP", tls_to_plain_text, FAULT_TLS_MISMATCH,
	       "speaks TLS, not plain HTTP"),
	EXCLUDED("TLS answers TLS", tls_to_tls, FAULT_TLS_MISMATCH),
	NEVER("nothing answers", mute_to_tls, FAULT_TLS_MISMATCH),
	PROVEN("large packets vanish and a second connection is stuck",
	       large_ones_vanish_and_the_second_is_stuck, FAULT_MTU_BLACK_HOLE,
	       "packets of more than 1400 bytes"),
};

static void what_our_own_tries_show_is_told_and_no_more(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

static const struct {
	const char *what;
	void (*make)(struct scene *c);
	enum verdict verdict;
	const char *words;
} verdicts[] = {
	{"it stands", stands, VERDICT_HEALTHY, FAR " port 443 is open from here"},
	{"refused", refused, VERDICT_UNKNOWN,
	 "nobody listens there, or a firewall refuses"},
	{"silence", silent, VERDICT_UNKNOWN, "drops the SYN, or its answer is lost"},
	{"it takes it and is mute", mute_to_tls, VERDICT_UNKNOWN,
	 "says nothing to a Client"},
};

static void without_a_cause_the_outcome_is_told(void **state)
{
	static struct scene c;

	(void)state;
	for (size_t i = 0; i < N_OF(verdicts); i++) {
		struct diagnosis *d;
		char summary[512];

		scene_start(&c);
		verdicts[i].make(&c);
		d = judge(&c.e);
		assert_non_null(d);
		snprintf(summary, sizeof(summary), "%.*s", (int)d->summary.len,
			 d->summary.bytes);
		if (d->verdict != verdicts[i].verdict ||
		    !strstr(summary, verdicts[i].words))
			fail_msg("%s: %s", verdicts[i].what, summary);
		table_unref(d);
		scene_end(&c);
	}
}

static void an_own_try_that_is_under_way_is_waited_for(void **state)
{
	static const struct {
		void (*make)(struct scene *c);
		bool is_told, has_ended;
		enum step_state state;
	} moments[] = {{silent, false, false, STEP_WAITING},
		       {silent, false, true, STEP_UNKNOWN},
		       {silent, true, true, STEP_UNKNOWN},
		       {stands, true, false, STEP_PASS},
		       {stands, true, true, STEP_PASS}};
	static struct scene c;

	(void)state;
	for (size_t i = 0; i < N_OF(moments); i++) {
		struct diagnosis *d;

		scene_start(&c);
		moments[i].make(&c);
		c.e.reach = moments[i].is_told ? c.e.reach : NULL;
		c.e.has_window_ended = moments[i].has_ended;
		d = judge(&c.e);
		assert_non_null(d);
		assert_int_equal(d->steps[STEP_CLIENT].state, moments[i].state);
		table_unref(d);
		scene_end(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_our_own_tries_show_is_told_and_no_more),
		cmocka_unit_test(without_a_cause_the_outcome_is_told),
		cmocka_unit_test(an_own_try_that_is_under_way_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
