/* Routes, the reverse path, addresses and neighbours: what stops a packet without a rule.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_kernel.h"
#include "core/diagnosis/check_routing.h"
#include "core/diagnosis/sight_link.h"

static bool is_v6(const struct check_view *v)
{
	return v->walk->server.family == AF_INET6;
}

static const char *client_words(const struct check_view *v)
{
	char client[ADDR_TEXT_MAX];

	return view_text(v, "%s", addr_format(&v->walk->client, client));
}

static const char *server_words(const struct check_view *v)
{
	char server[ADDR_TEXT_MAX];

	return view_text(v, "%s", addr_format(&v->walk->server, server));
}

/* In a sentence. */
static const char *device_name(const struct check_view *v, uint32_t ifindex)
{
	const struct link_row *link =
		v->e->space->links ? links_find(v->e->space->links, ifindex) : NULL;
	struct str s = {0};
	const char *out;

	if (!link)
		return "an interface that is gone";
	text_show(&s, link->name, TEXT_ASCII);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

/* In a command that may be pasted. */
static const char *device_argument(const struct check_view *v, uint32_t ifindex)
{
	const struct link_row *link =
		v->e->space->links ? links_find(v->e->space->links, ifindex) : NULL;

	return link ? view_word(v, link->name) : "INTERFACE";
}

static bool is_stopped_by(const struct path_leg *leg, enum path_decider who)
{
	return leg->is_walked && leg->decided_by == who &&
	       (leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT);
}

static int route_error(const struct path_leg *leg)
{
	for (size_t i = 0; i < leg->n_hops; i++)
		if (leg->hops[i].place == PLACE_ROUTE && leg->hops[i].error)
			return leg->hops[i].error;
	return 0;
}

static int prove_counter(const struct check_view *v, struct finding *f, const char *counter,
			 const char *name)
{
	int64_t delta = evidence_delta(v->e, counter);

	if (delta <= 0)
		return 0;
	return finding_prove(
		f, v->arena, "counters", true, view_text(v, "nstat -az %s", name),
		"the kernel counted +%lld (%s) in this time", (long long)delta, name);
}

/* ---- the way back ---- */

/* The kernel's words for the error of a route lookup. */
static const char *route_words(int error)
{
	switch (error) {
	case ENETUNREACH:
		return "network is unreachable: no route";
	case EHOSTUNREACH:
		return "an unreachable route";
	case EACCES:
		return "a prohibit route";
	case EINVAL:
		return "a blackhole route";
	default:
		return strerror(error);
	}
}

/* Something went from here to the client. What a router was seen to get of the server's has
 * not left by that. */
static bool has_left(const struct check_view *v)
{
	struct link_way w;

	if (sight_was_answered(v))
		return true;
	if (!sight_got_syn_ack(v) && !sight_was_refused(v))
		return false;
	if (!link_is_passed_on(v))
		return true;
	link_way_look(v, &w);
	return w.n_answers_out || w.n_resets_out;
}

/* The answer is here, and nobody saw it leave. */
static bool is_unheard(const struct check_view *v)
{
	return !v->sight.n_all || sight_is_silent(v) || link_is_answer_kept(v);
}

/* What helps stands in the table that the rule leads to, else in the main one. */
static int advise_route(const struct check_view *v, struct finding *f,
			const struct routing_rule *rule, bool is_missing)
{
	bool has_table = rule && rule->action == ROUTING_LOOKUP;
	const char *client = client_words(v);
	const char *table = has_table ? view_text(v, " table %u", rule->table) : "";

	if (rule && !has_table)
		return finding_advise(f, v->arena, "ip rule", NULL, NULL,
				      "somebody set this rule on purpose: find out who "
				      "before it is deleted");
	if (is_missing)
		return finding_advise(
			f, v->arena,
			view_text(v, "ip route add %s via GATEWAY%s", client, table),
			view_text(v, "ip route del %s%s", client, table),
			"lost at reboot; a wrong gateway sends answers astray",
			"give this host a route to the client");
	return finding_advise(f, v->arena,
			      view_text(v, "ip route show table %s match %s",
					has_table ? view_text(v, "%u", rule->table) : "all",
					client),
			      NULL, NULL,
			      "somebody set this route on purpose: find out who before "
			      "it is deleted");
}

/* A rule that is no lookup says so itself, and with "unreachable" as where no route is. */
static bool is_route_missing(int error, const struct routing_rule *rule)
{
	return error == ENETUNREACH && (!rule || rule->action == ROUTING_LOOKUP);
}

static int tell_reply_route(const struct check_view *v, struct finding *f, int error,
			    const char *counter, const char *name)
{
	const struct routing_rule *rule = routing_rule_of(v);
	bool is_missing = is_route_missing(error, rule);
	int failed;

	f->position = AT_REPLY_ROUTE;
	f->explains_silence = true;
	failed = finding_say(f, v->arena, "no way back to %s: %s%s", client_words(v),
			     error == ENETUNREACH && !is_missing ? "a rule that rejects it"
								 : route_words(error),
			     routing_rule_words(v, rule));
	if (!failed)
		failed = finding_prove(f, v->arena, "route", true,
				       view_text(v, "ip route get %s from %s",
						 client_words(v), server_words(v)),
				       "the kernel answers: %s", strerror(error));
	if (!failed)
		failed = routing_prove(v, f, rule);
	if (!failed)
		failed = prove_counter(v, f, counter, name);
	if (!failed)
		failed = prove_wire(v, f);
	return failed ? failed : advise_route(v, f, rule, is_missing);
}

static int check_reply_route(const struct check_view *v, struct finding *f, bool is_missing)
{
	const struct path_leg *leg = &v->walk->path.reply;
	const char *counter = is_v6(v) ? "Ip6OutNoRoutes" : "Ip.OutNoRoutes";
	const char *name = is_v6(v) ? "Ip6OutNoRoutes" : "IpOutNoRoutes";
	int error = route_error(leg), failed;

	/* Any answer on the wire had a way back. */
	if (has_left(v) || (leg->is_walked && !error))
		return ruled_out(f);
	if (!is_stopped_by(leg, DECIDER_ROUTE) ||
	    is_route_missing(error, routing_rule_of(v)) != is_missing)
		return CERTAINTY_NONE;
	failed = tell_reply_route(v, f, error, counter, name);
	if (failed)
		return failed;
	return sight_is_silent(v) && evidence_delta(v->e, counter) > 0 ? CERTAINTY_PROVEN
								       : CERTAINTY_LIKELY;
}

int check_no_route_back(const struct check_view *v, struct finding *f)
{
	return check_reply_route(v, f, true);
}

int check_route_rejects(const struct check_view *v, struct finding *f)
{
	return check_reply_route(v, f, false);
}

/* ---- the way in ---- */

static int advise_loose(const struct check_view *v, struct finding *f)
{
	const char *path = view_text(v, "sysctl -w net/ipv4/conf/%s/rp_filter",
				     device_argument(v, v->walk->path.in_ifindex));

	return finding_advise(
		f, v->arena, view_text(v, "%s=2", path), view_text(v, "%s=1", path),
		"loosens the protection against forged sources on this interface only",
		"give this host the right route to the client, or let the interface take "
		"sources that are reachable by any way (loose mode)");
}

int check_rp_filter(const struct check_view *v, struct finding *f)
{
	const struct path_leg *leg = &v->walk->path.request;
	int64_t delta = evidence_delta(v->e, "TcpExt.IPReversePathFilter");
	const struct routing_rule *rule;
	int error = route_error(leg), failed;
	const char *device;

	if (has_left(v) || is_v6(v) || (leg->is_walked && !error))
		return ruled_out(f);
	if (!is_stopped_by(leg, DECIDER_ROUTE) || (error != EXDEV && error != EINVAL))
		return CERTAINTY_NONE;
	if (error == EINVAL && delta <= 0)
		return CERTAINTY_NONE;
	device = device_name(v, v->walk->path.in_ifindex);
	rule = routing_rule_of(v);
	f->position = AT_ROUTE;
	f->explains_silence = true;
	failed = finding_say(f, v->arena,
			     "the reverse-path filter drops %s on %s: the way back leads "
			     "elsewhere%s",
			     client_words(v), device, routing_rule_words(v, rule));
	if (!failed)
		failed = finding_prove(
			f, v->arena, "route", true,
			view_text(v, "ip route get %s from %s iif %s", server_words(v),
				  client_words(v),
				  device_argument(v, v->walk->path.in_ifindex)),
			"the kernel answers: %s", strerror(error));
	if (!failed)
		failed = routing_prove(v, f, rule);
	if (!failed)
		failed = prove_counter(v, f, "TcpExt.IPReversePathFilter",
				       "TcpExtIPReversePathFilter");
	if (!failed)
		failed = prove_wire(v, f);
	if (!failed)
		failed = advise_loose(v, f);
	if (failed)
		return failed;
	/* EINVAL says a martian source as well, and others move the counter too. */
	return sight_is_silent(v) && delta > 0 && error == EXDEV ? CERTAINTY_PROVEN
								 : CERTAINTY_LIKELY;
}

/* This host is the router on the way; one that does not forward is none. */
static bool is_passed_on(const struct check_view *v)
{
	return v->walk->path.is_forwarded &&
	       !is_stopped_by(&v->walk->path.request, DECIDER_ROUTE);
}

int check_address_not_here(const struct check_view *v, struct finding *f)
{
	const struct space *s = v->e->space;
	const char *counter = is_v6(v) ? "Ip6InAddrErrors" : "Ip.InAddrErrors";
	const char *name = is_v6(v) ? "Ip6InAddrErrors" : "IpInAddrErrors";
	enum tri here = address_is_here(s->addresses, s->local_routes, &v->walk->server);
	int failed;

	if (here == TRI_YES || has_left(v) || v->was_anyone_taken)
		return ruled_out(f);
	/* Only packets that came for it show that somebody expects it here. */
	if (here != TRI_NO || !sight_is_silent(v) || sight_is_of_other_host(v) ||
	    v->e->target.role == AIM_CLIENT || !v->walk->is_walked ||
	    v->walk->path.is_translated || is_passed_on(v) ||
	    v->walk->path.proxied.state != FW_PROXY_NONE)
		return CERTAINTY_NONE;
	f->position = AT_ROUTE;
	f->explains_silence = true;
	failed = finding_say(f, v->arena,
			     "SYNs arrive for %s, which is no address of this host",
			     server_words(v));
	if (!failed)
		failed = finding_prove(
			f, v->arena, "rtnetlink", true,
			view_text(v, "ip addr show to %s", server_words(v)),
			"no interface carries %s, and this host passes nothing on "
			"to it",
			server_words(v));
	if (!failed)
		failed = prove_counter(v, f, counter, name);
	if (!failed)
		failed = prove_wire(v, f);
	if (!failed)
		failed = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"give the address to this host if it belongs here; turn "
			"forwarding on if this host is to pass it on; else correct the "
			"name or route by which the client came");
	if (failed)
		return failed;
	return evidence_delta(v->e, counter) >= v->sight.n_syns ? CERTAINTY_PROVEN
								: CERTAINTY_LIKELY;
}

