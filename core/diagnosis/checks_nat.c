/* Translations that lead nowhere: a port that nobody serves, a host that does not answer.
 * What the translation should have been is not known here. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_beyond.h"
#include "core/diagnosis/check_help.h"

/* The kernel's own word for "nobody has that port" came back in this time. */
static bool was_turned_away_here(const struct check_view *v)
{
	bool is_v6 = v->walk->server.family == AF_INET6;

	if (v->e->target.proto == IPPROTO_TCP)
		return sight_was_refused(v) && evidence_delta(v->e, "Tcp.OutRsts") != 0;
	return view_wire(v) == WIRE_ICMP && attempt_is_port_unreachable(sight_newest(v)) &&
	       evidence_delta(v->e, is_v6 ? "Udp6NoPorts" : "Udp.NoPorts") != 0;
}

/* What rules leave open is settled where this flow is tracked with that target: it was let
 * in (nf_confirm()). */
static bool is_known_to_come(const struct check_view *v)
{
	const struct path *p = &v->walk->path;
	const struct conntrack_row *row = beyond_entry(v);
	struct addr to = addr_unmapped(&p->server);

	return p->request.verdict != PATH_UNSURE ||
	       (row && row->reply.sport == p->server_port &&
		addr_equals(&row->reply.saddr, &to));
}

