/* What is handed on, and when. The log itself is core/snapshot/events.h. */
#include "tui/live/events_feed.h"

#include "core/base/time.h"
#include "tui/live/exposures_impl.h"

void events_feed_release(struct events_feed *f)
{
	table_unref(f->rules);
	f->rules = NULL;
}

void events_feed_snapshot(struct model *m, const struct snapshot *s, int64_t now_ns)
{
	events_take(events_shown_log(&m->events), s, now_ns);
}

/* Read anew they may be the same, whatever their generation is. A replay that was taken
 * back has earlier ones: that is no change. */
static bool have_changed(const struct model *m, const struct ruleset *before,
			 const struct ruleset *now)
{
	if (!before || (m->around.replay && now->generation < before->generation))
		return false;
	return !ruleset_is_same(before, now);
}

static void feed_rules(struct events_feed *f, struct model *m, const struct exposures *x,
		       struct moment at)
{
	const struct ruleset *now = exposures_rules(x);

	if (!now || now == f->rules)
		return;
	if (have_changed(m, f->rules, now))
		events_rules(m->events.log, f->rules->generation, now->generation, at);
	table_unref(f->rules);
	f->rules = table_ref((struct ruleset *)now);
}

/* Beside the newest picture; while the screen stands still the log goes on. */
static void feed_traffic(struct events_feed *f, struct model *m, struct moment at)
{
	struct snapshot *s = model_newest(m);
	struct traffic_table *own = NULL;

	if (!s || !m->traffic || at.now_ns < f->traffic_at_ns)
		return;
	f->traffic_at_ns = at.now_ns + NS_PER_S;
	if (s != m->snapshot)
		own = traffic_look(m->traffic, s);
	events_traffic(m->events.log, s, own ? own : m->counts, at);
	table_unref(own);
}

void events_feed_reach(struct model *m, const struct exposures *x, struct moment at)
{
	const struct snapshot *s = model_newest(m);

	for (size_t i = 0; s && i < s->n_endpoints; i++) {
		const struct reach_row *row = reach_find(&x->reach, s->endpoints[i].id);

		if (row && reach_is_fresh(&x->reach, row))
			events_reach(m->events.log, s, i, row->word, at);
	}
}

bool events_feed_turn(struct events_feed *f, struct model *m, const struct exposures *x,
		      struct moment at)
{
	bool is_due = f->due_ns && f->due_ns <= at.now_ns;
	bool is_new;

	feed_rules(f, m, x, at);
	feed_traffic(f, m, at);
	events_turn(m->events.log, at);
	is_new = events_n_made(m->events.log) != f->n_made;
	f->n_made = events_n_made(m->events.log);
	f->due_ns = events_due_ns(m->events.log, at.now_ns);
	return is_new || is_due;
}

int64_t events_feed_due_ns(const struct events_feed *f, const struct model *m,
			   int64_t now_ns)
{
	int64_t due_ns = events_due_ns(m->events.log, now_ns);

	return f->due_ns && f->due_ns < due_ns ? f->due_ns : due_ns;
}
