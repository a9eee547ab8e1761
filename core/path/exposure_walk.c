/* One packet of one source: what all of its walks come to. */
#include <string.h>

#include "core/path/exposure_impl.h"

enum { WALKS_MAX = 64 };

static const char too_many[] = "too many rules depend on what is not known";
static const char not_told[] = "what decides is not known";
static const char target_open[] = "the translation has several targets";

/* ---- what it lacked ---- */

static void add_needs(struct exposure *x, const struct exposure_one *o)
{
	for (size_t i = 0; i < o->path.n_needs && x->n_needs < PATH_NEEDS_MAX; i++) {
		bool is_there = false;

		for (size_t j = 0; j < x->n_needs; j++)
			is_there = is_there ||
				   question_equals(&x->needs[j], &o->path.needs[i]);
		if (!is_there)
			x->needs[x->n_needs++] = o->path.needs[i];
	}
}

static bool is_needed(const struct exposure *x, const struct space *space,
		      const struct question *q)
{
	for (size_t i = 0; i < x->n_inside_needs; i++)
		if (x->inside_needs[i].space == space &&
		    question_equals(&x->inside_needs[i].question, q))
			return true;
	return false;
}

static void add_inside_needs(struct exposure *x, const struct exposure_one *o)
{
	for (size_t i = 0; i < o->n_inside_needs; i++) {
		const struct question *q = &o->inside_needs[i];

		if (x->n_inside_needs < EXPOSURE_NEEDS_MAX &&
		    !is_needed(x, o->within->space, q))
			x->inside_needs[x->n_inside_needs++] =
				(struct exposure_need){o->within->space, *q};
	}
}

static void want_space(struct exposure *x, const struct exposure_one *o)
{
	if (!o->target || o->within || !o->other)
		return;
	for (size_t i = 0; i < x->n_wanted; i++)
		if (x->wanted[i] == o->other)
			return;
	if (x->n_wanted < EXPOSURE_INSIDE_MAX)
		x->wanted[x->n_wanted++] = o->other;
}

/* ---- all of them ---- */

static void add_target(struct exposure_answer *out, const struct endpoint *target)
{
	for (size_t i = 0; i < out->n_targets; i++)
		if (out->targets[i] == target)
			return;
	if (target && out->n_targets < EXPOSURE_TARGETS_MAX)
		out->targets[out->n_targets++] = target;
}

static void name_doubt(struct exposure_answer *out, uint32_t rule, const char *why)
{
	if (out->why)
		return;
	out->rule = rule;
	out->why = why;
}

/* What this walk took otherwise than the first one did. */
static void name_difference(struct exposure_answer *out, const struct fw_choices *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->made[i].pick != c->made[i].first)
			name_doubt(out, c->made[i].rule, c->made[i].why);
}

static void merge(struct exposure_answer *out, const struct exposure_one *o,
		  const struct fw_choices *c, bool is_first)
{
	const struct path_leg *const legs[] = {&o->path.request, &o->path.reply};
	bool is_same =
		is_first || (o->end == out->end &&
			     (o->end == EXPOSURE_CLOSED ||
			      (out->n_targets == 1 && out->targets[0] == o->target)));

	out->is_translated = out->is_translated || o->is_translated;
	if (o->end != EXPOSURE_CLOSED)
		add_target(out, o->target);
	if (is_first)
		out->end = o->end;
	for (size_t i = 0; i < 2 && o->end == EXPOSURE_UNSURE; i++)
		if (legs[i]->n_unsure)
			name_doubt(out, legs[i]->unsure[0].rule, legs[i]->unsure[0].why);
	if (o->end == EXPOSURE_UNSURE)
		name_doubt(out, NO_ROW, not_told);
	if (is_same)
		return;
	name_difference(out, c);
	name_doubt(out, NO_ROW, target_open);
	out->end = EXPOSURE_UNSURE;
}

int exposure_walk(struct exposure *x, const struct exposure_try *t, struct fw_cell *cell,
		  struct exposure_answer *out)
{
	struct fw_choices c = {0};
	struct exposure_one o;
	bool is_overfull = false, goes_on;
	size_t n = 0;
	int error;

	*out = (struct exposure_answer){.rule = NO_ROW};
	do {
		error = exposure_walk_one(t, &c, cell, &o);
		if (error)
			return error;
		add_needs(x, &o);
		add_inside_needs(x, &o);
		want_space(x, &o);
		merge(out, &o, &c, n == 0);
		is_overfull = is_overfull || c.is_overfull;
		goes_on = fw_choices_next(&c);
	} while (++n < WALKS_MAX && goes_on);
	if (goes_on || is_overfull) {
		out->end = EXPOSURE_UNSURE;
		name_doubt(out, NO_ROW, too_many);
	}
	return 0;
}

int exposure_is_translated(struct exposure *x, const struct exposure_try *t,
			   struct fw_cell *cell, bool *out)
{
	struct fw_choices c = {0};
	struct exposure_one o;
	size_t n = 0;
	int error;

	*out = false;
	do {
		error = exposure_come_in(t, &c, cell, &o);
		if (error)
			return error;
		add_needs(x, &o);
		*out = *out || o.path.request.is_nat_touched || exposure_has_moved(&o) ||
		       c.is_overfull;
	} while (++n < WALKS_MAX && fw_choices_next(&c));
	return 0;
}
