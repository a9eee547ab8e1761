/* What came of a whole way: here, in the namespace behind, and back. Prints nothing. */
#include "core/report/path_page.h"

const struct path_page *path_page_end(const struct path_page *p)
{
	while (p->inner)
		p = p->inner;
	return p;
}

enum path_verdict path_page_verdict(const struct path_page *p)
{
	for (; p; p = p->inner)
		if (p->path.request.verdict != PATH_ACCEPT || !p->inner)
			return p->path.request.verdict;
	return PATH_UNSURE;
}

/* Nothing but a socket that is not there. */
static bool is_unserved(const struct path *p)
{
	return p->is_local && p->request.decided_by == DECIDER_SOCKET;
}

/* The first leg that is not through: the requests inward, then the replies outward. */
static const struct path_leg *first_stop(const struct path_page *p,
					 const struct path_page **of)
{
	const struct path_leg *leg;

	*of = p;
	if (p->path.request.verdict != PATH_ACCEPT || is_unserved(&p->path))
		return &p->path.request;
	leg = p->inner ? first_stop(p->inner, of) : NULL;
	if (leg)
		return leg;
	*of = p;
	leg = &p->path.reply;
	return leg->is_walked && leg->verdict != PATH_ACCEPT ? leg : NULL;
}

const struct path_leg *path_page_decider(const struct path_page *p,
					 const struct path_page **of)
{
	const struct path_leg *leg = first_stop(p, of);

	if (leg)
		return leg;
	*of = path_page_end(p);
	return &(*of)->path.request;
}

/* The answers, too, must be known to come back. */
static bool is_known_open(const struct path_page *p)
{
	for (; p; p = p->inner) {
		if (!p->path.reply.is_walked || p->path.n_needs)
			return false;
		if (p->path.is_local && p->path.is_served != TRI_YES)
			return false;
	}
	return true;
}

enum path_state path_page_state(const struct path_page *p)
{
	const struct path_page *of;
	const struct path_leg *leg = first_stop(p, &of);

	if (!leg)
		return is_known_open(p) ? PATH_IS_OPEN : PATH_IS_NOT_KNOWN;
	if (is_unserved(&of->path) && leg == &of->path.request &&
	    leg->verdict == PATH_ACCEPT)
		return PATH_IS_CLOSED;
	return leg->verdict == PATH_UNSURE ? PATH_IS_NOT_KNOWN : PATH_IS_CLOSED;
}
