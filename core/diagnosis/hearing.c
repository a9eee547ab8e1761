/* Sums over the attempts of the window. */
#include "core/diagnosis/hearing.h"

static void add(struct hearing *h, const struct attempt *a)
{
	h->n_attempts++;
	h->n_syns += a->n_syns;
	h->n_syn_acks += a->n_syn_acks;
	h->n_icmp += a->n_icmp;
	h->n_resets += a->outcome == OUTCOME_REFUSED || a->outcome == OUTCOME_RESET_LATER;
	if (!h->newest || a->last_ns >= h->newest->last_ns)
		h->newest = a;
}

void hearing_count(const struct evidence *e, struct hearing *out)
{
	*out = (struct hearing){0};
	for (size_t i = 0; e->attempts && i < attempts_n(e->attempts); i++) {
		const struct attempt *a = attempts_at(e->attempts, i);

		if (evidence_is_of_target(e, a))
			add(out, a);
		else
			out->n_others++;
	}
}
