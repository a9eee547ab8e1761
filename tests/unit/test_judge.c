/* The judgement: which finding is the cause, when a port is healthy, what is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/joined_says.h"
#include "tests/unit/judge_scenes.h"

/* ---- the verdict ---- */

static void untried_probe_unanswered(struct scene *c)
{
	struct question q = {.kind = QUESTION_PROBE};

	untried_and_unasked(c);
	assert_non_null(responses_add(&c->responses, &q));
}

static void untried_probe_not_recorded(struct scene *c)
{
	struct question q = {.kind = QUESTION_PROBE};
	struct response *r = responses_add(&c->responses, &q);

	untried_and_unasked(c);
	assert_non_null(r);
	r->state = RESPONSE_FAILED;
	r->error = ENODATA;
}

static void untried_depends_on_source(struct scene *c)
{
	untried(c);
	c->e.walks[0].path.request.verdict = PATH_UNSURE;
}

static void named_and_silent(struct scene *c)
{
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
}

static void named_and_another_answered(struct scene *c)
{
	named_and_silent(c);
	scene_tell(c, "198.51.100.7", ANSWERED_TRY);
}

static void answered_before_the_window(struct scene *c)
{
	struct attempt a = ANSWERED_TRY;

	a.first_ns = a.last_ns = a.answered_ns = WALL - 9 * NS_PER_S;
	scene_name(c);
	scene_try(c, a);
}

static void answered_after_the_window(struct scene *c)
{
	struct attempt a = ANSWERED_TRY;

	a.first_ns = WALL + 9 * NS_PER_S;
	scene_name(c);
	scene_try(c, a);
}

static void only_our_own_probe(struct scene *c)
{
	scene_tell(c, SERVER, ANSWERED_TRY);
	untried_depends_on_source(c);
	c->probe.source_port = 40000;
	c->probe.source = hand_addr(SERVER);
}

static void half_open_unexplained(struct scene *c)
{
	scene_try(c, (struct attempt){.outcome = OUTCOME_HALF_OPEN, .n_syn_acks = 2});
}

static void another_is_silent_unexplained(struct scene *c)
{
	scene_tell(c, "198.51.100.7", ANSWERED_TRY);
	silent_unexplained(c);
}

static void failed_first_then_answered(struct scene *c)
{
	scene_name(c);
	scene_tell(c, CLIENT, SILENT_TRY);
	answered(c);
}

static void a_scan_beside(struct scene *c)
{
	struct attempt one = {.outcome = OUTCOME_SILENT, .n_syns = 1};

	scene_tell(c, "198.51.100.7", one);
	answered(c);
}

/* The client that means it got through once, and not again. */
static void answered_then(struct scene *c, struct attempt a)
{
	scene_name(c);
	answered(c);
	a.first_ns = WALL + 2 * NS_PER_S;
	scene_tell(c, CLIENT, a);
}

static void answered_then_one_syn_is_silent(struct scene *c)
{
	answered_then(c, (struct attempt){.outcome = OUTCOME_SILENT, .n_syns = 1});
}

static void answered_then_half_open(struct scene *c)
{
	answered_then(c, (struct attempt){.outcome = OUTCOME_HALF_OPEN, .n_syn_acks = 3});
}

static void answered_then_it_hangs_up(struct scene *c)
{
	answered_then(c, (struct attempt){.outcome = OUTCOME_HALF_OPEN,
					  .n_syn_acks = 1,
					  .n_client_resets = 1});
}

static void half_open_of_another(struct scene *c)
{
	scene_tell(c, "198.51.100.7",
		   (struct attempt){.outcome = OUTCOME_HALF_OPEN, .n_syn_acks = 3});
	answered(c);
}

/* Taken, and not a byte since. */
static struct attempt taken(enum outcome outcome)
{
	return (struct attempt){.outcome = (uint8_t)outcome,
				.n_syn_acks = 1,
				.answered_ns = WALL + NS_PER_S};
}

static void taken_and_still_open(struct scene *c)
{
	scene_try(c, taken(OUTCOME_ANSWERED));
}

static void its_ack_is_lost(struct scene *c)
{
	taken_and_still_open(c);
	scene_waits_for_ack(c);
}

static void its_ack_is_lost_yet_another_is_served(struct scene *c)
{
	scene_tell(c, "198.51.100.7", ANSWERED_TRY);
	its_ack_is_lost(c);
}

