/* Sums over captures and rows. Knows no screen. */
#include "tui/state/wire_count.h"

#include <string.h>

static unsigned outcome_of(const struct attempt *a)
{
	return a->outcome < N_OUTCOMES ? a->outcome : OUTCOME_OPEN;
}

void wire_count_row(struct wire_count *c, const struct attempt *before,
		    const struct attempt *now)
{
	if (before && c->n_outcomes[outcome_of(before)])
		c->n_outcomes[outcome_of(before)]--;
	c->n_outcomes[outcome_of(now)]++;
}

/* To each number of one that of another; what is no number stays. */
static void add(struct capture_state *sum, const struct capture_state *s)
{
	sum->n_packets += s->n_packets;
	sum->n_saved += s->n_saved;
	sum->n_kernel_drops += s->n_kernel_drops;
	sum->n_device_drops += s->n_device_drops;
	sum->n_undecoded += s->n_undecoded;
	sum->n_attempts += s->n_attempts;
	sum->n_evicted += s->n_evicted;
	sum->n_not_told += s->n_not_told;
	sum->n_ports_left_out += s->n_ports_left_out;
	for (unsigned i = 0; i < N_OUTCOMES; i++)
		sum->n_outcomes[i] += s->n_outcomes[i];
}

void wire_count_next(struct wire_count *c, const struct capture_state *over, bool runs)
{
	uint64_t n_open;

	add(&c->before, over);
	n_open = c->before.n_outcomes[OUTCOME_OPEN];
	c->before.n_outcomes[OUTCOME_OPEN] = 0;
	c->before.n_attempts -=
		n_open < c->before.n_attempts ? n_open : c->before.n_attempts;
	c->has_gap = c->has_gap || (c->since_wall_ns && !runs);
}

struct capture_state wire_count_all(const struct wire_count *c,
				    const struct capture_state *runs, bool has_others)
{
	struct capture_state s = *runs;

	add(&s, &c->before);
	if (s.n_not_told && has_others)
		return s;
	memcpy(s.n_outcomes, c->n_outcomes, sizeof(s.n_outcomes));
	s.n_attempts = 0;
	for (unsigned i = 0; i < N_OUTCOMES; i++)
		s.n_attempts += s.n_outcomes[i];
	return s;
}
