/* Faults of rules: what proves each, what weakens it, and when it must not be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

/* ---- firewall.drop ---- */

static void dropped(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void dropped_and_counted(struct scene *c)
{
	dropped(c);
	scene_move(c, 0, 3);
}

static void counter_stood_still(struct scene *c)
{
	dropped(c);
	scene_move(c, 0, 0);
}

static void without_counters(struct scene *c)
{
	dropped(c);
	c->e.counters_after = NULL;
}

static void others_overflowed(struct scene *c)
{
	dropped(c);
	scene_count(c, "TcpExt.ListenOverflows", 4);
}

static void capture_lost_packets(struct scene *c)
{
	dropped_and_counted(c);
	c->attempts.state.n_kernel_drops = 3;
}

static void nobody_tried(struct scene *c)
{
	scene_walk(c, SERVER, CLIENT);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void client_was_answered(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void syn_ack_was_seen(struct scene *c)
{
	scene_try(c, (struct attempt){.outcome = OUTCOME_HALF_OPEN, .n_syn_acks = 3});
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void reset_came_back(struct scene *c)
{
	scene_try(c, REFUSED_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void other_client_was_answered(struct scene *c)
{
	scene_tell(c, "198.51.100.7", ANSWERED_TRY);
	dropped_and_counted(c);
}

static void it_was_before_the_window(struct scene *c)
{
	struct attempt a = SILENT_TRY;

	a.first_ns = WALL - 60 * NS_PER_S;
	a.last_ns = WALL - 50 * NS_PER_S;
	scene_try(c, a);
	scene_deny(c, false, c->input, 0, PATH_DROP);
	scene_move(c, 0, 9);
}

static void syn_of_this_moment(struct scene *c)
{
	struct attempt a = {.outcome = OUTCOME_OPEN, .first_ns = WALL + 4900 * NS_PER_MS};

	scene_try(c, a);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void frames_of_another_host(struct scene *c)
{
	struct attempt a = SILENT_TRY;

	a.is_to_other_mac = true;
	scene_try(c, a);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void rules_changed_meanwhile(struct scene *c)
{
	dropped(c);
	scene_rules_after(c);
	c->rules_after.chains[c->input].policy_drops = true;
}

static void way_is_unsure(struct scene *c)
{
	dropped(c);
	c->e.walks[0].path.request.verdict = PATH_UNSURE;
}

static void datagrams_dropped(struct scene *c)
{
	c->e.target.proto = IPPROTO_UDP;
	dropped(c);
}

static void some_refused_some_silent(struct scene *c)
{
	scene_tell(c, CLIENT, REFUSED_TRY);
	dropped_and_counted(c);
}

static void v6_dropped(struct scene *c)
{
	struct attempt a = SILENT_TRY;

	a.server = hand_addr("2001:db8::1");
	scene_tell(c, "2001:db8::2", a);
	scene_walk(c, "2001:db8::1", "2001:db8::2");
	scene_deny(c, false, c->input, 0, PATH_DROP);
	scene_move(c, 0, 3);
}

static void of_this_host_as_client(struct scene *c)
{
	c->e.target.role = AIM_CLIENT;
	c->e.target.address = hand_addr("203.0.113.5");
	scene_walk(c, "203.0.113.5", SERVER);
	c->e.walks[0].path.is_local = false;
	scene_deny(c, false, c->output, 1, PATH_DROP)->at = PLACE_OUTPUT;
}

static const struct scene_row drop_rows[] = {
	PROVEN("its counter moved", dropped_and_counted, FAULT_DROP,
	       "443/tcp from 10.0.0.2: dropped by inet filter input handle 1"),
	PROVEN("no counter, and no other reason counted", dropped, FAULT_DROP,
	       "dropped by"),
	PROVEN("IPv6", v6_dropped, FAULT_DROP, "from 2001:db8::2"),
	LIKELY("this host as the client", of_this_host_as_client, FAULT_DROP,
	       "inet filter output handle 2"),
	PROVEN("another client was answered", other_client_was_answered, FAULT_DROP,
	       "from 10.0.0.2"),
	LIKELY("counters that were not read", without_counters, FAULT_DROP, ""),
	LIKELY("queues overflowed as well", others_overflowed, FAULT_DROP, ""),
	LIKELY("the capture lost packets", capture_lost_packets, FAULT_DROP, ""),
	LIKELY("nobody tried", nobody_tried, FAULT_DROP, ""),
	LIKELY("attempts before the window", it_was_before_the_window, FAULT_DROP, ""),
	LIKELY("the rules changed meanwhile", rules_changed_meanwhile, FAULT_DROP, ""),
	LIKELY("datagrams, without a counter", datagrams_dropped, FAULT_DROP, ""),
	POSSIBLE("a SYN of this moment", syn_of_this_moment, FAULT_DROP, ""),
	POSSIBLE("frames for another host", frames_of_another_host, FAULT_DROP, ""),
	POSSIBLE("some were refused", some_refused_some_silent, FAULT_DROP, ""),
	NEVER("its counter stood still", counter_stood_still, FAULT_DROP),
	EXCLUDED("the client was answered", client_was_answered, FAULT_DROP),
	EXCLUDED("a SYN-ACK was seen", syn_ack_was_seen, FAULT_DROP),
	NEVER("a reset came back", reset_came_back, FAULT_DROP),
	NEVER("the way is unsure", way_is_unsure, FAULT_DROP),
};

static void a_rule_that_drops_is_told_as_sure_as_it_was_seen(void **state)
{
	(void)state;
	scene_run(drop_rows, N_OF(drop_rows));
}

/* ---- firewall.policy-drop, netdev-drop, reply-drop ---- */

static void policy(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	c->rules.chains[c->input].policy_drops = true;
	scene_deny(c, false, c->input, UINT32_MAX, PATH_DROP);
}

static void policy_counted(struct scene *c)
{
	policy(c);
	c->rules.chains[c->input].has_counter = true;
	scene_rules_after(c);
	c->rules_after.chains[c->input].packets = 3;
}

static void policy_stood_still(struct scene *c)
{
	policy_counted(c);
	c->rules_after.chains[c->input].packets = 0;
}

static void policy_untried(struct scene *c)
{
	scene_walk(c, SERVER, NULL);
	scene_deny(c, false, c->input, UINT32_MAX, PATH_DROP);
}

static void at_the_interface(struct scene *c)
{
	dropped_and_counted(c);
	c->e.walks[0].path.request.at = PLACE_INGRESS;
}

static void at_the_interface_untried(struct scene *c)
{
	nobody_tried(c);
	c->e.walks[0].path.request.at = PLACE_INGRESS;
}

static void at_the_interface_answered(struct scene *c)
{
	client_was_answered(c);
	c->e.walks[0].path.request.at = PLACE_INGRESS;
}

static void answer_dropped(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_deny(c, true, c->output, 1, PATH_DROP);
	scene_move(c, 1, 3);
}

static void answer_rejected(struct scene *c)
{
	answer_dropped(c);
	c->e.walks[0].path.reply.verdict = PATH_REJECT;
}

static void answer_untried(struct scene *c)
{
	scene_walk(c, SERVER, CLIENT);
	scene_deny(c, true, c->output, 1, PATH_DROP);
}

static void answer_seen(struct scene *c)
{
	scene_try(c, (struct attempt){.outcome = OUTCOME_HALF_OPEN, .n_syn_acks = 2});
	scene_deny(c, true, c->output, 1, PATH_DROP);
}

static const struct scene_row other_rows[] = {
	PROVEN("a policy and silence", policy, FAULT_POLICY_DROP,
	       "inet filter input policy drop"),
	PROVEN("a policy that counted", policy_counted, FAULT_POLICY_DROP, ""),
	LIKELY("a policy, nobody tried", policy_untried, FAULT_POLICY_DROP,
	       "443/tcp: dropped by"),
	NEVER("a policy whose counter stood still", policy_stood_still, FAULT_POLICY_DROP),
	PROVEN("at the interface", at_the_interface, FAULT_NETDEV_DROP, ""),
	LIKELY("at the interface, untried", at_the_interface_untried, FAULT_NETDEV_DROP,
	       ""),
	EXCLUDED("at the interface, yet answered", at_the_interface_answered,
		 FAULT_NETDEV_DROP),
	PROVEN("the answer is dropped", answer_dropped, FAULT_REPLY_DROP,
	       "the answer is dropped by inet filter output handle 2"),
	PROVEN("the answer is rejected: silence too", answer_rejected, FAULT_REPLY_DROP,
	       "the answer is rejected"),
	LIKELY("the answer, untried", answer_untried, FAULT_REPLY_DROP, ""),
	{"the answer was seen on the wire", answer_seen, FAULT_REPLY_DROP, CERTAINTY_NONE,
	 NULL, .is_excluded = true},
};

static void policies_interfaces_and_answers_are_told_apart(void **state)
{
	(void)state;
	scene_run(other_rows, N_OF(other_rows));
}

/* ---- firewall.reject ---- */

static void rejected_by_reset(struct scene *c)
{
	scene_try(c, REFUSED_TRY);
	scene_deny(c, false, c->input, 0, PATH_REJECT)->reject.is_reset = true;
}

static void reset_and_stack_counted(struct scene *c)
{
	rejected_by_reset(c);
	scene_count(c, "Tcp.OutRsts", 2);
}

static void reset_and_nobody_listens(struct scene *c)
{
	static const struct hand_socket none[] = {{0}};

	scene_listen(c, none);
	rejected_by_reset(c);
}

static struct attempt icmp_try(const char *from, uint8_t type, uint8_t code)
{
	return (struct attempt){.outcome = OUTCOME_ICMP,
				.n_icmp = 1,
				.icmp_type = type,
				.icmp_code = code,
				.icmp_from = hand_addr(from)};
}

static void rejected_by_icmp_of(struct scene *c, const char *from, uint8_t code)
{
	struct path_leg *leg;

	scene_try(c, icmp_try(from, 3, code));
	leg = scene_deny(c, false, c->input, 0, PATH_REJECT);
	leg->reject.type = 3;
	leg->reject.code = 13;
}

static void rejected_by_icmp(struct scene *c)
{
	rejected_by_icmp_of(c, SERVER, 13);
}

static void icmp_of_another_host(struct scene *c)
{
	rejected_by_icmp_of(c, "203.0.113.1", 13);
}

static void icmp_of_another_kind(struct scene *c)
{
	rejected_by_icmp_of(c, SERVER, 1);
}

static void reject_and_silence(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_REJECT)->reject.is_reset = true;
}

static void reject_untried(struct scene *c)
{
	scene_walk(c, SERVER, CLIENT);
	scene_deny(c, false, c->input, 0, PATH_REJECT)->reject.is_reset = true;
}

static const struct scene_row reject_rows[] = {
	PROVEN("a reset that the stack did not count", rejected_by_reset, FAULT_REJECT,
	       "rejected with a reset by inet filter input handle 1"),
	PROVEN("a reset while nobody listens", reset_and_nobody_listens, FAULT_REJECT, ""),
	PROVEN("its own ICMP error", rejected_by_icmp, FAULT_REJECT,
	       "rejected with an ICMP error"),
	LIKELY("the stack sent resets too", reset_and_stack_counted, FAULT_REJECT, ""),
	LIKELY("nobody tried", reject_untried, FAULT_REJECT, ""),
	NEVER("an ICMP error of another host", icmp_of_another_host, FAULT_REJECT),
	NEVER("an ICMP error of another kind", icmp_of_another_kind, FAULT_REJECT),
	NEVER("silence", reject_and_silence, FAULT_REJECT),
};

static void a_reject_must_be_what_was_seen(void **state)
{
	(void)state;
	scene_run(reject_rows, N_OF(reject_rows));
}

/* ---- firewall.blocklisted ---- */

static void banned(struct scene *c)
{
	struct path_leg *leg;

	scene_try(c, SILENT_TRY);
	leg = scene_deny(c, false, c->bans, 2, PATH_DROP);
	leg->names_source = true;
	leg->source_prefix = 32;
}

static void banned_by_set(struct scene *c)
{
	struct path_leg *leg;

	dropped_and_counted(c);
	leg = &c->e.walks[0].path.request;
	leg->is_source_in_set = true;
	leg->set = 0;
	leg->element = 4;
}

static void not_in_the_allowed_set(struct scene *c)
{
	banned_by_set(c);
	c->e.walks[0].path.request.element = UINT32_MAX;
}

static void named_network(struct scene *c)
{
	banned(c);
	c->e.walks[0].path.request.source_prefix = 24;
}

static void banned_untried(struct scene *c)
{
	banned(c);
	scene_forget(c);
}

static void banned_yet_answered(struct scene *c)
{
	banned(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static const struct scene_row ban_rows[] = {
	PROVEN("an address in a chain of bans", banned, FAULT_BLOCKLISTED, "f2b-nginx"),
	PROVEN("an element of a set", banned_by_set, FAULT_BLOCKLISTED, ""),
	LIKELY("nobody tried", banned_untried, FAULT_BLOCKLISTED, ""),
	EXCLUDED("a set that it is not in", not_in_the_allowed_set, FAULT_BLOCKLISTED),
	EXCLUDED("a whole network in a chain of bans", named_network, FAULT_BLOCKLISTED),
	{"the client was answered", banned_yet_answered, FAULT_BLOCKLISTED, CERTAINTY_NONE,
	 NULL, .is_excluded = true},
};

static void a_ban_singles_the_client_out(void **state)
{
	(void)state;
	scene_run(ban_rows, N_OF(ban_rows));
}

static void a_ban_is_undone_where_it_was_made(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, banned);
	const struct next_step *next = &d->findings[0].next[0];

	(void)state;
	assert_true(text_equals_str(next->command,
				    "fail2ban-client set 'nginx' unbanip 10.0.0.2"));
	assert_true(
		text_equals_str(next->undo, "fail2ban-client set 'nginx' banip 10.0.0.2"));
	scene_give_back(&c, d);
	d = scene_judge(&c, dropped);
	assert_true(text_equals_str(d->findings[0].next[0].command,
				    "nft -e -a insert rule inet filter input handle 1 ip "
				    "saddr 10.0.0.2 tcp dport 443 accept"));
	scene_give_back(&c, d);
}

static void dropped_by_legacy(struct scene *c)
{
	dropped(c);
	for (size_t i = 0; i < c->rules.r.n_tables; i++)
		c->rules.tables[i].backend = FW_LEGACY;
}

static bool has_proof_of(const struct finding *f, const char *source)
{
	for (size_t i = 0; i < f->n_proofs; i++)
		if (!strcmp(f->proofs[i].source, source))
			return true;
	return false;
}

static void a_rule_is_proven_by_what_it_was_read_of(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, dropped);

	(void)state;
	assert_true(has_proof_of(&d->findings[0], "nf_tables"));
	assert_false(has_proof_of(&d->findings[0], "iptables"));
	scene_give_back(&c, d);
	d = scene_judge(&c, dropped_by_legacy);
	assert_true(has_proof_of(&d->findings[0], "iptables"));
	assert_false(has_proof_of(&d->findings[0], "nf_tables"));
	scene_give_back(&c, d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_that_drops_is_told_as_sure_as_it_was_seen),
		cmocka_unit_test(policies_interfaces_and_answers_are_told_apart),
		cmocka_unit_test(a_reject_must_be_what_was_seen),
		cmocka_unit_test(a_ban_singles_the_client_out),
		cmocka_unit_test(a_ban_is_undone_where_it_was_made),
		cmocka_unit_test(a_rule_is_proven_by_what_it_was_read_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
