/* Hands on what comes. Knows neither captures nor runs. */
#include "tui/live/live.h"

#include "tui/loop.h"

void live_init(struct live *l, struct model *m, struct channel *c,
	       const struct netns_ref *space, bool has_display)
{
	*l = (struct live){
		.model = m, .channel = c, .space = space, .has_display = has_display};
	guide_run_init(&l->guide_run, &m->guide, c);
	exposures_init(&l->exposures, space);
	if (!has_display)
		return;
	m->reach = &l->exposures.reach;
	m->published = &l->exposures.published;
	if (!dashboard_init(&l->dashboard, space))
		m->traffic = l->dashboard.traffic;
}

void live_release(struct live *l)
{
	guide_run_end(&l->guide_run);
	dashboard_release(&l->dashboard);
	exposures_release(&l->exposures);
}

void live_snapshot(struct live *l, struct snapshot *s)
{
	guide_run_snapshot(&l->guide_run, s);
}

bool live_takes_blob(struct live *l, const struct blob *b)
{
	return dashboard_takes_blob(&l->dashboard, b) ||
	       guide_run_takes_blob(&l->guide_run, b) ||
	       exposures_takes_blob(&l->exposures, b);
}

void live_carry_out(struct live *l, unsigned effects, int64_t now_ns, int64_t wall_ns)
{
	if (effects & EFFECT_REFRESH)
		exposures_now(&l->exposures);
	if (effects & EFFECT_DIAGNOSE)
		guide_run_start(&l->guide_run, l->space, model_newest(l->model), now_ns,
				wall_ns);
	if (effects & EFFECT_DIAGNOSE_END)
		guide_run_end(&l->guide_run);
}

int live_turn(struct live *l, int64_t now_ns, int64_t wall_ns)
{
	bool has_news = dashboard_turn(&l->dashboard, l->channel, l->model);
	int r = guide_run_step(&l->guide_run, now_ns, wall_ns);

	if (r < 0)
		return r;
	if (l->has_display &&
	    exposures_turn(&l->exposures, l->channel, l->model, now_ns, wall_ns)) {
		model_arrange(l->model);
		has_news = true;
	}
	return has_news || r;
}

int64_t live_due_ns(const struct live *l, int64_t now_ns)
{
	return sooner(guide_run_due_ns(&l->guide_run, now_ns),
		      exposures_due_ns(&l->exposures, l->model, now_ns));
}
