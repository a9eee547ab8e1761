/* What a client does before it has a connection, as questions. What it means is
 * checks_client_*.c. */
#include "core/diagnosis/run_client.h"

#include <string.h>

#include "core/base/time.h"

/* For what is said on a connection, and for sizes, beyond the tries. */
#define TALK_NS  (8 * NS_PER_S)
#define START_NS (250 * NS_PER_MS) /* between two addresses */

static bool is_planned(const struct reach_ask *plan, const struct addr *a)
{
	for (size_t i = 0; i < plan->n; i++)
		if (addr_equals(&plan->addresses[i], a))
			return true;
	return false;
}

static void plan_address(struct run *r, const struct addr *address)
{
	struct reach_ask *plan = &r->evidence.plan;
	struct addr plain = addr_unmapped(address);

	if (plan->n == REACH_MAX || is_planned(plan, &plain) ||
	    (r->options.family && r->options.family != plain.family))
		return;
	plan->addresses[plan->n++] = plain;
}

/* First those that programs would take; then what the name servers have and programs are
 * not told of, as that is what they should have been told. */
static void make_plan(struct run *r, const struct names_answer *t)
{
	r->evidence.plan.n = 0;
	for (size_t i = 0; i < t->n; i++)
		plan_address(r, &t->addresses[i]);
	if (!t->n || !t->n_hosts)
		return;
	for (size_t i = 0; i < t->n_replies; i++)
		for (size_t k = 0; k < t->replies[i].reply.n; k++)
			plan_address(r, &t->replies[i].reply.addresses[k]);
}

bool run_take_name(struct run *r, struct asking *a)
{
	struct question q = {.kind = QUESTION_NAMES};
	const struct response *answer;

	if (!r->options.name[0])
		return true;
	memcpy(q.names.name, r->options.name, sizeof(q.names.name));
	asking_put(a, &q);
	answer = responses_find(r->evidence.responses, &q);
	if (!answer || answer->state == RESPONSE_WAITING)
		return false;
	if (answer->table && r->options.is_client_side)
		make_plan(r, answer->table);
	return true;
}

int64_t run_try_limit_ns(const struct run *r)
{
	const struct reach_ask *plan = &r->evidence.plan;

	return plan->timeout_ms * NS_PER_MS + plan->n * START_NS + TALK_NS;
}

bool run_try_port(struct run *r, struct asking *a, int64_t now_ns)
{
	struct question q = {.kind = QUESTION_REACH, .reach = r->evidence.plan};
	const struct response *answer;

	if (!q.reach.n || !r->evidence.may_probe)
		return true;
	asking_put(a, &q);
	answer = responses_find(r->evidence.responses, &q);
	if (answer && answer->state != RESPONSE_WAITING)
		return true;
	return now_ns - r->watch_ns >= run_try_limit_ns(r);
}
