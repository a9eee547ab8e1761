/*
 * Faults that need both ends: the name of elsewhere, what answers in this host's place, and
 * the address under which the client comes.
 */
#include <netinet/in.h>

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_joined.h"
#include "core/diagnosis/sight.h"

/* ---- the name ---- */

static int one_unresolved(const struct check_view *v, const struct client_view *view,
			  struct finding *f)
{
	struct check_joined c = {.v = v, .view = view};
	int error;

	f->position = AT_CLIENT - 60;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s: the client cannot resolve %s",
			    joined_name(v->arena, view), joined_shown(&c, view->host));
	if (!error)
		error = joined_prove(&c, f);
	if (!error)
		error = finding_advise(f, v->arena, "cat /etc/resolv.conf /etc/hosts", NULL,
				       NULL,
				       "see whether the name is spelled right and the "
				       "client's name servers answer");
	return error ? error : (int)joined_limit(v->e, view);
}

int check_joined_unresolved(const struct check_view *v, struct finding *f)
{
	bool has_any = false;

	for (size_t i = 0; v->e->has_window_ended && i < joined_n(v->e); i++) {
		const struct client_view *view = joined_at(v->e, i);

		if (view->is_unresolved)
			return one_unresolved(v, view, f);
		has_any |= view->n_tries > 0;
	}
	return has_any ? ruled_out(f) : CERTAINTY_NONE;
}

static const char *addresses_words(const struct check_joined *c)
{
	const struct client_view *w = c->view;
	char text[ADDR_TEXT_MAX];

	if (!w->n_addresses)
		return view_text(c->v, "%s", addr_format(&c->try->target, text));
	addr_format(&w->addresses[0], text);
	if (w->n_addresses == 1)
		return view_text(c->v, "%s", text);
	return view_text(c->v, "%s and %zu more", text, w->n_addresses - 1);
}

static bool is_answered(const struct client_try *t)
{
	return client_result_is_open(t->result) || t->result == CLIENT_RESET ||
	       (t->result == CLIENT_REFUSED && t->was_answered_here == TRI_NO);
}

/* An address in front of this host may be its own, translated on the way: then silence says
 * nothing, but an answer that this host did not give does. */
static enum certainty elsewhere(const struct check_joined *c)
{
	enum certainty limit = joined_limit(c->v->e, c->view);

	if (c->sight.n_fitting || !c->view->has_resolved)
		return CERTAINTY_POSSIBLE;
	if (is_answered(c->try) && joined_is_now(c->v->e, c->view) &&
	    joined_capture_works(c->v))
		return limit;
	if (c->view->is_by_hosts_file || is_answered(c->try))
		return limit < CERTAINTY_LIKELY ? limit : CERTAINTY_LIKELY;
	return CERTAINTY_POSSIBLE;
}

static int one_elsewhere(const struct check_joined *c, struct finding *f)
{
	char here[ADDR_TEXT_MAX];
	int error;

	if (c->sight.n_own || joined_is_elsewhere(c->v->e, c->view, c->try) == TRI_NO)
		return ruled_out(f);
	if (joined_is_elsewhere(c->v->e, c->view, c->try) != TRI_YES)
		return CERTAINTY_NONE;
	f->position = AT_CLIENT - 50;
	f->explains_silence = true;
	error = finding_say(f, c->v->arena,
			    "%s: the client goes to %s, which is not this host (%s)",
			    joined_name(c->v->arena, c->view), addresses_words(c),
			    addr_format(&c->v->walk->server, here));
	if (!error)
		error = joined_prove(c, f);
	if (!error && c->view->has_resolved)
		error = finding_prove(
			f, c->v->arena, joined_source(c->view), true, "getent ahosts",
			"its resolver gives %s%s", addresses_words(c),
			c->view->is_by_hosts_file ? ", out of its /etc/hosts" : "");
	if (!error)
		error = finding_prove(
			f, c->v->arena, "capture", true, NULL,
			"nothing of it came here, though it %s",
			is_answered(c->try) ? "was answered: another machine did"
					    : "tried: something in front of this host may "
					      "have that address");
	if (!error)
		error = finding_advise(f, c->v->arena, "getent ahosts NAME", NULL, NULL,
				       "correct the client's hosts file or the record, or "
				       "ask who has that address in front of this host");
	return error ? error : (int)elsewhere(c);
}

int check_joined_elsewhere(const struct check_view *v, struct finding *f)
{
	return joined_check(v, f, one_elsewhere);
}

/* ---- somebody answers in this host's place ---- */

static bool is_at_this_host(const struct check_joined *c)
{
	return joined_is_elsewhere(c->v->e, c->view, c->try) != TRI_YES;
}

static int one_reset(const struct check_joined *c, struct finding *f)
{
	const struct client_try *t = c->try;
	bool is_unseen = !c->sight.n_own && !c->sight.n_fitting;
	bool is_silent = c->sight.n_own && c->sight.n_own_silent == c->sight.n_own;
	int error;

	if (t->result != CLIENT_REFUSED || t->was_answered_here == TRI_YES)
		return c->sight.n_own ? ruled_out(f) : CERTAINTY_NONE;
	if ((!is_unseen && !is_silent) || !is_at_this_host(c) ||
	    !joined_is_now(c->v->e, c->view) || !joined_capture_works(c->v))
		return undecided(f);
	f->position = AT_CLIENT - 5;
	f->explains_reset = f->explains_silence = true;
	error = finding_say(f, c->v->arena, "%s was refused, and not by this host: %s",
			    joined_name(c->v->arena, c->view),
			    is_unseen ? "its SYN never came here"
				      : "its SYN came, and nothing was sent back");
	if (!error)
		error = joined_prove(c, f);
	if (!error)
		error = is_unseen ? finding_prove(f, c->v->arena, "capture", true, NULL,
						  "no SYN of it was seen in that time")
				  : prove_wire(c->v, f);
	if (!error)
		error = finding_advise(f, c->v->arena, NULL, NULL, NULL,
				       "ask who runs the firewalls between the two, and "
				       "whether another host has this address");
	/* The client's own rules may say no as well. */
	return error ? error
	       : t->was_answered_here == TRI_NO
		       ? joined_at_most(c, is_silent ? CERTAINTY_PROVEN : CERTAINTY_LIKELY)
		       : CERTAINTY_POSSIBLE;
}

