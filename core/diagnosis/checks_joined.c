/*
 * Faults that need both ends: what a client says of its own attempt, beside what came here
 * while it tried. The client's words alone decide nothing that this host can see.
 */
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_joined.h"
#include "core/diagnosis/sight.h"

/* ---- it left the client, and never arrived ---- */

static enum certainty never_arrives(const struct check_joined *c)
{
	enum certainty limit = joined_limit(c->v->e, c->view);

	/* One whose packets another address carries may be among those who failed. */
	if (!joined_is_now(c->v->e, c->view) || c->sight.n_fitting)
		return CERTAINTY_POSSIBLE;
	if (c->try->has_left != TRI_YES || !joined_capture_works(c->v) ||
	    joined_has_xdp(c->v) != TRI_NO)
		return CERTAINTY_LIKELY;
	return limit;
}

static int prove_left(const struct check_joined *c, struct finding *f)
{
	const struct client_try *t = c->try;

	if (t->has_left != TRI_YES)
		return 0;
	return finding_prove(
		f, c->v->arena, joined_source(c->view), true,
		"grep ^TcpExt: /proc/net/netstat",
		t->n_repeats ? "the client's own kernel sent the SYN again %u time%s, and "
			       "handed each to the wire (TCPSynRetrans, TCPRetransFail)"
			     : "the client's packets left it",
		t->n_repeats, t->n_repeats == 1 ? "" : "s");
}

static int prove_nothing_came(const struct check_joined *c, struct finding *f)
{
	const struct capture_state *s = &c->v->e->attempts->state;
	char client[ADDR_TEXT_MAX];

	addr_format(&c->try->source, client);
	return finding_prove(
		f, c->v->arena, "capture", true,
		*client ? view_text(c->v, "tcpdump -ni any 'host %s and port %u'", client,
				    c->v->e->target.port)
			: NULL,
		"nothing of it came here in that time%s%s; %llu packet%s of others %s seen",
		*client ? ", from " : "", client, (unsigned long long)s->n_packets,
		s->n_packets == 1 ? "" : "s", s->n_packets == 1 ? "was" : "were");
}

static int say_never_arrives(const struct check_joined *c, struct finding *f)
{
	char target[ADDR_TEXT_MAX];
	int error;

	f->position = AT_CLIENT;
	f->explains_silence = true;
	addr_format(&c->v->walk->server, target);
	error = finding_say(f, c->v->arena,
			    "%s: its SYN to %s port %u %s, and none arrived here",
			    joined_name(c->v->arena, c->view), target, c->v->e->target.port,
			    c->try->has_left == TRI_YES ? "left it" : "got no answer");
	if (!error)
		error = joined_prove(c, f);
	if (!error)
		error = prove_left(c, f);
	if (!error)
		error = prove_nothing_came(c, f);
	if (!error)
		error = finding_advise(f, c->v->arena,
				       view_text(c->v, "traceroute -n -T -p %u %s",
						 c->v->e->target.port, target),
				       NULL, NULL,
				       "look between the two: cloud rules, firewalls and "
				       "routers; from the "
				       "client this shows how far it gets");
	return error;
}

static bool is_unanswered(const struct client_try *t)
{
	return t->result == CLIENT_TIMED_OUT || t->result == CLIENT_FAILED;
}

static int one_never_arrives(const struct check_joined *c, struct finding *f)
{
	int error;

	if (c->sight.n_own || client_result_is_open(c->try->result))
		return ruled_out(f);
	if (!is_unanswered(c->try) || c->try->has_left == TRI_NO ||
	    joined_names(c, FAULT_EGRESS_FILTERED) || c->view->proxy.len ||
	    joined_is_elsewhere(c->v->e, c->view, c->try) == TRI_YES ||
	    joined_has_xdp(c->v) == TRI_YES)
		return undecided(f);
	error = say_never_arrives(c, f);
	return error ? error : (int)never_arrives(c);
}

int check_joined_never_arrives(const struct check_view *v, struct finding *f)
{
	return joined_check(v, f, one_never_arrives);
}

/* ---- the client's own host ---- */

