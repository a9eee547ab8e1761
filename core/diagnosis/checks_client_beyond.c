/* This host as the client: what its own tries show of the way beyond the next hop, and of
 * what answers there. */
#include <errno.h>
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/client_side.h"

enum { TCP_HEAD = 20, V4_HEAD = 20, V6_HEAD = 40, HTTP_BAD_REQUEST = 400 };

static const struct reach_result *row_of(const struct check_view *v)
{
	return v->e->is_client_side ? client_row(v->e, &v->walk->server) : NULL;
}

/* ---- somebody's firewall ---- */

int check_client_remote(const struct check_view *v, struct finding *f)
{
	const struct reach_result *r = row_of(v);
	char from[ADDR_TEXT_MAX];
	bool is_target;
	int error, certainty;

	if (!r)
		return CERTAINTY_NONE;
	if (r->outcome == REACH_CONNECTED)
		return ruled_out(f);
	if (!r->has_icmp || !r->icmp_from.family || client_is_own_error(v->e, r) ||
	    !client_is_prohibited(r))
		return CERTAINTY_NONE;
	is_target = addr_equals(&r->icmp_from, &r->to);
	/* A host of several addresses may say of any of them that nobody has the port. */
	certainty = client_is_closed_port(r) ? CERTAINTY_LIKELY : CERTAINTY_PROVEN;
	addr_format(&r->icmp_from, from);
	f->position = AT_CLIENT + 10;
	error = finding_say(f, v->arena, "%s rejects it: %s for %s",
			    is_target ? "the target itself"
				      : view_text(v, "the router %s", from),
			    client_icmp_words(v, r), client_goal(v));
	if (!error)
		error = finding_prove(
			f, v->arena, "reach", true,
			view_text(v, "traceroute -%c -p %u %s", r->is_datagram ? 'U' : 'T',
				  v->e->target.port, from),
			"our own %s got %s from %s after %.1f ms",
			r->is_datagram ? "datagram" : "connection", client_icmp_words(v, r),
			from, (double)r->took_ns / 1e6);
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       "ask who runs %s to let %s in from this host", from,
				       client_goal(v));
	return error ? error : certainty;
}

/* ---- sizes ---- */

static uint32_t heads_of(const struct reach_result *r)
{
	return TCP_HEAD + (r->to.family == AF_INET ? V4_HEAD : V6_HEAD);
}

/* Small ones come back, large ones do not, and nobody says why. */
static bool is_black_hole(const struct reach_sizes *s)
{
	return s->is_told && s->smallest && s->largest < s->device && !s->told;
}

static bool has_stalled(const struct reach_said *s)
{
	return s->is_told && s->unacked && s->again;
}

static int say_black_hole(const struct check_view *v, struct finding *f,
			  const struct reach_result *r)
{
	const struct reach_sizes *s = &r->sizes;
	const struct reach_said *stalled = has_stalled(&r->said)     ? &r->said
					   : has_stalled(&r->second) ? &r->second
								     : NULL;
	char server[ADDR_TEXT_MAX];
	int error;

	addr_format(&r->to, server);
	error = finding_say(f, v->arena,
			    "packets of more than %u bytes to %s vanish, and nobody says "
			    "so",
			    s->largest, server);
	if (!error)
		error = finding_prove(
			f, v->arena, "reach", true,
			view_text(v, "ping -M do -s %u %s",
				  s->largest + 1 - heads_of(r) + TCP_HEAD - 8, server),
			"echo requests of up to %u bytes come back, larger ones do not; "
			"the interface takes %u, and no ICMP said that they are too big",
			s->largest, s->device);
	if (!error && r->said.mss)
		error = finding_prove(f, v->arena, "reach", true, "ss -tin",
				      "the connection sends segments of %u bytes: packets "
				      "of %u",
				      r->said.mss, r->said.mss + heads_of(r));
	if (!error && stalled)
		error = finding_prove(f, v->arena, "reach", true, NULL,
				      "of what we sent on %s, %u segment%s not "
				      "acknowledged, though sent again",
				      stalled == &r->second ? "a second one" : "it",
				      stalled->unacked,
				      stalled->unacked == 1 ? " was" : "s were");
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "ip route replace %s ... mtu %u", server, s->largest),
			NULL, "an MTU of the route stays until it is taken back",
			"have the routers between let ICMP \"too big\" through, or clamp "
			"the MSS there; an MTU on this host's route helps at once");
	return error;
}

