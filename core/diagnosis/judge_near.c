/* Rules that would let the packet in but for one field: what a person meant to allow. */
#include "core/diagnosis/judge_impl.h"
#include "core/firewall/eval.h"

void judge_near(struct judging *j)
{
	struct path_world world = evidence_world(j->e);
	struct diagnosis *d = j->d;
	struct fw_near near[NEAR_MAX];

	/* A dropped reply, too, is decided elsewhere than on the request's leg. */
	if (!d->has_rule || !j->walk->client.family ||
	    j->walk->path.request.chain != d->chain)
		return;
	d->n_near = path_near_misses(&world, &j->walk->path.request, near, NEAR_MAX);
	for (size_t i = 0; i < d->n_near; i++)
		d->near[i] =
			(struct near_miss){near[i].rule, near[i].field, near[i].is_of_port};
}
