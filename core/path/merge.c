/* Many walked ways become one: what all of them agree on is certain. */
#include "core/path/walking.h"

static bool is_stopped(enum path_verdict v)
{
	return v == PATH_DROP || v == PATH_REJECT;
}

static bool is_same_answer(const struct fw_reject *a, const struct fw_reject *b)
{
	return a->is_reset == b->is_reset &&
	       (a->is_reset || (a->type == b->type && a->code == b->code));
}

/* The same to whom it may concern: same end, seen from outside. */
static bool is_same_end(const struct path_leg *a, const struct path_leg *b)
{
	if (a->verdict != b->verdict)
		return false;
	return a->verdict != PATH_REJECT || is_same_answer(&a->reject, &b->reject);
}

/* Who takes it, where it gets through. */
static bool is_same_target(const struct path *a, const struct path *b)
{
	if (is_stopped(a->request.verdict) && is_stopped(b->request.verdict))
		return true;
	if (a->is_local != b->is_local || a->is_forwarded != b->is_forwarded ||
	    a->server_port != b->server_port)
		return false;
	if ((a->proxied.state == FW_PROXY_TAKEN) != (b->proxied.state == FW_PROXY_TAKEN))
		return false;
	if (a->is_local && a->socket && a->socket == b->socket)
		return true;
	return addr_equals(&a->server, &b->server);
}

/* What this way took otherwise than the first one did. A difference that is explained by a
 * rule already named needs no further one. */
static void note_picks(struct path_leg *leg, const struct fw_choices *c, size_t n)
{
	for (size_t i = 0; i < n && i < c->n; i++)
		if (c->made[i].pick != c->made[i].first &&
		    leg_is_noted(leg, c->made[i].rule, c->made[i].why))
			return;
	for (size_t i = 0; i < n && i < c->n; i++)
		if (c->made[i].pick != c->made[i].first)
			leg_note(leg, c->made[i].rule, c->made[i].why);
}

static void merge_notes(struct path_leg *all, const struct path_leg *one)
{
	for (size_t i = 0; i < one->n_unsure; i++)
		leg_note(all, one->unsure[i].rule, one->unsure[i].why);
}

static void merge_leg(struct path_leg *all, const struct path_leg *one,
		      const struct fw_choices *c, size_t n_picks, bool is_same)
{
	all->is_nat_touched |= one->is_nat_touched;
	all->is_mark_known &= one->is_mark_known && one->mark == all->mark;
	if (is_same)
		return;
	note_picks(all, c, n_picks);
	if (one->verdict == PATH_UNSURE)
		merge_notes(all, one);
	all->verdict = PATH_UNSURE;
}

void path_add_need(struct path *p, const struct question *q)
{
	for (size_t i = 0; i < p->n_needs; i++)
		if (question_equals(&p->needs[i], q))
			return;
	if (p->n_needs < PATH_NEEDS_MAX)
		p->needs[p->n_needs++] = *q;
}

void path_merge(struct path *all, const struct path *one, const struct fw_choices *c,
		size_t n_request_picks)
{
	bool is_same =
		is_same_end(&all->request, &one->request) && is_same_target(all, one);

	if (all->is_served != one->is_served)
		all->is_served = TRI_UNSURE;
	if (all->proxied.state != one->proxied.state ||
	    all->proxied.rule != one->proxied.rule)
		all->proxied = (struct fw_proxied){.state = FW_PROXY_NONE};
	if (all->is_balanced != one->is_balanced)
		all->is_balanced = TRI_UNSURE;
	merge_leg(&all->request, &one->request, c, n_request_picks, is_same);
	if (one->reply.is_walked && !all->reply.is_walked)
		all->reply = one->reply;
	else if (one->reply.is_walked)
		merge_leg(&all->reply, &one->reply, c, c->n,
			  is_same_end(&all->reply, &one->reply));
	for (size_t i = 0; i < one->n_needs; i++)
		path_add_need(all, &one->needs[i]);
}

void path_not_all(struct path *p, const char *why)
{
	struct path_leg *legs[] = {&p->request, &p->reply};

	for (size_t i = 0; i < 2; i++) {
		if (!legs[i]->is_walked)
			continue;
		leg_note(legs[i], NO_ROW, why);
		legs[i]->verdict = PATH_UNSURE;
	}
}