int check_client_mtu(const struct check_view *v, struct finding *f)
{
	const struct reach_result *r = row_of(v);
	bool is_stuck;
	int error;

	if (!r || r->outcome != REACH_CONNECTED || !r->sizes.is_told)
		return CERTAINTY_NONE;
	is_stuck = has_stalled(&r->said) || has_stalled(&r->second);
	if (!is_black_hole(&r->sizes))
		return r->sizes.smallest ? ruled_out(f) : CERTAINTY_NONE;
	/* What TCP sends fits all the same: its MSS was clamped. */
	if (r->said.mss && r->said.mss + heads_of(r) <= r->sizes.largest && !is_stuck)
		return ruled_out(f);
	f->position = AT_APPLICATION - 10;
	error = say_black_hole(v, f, r);
	if (error)
		return error;
	return is_stuck ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* ---- what answers ---- */

static bool is_plain_text(enum heard h)
{
	return h == HEARD_HTTP || h == HEARD_SSH || h == HEARD_GREETING;
}

/* An alert is TLS; plain text to a ClientHello is none. The reverse is what a server of TLS
 * says to HTTP. */
static bool is_mismatch(const struct reach_said *s)
{
	return (s->said == REACH_TALK_TLS && is_plain_text(s->heard)) ||
	       (s->said == REACH_TALK_HTTP &&
		(s->heard == HEARD_TLS_ALERT || s->heard == HEARD_TLS_HELLO));
}

/*
 * Two connections, one with TLS and one without: does the second get what the first did
 * not? NONE: it says nothing. By 400 a server of TLS answers plain HTTP, so that is no
 * answer without TLS; and one that answers both with an error may serve both.
 */
static enum certainty mismatch_of_two(const struct reach_said *first,
				      const struct reach_said *second)
{
	bool is_mute = first->heard == HEARD_NOTHING && first->end != REACH_END_OPEN;

	if (!first->is_told || !second->is_told)
		return CERTAINTY_NONE;
	if (first->said == REACH_TALK_TLS && second->said == REACH_TALK_HTTP)
		return is_mute && second->heard == HEARD_HTTP && second->status &&
				       second->status != HTTP_BAD_REQUEST
			       ? CERTAINTY_PROVEN
			       : CERTAINTY_NONE;
	if (first->said != REACH_TALK_HTTP || second->said != REACH_TALK_TLS ||
	    (second->heard != HEARD_TLS_HELLO && second->heard != HEARD_TLS_ALERT))
		return CERTAINTY_NONE;
	if (is_mute)
		return CERTAINTY_PROVEN;
	return first->heard == HEARD_HTTP && first->status == HTTP_BAD_REQUEST
		       ? CERTAINTY_LIKELY
		       : CERTAINTY_NONE;
}

static const char *said_words(const struct reach_said *s)
{
	return s->said == REACH_TALK_TLS ? "a TLS ClientHello" : "HEAD / in plain HTTP";
}

static const char *heard_with_end(const struct check_view *v, const struct reach_said *s)
{
	if (s->status)
		return view_text(v, "%s, status %u", heard_words(s->heard), s->status);
	if (s->heard == HEARD_NOTHING)
		return s->end == REACH_END_RESET ? "nothing but a reset"
						 : "nothing but the end";
	return heard_words(s->heard);
}

static int prove_talk(const struct check_view *v, struct finding *f,
		      const struct reach_said *s, const char *which)
{
	return finding_prove(f, v->arena, "reach", true,
			     view_text(v, "curl -v telnet://%s", client_goal(v)),
			     "our %s connection said %s and heard %s", which, said_words(s),
			     heard_with_end(v, s));
}

static int say_mismatch(const struct check_view *v, struct finding *f,
			const struct reach_result *r, bool are_two)
{
	const struct reach_said *s = &r->said;
	bool is_tls = s->said == REACH_TALK_TLS;
	int error;

	f->position = AT_APPLICATION;
	error = finding_say(f, v->arena, "%s %s: it answers %s to %s", client_goal(v),
			    is_tls ? "does not speak TLS" : "speaks TLS, not plain HTTP",
			    heard_words(are_two ? r->second.heard : s->heard),
			    is_tls != are_two ? "a ClientHello" : "HTTP");
	if (!error)
		error = prove_talk(v, f, s, "own");
	if (!error && are_two)
		error = prove_talk(v, f, &r->second, "second");
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       is_tls ? "use the scheme without TLS for this "
						"port, or have the service speak TLS"
					      : "use the scheme with TLS for this port");
	return error;
}

