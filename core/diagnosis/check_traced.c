/* A blamed rule beside the trace of the very packet. Finds no fault by itself. */
#include "core/diagnosis/check_traced.h"

#include "core/diagnosis/prove.h"

static int at_most(int certainty, int limit)
{
	return certainty < limit ? certainty : limit;
}

int certainty_traced(const struct check_view *v, const struct path_leg *leg, int certainty)
{
	const struct path *path = &v->walk->path;
	struct prove p;

	/* Another walk than that of the packet itself tells of packets that were not sent.
	 */
	if (leg != &path->request && leg != &path->reply)
		return certainty;
	p = prove_of(v->e, v->walk, leg);
	if (p.state == PROVE_AGREES && p.is_denied)
		return CERTAINTY_PROVEN;
	if (p.state != PROVE_DIFFERS)
		return certainty;
	return at_most(certainty, p.is_denied ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE);
}
