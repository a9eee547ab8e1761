/*
 * What silence decides. A wheel of lists, one per tick of 17 ms: an attempt is looked at
 * when its list comes up, and put further on if its deadline has moved meanwhile; so a
 * packet that moves it costs nothing here. Decided attempts linger in one list, oldest
 * first, for what may yet come.
 */
#include <netinet/in.h>

#include "capture/tracker_impl.h"

/* Longer than the longest pause between the SYNs of Linux, 64 s. */
#define LINGER_NS (70 * NS_PER_S)

void time_watch(struct tracker *t, struct live *e, int64_t deadline_ns)
{
	int64_t tick = (deadline_ns >> TICK_BITS) + 1;

	if (tick <= t->tick)
		tick = t->tick + 1;
	if (tick >= t->tick + WHEEL_TICKS)
		tick = t->tick + WHEEL_TICKS - 1;
	e->deadline_ns = deadline_ns;
	list_add(t, e, (unsigned)(tick % WHEEL_TICKS));
}

/* Does anything that may yet come change it, or what is known of it? */
static bool is_over(const struct tracker *t, const struct live *e)
{
	switch ((enum outcome)e->outcome) {
	case OUTCOME_ANSWERED:
		return e->proto == IPPROTO_TCP && !t->options.with_events;
	case OUTCOME_REFUSED:
	case OUTCOME_RESET_LATER:
		return true;
	case OUTCOME_OPEN:
	case OUTCOME_HALF_OPEN:
	case OUTCOME_ICMP:
	case OUTCOME_SILENT:
	case N_OUTCOMES:
		return false;
	}
	return false;
}

static enum outcome outcome_of_silence(const struct live *e)
{
	if (live_is(e, LIVE_SYN_ACK))
		return OUTCOME_HALF_OPEN;
	return live_is(e, LIVE_BARE_ACK) ? OUTCOME_OPEN : OUTCOME_SILENT;
}

static void linger(struct tracker *t, struct live *e, int64_t until_ns)
{
	list_add(t, e, LIST_LINGER);
	e->deadline_ns = until_ns;
}

/* The wheel has come to it. */
static void look_at(struct tracker *t, struct live *e)
{
	if (e->deadline_ns > t->now_ns) {
		time_watch(t, e, e->deadline_ns);
		return;
	}
	if (!live_is(e, LIVE_DECIDED))
		live_decide(t, e, outcome_of_silence(e));
	if (is_over(t, e) || e->active_ns + LINGER_NS <= t->now_ns)
		live_forget(t, e);
	else
		linger(t, e, e->active_ns + LINGER_NS);
}

static void forget_old(struct tracker *t)
{
	struct live *e;

	while ((e = list_first(t, LIST_LINGER)) && e->deadline_ns <= t->now_ns) {
		if (e->active_ns + LINGER_NS > t->now_ns)
			linger(t, e, e->active_ns + LINGER_NS);
		else
			live_forget(t, e);
	}
}

void time_advance(struct tracker *t)
{
	int64_t target = t->now_ns >> TICK_BITS, from = t->tick;
	int64_t n = target - from < WHEEL_TICKS ? target - from : WHEEL_TICKS;
	struct live *e;

	for (int64_t i = 1; i <= n; i++) {
		unsigned list = (unsigned)((from + i) % WHEEL_TICKS);

		t->tick = i == n ? target : from + i;
		/* Put further on, it never comes back into this list: the look ends. */
		while ((e = list_first(t, list)))
			look_at(t, e);
	}
	forget_old(t);
}

void time_set_back(struct tracker *t)
{
	struct live *e;

	for (unsigned list = 0; list < WHEEL_TICKS; list++)
		while ((e = list_first(t, list)))
			live_forget(t, e);
	while ((e = list_first(t, LIST_LINGER)))
		live_forget(t, e);
	t->now_ns = t->at_ns;
	t->tick = t->now_ns >> TICK_BITS;
}
