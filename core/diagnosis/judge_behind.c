/* What stands behind the cause: the walk as if it were gone. */
#include "core/diagnosis/judge_impl.h"

static bool is_open(const struct path *p)
{
	return p->request.verdict == PATH_ACCEPT && p->is_served == TRI_YES &&
	       p->reply.is_walked && p->reply.verdict == PATH_ACCEPT;
}

bool judge_behind_is_open(const struct judging *j)
{
	const struct evidence *e = j->e;
	struct path_world world = {.snapshot = e->snapshot,
				   .space = e->space,
				   .rules = e->rules,
				   .settings = e->settings,
				   .neighbours = e->neighbours,
				   .responses = e->responses,
				   .wall_ns = e->now_ns,
				   .utc_offset_s = e->utc_offset_s};
	static struct path behind;

	if (!j->walk || !j->d->has_rule)
		return false;
	if (path_walk_behind(&world, &j->walk->path.ask, &j->walk->path, &behind))
		return false;
	return !behind.n_needs && is_open(&behind);
}
