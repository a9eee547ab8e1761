/* What was said of a source against what its packet met, and how often they differed. */
#ifndef TESTS_NET_EXPOSURE_SCORE_H
#define TESTS_NET_EXPOSURE_SCORE_H

#include "tests/net/exposure_brute.h"
#include "tests/net/exposure_said.h"

enum { WRONG_MAX = 8 };

struct wrong {
	struct asked asked;
	struct addr from;
	uint16_t listener; /* its port */
	enum said said, wanted;
};

/* Plain values: it may stand in memory that processes share. */
struct score {
	size_t tried, open, closed, unsure, n_cut, n_wrong;
	struct wrong wrong[WRONG_MAX]; /* the first ones */
};

static inline enum said expected(const struct outcome *o, size_t i)
{
	unsigned n_others = o->n_closed + o->n_unsure;

	for (size_t k = 0; k < N_SOCKETS; k++)
		n_others += k == i ? 0 : o->n_open[k];
	if (!o->n_open[i])
		return SAID_CLOSED;
	return n_others ? SAID_UNSURE : SAID_OPEN;
}

static inline void complain(struct score *s, const struct wrong *w)
{
	if (s->n_wrong++ < WRONG_MAX)
		s->wrong[s->n_wrong - 1] = *w;
}

/* said: of each listener. may_doubt: what was not tried, or is of a kind that is not read,
 * may be unsure. */
static inline void compare(struct score *s, const struct outcome *o, bool may_doubt,
			   const struct asked *a, const struct addr *from,
			   const enum said said[N_SOCKETS])
{
	s->tried++;
	for (size_t i = 0; i < N_SOCKETS; i++) {
		enum said wanted = expected(o, i);

		/* A packet whose end nobody knows may be meant for this listener. */
		if (wanted == SAID_CLOSED && said[i] == SAID_UNSURE && o->n_unsure)
			wanted = SAID_UNSURE;
		s->open += said[i] == SAID_OPEN;
		s->closed += said[i] == SAID_CLOSED;
		s->unsure += said[i] == SAID_UNSURE;
		if (said[i] == SAID_UNSURE && may_doubt)
			s->n_cut++;
		else if (said[i] != wanted)
			complain(s, &(struct wrong){*a, *from, endpoints[i].port, said[i],
						    wanted});
	}
}

static inline void score_add(struct score *s, const struct score *other)
{
	size_t n = other->n_wrong < WRONG_MAX ? other->n_wrong : WRONG_MAX;

	s->tried += other->tried;
	s->open += other->open;
	s->closed += other->closed;
	s->unsure += other->unsure;
	s->n_cut += other->n_cut;
	for (size_t i = 0; i < n; i++)
		complain(s, &other->wrong[i]);
	s->n_wrong += other->n_wrong - n;
}

#endif
