/* Hands on what comes. Knows neither captures nor runs. */
#include "tui/live/live.h"

#include "core/host/broker/protocol.h"
#include "tui/live/tape_run.h"
#include "tui/loop.h"
#include "tui/view.h"

void live_init(struct live *l, struct model *m, struct channel *c,
	       const struct netns_ref *space, bool has_display)
{
	*l = (struct live){
		.model = m, .channel = c, .space = space, .has_display = has_display};
	guide_run_init(&l->guide_run, &m->guide, c);
	path_run_init(&l->path_run, &m->path, c);
	exposures_init(&l->exposures, space);
	details_run_init(&l->details_run, m, c, space);
	wire_run_init(&l->wire_run, m, c, space);
	if (!has_display)
		return;
	tape_run_load(m, c); /* without memory there is no line of time */
	m->reach = &l->exposures.reach;
	m->published = &l->exposures.published;
	if (!dashboard_init(&l->dashboard, space))
		m->traffic = l->dashboard.traffic;
}

void live_release(struct live *l)
{
	path_run_end(&l->path_run);
	guide_run_end(&l->guide_run);
	dashboard_release(&l->dashboard);
	events_feed_release(&l->events_feed);
	exposures_release(&l->exposures);
	details_run_release(&l->details_run);
}

void live_snapshot(struct live *l, struct snapshot *s)
{
	events_feed_snapshot(l->model, s, host_now_ns());
	guide_run_snapshot(&l->guide_run, s);
	path_run_snapshot(&l->path_run, s);
}

bool live_takes_blob(struct live *l, const struct blob *b)
{
	return dashboard_takes_blob(&l->dashboard, b) ||
	       guide_run_takes_blob(&l->guide_run, b) ||
	       path_run_takes_blob(&l->path_run, b) ||
	       exposures_takes_blob(&l->exposures, b) ||
	       details_run_takes_blob(&l->details_run, b) ||
	       wire_run_takes_blob(&l->wire_run, b);
}

void live_carry_out(struct live *l, unsigned effects, int64_t now_ns, int64_t wall_ns)
{
	if (effects & (EFFECT_REFRESH | EFFECT_STAND))
		exposures_now(&l->exposures);
	if (effects & (EFFECT_ANEW | EFFECT_STAND))
		dashboard_anew(&l->dashboard, l->channel, l->model);
	if (effects & EFFECT_STAND && l->model->tape.has_gone_back)
		events_shown_release(&l->model->events); /* nothing of it has happened */
	if (effects & EFFECT_DIAGNOSE)
		channel_play(l->channel); /* its answers come in turn */
	if (effects & EFFECT_DIAGNOSE)
		guide_run_start(&l->guide_run, l->space, model_newest(l->model), now_ns,
				wall_ns);
	if (effects & EFFECT_DIAGNOSE_END)
		guide_run_end(&l->guide_run);
	if (effects & EFFECT_PATH)
		path_run_start(&l->path_run, l->space, model_newest(l->model),
			       effects & EFFECT_PATH_ANEW, wall_ns);
	if (effects & EFFECT_WIRE_END)
		wire_run_end(&l->wire_run);
	if (effects & EFFECT_WIRE)
		wire_run_start(&l->wire_run);
}

/* As long as the screen is open. */
static int walk(struct live *l, int64_t now_ns, int64_t wall_ns)
{
	if (model_shows(l->model, &view_path))
		return path_run_turn(&l->path_run, now_ns, wall_ns);
	path_run_end(&l->path_run);
	return 0;
}

int live_turn(struct live *l, int64_t now_ns, int64_t wall_ns)
{
	struct moment at = {wall_ns, now_ns};
	bool has_news = dashboard_turn(&l->dashboard, l->channel, l->model);
	int r = guide_run_step(&l->guide_run, now_ns, wall_ns);

	if (r < 0)
		return r;
	has_news = has_news || r;
	r = walk(l, now_ns, wall_ns);
	if (r < 0)
		return r;
	has_news |= wire_run_turn(&l->wire_run, now_ns);
	has_news |= details_run_turn(&l->details_run, now_ns);
	if (l->has_display &&
	    exposures_turn(&l->exposures, l->channel, l->model, now_ns, wall_ns)) {
		model_arrange(l->model);
		events_feed_reach(l->model, &l->exposures, at);
		has_news = true;
	}
	has_news |= events_feed_turn(&l->events_feed, l->model, &l->exposures, at);
	return has_news || r;
}

int64_t live_due_ns(const struct live *l, int64_t now_ns)
{
	int64_t due_ns = sooner(guide_run_due_ns(&l->guide_run, now_ns),
				exposures_due_ns(&l->exposures, l->model, now_ns));

	due_ns = sooner(due_ns, details_run_due_ns(&l->details_run));
	due_ns = sooner(due_ns, events_feed_due_ns(&l->events_feed, l->model, now_ns));

	due_ns = sooner(due_ns, path_run_due_ns(&l->path_run, now_ns));
	return sooner(due_ns, wire_run_due_ns(&l->wire_run));
}
