/* When a run's answers were given. Asks for nothing. */
#include "core/diagnosis/run_clock.h"

void run_clock_advance(struct run *r)
{
	const struct responses *all = r->evidence.responses;
	int64_t *now_ns = &r->evidence.now_ns;

	if (r->evidence.has_window_ended)
		return;
	if (r->evidence.attempts->state.wall_ns > *now_ns)
		*now_ns = r->evidence.attempts->state.wall_ns;
	for (size_t i = 0; i < all->rows.n; i++) {
		const struct response *a = *(struct response **)vec_at(&all->rows, i);

		if (a->wall_ns > *now_ns)
			*now_ns = a->wall_ns;
	}
}

void run_clock_stop(struct run *r)
{
	r->evidence.now_ns = r->evidence.window_end_ns;
}

int64_t run_clock_answered(const struct run *r, enum question_kind kind, unsigned round,
			   int64_t otherwise_ns)
{
	const struct response *a = responses_of(r->evidence.responses, kind, round);

	return a && a->wall_ns ? a->wall_ns : otherwise_ns;
}