int check_joined_reset(const struct check_view *v, struct finding *f)
{
	return joined_check(v, f, one_reset);
}

/* An ICMP error that this host did not send. */
static int one_remote(const struct check_joined *c, struct finding *f)
{
	const struct client_try *t = c->try;
	char from[ADDR_TEXT_MAX];
	int error;

	if (t->result != CLIENT_UNREACHABLE)
		return c->sight.n_own ? ruled_out(f) : CERTAINTY_NONE;
	if (c->sight.n_own || c->sight.n_fitting || t->is_neighbour_dead ||
	    t->has_no_route || !is_at_this_host(c) || !joined_is_now(c->v->e, c->view) ||
	    !joined_capture_works(c->v))
		return undecided(f);
	f->position = AT_CLIENT - 4;
	f->explains_icmp = f->explains_silence = true;
	addr_format(&t->error_from, from);
	error = finding_say(f, c->v->arena,
			    "%s is told \"no route to host\" on the way%s%s: its SYN never "
			    "came here",
			    joined_name(c->v->arena, c->view), *from ? ", by " : "", from);
	if (!error)
		error = joined_prove(c, f);
	if (!error)
		error = finding_prove(f, c->v->arena, "capture", true, NULL,
				      "no SYN of it was seen in that time, and no ICMP "
				      "error left this host for it");
	if (!error)
		error = finding_advise(f, c->v->arena, NULL, NULL, NULL,
				       "ask who runs the routers and firewalls between "
				       "the two; the error is mostly a firewall's no");
	return error ? error
		     : joined_at_most(c, *from ? CERTAINTY_PROVEN : CERTAINTY_LIKELY);
}

int check_joined_remote(const struct check_view *v, struct finding *f)
{
	return joined_check(v, f, one_remote);
}

/* ---- under another address ---- */

/* Which of several it is, nobody knows. */
static const char *seen_as(const struct check_joined *c)
{
	char seen[ADDR_TEXT_MAX];

	if (c->sight.n_fitting != 1)
		return "under another address";
	return view_text(c->v, "as %s", addr_format(&c->sight.other, seen));
}

static int say_source(const struct check_joined *c, struct finding *f)
{
	char own[ADDR_TEXT_MAX], seen[ADDR_TEXT_MAX];
	int error;

	f->position = AT_CLIENT - 1;
	f->explains_silence = true;
	addr_format(&c->try->source, own);
	addr_format(&c->sight.other, seen);
	error = finding_say(f, c->v->arena,
			    "%s sends as %s, and arrives here %s: a NAT or a load "
			    "balancer is between",
			    joined_name(c->v->arena, c->view), own, seen_as(c));
	if (!error)
		error = joined_prove(c, f);
	if (!error)
		error = finding_prove(f, c->v->arena, "capture", true, NULL,
				      "nothing came from %s; while it tried, %u attempt%s "
				      "of others met what it tells, of %s among them",
				      own, c->sight.n_fitting,
				      c->sight.n_fitting == 1 ? "" : "s", seen);
	if (!error)
		error = finding_advise(f, c->v->arena,
				       view_text(c->v, "dport diagnose %s --from %s",
						 view_port(c->v), seen),
				       NULL, NULL,
				       "diagnose the address that arrives here");
	return error;
}

/* The client that was named is not the address that arrives while it tries. One that got
 * through to this host came somehow; one that failed may be lost, and others fail too. */
static int one_source(const struct check_joined *c, struct finding *f)
{
	int error;

	if (c->sight.n_own)
		return ruled_out(f);
	if (!c->try->source.family || !c->sight.n_fitting || !is_at_this_host(c) ||
	    !c->v->e->target.is_client_named || !joined_is_now(c->v->e, c->view) ||
	    c->try->has_left != TRI_YES)
		return c->sight.n_fitting ? undecided(f) : CERTAINTY_NONE;
	error = say_source(c, f);
	return error                                   ? error
	       : client_result_is_open(c->try->result) ? joined_at_most(c, CERTAINTY_LIKELY)
						       : CERTAINTY_POSSIBLE;
}

int check_joined_source(const struct check_view *v, struct finding *f)
{
	return joined_check(v, f, one_source);
}

static int one_proxy(const struct check_joined *c, struct finding *f)
{
	int error;

	if (!c->view->proxy.len)
		return c->sight.n_own ? ruled_out(f) : CERTAINTY_NONE;
	if (c->sight.n_own)
		return ruled_out(f);
	f->position = AT_CLIENT - 40;
	f->explains_silence = true;
	error = finding_say(f, c->v->arena, "%s: the client goes through a proxy: %s",
			    joined_name(c->v->arena, c->view),
			    joined_shown(c, c->view->proxy));
	if (!error)
		error = joined_prove(c, f);
	if (!error)
		error = finding_advise(f, c->v->arena, "env | grep -i proxy", NULL, NULL,
				       "try without it (curl --noproxy '*'), or diagnose "
				       "the proxy as the client");
	return error ? error : joined_at_most(c, CERTAINTY_LIKELY);
}

int check_joined_proxy(const struct check_view *v, struct finding *f)
{
	return joined_check(v, f, one_proxy);
}