/* ---- the next hop of the answer ---- */

/* ip-neighbour(8): nobody answered (FAILED), or nobody has yet (INCOMPLETE). */
static bool has_failed(const struct neighbour_row *n)
{
	const char *word = neighbour_state_word(n->state);

	return !strcmp(word, "FAILED") || !strcmp(word, "INCOMPLETE");
}

static const struct neighbour_row *next_hop(const struct check_view *v)
{
	const struct path_leg *leg = &v->walk->path.reply;
	const struct addr *to = &v->walk->client;
	uint32_t ifindex = 0;

	for (size_t i = 0; i < leg->n_hops; i++) {
		if (leg->hops[i].place != PLACE_ROUTE || leg->hops[i].error)
			continue;
		ifindex = leg->hops[i].ifindex;
		if (leg->hops[i].gateway.family)
			to = &leg->hops[i].gateway;
	}
	return ifindex && v->e->neighbours ? neighbours_find(v->e->neighbours, to, ifindex)
					   : NULL;
}

/* This host sends its SYN-ACK to the client again and again, or the server's is here: the
 * answer is on its way there, whatever the rules would say. */
static bool is_answering(const struct check_view *v)
{
	uint8_t n_repeats;

	return link_is_answer_kept(v) || (kernel_waits(v, &n_repeats) && n_repeats);
}

