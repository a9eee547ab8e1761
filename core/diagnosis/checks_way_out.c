/*
 * The ways out: answers that leave for the wrong neighbour, by another interface, from
 * another address, and what another host's firewall says of the flow. What was seen
 * decides; without it nothing is claimed.
 */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/sight.h"
#include "core/diagnosis/sight_link.h"

static bool is_udp(const struct check_view *v)
{
	return v->e->target.proto == IPPROTO_UDP;
}

/* ---- the answer's neighbour ---- */

/* No router has sent it on: it has the number that hosts begin with. */
static bool is_from_client_itself(const struct check_view *v)
{
	const struct attempt *a = sight_newest(v);

	return a && (a->syn_ttl == 64 || a->syn_ttl == 128 || a->syn_ttl == 255);
}

static bool is_fixed(const struct neighbour_row *n)
{
	return !strcmp(neighbour_state_word(n->state), "PERMANENT");
}

/* Does what was seen say that the entry is wrong, and how surely? */
static int certainty_of_entry(const struct check_view *v, const struct link_way *w,
			      const struct neighbour_row *n, const struct addr *hop)
{
	const uint8_t *macs[CLAIMS_MAX];
	uint32_t n_own;
	size_t n_claims = link_claims(v->e, hop, macs, &n_own);
	bool is_on_link = addr_equals(hop, &v->walk->client);
	bool is_told = link_is_claimed(macs, n_claims, w->in->source_mac);

	if (link_is_claimed(macs, n_claims, n->mac) || link_is_virtual_mac(n->mac) ||
	    (is_on_link && !is_from_client_itself(v)))
		return CERTAINTY_NONE;
	if (is_told)
		return CERTAINTY_PROVEN;
	/* SYNs of the client's own come from its link address, but for some bonds; a router
	 * may have several. What was learnt and is confirmed is right as a rule. */
	if (!is_on_link)
		return is_fixed(n) ? CERTAINTY_POSSIBLE : CERTAINTY_NONE;
	return is_fixed(n) || !strcmp(neighbour_state_word(n->state), "STALE")
		       ? CERTAINTY_LIKELY
		       : CERTAINTY_POSSIBLE;
}

static int tell_neighbour_wrong(const struct check_view *v, struct finding *f,
				const struct link_way *w, const struct neighbour_row *n)
{
	const char *device = link_argument(v, n->ifindex);
	char hop[ADDR_TEXT_MAX];
	int error;

	addr_format(&n->address, hop);
	error = finding_say(f, v->arena,
			    "the answers to %s go to %s, the link address that this host "
			    "has for %s; the client's frames come from %s",
			    link_client(v), link_mac(v, n->mac), hop,
			    link_mac(v, w->in->source_mac));
	if (!error)
		error = finding_prove(f, v->arena, "rtnetlink", true,
				      view_text(v, "ip neigh show %s", hop),
				      "the neighbour entry of %s is %s at %s", hop,
				      neighbour_state_word(n->state), link_mac(v, n->mac));
	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true, link_frames_command(v, w->in->device),
			"%s came in from %s; %u answer%s left for %s",
			link_count(v, w->n_in), link_mac(v, w->in->source_mac),
			w->n_answers_out, w->n_answers_out == 1 ? "" : "s",
			link_mac(v, w->answer_out->target_mac));
	if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "ip neigh del %s dev %s", hop, device),
			view_text(v, "ip neigh replace %s lladdr %s nud permanent dev %s",
				  hop, link_mac(v, n->mac), device),
			"an entry that was fixed on purpose comes back with what set it",
			"take the entry away: the kernel asks anew and learns the right "
			"one");
	return error;
}

int check_neighbour_wrong(const struct check_view *v, struct finding *f)
{
	const struct neighbour_row *n;
	struct link_way w;
	struct addr hop;
	int got, error;

	if (sight_was_answered(v) || sight_was_refused(v))
		return ruled_out(f);
	link_way_look(v, &w);
	if (!w.in || !w.answer_out || !w.in->has_macs || !w.answer_out->has_macs)
		return CERTAINTY_NONE;
	if (w.in->device == w.answer_out->device &&
	    !memcmp(w.in->source_mac, w.answer_out->target_mac, 6))
		return ruled_out(f);
	n = link_next_hop(v, &hop);
	if (!n || !n->has_mac || !link_is_taken_only(v) || w.in->device != n->ifindex ||
	    memcmp(n->mac, w.answer_out->target_mac, 6) ||
	    !memcmp(n->mac, w.in->source_mac, 6))
		return CERTAINTY_NONE;
	got = certainty_of_entry(v, &w, n, &hop);
	if (got == CERTAINTY_NONE)
		return got;
	f->position = AT_NEIGHBOUR;
	error = tell_neighbour_wrong(v, f, &w, n);
	return error ? error : got;
}

/* ---- the answer's interface ---- */

static int tell_asymmetric(const struct check_view *v, struct finding *f,
			   const struct link_way *w)
{
	const char *in = link_name(v, w->in->device), *out;
	int error;

	out = link_name(v, w->answer_out->device);
	error = finding_say(f, v->arena,
			    "%s's SYNs come in by %s and the answers leave by %s: nobody "
			    "gets them there",
			    link_client(v), in, out);
	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true,
			view_text(v, "tcpdump -ni any 'port %u'", v->e->target.port),
			"%s came in by %s, %u answer%s left by %s and none by "
			"%s",
			link_count(v, w->n_in), in, w->n_answers_out,
			w->n_answers_out == 1 ? "" : "s", out, in);
	if (!error)
		error = finding_prove(f, v->arena, "route", false,
				      view_text(v, "ip route get %s from %s",
						link_client(v), link_server(v)),
				      "the route to %s leads to %s", link_client(v), out);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "ip rule add from %s lookup TABLE", link_server(v)),
			view_text(v, "ip rule del from %s lookup TABLE", link_server(v)),
			"a table without a route for the client makes it unreachable",
			"have answers of %s leave by %s (a table of its own with that "
			"gateway): a firewall or router that keeps state drops answers "
			"to what it did not see",
			link_server(v), in);
	return error;
}

