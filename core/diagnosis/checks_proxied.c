/* A transparent proxy (tproxy, TPROXY) that nobody serves: no socket stands on the port
 * that its rule names, or one that may not take what is for others. */
#include <netinet/in.h>

#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/deny_certainty.h"

static const struct fw_rule *rule_of(const struct check_view *v)
{
	const struct fw_proxied *y = &v->walk->path.proxied;

	return v->e->rules && y->rule < v->e->rules->n_rules ? &v->e->rules->rules[y->rule]
							     : NULL;
}

/* The target of iptables drops what no socket takes. */
static bool is_dropped(const struct check_view *v)
{
	const struct path_leg *leg = &v->walk->path.request;

	return leg->verdict == PATH_DROP && leg->decided_by == DECIDER_RULE &&
	       leg->rule == v->walk->path.proxied.rule;
}

bool proxied_is_dropped(const struct check_view *v)
{
	return v->walk->is_walked && v->walk->path.proxied.state == FW_PROXY_MISSED &&
	       is_dropped(v);
}

/* Where the rule is broken off the packet goes its own way, to its own port. */
static enum tri is_refused(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	if (p->is_forwarded || !p->is_local)
		return TRI_UNSURE;
	return p->is_served == TRI_UNSURE ? TRI_UNSURE : tri_not(p->is_served);
}

/* A socket that is not there resets nothing in another host's name: ip_send_unicast_reply()
 * finds no way out for it. */
static bool is_kept_silent(const struct check_view *v)
{
	const struct space *s = v->e->space;

	return is_dropped(v) || address_is_here(s->addresses, s->local_routes,
						&v->walk->path.server) != TRI_YES;
}

static int say(const struct check_view *v, struct finding *f)
{
	const struct fw_proxied *y = &v->walk->path.proxied;
	int error = finding_say(
		f, v->arena,
		y->is_there ? "%s is given to a transparent proxy on port %u here, whose "
			      "socket is not transparent: it does not take it"
			    : "%s is given to a transparent proxy on port %u here, where "
			      "nobody "
			      "listens",
		view_port(v), y->port);

	if (error)
		return error;
	return finding_prove(f, v->arena, view_rule_source(v, rule_of(v)), false,
			     view_rule_command(v, rule_of(v)), "the rule is %s: %s",
			     view_rule_place(v, rule_of(v)), view_rule_text(v, rule_of(v)));
}

static int prove_sockets(const struct check_view *v, struct finding *f)
{
	const struct fw_proxied *y = &v->walk->path.proxied;

	return finding_prove(f, v->arena, "sock_diag", true,
			     v->e->target.proto == IPPROTO_TCP ? "ss -tlpen" : "ss -ulpen",
			     y->is_there
				     ? "the socket on port %u has not set IP_TRANSPARENT"
				     : "no socket takes port %u",
			     y->port);
}

static int advise(const struct check_view *v, struct finding *f)
{
	const struct fw_proxied *y = &v->walk->path.proxied;

	return finding_advise(
		f, v->arena, NULL, NULL, NULL,
		y->is_there ? "have the service on port %u open its socket for a "
			      "transparent proxy (IP_TRANSPARENT), or take the rule out"
			    : "start the proxy on port %u (with IP_TRANSPARENT), or take "
			      "the rule out",
		y->port);
}

static int certainty_of(const struct check_view *v)
{
	if (is_dropped(v))
		return deny_certainty(v, &v->walk->path.request);
	return sight_was_refused(v) && evidence_delta(v->e, "Tcp.OutRsts") != 0
		       ? CERTAINTY_PROVEN
		       : CERTAINTY_LIKELY;
}

int check_proxied_unserved(const struct check_view *v, struct finding *f)
{
	bool is_stream = v->e->target.proto == IPPROTO_TCP;
	int error;

	if (!v->walk->is_walked || v->walk->path.proxied.state != FW_PROXY_MISSED)
		return CERTAINTY_NONE;
	if (v->was_anyone_taken || sight_was_answered(v) ||
	    (!is_dropped(v) && is_refused(v) == TRI_NO))
		return ruled_out(f);
	if (!is_dropped(v) &&
	    (is_refused(v) != TRI_YES || v->walk->path.request.verdict == PATH_UNSURE))
		return undecided(f);
	f->position = is_dropped(v) ? AT_PREROUTING : AT_SOCKET;
	f->chain = v->walk->path.proxied.chain;
	f->rule = v->walk->path.proxied.rule;
	f->explains_silence = is_kept_silent(v);
	f->explains_reset = !is_dropped(v) && is_stream;
	f->explains_icmp = !is_dropped(v) && !is_stream;
	error = say(v, f);
	if (!error)
		error = prove_sockets(v, f);
	if (!error && is_dropped(v))
		error = deny_prove_counter(v, f, &v->walk->path.request);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = advise(v, f);
	return error ? error : certainty_of(v);
}
