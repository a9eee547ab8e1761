/* What is written down about a leg: its hops, its doubts, its end. */
#include "core/path/walking.h"

#include <string.h>

void leg_start(struct path_leg *leg)
{
	*leg = (struct path_leg){.verdict = PATH_UNSURE,
				 .chain = NO_ROW,
				 .rule = NO_ROW,
				 .set = NO_ROW,
				 .element = NO_ROW,
				 .ipset = NO_ROW,
				 .nat_chain = NO_ROW,
				 .nat_rule = NO_ROW};
}

bool leg_is_noted(const struct path_leg *leg, uint32_t rule, const char *why)
{
	for (size_t i = 0; i < leg->n_unsure; i++)
		if (leg->unsure[i].rule == rule && !strcmp(leg->unsure[i].why, why))
			return true;
	return false;
}

void leg_note(struct path_leg *leg, uint32_t rule, const char *why)
{
	if (!leg_is_noted(leg, rule, why) && leg->n_unsure < PATH_UNSURE_MAX)
		leg->unsure[leg->n_unsure++] = (struct path_unsure){rule, why};
}

struct path_hop *walking_hop(struct walking *k, enum place_kind place)
{
	struct path_leg *leg = k->leg;
	struct path_hop *h;

	/* No way is so long; were it, its end counts. */
	if (leg->n_hops == PATH_HOPS_MAX)
		leg->n_hops--;
	h = &leg->hops[leg->n_hops++];
	*h = (struct path_hop){
		.place = place, .outcome = HOP_PASSES, .chain = NO_ROW, .rule = NO_ROW};
	return h;
}

void walking_doubt(struct walking *k, uint32_t rule, const char *why)
{
	leg_note(k->leg, rule, why);
	k->is_doubtful = true;
}

void walking_mind_unread(struct walking *k)
{
	switch (world_has_unread(k->world, k->path->ask.server.family)) {
	case TRI_YES:
		walking_doubt(k, NO_ROW, "legacy iptables rules could not be read");
		break;
	case TRI_UNSURE:
		walking_doubt(k, NO_ROW, "whether there are legacy iptables rules");
		break;
	case TRI_NO:
		break;
	}
}

void walking_end(struct walking *k, enum path_verdict verdict, enum path_decider by,
		 enum place_kind at)
{
	struct path_leg *leg = k->leg;

	k->has_ended = true;
	if (k->bypass)
		leg_note(leg, NO_ROW, k->bypass);
	leg->verdict = k->is_astray || k->bypass ? PATH_UNSURE : verdict;
	leg->decided_by = by;
	leg->at = at;
	if (by != DECIDER_RULE && by != DECIDER_POLICY)
		leg->chain = leg->rule = NO_ROW;
}

void walking_pass(struct walking *k)
{
	struct path_leg *leg = k->leg;

	if (k->has_ended)
		return;
	leg->verdict = k->is_doubtful ? PATH_UNSURE : PATH_ACCEPT;
	if (k->is_doubtful)
		leg->decided_by = DECIDER_OPAQUE;
}

static bool pick(struct fw_choices *c, const char *why)
{
	struct fw_choice *made;
	bool is_given;

	if (c->n == FW_CHOICES_MAX) {
		c->is_overfull = true;
		return true;
	}
	is_given = c->n < c->n_given;
	made = &c->made[c->n++];
	*made = (struct fw_choice){
		.rule = NO_ROW, .why = why, .pick = !is_given || made->pick, .first = true};
	return made->pick;
}

size_t walking_choose(struct walking *k, size_t n, const char *why)
{
	size_t i = 0;

	while (i + 1 < n && !pick(k->choices, why))
		i++;
	return i;
}