/* Others get through on the same ways: those are wanted, or do no harm. */
static bool does_anyone_get_through(const struct check_view *v)
{
	for (size_t i = 0; i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);

		if (sight_is_at_port(v->e, a) && sight_is_open(a))
			return true;
	}
	return false;
}

int check_asymmetric(const struct check_view *v, struct finding *f)
{
	struct link_way w;
	int error;

	if (sight_was_answered(v))
		return ruled_out(f);
	link_way_look(v, &w);
	if (w.leaves_where_it_came)
		return ruled_out(f);
	if (!w.in || !w.answer_out || !w.is_known || !link_is_taken_only(v) ||
	    !view_is_for_here(v) || does_anyone_get_through(v))
		return CERTAINTY_NONE;
	f->position = AT_REPLY_ROUTE;
	error = tell_asymmetric(v, f, &w);
	return error ? error : CERTAINTY_LIKELY;
}

/* ---- a datagram from another address ---- */

int check_udp_reply_source(const struct check_view *v, struct finding *f)
{
	char from[ADDR_TEXT_MAX];
	struct link_way w;
	int error;

	if (!is_udp(v))
		return CERTAINTY_NONE;
	link_way_look(v, &w);
	if (w.n_answers_out || sight_was_answered(v))
		return ruled_out(f);
	if (!w.stray)
		return w.is_known && w.n_in ? ruled_out(f) : CERTAINTY_NONE;
	addr_format(&w.stray->from, from);
	f->position = AT_APPLICATION;
	f->explains_silence = true;
	error = finding_say(
		f, v->arena,
		"%s is asked at %s and answers from %s: the client takes no such "
		"datagram",
		view_port(v), link_server(v), from);
	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true,
			view_text(v, "tcpdump -ni any 'udp port %u'", v->e->target.port),
			"%s came in for %s, %u answer%s left from %s and none "
			"from the address that was asked",
			link_count(v, w.n_in), link_server(v), w.n_stray,
			w.n_stray == 1 ? "" : "s", from);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"have the service listen on each address of its own (or answer "
			"with IP_PKTINFO): on the any-address the kernel chooses the "
			"source by the route");
	if (error)
		return error;
	return w.is_known ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* ---- another host's firewall ---- */

/* RFC 792, 1812, 4443: the words of a firewall. A port or protocol of another host than the
 * sender's is none that the sender could miss. */
static bool is_of_firewall(const struct attempt *a)
{
	if (a->icmp_from.family == AF_INET6)
		return a->icmp_type == 1 && (a->icmp_code == 1 || a->icmp_code >= 4);
	return a->icmp_type == 3 &&
	       (a->icmp_code == 2 || a->icmp_code == 3 || a->icmp_code == 9 ||
		a->icmp_code == 10 || a->icmp_code == 13);
}

static bool is_of_other_host(const struct check_view *v, const struct attempt *a)
{
	const struct space *s = v->e->space;
	struct addr from = addr_unmapped(&a->icmp_from);

	/* Of a datagram the client's error says that it waits no more. */
	if (is_udp(v) && addr_equals(&from, &v->walk->client))
		return false;
	return a->n_icmp && !addr_equals(&from, &v->walk->server) &&
	       address_is_here(s->addresses, s->local_routes, &from) == TRI_NO;
}

static const struct attempt *turned_away(const struct check_view *v)
{
	for (size_t i = v->sight.n; i-- > 0;) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (!sight_is_open(a) && is_of_other_host(v, a) && is_of_firewall(a))
			return a;
	}
	return NULL;
}

/* The error of the client's own host quotes this host's answer. */
static const char *whose(const struct check_view *v, const struct attempt *a)
{
	struct addr from = addr_unmapped(&a->icmp_from);

	return addr_equals(&from, &v->walk->client) ? "the client's own firewall"
						    : "another host's firewall";
}

static int tell_remote(const struct check_view *v, struct finding *f,
		       const struct attempt *a)
{
	char from[ADDR_TEXT_MAX];
	bool is_answer = a->n_syn_acks > 0;
	int error;

	addr_format(&a->icmp_from, from);
	error = finding_say(
		f, v->arena, "%s turns %s away: an ICMP error of %s", whose(v, a),
		is_answer ? "this host's answers" : "the client's packets", from);
	if (!error)
		error = finding_prove(f, v->arena, "capture", true,
				      "tcpdump -vni any icmp or icmp6",
				      "%s sent type %u code %u, which quotes %s; it is "
				      "neither this host nor the target",
				      from, a->icmp_type, a->icmp_code,
				      is_answer ? "the SYN-ACK" : "the client's packet");
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       "ask who runs %s to let %s pass between %s and %s",
				       from, view_port(v), link_client(v), link_server(v));
	return error;
}

int check_remote(const struct check_view *v, struct finding *f)
{
	const struct attempt *a = turned_away(v);
	int error;

	if (sight_was_answered(v) || sight_was_refused(v))
		return ruled_out(f);
	if (!a)
		return CERTAINTY_NONE;
	/* The SYN may have gone on from here, or it is the answer that met it. */
	f->position = a->n_syn_acks ? AT_NEIGHBOUR + 1 : AT_POSTROUTING;
	f->explains_icmp = true;
	error = tell_remote(v, f, a);
	return error ? error : CERTAINTY_PROVEN;
}
