/*
 * What clients do and get, as events: SYNs to a port against its own last minutes, answers
 * that fail or work again, and who can reach it. Counts nothing: traffic.h does. What
 * nobody serves, scans above all, is no matter of a listener.
 */
#include "core/snapshot/events_impl.h"

#include <string.h>

#include "core/base/time.h"

#define LOOK_NS   NS_PER_S         /* between two looks at least */
#define GAP_NS    (30 * NS_PER_S)  /* what was before one is not its past */
#define BASE_NS   (300 * NS_PER_S) /* the minutes that make the usual rate */
#define KNOWN_NS  (120 * NS_PER_S) /* so long it must have been watched */
#define STAYS_NS  (5 * NS_PER_S)   /* before another level is told; rates are of 10 s */
#define ACCEPT_NS (600 * NS_PER_S) /* then the other level is the usual one */

/* SYNs in 1000 s. */
#define RISE_MIN 2000 /* above the usual rate */
#define FALL_MIN 1000 /* that the usual rate has */
#define CALM_MIN 1000

enum { RISE_FACTOR = 3, FALL_FACTOR = 4 };

/* One lost packet of a busy port is not worth a line. */
enum { FAILED_MIN = 2, FAILED_SHARE = 50 };

/* ---- how many come ---- */

static enum level level_of(const struct pulse *p, double rate)
{
	switch (p->level) {
	case LEVEL_USUAL:
		if (rate >= RISE_FACTOR * p->base + RISE_MIN)
			return LEVEL_HIGH;
		return p->base >= FALL_MIN && rate * FALL_FACTOR <= p->base ? LEVEL_LOW
									    : LEVEL_USUAL;
	case LEVEL_HIGH:
		return rate * 2 <= 3 * p->base + 2 * CALM_MIN ? LEVEL_USUAL : LEVEL_HIGH;
	case LEVEL_LOW:
		return rate * 3 >= 2 * p->base ? LEVEL_USUAL : LEVEL_LOW;
	}
	return p->level;
}

static void learn(struct pulse *p, double rate, int64_t span_ns)
{
	int64_t of_ns;

	p->watched_ns += span_ns;
	of_ns = p->watched_ns < BASE_NS ? p->watched_ns : BASE_NS;
	p->base += (rate - p->base) * (double)span_ns / (double)of_ns;
}

static enum event_kind kind_of(enum level level)
{
	switch (level) {
	case LEVEL_HIGH:
		return EVENT_ROSE;
	case LEVEL_LOW:
		return EVENT_FELL;
	case LEVEL_USUAL:
		break;
	}
	return EVENT_USUAL;
}

static void change_level(struct events *v, struct listener *l, enum level level,
			 double rate, struct moment at)
{
	struct pulse *p = &l->pulse;
	struct event e = event_of(kind_of(level), l);

	p->level = level;
	p->since_ns = at.now_ns;
	p->other_ns = 0;
	e.number_was = (uint64_t)p->base;
	e.number_is = (uint64_t)rate;
	events_add(v, &e, at);
}

/* Is it another level, and for long enough? */
static bool has_changed(struct pulse *p, enum level level, int64_t now_ns)
{
	if (level == p->level)
		p->other_ns = 0;
	else if (!p->other_ns)
		p->other_ns = now_ns;
	return p->other_ns && now_ns - p->other_ns >= STAYS_NS;
}

static void feel(struct events *v, struct listener *l, double rate, struct moment at)
{
	struct pulse *p = &l->pulse;
	int64_t span_ns = at.now_ns - p->looked_ns;
	enum level level;

	if (p->looked_ns && span_ns < LOOK_NS)
		return;
	if (!p->looked_ns || span_ns > GAP_NS)
		*p = (struct pulse){0};
	p->looked_ns = at.now_ns;
	if (p->watched_ns < KNOWN_NS) {
		learn(p, rate, span_ns < GAP_NS ? span_ns : LOOK_NS);
		return;
	}
	if (p->level != LEVEL_USUAL && at.now_ns - p->since_ns >= ACCEPT_NS) {
		p->level = LEVEL_USUAL;
		p->base = rate;
	}
	level = level_of(p, rate);
	if (has_changed(p, level, at.now_ns))
		change_level(v, l, level, rate, at);
	else if (p->level == LEVEL_USUAL && !p->other_ns)
		learn(p, rate, span_ns);
}