/* The answer was on its way there only if the SYN met a socket; and an entry that is still
 * being asked for may yet resolve. */
static int certainty_of_hop(const struct check_view *v, const struct neighbour_row *n)
{
	const struct path *p = &v->walk->path;
	bool is_failed = !strcmp(neighbour_state_word(n->state), "FAILED");
	bool is_seen = is_answering(v);

	if (!is_seen && (p->request.verdict != PATH_ACCEPT || p->is_served != TRI_YES))
		return CERTAINTY_POSSIBLE;
	return (is_seen || v->sight.n_all) && is_failed ? CERTAINTY_PROVEN
							: CERTAINTY_LIKELY;
}

static int prove_answering(const struct check_view *v, struct finding *f)
{
	uint8_t n_repeats;

	if (!kernel_waits(v, &n_repeats) || !n_repeats)
		return 0;
	return finding_prove(
		f, v->arena, "sock_diag", true,
		view_text(v, "ss -tno state syn-recv '( sport = :%u )'", v->e->target.port),
		"this host waits for the client's ACK, and has sent its "
		"SYN-ACK %u time%s again",
		n_repeats, n_repeats == 1 ? "" : "s");
}

int check_neighbour_failed(const struct check_view *v, struct finding *f)
{
	const struct neighbour_row *n;
	char hop[ADDR_TEXT_MAX];
	int failed;

	if (has_left(v))
		return ruled_out(f);
	if (!v->walk->is_walked || !v->walk->client.family)
		return CERTAINTY_NONE;
	n = next_hop(v);
	if (n && n->has_mac && !has_failed(n))
		return ruled_out(f);
	if (!n || !has_failed(n))
		return CERTAINTY_NONE;
	if (!is_unheard(v))
		return CERTAINTY_NONE;
	addr_format(&n->address, hop);
	f->position = AT_NEIGHBOUR;
	f->explains_silence = true;
	failed =
		finding_say(f, v->arena,
			    "the answer to %s cannot leave: its next hop %s on %s does not "
			    "resolve%s",
			    client_words(v), hop, device_name(v, n->ifindex),
			    routing_rule_words(v, routing_rule_of(v)));
	if (!failed)
		failed = finding_prove(f, v->arena, "rtnetlink", true,
				       view_text(v, "ip neigh show %s", hop),
				       "the neighbour entry is %s",
				       neighbour_state_word(n->state));
	if (!failed)
		failed = routing_prove(v, f, routing_rule_of(v));
	if (!failed)
		failed = prove_answering(v, f);
	if (!failed)
		failed = prove_wire(v, f);
	if (!failed)
		failed = finding_advise(
			f, v->arena,
			view_text(v,
				  n->address.family == AF_INET6
					  ? "ndisc6 %2$s %1$s"
					  : "arping -c 3 -I %1$s %2$s",
				  device_argument(v, n->ifindex), hop),
			NULL, NULL,
			"see whether the next hop is up and in the same network "
			"segment (cable, VLAN, an ARP or ND filter)");
	if (failed)
		return failed;
	return certainty_of_hop(v, n);
}