int check_redirect_unserved(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	bool is_stream = v->e->target.proto == IPPROTO_TCP;
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;
	int error;

	if (p->proxied.state == FW_PROXY_MISSED)
		return CERTAINTY_NONE;
	if (v->was_anyone_taken || (v->walk->is_walked && !p->is_translated))
		return ruled_out(f);
	if (!v->walk->is_walked || !p->is_local || !is_known_to_come(v))
		return CERTAINTY_NONE;
	view_socket(v, &served, &e);
	if (served != TRI_NO)
		return served == TRI_YES ? ruled_out(f) : CERTAINTY_NONE;
	f->position = AT_SOCKET;
	f->explains_reset = is_stream && evidence_delta(v->e, "Tcp.OutRsts") != 0;
	f->explains_icmp = !is_stream;
	beyond_blame(v, f);
	error = finding_say(f, v->arena,
			    "%s is translated to port %u here, where nobody listens",
			    view_port(v), p->server_port);
	if (!error)
		error = finding_prove(
			f, v->arena, beyond_source(v), false, beyond_show_command(v),
			"the translation is made by %s", beyond_rule_words(v));
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"start the service on port %u, or correct the translation",
			p->server_port);
	if (error)
		return error;
	return was_turned_away_here(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* ---- a port that nobody serves there ---- */

/* It is for the wrong thing, and nothing is wrong before it: by the rules, or because it
 * was seen to leave for there. */
static bool is_let_through(const struct check_view *v, const struct beyond *b)
{
	enum path_verdict verdict = v->walk->path.request.verdict;

	return (verdict == PATH_ACCEPT || (verdict == PATH_UNSURE && b->n_left)) &&
	       !v->was_anyone_taken && !sight_was_answered(v);
}

static bool was_turned_away(const struct beyond *b)
{
	return b->n_refused || b->n_unreachable ||
	       (b->probe && b->probe->outcome == PROBE_REFUSED);
}

static bool has_container(const struct check_view *v, const struct beyond *b)
{
	const struct snapshot *s = v->e->snapshot;

	for (size_t i = 0; b->space && i < s->n_endpoints; i++)
		if (s->endpoints[i].space == b->space &&
		    !text_is_empty(s->endpoints[i].container))
			return true;
	return false;
}

/* Whose translation it is decides the name of one and the same fault. */
static enum fault fault_of_target(const struct check_view *v, const struct beyond *b)
{
	if (!beyond_engine(v) && !has_container(v, b))
		return FAULT_DNAT_WRONG_PORT;
	return b->loopback_only ? FAULT_CONTAINER_LOOPBACK : FAULT_CONTAINER_PORT;
}

/* The table of its sockets, or a reset on the wire within the other network: the backend's
 * own firewall may send one too. */
static int certainty_of_port(const struct check_view *v, const struct beyond *b)
{
	if (b->space && b->is_served == TRI_NO)
		return was_turned_away(b) && v->sight.n_all ? CERTAINTY_PROVEN
							    : CERTAINTY_LIKELY;
	return b->is_served == TRI_UNSURE && was_turned_away(b) ? CERTAINTY_LIKELY
								: CERTAINTY_NONE;
}

/* A port that is served there: the one that was meant. One that all can reach comes before
 * one that is bound to loopback. */
static const struct endpoint *served_there(const struct check_view *v,
					   const struct beyond *b)
{
	const struct snapshot *s = v->e->snapshot;
	const struct endpoint *on_loopback = NULL;

	for (size_t i = 0; b->space && i < s->n_endpoints; i++) {
		const struct endpoint *e = &s->endpoints[i];

		if (e->space != b->space ||
		    endpoint_is_stream(e) != (v->e->target.proto == IPPROTO_TCP))
			continue;
		if (e->scope != SCOPE_LOOPBACK)
			return e;
		if (!on_loopback)
			on_loopback = e;
	}
	return on_loopback;
}

/* "node 44 listens on 127.0.0.1 port 3000 there" */
static const char *there_words(const struct check_view *v, const struct endpoint *e)
{
	char address[ADDR_TEXT_MAX];

	if (e->scope != SCOPE_LOOPBACK || !e->n_sockets)
		return view_text(v, "%s listens on port %u there", view_owner(v, e),
				 e->port);
	return view_text(v, "%s listens on %s port %u there", view_owner(v, e),
			 addr_format(&e->sockets[0]->local, address), e->port);
}

static int say_port(const struct check_view *v, struct finding *f, const struct beyond *b)
{
	const struct endpoint *other = b->is_served == TRI_NO ? served_there(v, b) : NULL;
	const char *to = beyond_words(v, b);

	if (b->loopback_only)
		return finding_say(
			f, v->arena,
			"%s is translated to %s, where %s listens on %s: nobody outside "
			"of its namespace reaches it",
			view_port(v), to, view_owner(v, b->loopback_only),
			view_listens_on(v, b->loopback_only));
	return finding_say(f, v->arena, "%s is translated to %s, where nobody listens%s%s",
			   view_port(v), to, other ? "; " : "",
			   other ? there_words(v, other) : "");
}

static int prove_sockets(const struct check_view *v, struct finding *f,
			 const struct beyond *b)
{
	const struct endpoint *other = served_there(v, b);

	if (!b->space || b->is_served != TRI_NO)
		return 0;
	return finding_prove(f, v->arena, "sock_diag", true,
			     v->e->target.proto == IPPROTO_TCP ? "ss -tlpnN NAMESPACE"
							       : "ss -ulpnN NAMESPACE",
			     "no socket of namespace %s takes %s%s%s",
			     view_word(v, b->space->name), beyond_words(v, b),
			     other ? "; " : "", other ? there_words(v, other) : "");
}

/* First the port; where the one that is meant is bound to loopback, that is the second
 * fault. */
static int advise_engine(const struct check_view *v, struct finding *f,
			 const struct beyond *b, const char *engine,
			 const struct endpoint *other)
{
	const char *publish = other ? view_text(v, "publish port %u (-p %u:%u)",
						other->port, v->e->target.port, other->port)
				    : "publish the port that the service listens on inside";
	int error = finding_advise(f, v->arena, view_text(v, "%s ps", engine), NULL,
				   "the container is made anew: what it holds outside of "
				   "its volumes is lost",
				   "%s, or start the service on port %u", publish, b->port);

	if (error || !other || other->scope != SCOPE_LOOPBACK)
		return error;
	return finding_advise(f, v->arena, NULL, NULL, NULL,
			      "then, in there, let %s listen on any address (0.0.0.0 or "
			      "::): on its loopback nobody outside reaches it either",
			      view_owner(v, other));
}

static int advise_port(const struct check_view *v, struct finding *f,
		       const struct beyond *b)
{
	const struct endpoint *other = b->is_served == TRI_NO ? served_there(v, b) : NULL;
	const char *engine = beyond_engine(v);

	if (b->loopback_only)
		return finding_advise(
			f, v->arena, NULL, NULL,
			"opens it to all that the translation and the firewall let in",
			"let the service listen on its namespace's address or on any "
			"(0.0.0.0 or ::), then restart it");
	if (engine)
		return advise_engine(v, f, b, engine, other);
	return finding_advise(f, v->arena, beyond_show_command(v), NULL,
			      "connections that are open keep their old translation",
			      "start the service on port %u there, or correct the "
			      "translation's port",
			      b->port);
}

static int check_target_port(const struct check_view *v, struct finding *f)
{
	struct beyond b;
	int error, certainty;

	if (sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && !v->walk->path.is_translated))
		return ruled_out(f);
	if (!beyond_look(v, &b) || !is_let_through(v, &b))
		return CERTAINTY_NONE;
	if (b.n_syn_acks || b.is_served == TRI_YES || fault_of_target(v, &b) != f->fault)
		return ruled_out(f);
	certainty = certainty_of_port(v, &b);
	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	f->position = AT_SOCKET;
	f->explains_reset = v->e->target.proto == IPPROTO_TCP;
	f->explains_icmp = !f->explains_reset;
	f->endpoint = b.loopback_only;
	beyond_blame(v, f);
	error = say_port(v, f, &b);
	if (!error)
		error = prove_sockets(v, f, &b);
	if (!error)
		error = beyond_prove(v, f, &b);
	if (!error)
		error = advise_port(v, f, &b);
	return error ? error : certainty;
}

