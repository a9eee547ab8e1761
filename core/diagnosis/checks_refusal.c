/* Nobody takes the packet, and the refusal of the kernel does not leave either: the rule on
 * the way out that stops it stops every answer, also of a service that listens one day. */
#include <errno.h>
#include <netinet/in.h>

#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/deny_certainty.h"
#include "core/path/served.h"

/* The kernel refused what came, and the wire, which is behind the rules, has no reset. */
static bool is_refusal_lost(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	return v->e->target.proto == IPPROTO_TCP && v->walk->is_walked && p->is_local &&
	       p->request.verdict == PATH_ACCEPT &&
	       p->request.decided_by == DECIDER_SOCKET && p->is_served == TRI_NO &&
	       v->walk->client.family && sight_is_silent(v) &&
	       evidence_delta(v->e, "Tcp.OutRsts") > 0;
}

static int prove_lost(const struct check_view *v, struct finding *f)
{
	return finding_prove(f, v->arena, "counters", true, "nstat -az TcpOutRsts",
			     "the kernel sent +%lld resets, and none was seen on the wire",
			     (long long)evidence_delta(v->e, "Tcp.OutRsts"));
}

static int tell(const struct check_view *v, struct finding *f, const struct path_leg *leg)
{
	char client[ADDR_TEXT_MAX];
	int error;

	deny_blame(f, leg, true);
	error = finding_say(f, v->arena, "%s from %s: the answer is %s by %s", view_port(v),
			    addr_format(&v->walk->client, client), deny_verb(leg),
			    deny_place(v, leg));
	if (!error)
		error = prove_lost(v, f);
	if (!error)
		error = deny_prove_rule(v, f, leg);
	if (!error)
		error = deny_prove_counter(v, f, leg);
	return error ? error : deny_advise(v, f, leg);
}

int check_refusal_drop(const struct check_view *v, struct finding *f)
{
	struct path_world world = evidence_world(v->e);
	struct check_view served = *v;
	struct walk *walk;
	int64_t moved;
	int error;

	if (!is_refusal_lost(v))
		return CERTAINTY_NONE;
	walk = arena_alloc(v->arena, sizeof(*walk));
	if (!walk)
		return -ENOMEM;
	*walk = *v->walk;
	error = path_walk_served(&world, &v->walk->path.ask, &walk->path);
	if (error)
		return error == -ENOENT ? CERTAINTY_NONE : error;
	served.walk = walk;
	moved = deny_moved(&served, &walk->path.reply);
	if (!deny_is_there(&served, &walk->path.reply) || moved == 0)
		return undecided(f);
	error = tell(&served, f, &walk->path.reply);
	if (error)
		return error;
	/* The walk was a SYN-ACK's: that the rule stops a reset too its counter shows. */
	return moved > 0 ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}