static void is_cut_off(struct scene *c)
{
	scene_try(c, taken(OUTCOME_RESET_LATER));
}

static void is_cut_off_after_bytes(struct scene *c)
{
	struct attempt a = taken(OUTCOME_RESET_LATER);

	a.server_bytes = BYTES_TLS_SERVER_HELLO;
	scene_try(c, a);
}

static void is_cut_off_yet_another_is_not(struct scene *c)
{
	scene_tell(c, "198.51.100.7", taken(OUTCOME_ANSWERED));
	is_cut_off(c);
}

static void spoke_into_silence_lossy(struct scene *c)
{
	struct attempt a = taken(OUTCOME_ANSWERED);

	a.client_bytes = BYTES_HTTP_REQUEST;
	scene_try(c, a);
	c->attempts.state.n_kernel_drops = 1;
}

static void no_space(struct scene *c)
{
	untried(c);
	c->e.space = NULL;
}

static const struct {
	const char *what;
	void (*make)(struct scene *c);
	enum verdict verdict;
	enum certainty certainty;
	const char *words;
} verdicts[] = {
	{"answered", answered, VERDICT_HEALTHY, CERTAINTY_PROVEN,
	 "443/tcp is open: 1 attempt was answered"},
	{"answered, whatever the rules say", answered_though_rules_drop, VERDICT_HEALTHY,
	 CERTAINTY_PROVEN, "is open"},
	{"one SYN of a scan beside", a_scan_beside, VERDICT_HEALTHY, CERTAINTY_PROVEN,
	 "is open"},
	{"failed first, then answered", failed_first_then_answered, VERDICT_HEALTHY,
	 CERTAINTY_PROVEN, "is open"},
	{"nobody tried and all is open", untried, VERDICT_HEALTHY, CERTAINTY_LIKELY,
	 "no client has tried"},
	{"nobody tried and the service refuses", untried_probe_refused, VERDICT_UNKNOWN,
	 CERTAINTY_NONE, "not decided"},
	{"nobody tried and our own connection was not answered in time",
	 untried_probe_unanswered, VERDICT_UNKNOWN, CERTAINTY_NONE,
	 "whether the service answers was not seen"},
	{"nobody tried and the recorded run made no connection", untried_probe_not_recorded,
	 VERDICT_UNKNOWN, CERTAINTY_NONE, "was not seen"},
	{"nobody tried and the service was not asked", untried_and_unasked, VERDICT_UNKNOWN,
	 CERTAINTY_NONE, "was not seen"},
	{"nobody tried and it depends on the source", untried_depends_on_source,
	 VERDICT_UNKNOWN, CERTAINTY_NONE, "it depends on who does"},
	{"nobody tried and the rules were not read", untried_rules_unread, VERDICT_UNKNOWN,
	 CERTAINTY_NONE, "not decided"},
	{"nobody tried and there are legacy rules", untried_legacy_rules, VERDICT_UNKNOWN,
	 CERTAINTY_NONE, "not decided"},
	{"nobody tried so far", untried_so_far, VERDICT_UNKNOWN, CERTAINTY_NONE,
	 "not decided"},
	{"only we ourselves tried", only_our_own_probe, VERDICT_UNKNOWN, CERTAINTY_NONE,
	 "nobody tried"},
	{"--from is silent", named_and_silent, VERDICT_UNKNOWN, CERTAINTY_POSSIBLE,
	 "nothing arrives"},
	{"--from is silent and another was answered", named_and_another_answered,
	 VERDICT_UNKNOWN, CERTAINTY_POSSIBLE, "198.51.100.7 tries this port"},
	{"answered before the window", answered_before_the_window, VERDICT_UNKNOWN,
	 CERTAINTY_NONE, "was not seen trying in this time"},
	{"answered after the window", answered_after_the_window, VERDICT_UNKNOWN,
	 CERTAINTY_NONE, "was not seen trying in this time"},
	{"silence that nothing explains", silent_unexplained, VERDICT_UNKNOWN,
	 CERTAINTY_NONE, "3 SYNs were seen and nothing on this host explains"},
	{"half-open", half_open_unexplained, VERDICT_UNKNOWN, CERTAINTY_NONE,
	 "answered 1 SYN with a SYN-ACK"},
	{"one was answered, one not, unexplained", another_is_silent_unexplained,
	 VERDICT_UNKNOWN, CERTAINTY_NONE, "answered 1 attempt, 1 came to nothing"},
	{"--from got through, and then not", answered_then_one_syn_is_silent,
	 VERDICT_UNKNOWN, CERTAINTY_NONE, "answered 1 attempt, 1 came to nothing"},
	{"--from got through, and then half", answered_then_half_open, VERDICT_UNKNOWN,
	 CERTAINTY_NONE, "answered 1 attempt, 1 came to nothing"},
	{"--from got through, and then only looked", answered_then_it_hangs_up,
	 VERDICT_HEALTHY, CERTAINTY_PROVEN, "is open"},
	{"a handshake beside that nobody ends", half_open_of_another, VERDICT_HEALTHY,
	 CERTAINTY_PROVEN, "is open"},
	{"taken, nobody spoke", taken_and_still_open, VERDICT_HEALTHY, CERTAINTY_PROVEN,
	 "1 attempt was answered"},
	{"taken on the wire, and this host waits for the ACK", its_ack_is_lost,
	 VERDICT_UNKNOWN, CERTAINTY_NONE, "still waits for their last ACK"},
	{"one waits for its ACK, another is served", its_ack_is_lost_yet_another_is_served,
	 VERDICT_HEALTHY, CERTAINTY_PROVEN, "2 attempts were answered"},
	{"cut off each time", is_cut_off, VERDICT_UNKNOWN, CERTAINTY_NONE,
	 "a reset follows from its side within a second (1 of 1)"},
	{"cut off after the service spoke", is_cut_off_after_bytes, VERDICT_HEALTHY,
	 CERTAINTY_PROVEN, "1 attempt was answered"},
	{"one is cut off, another is not", is_cut_off_yet_another_is_not, VERDICT_HEALTHY,
	 CERTAINTY_PROVEN, "2 attempts were answered"},
	{"the client spoke and no answer was seen", spoke_into_silence_lossy,
	 VERDICT_UNKNOWN, CERTAINTY_POSSIBLE, "does not answer"},
	{"a remote target", remote_target, VERDICT_UNKNOWN, CERTAINTY_NONE, "not decided"},
	{"nothing is known", no_space, VERDICT_UNKNOWN, CERTAINTY_NONE, ""},
};

