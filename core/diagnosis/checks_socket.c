/* Who takes the packet once it is through: the faults of where a service listens. */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_logs.h"
#include "core/diagnosis/check_name.h"
#include "core/diagnosis/sight.h"

/* Why no socket takes it, and the endpoint that comes nearest. */
struct absence {
	enum fault fault;
	const struct endpoint *endpoint; /* NULL for NOT_LISTENING */
	enum certainty certainty;
};

static bool is_stream_target(const struct check_view *v)
{
	return v->e->target.proto == IPPROTO_TCP;
}

static bool is_of_other_family(const struct endpoint *e, const struct addr *server)
{
	if (server->family == AF_INET)
		return e->address.family == AF_INET6 && !addr_is_v4_mapped(&e->address);
	return e->address.family == AF_INET || addr_is_v4_mapped(&e->address);
}

/* One endpoint of the port that does not take the packet: why not. */
static enum fault why_not(const struct check_view *v, const struct endpoint *e)
{
	uint32_t in_ifindex = v->walk->path.in_ifindex;

	if (e->scope == SCOPE_LOOPBACK)
		return FAULT_LOOPBACK_ONLY;
	if (is_of_other_family(e, &v->walk->server))
		return v->walk->server.family == AF_INET ? FAULT_IPV6_ONLY
							 : FAULT_IPV4_ONLY;
	if (e->ifindex && in_ifindex && e->ifindex != in_ifindex)
		return FAULT_BOUND_TO_DEVICE;
	return FAULT_OTHER_ADDRESS;
}

/* The nearer miss wins: a device, a family, an address, then loopback. */
static int nearness(enum fault f)
{
	switch ((int)f) {
	case FAULT_BOUND_TO_DEVICE:
		return 4;
	case FAULT_IPV6_ONLY:
	case FAULT_IPV4_ONLY:
		return 3;
	case FAULT_OTHER_ADDRESS:
		return 2;
	case FAULT_LOOPBACK_ONLY:
		return 1;
	default:
		return 0;
	}
}

static struct absence absence_of_same_port(const struct check_view *v)
{
	const struct endpoint *serving[32];
	size_t n = evidence_serving(v->e, serving, 32);
	struct absence best = {.fault = FAULT_NONE};

	for (size_t i = 0; i < n; i++) {
		enum fault f = why_not(v, serving[i]);

		if (nearness(f) > nearness(best.fault))
			best = (struct absence){.fault = f, .endpoint = serving[i]};
	}
	return best;
}

/* Datagram sockets of the ephemeral range are somebody's questions, not services. */
static const struct endpoint *find_elsewhere(const struct check_view *v, bool in_own_space,
					     bool is_stream)
{
	const struct snapshot *s = v->e->snapshot;

	for (size_t i = 0; i < s->n_endpoints; i++) {
		const struct endpoint *e = &s->endpoints[i];

		if (e->port == v->e->target.port &&
		    (e->space == v->e->space) == in_own_space &&
		    endpoint_is_stream(e) == is_stream && e->scope != SCOPE_LOOPBACK &&
		    (is_stream || !e->is_ephemeral))
			return e;
	}
	return NULL;
}

/* FAULT_NONE: a socket takes it, or that is not known. */
static struct absence absence_of(const struct check_view *v, enum tri *served)
{
	const struct endpoint *e = NULL;
	struct absence a;

	view_socket(v, served, &e);
	if (*served != TRI_NO || v->walk->path.is_translated ||
	    v->walk->path.proxied.state == FW_PROXY_MISSED)
		return (struct absence){.fault = FAULT_NONE};
	a = absence_of_same_port(v);
	if (a.fault != FAULT_NONE)
		return a;
	e = find_elsewhere(v, true, !is_stream_target(v));
	if (e)
		return (struct absence){.fault = FAULT_TRANSPORT_MISMATCH, .endpoint = e};
	e = find_elsewhere(v, false, is_stream_target(v));
	if (e)
		return (struct absence){.fault = FAULT_OTHER_NAMESPACE, .endpoint = e};
	return (struct absence){.fault = FAULT_NOT_LISTENING};
}

/* A socket that was not there at first has come since. */
static bool came_since(const struct check_view *v)
{
	const struct socket_table *t = v->e->listeners_after;

	for (size_t i = 0; t && i < t->n; i++)
		if (t->rows[i].port == v->e->target.port &&
		    (t->rows[i].proto == PROTO_TCP || t->rows[i].proto == PROTO_MPTCP) ==
			    is_stream_target(v))
			return true;
	return false;
}

static int64_t delta_of_answers(const struct check_view *v)
{
	if (is_stream_target(v))
		return evidence_delta(v->e, "Tcp.OutRsts");
	return evidence_delta(v->e, v->walk->server.family == AF_INET6 ? "Udp6NoPorts"
								       : "Udp.NoPorts");
}

/* The kernel's table of sockets proves it, as long as nothing may send the packet past
 * them, and it is known that clients come this way. */
