/* From one of the intervals to the next. Asks for nothing. */
#include "tui/interval.h"

#include "core/base/time.h"

static const int64_t intervals_ns[] = {
	NS_PER_S / 2,  NS_PER_S,      2 * NS_PER_S,  5 * NS_PER_S,
	10 * NS_PER_S, 30 * NS_PER_S, 60 * NS_PER_S,
};

static void say_interval(struct model *m)
{
	double seconds = (double)m->interval_ns / (double)NS_PER_S;

	model_say(m, ROLE_NOTICE, "looking every %g s", seconds);
}

unsigned interval_longer(struct model *m)
{
	size_t n = sizeof(intervals_ns) / sizeof(intervals_ns[0]);
	size_t i = 0;

	while (i + 1 < n && intervals_ns[i] <= m->interval_ns)
		i++;
	if (intervals_ns[i] > m->interval_ns)
		m->interval_ns = intervals_ns[i];
	say_interval(m);
	return EFFECT_INTERVAL | EFFECT_DRAW;
}

unsigned interval_shorter(struct model *m)
{
	int64_t shorter = m->interval_ns;

	for (size_t i = 0; i < sizeof(intervals_ns) / sizeof(intervals_ns[0]); i++)
		if (intervals_ns[i] < m->interval_ns)
			shorter = intervals_ns[i];
	if (shorter == m->interval_ns) {
		model_say(m, ROLE_NOTICE, "looking every %g s; more often is not possible",
			  (double)shorter / (double)NS_PER_S);
		return EFFECT_DRAW;
	}
	m->interval_ns = shorter;
	say_interval(m);
	return EFFECT_INTERVAL | EFFECT_DRAW;
}
