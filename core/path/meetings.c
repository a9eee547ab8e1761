/* What a packet met at each hook of its way: rules by rule, for people who want to see why.
 * Decides nothing. */
#include <errno.h>

#include "core/path/walking.h"

static void note_doubts(struct path_meeting *m, const struct fw_choices *c, size_t from)
{
	for (size_t i = from; i < c->n; i++) {
		bool is_noted =
			m->n_doubts && m->doubts[m->n_doubts - 1] == c->made[i].rule;

		if (!is_noted)
			m->doubts[m->n_doubts++] = c->made[i].rule;
	}
}

void walking_note_meeting(struct walking *k, struct fw_result *r, size_t n_choices,
			  size_t n_unsure)
{
	struct path_meeting *m = vec_push(k->meetings);

	if (!m) {
		k->error = -ENOMEM;
		return;
	}
	*m = (struct path_meeting){.is_reply = k->leg == &k->path->reply,
				   .hop = k->leg->n_hops,
				   .packet = k->leg->met,
				   .steps = r->steps,
				   .is_doubted = k->choices->n > n_choices ||
						 k->leg->n_unsure > n_unsure};
	note_doubts(m, k->choices, n_choices);
	r->steps = VEC_OF(struct fw_step);
}

int path_meet(const struct path_world *w, const struct path_ask *ask, struct vec *out)
{
	int error = walk_first(w, ask, out);

	if (error)
		path_meetings_release(out);
	return error;
}

void path_meetings_release(struct vec *meetings)
{
	for (size_t i = 0; i < meetings->n; i++) {
		struct path_meeting *m = vec_at(meetings, i);

		vec_release(&m->steps);
	}
	vec_release(meetings);
}

struct fw_tested path_test_rule(const struct path_world *w, const struct fw_packet *p,
				uint32_t rule)
{
	struct path asked = {.n_needs = 0};
	struct walking k = {.world = w, .path = &asked};
	struct fw_lookups lookups = world_lookups(&k);

	if (!w->rules)
		return (struct fw_tested){0};
	return firewall_test_rule(w->rules, rule, p, &lookups);
}