static void the_verdict_says_no_more_than_was_seen(void **state)
{
	static struct scene c;

	(void)state;
	for (size_t i = 0; i < N_OF(verdicts); i++) {
		struct diagnosis *d;

		scene_start(&c);
		verdicts[i].make(&c);
		d = judge(&c.e);
		assert_non_null(d);
		if (d->verdict != verdicts[i].verdict ||
		    d->certainty != verdicts[i].certainty ||
		    !scene_contains(d->summary, verdicts[i].words))
			fail_msg("%s: %s, certainty %d: \"%.*s\"", verdicts[i].what,
				 verdict_word(d->verdict), d->certainty,
				 (int)d->summary.len, d->summary.bytes);
		table_unref(d);
		scene_end(&c);
	}
}

/* ---- order ---- */

static void the_first_fault_on_the_way_is_the_cause(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, dropped_and_nobody_listens);

	(void)state;
	assert_int_equal(d->n_findings, 2);
	assert_int_equal(d->findings[0].fault, FAULT_DROP);
	assert_int_equal(d->findings[1].fault, FAULT_NOT_LISTENING);
	assert_true(d->has_if_fixed);
	assert_int_equal(d->if_fixed, VERDICT_FAULT);
	assert_int_equal(d->if_fixed_cause, FAULT_NOT_LISTENING);
	assert_int_equal(d->why, WHY_EXPLICIT_DENY);
	assert_true(d->has_rule);
	assert_int_equal(d->rule, 0);
	scene_give_back(&c, d);
}

static void stopped_and_full(struct scene *c)
{
	static const struct hand_socket full[] = {
		SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .length = 512, .limit = 511), {0}};

	scene_listen(c, full);
	scene_count(c, "TcpExt.ListenOverflows", 3);
	scene_try(c, SILENT_TRY);
	scene_state(c, (struct process_state){.state = 'T'});
}

static void an_effect_is_not_told_beside_its_cause(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, stopped_and_full);

	(void)state;
	assert_int_equal(d->n_findings, 1);
	assert_int_equal(d->findings[0].fault, FAULT_PROCESS_STOPPED);
	scene_give_back(&c, d);
}