int check_dnat_wrong_port(const struct check_view *v, struct finding *f)
{
	return check_target_port(v, f);
}

int check_container_port(const struct check_view *v, struct finding *f)
{
	return check_target_port(v, f);
}

int check_container_loopback(const struct check_view *v, struct finding *f)
{
	return check_target_port(v, f);
}

/* ---- a host that does not answer ---- */

/* An answer to this host's own address could not go astray. */
static bool is_certain_to_return(const struct check_view *v)
{
	return v->walk->path.is_source_translated;
}

static bool is_silent_to_us(const struct beyond *b)
{
	return b->probe && b->is_on_link &&
	       (b->probe->outcome == PROBE_TIMED_OUT || b->probe->error == EHOSTUNREACH);
}

static int certainty_of_host(const struct check_view *v, const struct beyond *b)
{
	if (beyond_is_hop_dead(b))
		return v->sight.n_all && !strcmp(neighbour_state_word(b->neighbour->state),
						 "FAILED")
			       ? CERTAINTY_PROVEN
			       : CERTAINTY_LIKELY;
	if (!beyond_has_left(b) || (b->entry && !conntrack_is_unreplied(b->entry)))
		return CERTAINTY_NONE;
	/* Alive by its own word, or served there as far as its sockets say. */
	if (b->is_served == TRI_YES || (b->probe && !is_silent_to_us(b)))
		return CERTAINTY_NONE;
	if (is_silent_to_us(b) || (is_certain_to_return(v) && b->is_on_link))
		return CERTAINTY_LIKELY;
	return CERTAINTY_POSSIBLE;
}

static int prove_neighbour(const struct check_view *v, struct finding *f,
			   const struct beyond *b)
{
	char hop[ADDR_TEXT_MAX];

	if (!b->neighbour)
		return 0;
	addr_format(&b->neighbour->address, hop);
	return finding_prove(f, v->arena, "rtnetlink", true,
			     view_text(v, "ip neigh show %s", hop),
			     "the neighbour entry of %s is %s", hop,
			     neighbour_state_word(b->neighbour->state));
}

static int say_dead(const struct check_view *v, struct finding *f, const struct beyond *b)
{
	int error = finding_say(
		f, v->arena, "%s is translated to %s, and that host does not answer%s",
		view_port(v), beyond_words(v, b),
		beyond_is_hop_dead(b)
			? (b->is_on_link ? " (no link address)"
					 : " (the gateway to it has no link address)")
			: "");

	if (!error)
		error = prove_neighbour(v, f, b);
	if (!error)
		error = beyond_prove(v, f, b);
	if (error)
		return error;
	return finding_advise(f, v->arena, beyond_show_command(v), NULL,
			      "connections that are open keep their old translation",
			      "see whether that host is up and lets port %u in, or correct "
			      "the translation's address",
			      b->port);
}

int check_dnat_dead_host(const struct check_view *v, struct finding *f)
{
	struct beyond b;
	int certainty, error;

	if (sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && !v->walk->path.is_translated))
		return ruled_out(f);
	if (!beyond_look(v, &b) || !is_let_through(v, &b))
		return CERTAINTY_NONE;
	if (b.n_syn_acks || b.n_refused || b.n_unreachable ||
	    (b.probe && b.probe->outcome == PROBE_CONNECTED))
		return ruled_out(f);
	certainty = certainty_of_host(v, &b);
	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	f->position = AT_SOCKET;
	f->explains_silence = true;
	f->explains_icmp = beyond_is_hop_dead(&b);
	beyond_blame(v, f);
	error = say_dead(v, f, &b);
	return error ? error : certainty;
}
