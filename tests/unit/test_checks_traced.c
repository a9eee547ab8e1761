/* What the trace shows to have dropped the very packet, where the rules said otherwise or
 * nothing. By hand: that real packets leave such traces is in tests/net/test_prove.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

static struct fw_trace trace;

/* One SYN of the client that was traced; what it met is told with meets(). */
static void traced(struct scene *c)
{
	struct fw_trace_packet *p;

	fw_trace_release(&trace);
	fw_trace_init(&trace);
	trace.is_ready = true;
	p = vec_push(&trace.packets);
	assert_non_null(p);
	*p = (struct fw_trace_packet){.wall_ns = WALL + NS_PER_S,
				      .from = hand_addr(CLIENT),
				      .to = hand_addr(SERVER),
				      .proto = IPPROTO_TCP,
				      .from_port = 40000,
				      .to_port = 443,
				      .tcp_flags = 2};
	c->e.trace = &trace;
	scene_name(c);
	scene_try(c, SILENT_TRY);
	scene_rules_after(c);
}

static void meets(struct scene *c, enum fw_trace_kind kind, uint64_t handle,
		  int32_t verdict)
{
	struct fw_trace_event *event = vec_push(&trace.events);

	assert_non_null(event);
	*event = (struct fw_trace_event){.kind = kind,
					 .family = NFPROTO_INET,
					 .table = c->rules.tables[0].name,
					 .chain = c->rules.chains[c->input].name,
					 .handle = handle,
					 .verdict = verdict};
}

static void an_open_way_is_dropped(struct scene *c)
{
	traced(c);
	meets(c, FW_TRACE_RULE, c->rules.rules[0].handle, NF_DROP);
}

static void a_rule_of_nobody_drops(struct scene *c)
{
	traced(c);
	meets(c, FW_TRACE_RULE, 4711, NF_DROP);
}

static void a_policy_drops(struct scene *c)
{
	traced(c);
	meets(c, FW_TRACE_POLICY, 0, NF_DROP);
}

static void another_rule_than_the_blamed_one(struct scene *c)
{
	an_open_way_is_dropped(c);
	scene_deny(c, false, c->input, UINT32_MAX, PATH_DROP);
}

static void the_blamed_rule(struct scene *c)
{
	an_open_way_is_dropped(c);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void the_blamed_rule_of_an_unsure_way(struct scene *c)
{
	the_blamed_rule(c);
	c->e.walks[0].path.request.unsure[0] =
		(struct path_unsure){.rule = UINT32_MAX, .why = "limit"};
	c->e.walks[0].path.request.n_unsure = 1;
}

static void it_is_queued(struct scene *c)
{
	traced(c);
	meets(c, FW_TRACE_RULE, c->rules.rules[0].handle, NF_QUEUE);
}

static void it_is_let_on(struct scene *c)
{
	traced(c);
	meets(c, FW_TRACE_RULE, c->rules.rules[0].handle, NF_ACCEPT);
}

static void another_one_is_answered(struct scene *c)
{
	an_open_way_is_dropped(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static void it_is_of_another_client(struct scene *c)
{
	an_open_way_is_dropped(c);
	((struct fw_trace_packet *)vec_at(&trace.packets, 0))->from = hand_addr("10.0.0.3");
}

static const struct scene_row rows[] = {
	PROVEN("a rule that was expected to let it on", an_open_way_is_dropped, FAULT_DROP,
	       "443/tcp from 10.0.0.2: dropped by inet filter input handle"),
	PROVEN("a rule that was never read", a_rule_of_nobody_drops, FAULT_DROP,
	       "dropped by inet filter input handle 4711"),
	PROVEN("a policy", a_policy_drops, FAULT_POLICY_DROP,
	       "dropped by inet filter input policy"),
	PROVEN("another rule than the blamed one", another_rule_than_the_blamed_one,
	       FAULT_DROP, "inet filter input handle"),
	BESIDE("the blamed policy is a suspicion then", another_rule_than_the_blamed_one,
	       FAULT_POLICY_DROP, CERTAINTY_POSSIBLE),
	PROVEN("the blamed rule itself", the_blamed_rule, FAULT_DROP, ""),
	PROVEN("the blamed rule where the rules alone left it open",
	       the_blamed_rule_of_an_unsure_way, FAULT_DROP, ""),
	EXCLUDED("a queue is no drop", it_is_queued, FAULT_DROP),
	EXCLUDED("it was let on", it_is_let_on, FAULT_DROP),
	EXCLUDED("another packet of the client got through", another_one_is_answered,
		 FAULT_DROP),
	EXCLUDED("another client's packet", it_is_of_another_client, FAULT_DROP),
};

static void the_rule_that_the_packet_met_is_the_proven_one(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
	fw_trace_release(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_that_the_packet_met_is_the_proven_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