static void wrong_port_of_a_named_client(struct scene *c)
{
	static const struct hand_socket rows[] = {SOCK(PROTO_TCP, "0.0.0.0", 8443, 100),
						  {0}};

	scene_name(c);
	scene_listen(c, rows);
	scene_count(c, "Tcp.OutRsts", 1);
	scene_try(c, REFUSED_TRY);
}

static void nobody_listens_where_the_client_should_not_go(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, wrong_port_of_a_named_client);

	(void)state;
	assert_int_equal(d->n_findings, 1);
	assert_int_equal(d->findings[0].fault, FAULT_WRONG_PORT);
	assert_false(d->has_if_fixed);
	scene_give_back(&c, d);
}

static void policy_drops(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	c->rules.chains[c->input].policy_drops = true;
	scene_deny(c, false, c->input, UINT32_MAX, PATH_DROP);
}

static void a_policy_that_drops_is_nothing_that_allows(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, policy_drops);

	(void)state;
	assert_int_equal(d->why, WHY_NOTHING_ALLOWS);
	assert_int_equal(d->rule, UINT32_MAX);
	scene_give_back(&c, d);
}

static void meant_for_another_source(struct scene *c)
{
	struct hand_rules *h = &c->rules;

	hand_start(h);
	h->tables[hand_firewall_table(h, NFPROTO_INET)].name = text_of("filter");
	c->input = hand_base(h, 0, FW_INPUT, 0, true);
	RULE(h, X_SADDR(0), X_EQ(0, 10, 0, 0, 3), X_PORT_IS(443), X_ACCEPT);
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, UINT32_MAX, PATH_DROP);
}

static void rules_that_miss_by_one_field_are_named(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, meant_for_another_source);

	(void)state;
	assert_int_equal(d->findings[0].fault, FAULT_POLICY_DROP);
	assert_int_equal(d->n_near, 1);
	assert_int_equal(d->near[0].rule, 0);
	assert_string_equal(d->near[0].field, "source");
	scene_give_back(&c, d);
}

/* ---- several checks of one fault ---- */

static void a_client_tells_of_another_port(struct scene *c)
{
	says(c, CLIENT_TIMED_OUT)->port = 8443;
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

/* It may be the one that came: then its ICMP error was of this flow. */
static void another_was_told_that_it_is_unreachable(struct scene *c)
{
	says(c, CLIENT_UNREACHABLE)->source = hand_addr("10.0.0.50");
	scene_tell(c, CLIENT, REFUSED_TRY);
}

static void refused(struct scene *c)
{
	scene_try(c, REFUSED_TRY);
}

static void silent_and_rules_unsure(struct scene *c)
{
	silent_unexplained(c);
	c->e.walks[0].path.request.verdict = PATH_UNSURE;
}

static const struct scene_row exclusions[] = {
	EXCLUDED("nothing is known of the other end", answered, FAULT_SYN_NEVER_ARRIVES),
	EXCLUDED("nothing is known of the other end: it came as itself", answered,
		 FAULT_SOURCE_DIFFERS),
	EXCLUDED("no packet was traced", silent_unexplained, FAULT_REJECT),
	EXCLUDED("the other end tells of something else", a_client_tells_of_another_port,
		 FAULT_SYN_NEVER_ARRIVES),
	EXCLUDED("the other end tells of something else: it came as itself",
		 a_client_tells_of_another_port, FAULT_SOURCE_DIFFERS),
	EXCLUDED("no error of another host", refused, FAULT_REMOTE),
	NEVER("one has something that speaks for it",
	      another_was_told_that_it_is_unreachable, FAULT_REMOTE),
	EXCLUDED("the rules let the SYN in", silent_unexplained, FAULT_DROP),
	NEVER("without a handshake nothing is known of what follows it",
	      silent_and_rules_unsure, FAULT_DROP),
};

static void what_one_check_excludes_only_a_sign_of_it_opens_again(void **state)
{
	(void)state;
	scene_run(exclusions, N_OF(exclusions));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict_says_no_more_than_was_seen),
		cmocka_unit_test(the_first_fault_on_the_way_is_the_cause),
		cmocka_unit_test(an_effect_is_not_told_beside_its_cause),
		cmocka_unit_test(nobody_listens_where_the_client_should_not_go),
		cmocka_unit_test(a_policy_that_drops_is_nothing_that_allows),
		cmocka_unit_test(rules_that_miss_by_one_field_are_named),
		cmocka_unit_test(what_one_check_excludes_only_a_sign_of_it_opens_again),
	};

	return cmocka_run_group_tests(tests, NULL, give_back);
}