int check_client_tls(const struct check_view *v, struct finding *f)
{
	const struct reach_result *r = row_of(v);
	enum certainty of_two;
	int error;

	if (!r || r->is_datagram || !r->said.is_told)
		return CERTAINTY_NONE;
	of_two = mismatch_of_two(&r->said, &r->second);
	if (of_two != CERTAINTY_NONE) {
		error = say_mismatch(v, f, r, true);
		return error ? error : (int)of_two;
	}
	if (r->said.heard == HEARD_NOTHING)
		return CERTAINTY_NONE;
	if (!is_mismatch(&r->said))
		return ruled_out(f);
	error = say_mismatch(v, f, r, false);
	return error ? error : CERTAINTY_PROVEN;
}

int check_client_tls_alert(const struct check_view *v, struct finding *f)
{
	const struct reach_result *r = row_of(v);
	const struct reach_said *s = r ? &r->said : NULL;
	int error;

	if (!r || !s->is_told || s->said != REACH_TALK_TLS)
		return CERTAINTY_NONE;
	if (s->heard == HEARD_TLS_HELLO)
		return ruled_out(f);
	if (s->heard != HEARD_TLS_ALERT)
		return CERTAINTY_NONE;
	f->position = AT_APPLICATION;
	error = finding_say(f, v->arena,
			    "%s speaks TLS and ends the handshake with alert %u%s",
			    client_goal(v), s->alert,
			    s->alert == 112  ? " (unrecognized name)"
			    : s->alert == 70 ? " (protocol version)"
			    : s->alert == 40 ? " (handshake failure)"
					     : "");
	if (!error)
		error = finding_prove(f, v->arena, "reach", true, NULL,
				      "our own ClientHello%s got that answer",
				      v->e->plan.name[0] ? ", with the name of the target,"
							 : " without a name");
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "openssl s_client -connect %s", client_goal(v)), NULL,
			NULL,
			"see which names, versions and ciphers the "
			"service takes");
	if (error)
		return error;
	/* Our hello is not the client's: without a name it may be refused for that alone.
	 */
	return v->e->plan.name[0] ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}

/* ---- a datagram from elsewhere ---- */

/* At another port of the same address it is of a service that goes on there, as TFTP. */
int check_client_reply_source(const struct check_view *v, struct finding *f)
{
	const struct reach_result *r = row_of(v);
	char server[ADDR_TEXT_MAX], from[ADDR_TEXT_MAX];
	int error;

	if (!r || !r->is_datagram)
		return CERTAINTY_NONE;
	if (r->outcome == REACH_CONNECTED)
		return ruled_out(f);
	if (!r->stray.family || addr_equals(&r->stray, &r->to))
		return CERTAINTY_NONE;
	f->position = AT_APPLICATION;
	addr_format(&r->to, server);
	addr_format(&r->stray, from);
	error = finding_say(f, v->arena,
			    "%s is asked and %s answers: a client takes no such datagram",
			    client_goal(v), from);
	if (!error)
		error = finding_prove(
			f, v->arena, "reach", true,
			view_text(v, "tcpdump -ni any 'udp and (host %s or host %s)'",
				  server, from),
			"to %u datagram%s to %s a datagram came from %s port %u%s",
			r->n_syns, r->n_syns == 1 ? "" : "s", server, from, r->stray_port,
			r->is_stray_ours ? ", with the number of our question" : "");
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"have the service listen on each address of its own (or answer "
			"with IP_PKTINFO): on the any-address the kernel chooses the "
			"source by the route; or ask it at %s",
			from);
	if (error)
		return error;
	if (r->is_stray_ours)
		return CERTAINTY_PROVEN;
	/* Without a number of ours in it, it may be anybody's. */
	return r->stray_port == v->e->target.port ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}

bool check_is_client_side(const struct check *c)
{
	static int (*const all[])(const struct check_view *v, struct finding *f) = {
		check_name_unresolved,     check_name_elsewhere,  check_prefers_ipv6,
		check_uses_proxy,          check_client_ports,    check_client_no_route,
		check_client_egress,       check_client_next_hop, check_client_remote,
		check_client_mtu,          check_client_tls,      check_client_tls_alert,
		check_client_reply_source,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (c->run == all[i])
			return true;
	return false;
}