static enum certainty certainty_of(const struct check_view *v, enum fault fault)
{
	bool is_of_family = fault == FAULT_IPV6_ONLY || fault == FAULT_IPV4_ONLY;
	bool is_of_way = fault == FAULT_OTHER_ADDRESS || fault == FAULT_BOUND_TO_DEVICE;
	bool is_guessed = !v->sight.n_all && !v->e->target.address.family;

	if (!view_is_untranslated(v))
		return sight_was_refused(v) && delta_of_answers(v) > 0 ? CERTAINTY_LIKELY
								       : CERTAINTY_POSSIBLE;
	/* Clients may well use the address, or come by the interface, that it serves. */
	if (is_of_way && is_guessed)
		return CERTAINTY_POSSIBLE;
	return is_of_family && is_guessed ? CERTAINTY_LIKELY : CERTAINTY_PROVEN;
}

/* Is the absence of this kind? */
static int start(const struct check_view *v, struct finding *f, struct absence *out)
{
	enum tri served = TRI_UNSURE;

	/* On a way that is not for this host nothing is said of its sockets. */
	if (!view_is_for_here(v))
		return v->walk->is_walked ? ruled_out(f) : CERTAINTY_NONE;
	*out = absence_of(v, &served);
	if (v->was_anyone_taken)
		return ruled_out(f);
	if (out->fault != f->fault)
		return served == TRI_UNSURE ? CERTAINTY_NONE : ruled_out(f);
	if (came_since(v) && out->endpoint == NULL)
		return CERTAINTY_NONE;
	out->certainty = certainty_of(v, f->fault);
	f->position = AT_SOCKET;
	f->endpoint = out->endpoint;
	/* A reset that the stack did not count is not its own. */
	f->explains_reset = is_stream_target(v) && delta_of_answers(v) != 0;
	f->explains_icmp = !is_stream_target(v);
	/* The kernel's own ICMP error may be held back on its way out. */
	f->explains_silence = !is_stream_target(v) && delta_of_answers(v) > 0;
	return CERTAINTY_PROVEN;
}

static int prove_resets(const struct check_view *v, struct finding *f)
{
	bool is_stream = is_stream_target(v);
	int64_t delta = delta_of_answers(v);
	int error = prove_wire(v, f);

	if (error || delta <= 0 || !v->sight.n_all || (is_stream && !sight_was_refused(v)))
		return error;
	return finding_prove(
		f, v->arena, "counters", true,
		is_stream ? "nstat -az TcpOutRsts" : "nstat -az UdpNoPorts",
		is_stream ? "the kernel counted resets of its own (OutRsts +%lld)"
			  : "the kernel found no socket (NoPorts +%lld)",
		(long long)delta);
}

static int prove_socket(const struct check_view *v, struct finding *f,
			const struct endpoint *e)
{
	return finding_prove(f, v->arena, "sock_diag", true,
			     endpoint_is_stream(e) ? "ss -tlpen" : "ss -ulpen",
			     "%s listens on %s", view_owner(v, e), view_listens_on(v, e));
}

/* "127.0.0.1 and ::1": of a service on loopback the addresses themselves. */
static const char *addresses_of(const struct check_view *v, const struct endpoint *e)
{
	char first[ADDR_TEXT_MAX], second[ADDR_TEXT_MAX];

	if (!e->n_sockets || e->n_sockets > 2)
		return view_listens_on(v, e);
	addr_format(&e->sockets[0]->local, first);
	if (e->n_sockets == 1)
		return view_text(v, "%s", first);
	addr_format(&e->sockets[1]->local, second);
	if (!strcmp(first, second))
		return view_text(v, "%s", first);
	return view_text(v, "%s and %s", first, second);
}

/* What became of one family's attempts at this port; "" where none was seen. */
static const char *family_words(const struct check_view *v, int family)
{
	const char *name = family == AF_INET6 ? "IPv6" : "IPv4";
	unsigned n = 0, n_open = 0;

	for (size_t i = 0; i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);
		struct addr client = addr_unmapped(&a->client);

		if (client.family != family || !sight_is_at_port(v->e, a))
			continue;
		n++;
		n_open += sight_is_open(a);
	}
	if (!n)
		return "";
	return view_text(v, "%s %s (%u of %u attempts got through)", name,
			 n_open == n ? "is open"
			 : n_open    ? "is open for some"
				     : "fails",
			 n_open, n);
}

/* Both families in one line, where both were tried: a client that falls back on the other
 * one notices but a delay. */
static int prove_families(const struct check_view *v, struct finding *f)
{
	const char *v4 = family_words(v, AF_INET), *v6 = family_words(v, AF_INET6);

	if (!*v4 || !*v6)
		return 0;
	return finding_prove(f, v->arena, "capture", true, NULL, "%s; %s", v4, v6);
}

static int finish(const struct check_view *v, struct finding *f, const struct absence *a,
		  int error)
{
	if (!error)
		error = prove_resets(v, f);
	return error ? error : (int)a->certainty;
}

