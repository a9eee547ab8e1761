/*
 * The sets behind the word of one listener, the one whose details are shown, as lines of
 * text: found with the words, and anew when these are. Searches nothing itself.
 */
#include "core/report/exposure.h"
#include "tui/live/exposures_impl.h"
#include "tui/view.h"

static bool is_kept(const struct reach *r, uint64_t id)
{
	return r->sets_id == id && r->sets_epoch == r->epoch && r->sets.len;
}

/* It serves a published port: its sets are found with the words of these, which are asked
 * for anew once for each state of the rules. */
static bool want_behind(struct exposures *x, uint64_t id)
{
	bool is_behind = false;

	for (size_t i = 0; id && i < published_n(&x->published); i++) {
		const struct endpoint *e = published_row(&x->published, i)->endpoint;

		is_behind = is_behind || (e && e->id == id);
	}
	if (!is_behind || is_kept(&x->reach, id) ||
	    (x->behind_asked == id && x->behind_epoch == x->reach.epoch))
		return is_behind;
	x->behind_asked = id;
	x->behind_epoch = x->reach.epoch;
	x->is_published_stale = true;
	return true;
}

/* Its word is found again, with the sets; the word stands until then. */
void exposures_want_sets(struct exposures *x, const struct model *m)
{
	uint64_t id = model_shows(m, &view_details) ? m->details.id : 0;
	struct reach_row *row = id ? reach_find(&x->reach, id) : NULL;

	x->reach.sets_wanted = id;
	x->reach.is_wanted_behind = !row && want_behind(x, id);
	if (!row || is_kept(&x->reach, id) || !reach_is_fresh(&x->reach, row))
		return;
	row->epoch = x->reach.epoch - 1;
	x->has_stale = true;
}

static void keep(struct reach *r, uint64_t epoch)
{
	str_reset(&r->sets);
	r->sets_id = r->sets_wanted;
	r->sets_epoch = epoch;
}

bool exposures_keep_sets(struct exposures *x, const struct model *m)
{
	bool is_found = false;

	for (size_t i = 0; i < x->found.listeners.n; i++) {
		struct exposure_listener *l = vec_at(&x->found.listeners, i);
		struct exposure one = x->found;
		struct exposure_page page = {.exposure = &one,
					     .world = &x->world,
					     .rules_error = exposures_rules_error(x)};

		if (!x->reach.sets_wanted || l->endpoint->id != x->reach.sets_wanted)
			continue;
		one.listeners.data = l;
		one.listeners.n = 1;
		keep(&x->reach, x->epoch);
		exposure_text(&x->reach.sets, &page, model_text_mode(m));
		is_found = true;
	}
	return is_found;
}

static bool is_in_batch(const struct exposures *x)
{
	if (x->is_published_batch)
		return x->reach.is_wanted_behind;
	for (size_t k = 0; k < x->n_batch; k++)
		if (x->batch[k].id == x->reach.sets_wanted)
			return true;
	return false;
}

void exposures_give_up_sets(struct exposures *x)
{
	if (!x->reach.sets_wanted || !is_in_batch(x))
		return;
	keep(&x->reach, x->epoch);
	str_puts(&x->reach.sets,
		 "    too many to find out here: dport exposure PORT names them\n");
}
