/* A rule that lets the SYN pass and stops what follows it: when it is told, and how sure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/judge_scenes.h"

/* The kernel's routes: here, or out by eth0. */
static void answer_routes(struct scene *c)
{
	enum { UNICAST = 1, LOCAL = 2 };
	struct path_world world = evidence_world(&c->e);
	struct path_ask ask = c->e.walks[0].path.ask;
	struct addr server = hand_addr(SERVER);
	static struct path p;

	ask.is_established = true;
	for (int round = 0; round < 8; round++) {
		assert_int_equal(path_walk(&world, &ask, &p), 0);
		for (size_t i = 0; i < p.n_needs; i++) {
			struct response *r = responses_add(&c->responses, &p.needs[i]);
			struct route_answer *t = table_new(sizeof(*t), NULL);
			bool is_here = addr_equals(&r->question.route.target, &server);

			t->type = is_here ? LOCAL : UNICAST;
			t->out_ifindex = is_here ? 1 : ETH0;
			r->table = t;
			r->state = RESPONSE_WHOLE;
		}
		if (!p.n_needs)
			return;
	}
	fail_msg("the walk never ends");
}

/* Taken on the wire; rule 0 stops whatever is for the port. */
static void taken_unrouted(struct scene *c)
{
	scene_try(c, (struct attempt){.outcome = OUTCOME_ANSWERED,
				      .n_syn_acks = 1,
				      .answered_ns = WALL + NS_PER_S});
}

static void taken(struct scene *c)
{
	taken_unrouted(c);
	answer_routes(c);
}

static void later_counted(struct scene *c)
{
	taken(c);
	scene_move(c, 0, 3);
}

static void later_counted_and_waiting(struct scene *c)
{
	later_counted(c);
	scene_waits_for_ack(c);
}

static void later_waiting(struct scene *c)
{
	taken(c);
	scene_waits_for_ack(c);
}

static void later_stood_still(struct scene *c)
{
	taken(c);
	scene_move(c, 0, 0);
	scene_waits_for_ack(c);
}

static void later_unrouted(struct scene *c)
{
	taken_unrouted(c);
	scene_move(c, 0, 3);
	scene_waits_for_ack(c);
}

static void later_yet_served(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
	answer_routes(c);
	scene_move(c, 0, 3);
	scene_waits_for_ack(c);
}

static void later_passes(struct scene *c)
{
	/* Not there on the way of the established packet any more. */
	c->rules.chains[c->input].n_rules = 0;
	later_counted_and_waiting(c);
}

static const struct scene_row later_rows[] = {
	PROVEN("the rule counted, and this host waits for the ACK",
	       later_counted_and_waiting, FAULT_DROP,
	       "what follows the handshake is dropped by inet filter input handle 1"),
	LIKELY("the rule counted", later_counted, FAULT_DROP, "what follows"),
	LIKELY("the rule has no counter, this host waits", later_waiting, FAULT_DROP, ""),
	NEVER("the rule has no counter, nobody waits", taken, FAULT_DROP),
	NEVER("its counter stood still", later_stood_still, FAULT_DROP),
	NEVER("the way behind the SYN is not known", later_unrouted, FAULT_DROP),
	NEVER("no rule stops what follows", later_passes, FAULT_DROP),
	EXCLUDED("the service spoke", later_yet_served, FAULT_DROP),
};

static void a_rule_behind_the_handshake_is_told_as_sure_as_it_was_seen(void **state)
{
	(void)state;
	scene_run(later_rows, N_OF(later_rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_rule_behind_the_handshake_is_told_as_sure_as_it_was_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