int check_not_listening(const struct check_view *v, struct finding *f)
{
	struct absence a;
	int got = start(v, f, &a), error;

	if (got != CERTAINTY_PROVEN)
		return got;
	error = finding_say(f, v->arena, "nobody listens on %s", view_port(v));
	if (!error)
		error = finding_prove(
			f, v->arena, "sock_diag", true,
			is_stream_target(v) ? "ss -tlpn" : "ss -ulpn",
			"no socket of this host takes %s in any namespace that "
			"was seen",
			view_port(v));
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"start the service, or give the client the port that "
			"it listens on");
	if (!error)
		error = advise_configuration(v, f, view_service(v, NULL));
	return finish(v, f, &a, error);
}

int check_loopback_only(const struct check_view *v, struct finding *f)
{
	struct absence a;
	int got = start(v, f, &a), error;

	if (got != CERTAINTY_PROVEN)
		return got;
	error = finding_say(
		f, v->arena, "%s listens on %s only for %s: nobody outside reaches it",
		view_owner(v, a.endpoint), addresses_of(v, a.endpoint), view_port(v));
	if (!error)
		error = prove_resets(v, f);
	if (!error)
		error = prove_socket(v, f, a.endpoint);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL,
			"opens the service to everybody whom the firewall lets "
			"in",
			"change the address in the service's configuration (its "
			"listen or bind line) and restart it");
	if (!error)
		error = advise_configuration(v, f, view_service(v, a.endpoint));
	return error ? error : (int)a.certainty;
}

int check_other_address(const struct check_view *v, struct finding *f)
{
	struct absence a;
	int got = start(v, f, &a), error;
	char server[ADDR_TEXT_MAX];

	if (got != CERTAINTY_PROVEN)
		return got;
	error = finding_say(f, v->arena, "%s listens on %s, %s %s",
			    view_owner(v, a.endpoint), view_listens_on(v, a.endpoint),
			    v->sight.n_all ? "the client uses" : "not on",
			    addr_format(&v->walk->server, server));
	if (!error)
		error = prove_socket(v, f, a.endpoint);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"give the client that address, or let the service listen "
			"on %s as well",
			server);
	if (!error)
		error = advise_configuration(v, f, view_service(v, a.endpoint));
	return finish(v, f, &a, error);
}

static int check_family(const struct check_view *v, struct finding *f)
{
	struct absence a;
	int got = start(v, f, &a), error;
	const char *only = f->fault == FAULT_IPV6_ONLY ? "IPv6" : "IPv4";
	const char *other = f->fault == FAULT_IPV6_ONLY ? "IPv4" : "IPv6";

	if (got != CERTAINTY_PROVEN)
		return got;
	error = finding_say(f, v->arena, "%s takes %s only on %s; the way here is %s",
			    view_owner(v, a.endpoint), only, view_port(v), other);
	if (!error)
		error = name_prove_published(v, f);
	if (!error)
		error = prove_families(v, f);
	if (!error)
		error = prove_socket(v, f, a.endpoint);
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       "let the service listen on %s too, or take the %s "
				       "address out of the name's records",
				       other, other);
	return finish(v, f, &a, error);
}

int check_ipv6_only(const struct check_view *v, struct finding *f)
{
	return check_family(v, f);
}

int check_ipv4_only(const struct check_view *v, struct finding *f)
{
	return check_family(v, f);
}

int check_transport_mismatch(const struct check_view *v, struct finding *f)
{
	struct absence a;
	int got = start(v, f, &a), error;

	if (got != CERTAINTY_PROVEN)
		return got;
	error = finding_say(f, v->arena, "port %u is served over %s by %s, not over %s",
			    v->e->target.port, is_stream_target(v) ? "UDP" : "TCP",
			    view_owner(v, a.endpoint), is_stream_target(v) ? "TCP" : "UDP");
	if (!error)
		error = prove_socket(v, f, a.endpoint);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"use the right transport at the client, or enable the "
			"other one in the service");
	return finish(v, f, &a, error);
}

int check_bound_to_device(const struct check_view *v, struct finding *f)
{
	struct absence a;
	int got = start(v, f, &a), error;

	if (got != CERTAINTY_PROVEN)
		return got;
	error = finding_say(f, v->arena,
			    "%s is bound to another interface: it listens on %s",
			    view_owner(v, a.endpoint), view_listens_on(v, a.endpoint));
	if (!error)
		error = prove_socket(v, f, a.endpoint);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"drop the device from the service's configuration "
			"(SO_BINDTODEVICE, BindToDevice=, a VRF), or send the "
			"client by that interface");
	return finish(v, f, &a, error);
}

int check_other_namespace(const struct check_view *v, struct finding *f)
{
	struct absence a;
	int got = start(v, f, &a), error;
	struct str name = {0};

	if (got != CERTAINTY_PROVEN)
		return got;
	text_show(&name, a.endpoint->space->name, TEXT_ASCII);
	error = finding_say(f, v->arena, "%s is served in namespace %s by %s, not here",
			    view_port(v), name.len ? str_text(&name) : "of this program",
			    view_owner(v, a.endpoint));
	str_release(&name);
	if (!error)
		error = prove_socket(v, f, a.endpoint);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"publish the port into this namespace (a translation or a "
			"proxy), or run the service here");
	return finish(v, f, &a, error);
}
