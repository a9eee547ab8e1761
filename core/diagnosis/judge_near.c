/* Rules that would let the packet in but for one field: what a person meant to allow. */
#include "core/diagnosis/judge_impl.h"
#include "core/firewall/eval/eval.h"
#include "core/firewall/text/rule_text.h"

/* The rule that somebody wrote for this port, and what of it does not fit. */
static void tell(struct judging *j, const struct fw_near *near)
{
	const struct ruleset *r = j->e->rules;
	struct str words = {0};

	str_printf(&words, "but for the %s it would pass: ", near->field);
	rule_place(&words, r, &r->rules[near->rule]);
	str_puts(&words, ": ");
	rule_text(&words, r, &r->rules[near->rule]);
	j->d->near_words = judge_text(j, "%s", str_text(&words));
	str_release(&words);
}

void judge_near(struct judging *j)
{
	struct path_world world = evidence_world(j->e);
	struct diagnosis *d = j->d;
	struct fw_near near[NEAR_MAX];

	/* A dropped reply, too, is decided elsewhere than on the request's leg. */
	if (!d->has_rule || !j->walk->client.family ||
	    j->walk->path.request.chain != d->chain)
		return;
	d->n_near = path_near_misses(&world, &j->walk->path.request, near, NEAR_MAX);
	for (size_t i = 0; i < d->n_near; i++)
		d->near[i] = (struct near_miss){near[i].rule, near[i].field};
	if (d->n_near && near[0].is_of_port)
		tell(j, &near[0]);
}
