/* Findings in the order in which the packet, then its reply, meets them. */
#include "core/diagnosis/judge_impl.h"

#include <stdlib.h>

static int by_place(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	bool x_counts = x->certainty >= CERTAINTY_LIKELY;
	bool y_counts = y->certainty >= CERTAINTY_LIKELY;

	/* A suspicion stands behind everything that is sure enough to act on. */
	if (x_counts != y_counts)
		return x_counts ? -1 : 1;
	if (x->position != y->position)
		return x->position - y->position;
	if (x->certainty != y->certainty)
		return (int)y->certainty - (int)x->certainty;
	return (int)x->fault - (int)y->fault;
}

static bool is_of_walk(const struct judging *j, const struct finding *f)
{
	return !j->walk || addr_equals(&f->server, &j->walk->server);
}

static bool is_named_by(const struct check *c, enum fault f)
{
	for (size_t i = 0; i < EFFECT_OF_MAX && c->effect_of[i] != FAULT_NONE; i++)
		if (c->effect_of[i] == f)
			return true;
	return false;
}

/* By whichever of its checks it was found. */
static bool is_effect_of(enum fault effect, enum fault cause)
{
	for (size_t i = 0; i < n_checks; i++)
		if (checks[i].fault == effect && is_named_by(&checks[i], cause))
			return true;
	return false;
}

/* What another finding, sure enough to act on, explains. */
static bool is_effect(const struct judging *j, const struct finding *f)
{
	for (size_t i = 0; i < j->found.n; i++) {
		const struct finding *other = vec_at(&j->found, i);

		if (is_effect_of(f->fault, other->fault) &&
		    addr_equals(&other->server, &f->server) &&
		    (other->certainty >= CERTAINTY_LIKELY ||
		     other->certainty >= f->certainty))
			return true;
	}
	return false;
}

/* Told already, of another address of the target. */
static bool is_told(const struct diagnosis *d, const struct finding *f)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].fault == f->fault)
			return true;
	return false;
}

static bool explains(const struct finding *f, enum wire wire)
{
	return (wire == WIRE_SILENCE && f->explains_silence) ||
	       (wire == WIRE_RESET && f->explains_reset) ||
	       (wire == WIRE_ICMP && f->explains_icmp);
}

/* A client would see something of it; of what is wrong at the socket always. */
static bool explains_anything(const struct finding *f)
{
	return f->position == AT_SOCKET || f->explains_silence || f->explains_reset ||
	       f->explains_icmp;
}

/* What would look otherwise on the wire than what was seen is not the cause, unless another
 * finding hides it. */
static void doubt_unfitting(struct judging *j)
{
	enum wire wire = judge_wire(j);
	struct diagnosis *d = j->d;

	if (wire != WIRE_SILENCE && wire != WIRE_RESET && wire != WIRE_ICMP)
		return;
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].certainty >= CERTAINTY_LIKELY &&
		    explains(&d->findings[i], wire))
			return;
	for (size_t i = 0; i < d->n_findings; i++)
		if (explains_anything(&d->findings[i]) && !explains(&d->findings[i], wire))
			d->findings[i].certainty = CERTAINTY_POSSIBLE;
}

/* Findings of the walk that is judged; those of other addresses only where nothing was
 * seen to prefer one. */
void judge_rank(struct judging *j)
{
	struct diagnosis *d = j->d;

	if (j->found.n)
		qsort(j->found.data, j->found.n, sizeof(struct finding), by_place);
	for (size_t i = 0; i < j->found.n && d->n_findings < FINDINGS_MAX; i++) {
		const struct finding *f = vec_at(&j->found, i);

		if (is_of_walk(j, f) && !is_effect(j, f) && !is_told(d, f))
			d->findings[d->n_findings++] = *f;
	}
	doubt_unfitting(j);
}
