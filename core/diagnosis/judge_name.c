/* Addresses of the other family that the name publishes and nobody serves: clients that try
 * them first wait or are refused, whatever became of those that were seen. Decides no
 * verdict. */
#include <errno.h>
#include <netinet/in.h>

#include "core/diagnosis/judge_impl.h"

static bool is_here(const struct judging *j, const struct addr *a)
{
	return address_is_here(j->e->space->addresses, j->e->space->local_routes, a) ==
	       TRI_YES;
}

/* No socket takes it, and no rule sends it elsewhere: for anybody. */
static bool is_unserved(struct judging *j, const struct addr *to)
{
	struct path_world world = evidence_world(j->e);
	struct path_ask ask = {.proto = j->e->target.proto,
			       .server = *to,
			       .server_port = j->e->target.port};
	struct path *p = arena_alloc(j->arena, sizeof(*p));
	int error = p ? path_walk(&world, &ask, p) : -ENOMEM;

	if (error) {
		j->error = error;
		return false;
	}
	return !p->n_needs && !p->request.is_nat_touched &&
	       p->request.decided_by == DECIDER_SOCKET && p->is_served == TRI_NO;
}

static void tell(struct judging *j, const struct addr *to)
{
	struct check_view v = {.e = j->e, .walk = j->walk, .arena = j->arena};
	bool is_v6 = to->family == AF_INET6;
	const char *name = view_word(&v, j->e->target.name);
	char text[ADDR_TEXT_MAX];

	judge_prove(j, STEP_SERVER, "names", true, view_text(&v, "getent ahosts %s", name),
		    "%s publishes %s (%s) as well, and nobody takes %s there: clients that "
		    "use %s are refused%s",
		    name, addr_format(to, text), is_v6 ? "AAAA" : "A", view_port(&v),
		    is_v6 ? "IPv6" : "IPv4", is_v6 ? ", and most try it first" : "");
}

/* What the judged walk met is told by its findings. */
void judge_name(struct judging *j)
{
	const struct names_answer *t = j->e->names;

	if (j->e->target.role != AIM_SERVER || !t || !j->e->target.name.len || !j->walk ||
	    judge_has_unread_rules(j))
		return;
	for (size_t i = 0; i < t->n && !j->error; i++) {
		const struct addr *to = &t->addresses[i];

		if (to->family == j->walk->server.family || addr_is_loopback(to) ||
		    !is_here(j, to) || !is_unserved(j, to))
			continue;
		tell(j, to);
		return;
	}
}