/* No packet got out: what its kernel was asked to send again was stopped each time. */
static int one_egress(const struct check_joined *c, struct finding *f)
{
	const struct client_try *t = c->try;
	bool is_forbidden = t->result == CLIENT_NOT_PERMITTED;
	bool is_answered = t->result == CLIENT_REFUSED && t->was_answered_here == TRI_YES;
	int error;

	if (c->sight.n_own || client_result_is_open(t->result) || t->has_left == TRI_YES)
		return ruled_out(f);
	if (!is_forbidden && !is_answered && t->has_left != TRI_NO &&
	    !joined_names(c, FAULT_EGRESS_FILTERED))
		return CERTAINTY_NONE;
	f->position = AT_CLIENT - 20;
	f->explains_silence = f->explains_icmp = f->explains_reset = true;
	error = finding_say(f, c->v->arena, "%s: the client's own host stops what it sends",
			    joined_name(c->v->arena, c->view));
	if (!error)
		error = joined_prove(c, f);
	if (!error && t->has_left == TRI_NO)
		error = finding_prove(
			f, c->v->arena, joined_source(c->view), true,
			"grep ^TcpExt: /proc/net/netstat",
			"its kernel could hand none of %u SYNs to the wire "
			"(TCPRetransFail +%u): a rule at output, postrouting or egress, or "
			"a program, stops them",
			t->n_repeats, t->n_stopped);
	if (!error && is_answered)
		error = finding_prove(
			f, c->v->arena, joined_source(c->view), true, "cat /proc/net/dev",
			"the answer came over its own interface lo at once: it refused "
			"itself");
	if (!error)
		error = prove_nothing_came(c, f);
	if (!error)
		error = finding_advise(f, c->v->arena,
				       "nft list ruleset; iptables -S OUTPUT", NULL, NULL,
				       "read the rules for what leaves, on the client");
	if (error)
		return error;
	return is_forbidden ? (int)joined_limit(c->v->e, c->view)
			    : joined_at_most(c, CERTAINTY_LIKELY);
}

int check_joined_egress(const struct check_view *v, struct finding *f)
{
	return joined_check(v, f, one_egress);
}

static int one_no_route(const struct check_joined *c, struct finding *f)
{
	const struct client_try *t = c->try;
	bool is_local = t->has_no_route || (t->result == CLIENT_NET_UNREACHABLE &&
					    c->view->is_remote && !t->device.len);
	char target[ADDR_TEXT_MAX];
	int error;

	if (c->sight.n_own || client_result_is_open(t->result))
		return ruled_out(f);
	if (!is_local && t->result != CLIENT_NET_UNREACHABLE &&
	    !joined_names(c, FAULT_CLIENT_NO_ROUTE))
		return CERTAINTY_NONE;
	f->position = AT_CLIENT - 30;
	f->explains_silence = f->explains_icmp = true;
	addr_format(t->target.family ? &t->target : &c->v->walk->server, target);
	error = finding_say(f, c->v->arena, "%s: the client has no route to %s",
			    joined_name(c->v->arena, c->view), target);
	if (!error)
		error = joined_prove(c, f);
	if (!error && t->error.len)
		error = finding_prove(f, c->v->arena, joined_source(c->view), true,
				      view_text(c->v, "ip route get %s", target),
				      "its own words: %s", joined_shown(c, t->error));
	if (!error)
		error = finding_advise(f, c->v->arena,
				       view_text(c->v, "ip route get %s", target), NULL,
				       NULL, "read its routes and rules, on the client");
	if (error)
		return error;
	/* A router may say the same of its own. */
	return is_local ? (int)joined_limit(c->v->e, c->view)
			: joined_at_most(c, CERTAINTY_LIKELY);
}

int check_joined_no_route(const struct check_view *v, struct finding *f)
{
	return joined_check(v, f, one_no_route);
}

static int one_next_hop(const struct check_joined *c, struct finding *f)
{
	const struct client_try *t = c->try;
	int error;

	if (c->sight.n_own || client_result_is_open(t->result))
		return ruled_out(f);
	if ((!t->is_neighbour_dead ||
	     (t->result != CLIENT_UNREACHABLE && t->result != CLIENT_TIMED_OUT)) &&
	    !joined_names(c, FAULT_NEXT_HOP_UNREACHABLE))
		return CERTAINTY_NONE;
	f->position = AT_CLIENT - 25;
	f->explains_silence = f->explains_icmp = true;
	error = finding_say(
		f, c->v->arena, "%s: the client's next hop %s does not answer on its link",
		joined_name(c->v->arena, c->view),
		t->next_hop.len ? joined_shown(c, t->next_hop) : "(the target itself)");
	if (!error)
		error = joined_prove(c, f);
	if (!error)
		error = finding_prove(f, c->v->arena, joined_source(c->view), true,
				      "ip neigh show",
				      "its neighbour entry did not resolve%s%s",
				      t->device.len ? ", on " : "",
				      t->device.len ? joined_shown(c, t->device) : "");
	if (!error)
		error = finding_advise(f, c->v->arena, "ip neigh show; ip route", NULL,
				       NULL,
				       "see whether that address lives on the client's "
				       "link, and its netmask is right");
	return error ? error : (int)joined_limit(c->v->e, c->view);
}

int check_joined_next_hop(const struct check_view *v, struct finding *f)
{
	return joined_check(v, f, one_next_hop);
}
