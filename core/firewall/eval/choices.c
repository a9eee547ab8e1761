/*
 * The unknown matches of a walk: asking, remembering, and the next walk. Does not know why
 * something is unknown.
 */
#include "core/firewall/eval/eval_run.h"

bool fw_choices_next(struct fw_choices *c)
{
	size_t n = c->n;

	while (n && c->made[n - 1].pick != c->made[n - 1].first)
		n--;
	c->n = 0;
	c->is_overfull = false;
	c->n_given = n;
	if (!n)
		return false;
	c->made[n - 1].pick = !c->made[n - 1].first;
	return true;
}

static const struct fw_choice *asked_before(const struct fw_choices *c, uint64_t question)
{
	for (size_t i = 0; question && i < c->n; i++) {
		if (c->made[i].question == question)
			return &c->made[i];
	}
	return NULL;
}

bool eval_ask(struct eval *e, const char *why, bool prefers, bool is_negated,
	      uint64_t question)
{
	struct fw_choices *c = e->choices;
	const struct fw_choice *before;
	struct fw_choice *made;

	if (e->is_near) {
		e->unsure |= 1U << FW_FIELD_OTHER;
		return !is_negated;
	}
	before = asked_before(c, question);
	if (before)
		return before->pick != before->is_negated;
	if (c->n == FW_CHOICES_MAX) {
		c->is_overfull = true;
		e->is_stuck = true;
		return false;
	}
	made = &c->made[c->n];
	*made = (struct fw_choice){
		.rule = e->rule,
		.why = why,
		.pick = c->n < c->n_given ? made->pick : prefers,
		.first = c->n < c->n_given ? made->first : prefers,
		.is_negated = is_negated,
		.question = question,
	};
	c->n++;
	return made->pick != is_negated;
}