/* ---- what they get ---- */

static bool is_worth_telling(const struct traffic_row *row, uint32_t n_failed, uint32_t n)
{
	return row->answer != TRAFFIC_SOME ||
	       (n_failed >= FAILED_MIN && n_failed * FAILED_SHARE >= n);
}

/* How they failed, where all did in one way. */
static enum traffic_answer failed_as(const uint32_t *n, uint32_t n_failed)
{
	if (n[OUTCOME_REFUSED] == n_failed)
		return TRAFFIC_CLOSED;
	if (n[OUTCOME_ICMP] == n_failed)
		return TRAFFIC_REJECTED;
	return n[OUTCOME_SILENT] == n_failed ? TRAFFIC_FILTERED : TRAFFIC_SOME;
}

static void judge(struct events *v, struct listener *l, const struct traffic_row *row,
		  struct moment at)
{
	const uint32_t *n = row->n_outcomes;
	uint32_t n_failed = n[OUTCOME_REFUSED] + n[OUTCOME_ICMP] + n[OUTCOME_SILENT];
	uint32_t n_served = n[OUTCOME_ANSWERED] + n[OUTCOME_RESET_LATER];
	struct event e;

	if (traffic_is_failing(row->answer) && l->answers != ANSWERS_FAIL &&
	    is_worth_telling(row, n_failed, n_failed + n_served)) {
		l->answers = ANSWERS_FAIL;
		e = event_of(EVENT_FAILS, l);
		e.answer = failed_as(n, n_failed);
		e.number_was = n_served;
		e.number_is = n_failed;
		events_add(v, &e, at);
	} else if (row->answer == TRAFFIC_OPEN && l->answers != ANSWERS_WORK) {
		e = event_of(EVENT_WORKS, l);
		e.number_is = n_served;
		if (l->answers == ANSWERS_FAIL)
			events_add(v, &e, at);
		l->answers = ANSWERS_WORK;
	}
}

static bool is_watched(const struct traffic_table *t, const struct traffic_row *row)
{
	return t->state == TRAFFIC_RUNNING && row->answer != TRAFFIC_UNSEEN &&
	       row->answer != TRAFFIC_NOT_TCP;
}

void events_traffic(struct events *v, const struct snapshot *s,
		    const struct traffic_table *t, struct moment at)
{
	size_t n = v && t && t->n_rows == s->n_endpoints ? t->n_rows : 0;

	for (size_t i = 0; i < n && i < v->listeners.n; i++) {
		struct listener *l = vec_at(&v->listeners, i);

		if (l->id != s->endpoints[i].id || !is_watched(t, &t->rows[i]))
			continue;
		feel(v, l, t->rows[i].milli_rate, at);
		judge(v, l, &t->rows[i], at);
	}
}

/* ---- who can come ---- */

static bool is_open_word(const char *word)
{
	static const char *const open[] = {"", "?", "unsure", "many"};

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (strcmp(word, open[i]) == 0)
			return true;
	return false;
}

void events_reach(struct events *v, const struct snapshot *s, size_t i, const char *word,
		  struct moment at)
{
	struct listener *l = v && i < v->listeners.n ? vec_at(&v->listeners, i) : NULL;
	struct event e;

	if (!l || i >= s->n_endpoints || l->id != s->endpoints[i].id)
		return;
	if (is_open_word(word) || strcmp(l->reach, word) == 0)
		return;
	e = event_of(EVENT_REACH, l);
	event_keep(e.note_was, sizeof(e.note_was), text_of(l->reach));
	event_keep(e.note, sizeof(e.note), text_of(word));
	if (l->reach[0])
		events_add(v, &e, at);
	event_keep(l->reach, sizeof(l->reach), text_of(word));
}
