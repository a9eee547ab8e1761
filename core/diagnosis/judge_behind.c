/* What stands behind the cause: the walk as if it were gone. */
#include "core/diagnosis/judge_impl.h"

static bool is_open(const struct path *p)
{
	return p->request.verdict == PATH_ACCEPT && p->is_served == TRI_YES &&
	       p->reply.is_walked && p->reply.verdict == PATH_ACCEPT;
}

bool judge_behind_is_open(const struct judging *j)
{
	struct path_world world = evidence_world(j->e);
	static struct path behind;

	if (!j->walk || !j->d->has_rule)
		return false;
	if (path_walk_behind(&world, &j->walk->path.ask, &j->walk->path, &behind))
		return false;
	return !behind.n_needs && is_open(&behind);
}
