/* The way of a translated packet through this host, and of its answer back: not forwarded,
 * kept from loopback, or answered past this host, which then cannot turn the translation
 * back. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_beyond.h"
#include "core/diagnosis/check_help.h"

/* ---- forwarding is off ---- */

static bool is_v6(const struct check_view *v)
{
	return v->walk->path.server.family == AF_INET6;
}

/* The kernel's switch that is off: the interface's for IPv4, one for all of IPv6. */
static const char *switch_name(const struct check_view *v)
{
	const struct path *p = &v->walk->path;
	const struct link_row *in =
		v->e->space->links ? links_find(v->e->space->links, p->in_ifindex) : NULL;
	int64_t value;

	if (is_v6(v))
		return "net.ipv6.conf.all.forwarding";
	if (in && settings_int(v->e->settings, "net/ipv4/ip_forward", &value) && value)
		return view_text(v, "net.ipv4.conf.%s.forwarding", view_word(v, in->name));
	return "net.ipv4.ip_forward";
}

static bool is_switched_off(const struct path_leg *leg)
{
	const struct path_hop *h = leg->n_hops ? &leg->hops[leg->n_hops - 1] : NULL;

	return h && leg->verdict == PATH_DROP && leg->decided_by == DECIDER_ROUTE &&
	       (h->place == PLACE_FORWARD || h->place == PLACE_ROUTE) && h->why &&
	       !strcmp(h->why, "forwarding is off");
}

static int tell_switch(const struct check_view *v, struct finding *f)
{
	const char *name = switch_name(v);
	char server[ADDR_TEXT_MAX];
	int64_t delta =
		evidence_delta(v->e, is_v6(v) ? "Ip6InAddrErrors" : "Ip.InAddrErrors");
	int error = finding_say(
		f, v->arena,
		"%s is translated to %s, and this host forwards nothing: %s is 0",
		view_port(v), addr_format(&v->walk->path.server, server), name);

	if (!error)
		error = finding_prove(f, v->arena, "settings", true,
				      view_text(v, "sysctl %s", name), "%s is 0", name);
	if (!error && delta > 0)
		error = finding_prove(f, v->arena, "counters", true,
				      "nstat -az IpInAddrErrors",
				      "the kernel counted packets that are not for it and "
				      "that it does not pass on (+%lld)",
				      (long long)delta);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "sysctl -w %s=1", name),
			view_text(v, "sysctl -w %s=0", name),
			"this host becomes a router for all its networks: see what the "
			"forward chains let through first; lost at reboot (put it into "
			"/etc/sysctl.d)",
			"turn forwarding on, if this host is to pass packets on");
	return error;
}

int check_forwarding_off(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	int error;

	if (sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && !p->is_translated))
		return ruled_out(f);
	if (!v->walk->is_walked || !v->e->settings)
		return CERTAINTY_NONE;
	if (!is_switched_off(&p->request))
		return p->request.verdict == PATH_UNSURE ? CERTAINTY_NONE : ruled_out(f);
	if (v->sight.n_all && !sight_is_silent(v))
		return CERTAINTY_NONE;
	f->position = AT_ROUTE;
	f->explains_silence = true;
	beyond_blame(v, f);
	error = tell_switch(v, f);
	if (error)
		return error;
	return sight_is_silent(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* ---- a loopback address ---- */

/* Is the kernel told to take such packets there? */
static enum tri routes_localnet(const struct check_view *v)
{
	const struct path *p = &v->walk->path;
	const struct link_row *in =
		v->e->space->links ? links_find(v->e->space->links, p->in_ifindex) : NULL;
	int64_t all, one;

	if (!v->e->settings || !in ||
	    !settings_device_int(v->e->settings, AF_INET, in->name, "route_localnet",
				 &one) ||
	    !settings_device_int(v->e->settings, AF_INET, text_of("all"), "route_localnet",
				 &all))
		return TRI_UNSURE;
	return all || one ? TRI_YES : TRI_NO;
}

static bool is_sent_to_loopback(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	return v->walk->is_walked && p->is_translated && p->server.family == AF_INET &&
	       addr_is_loopback(&p->server) && !addr_is_loopback(&v->walk->server) &&
	       p->request.nat_rule != UINT32_MAX && !p->ask.is_from_here;
}

static int tell_loopback(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	const struct link_row *in = links_find(v->e->space->links, p->in_ifindex);
	const char *device = view_word(v, in->name);
	const char *key = view_text(v, "net.ipv4.conf.%s.route_localnet", device);
	char server[ADDR_TEXT_MAX];
	int error;

	addr_format(&p->server, server);
	error = finding_say(f, v->arena,
			    "%s is translated to %s, which packets from %s may not reach "
			    "(route_localnet is 0)",
			    view_port(v), server, device);
	if (!error)
		error = finding_prove(f, v->arena, "settings", true,
				      view_text(v, "sysctl %s", key), "%s is 0", key);
	if (!error)
		error = finding_prove(f, v->arena, beyond_source(v), false,
				      beyond_show_command(v), "the translation: %s: %s",
				      beyond_rule_words(v), beyond_rule_text(v));
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "sysctl -w %s=1", key),
			view_text(v, "sysctl -w %s=0", key),
			"services that trust loopback become reachable from that network: "
			"protect them by a rule first; lost at reboot",
			"better let the service listen on an address of this host and "
			"translate to that (or redirect); or allow it on this interface");
	return error;
}

int check_dnat_to_loopback(const struct check_view *v, struct finding *f)
{
	int error;

	if (sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && !is_sent_to_loopback(v)))
		return ruled_out(f);
	if (!v->walk->is_walked || routes_localnet(v) != TRI_NO)
		return CERTAINTY_NONE;
	if (v->sight.n_all && !sight_is_silent(v))
		return CERTAINTY_NONE;
	f->position = AT_ROUTE;
	f->explains_silence = true;
	beyond_blame(v, f);
	error = tell_loopback(v, f);
	if (error)
		return error;
	return sight_is_silent(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* ---- answered past this host ---- */

static const struct path_hop *route_of(const struct path_leg *leg)
{
	for (size_t i = 0; i < leg->n_hops; i++)
		if (leg->hops[i].place == PLACE_ROUTE && !leg->hops[i].error)
			return &leg->hops[i];
	return NULL;
}

/* Client and backend are neighbours on one link: they need no router between them. */
static bool are_neighbours(const struct check_view *v)
{
	const struct path *p = &v->walk->path;
	const struct path_hop *there = route_of(&p->request), *back = route_of(&p->reply);

	return v->walk->client.family && p->in_ifindex && there && back &&
	       there->ifindex == p->in_ifindex && back->ifindex == p->in_ifindex &&
	       !there->gateway.family && !back->gateway.family;
}

/* By the rules, or because it was seen on its way there. */
static bool has_gone_on(const struct check_view *v, const struct beyond *b)
{
	enum path_verdict verdict = v->walk->path.request.verdict;

	return verdict == PATH_ACCEPT ? beyond_has_left(b)
				      : verdict == PATH_UNSURE && b->n_left;
}

/* It left for the backend, which lives, and nothing of its answer came by here. */
static bool is_lost_beyond(const struct check_view *v, const struct beyond *b)
{
	return has_gone_on(v, b) && sight_is_silent(v) &&
	       (!b->entry || conntrack_is_unreplied(b->entry)) && !b->n_refused &&
	       !b->n_unreachable && !b->n_other_icmp && !beyond_is_hop_dead(b);
}

static bool is_known_to_serve(const struct beyond *b)
{
	return b->is_served == TRI_YES ||
	       (b->probe && b->probe->outcome == PROBE_CONNECTED);
}

static int advise_masquerade(const struct check_view *v, struct finding *f,
			     const struct beyond *b, const char *why)
{
	const char *family = b->server.family == AF_INET6 ? "ip6" : "ip";
	char server[ADDR_TEXT_MAX];

	return finding_advise(
		f, v->arena,
		view_text(
			v,
			"nft add table %1$s dport_fix; nft 'add chain %1$s dport_fix post "
			"{ type nat hook postrouting priority srcnat; }'; nft add rule "
			"%1$s "
			"dport_fix post %1$s daddr %2$s %3$s dport %4$u ct status dnat "
			"masquerade",
			family, addr_format(&b->server, server),
			v->e->target.proto == IPPROTO_UDP ? "udp" : "tcp", b->port),
		view_text(v, "nft delete table %s dport_fix", family),
		"the backend no longer sees who the client is; lost at reload", "%s", why);
}

static int begin(const struct check_view *v, struct finding *f, struct beyond *b)
{
	const struct path *p = &v->walk->path;

	if (sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && (!p->is_translated || p->is_source_translated)))
		return ruled_out(f);
	if (!beyond_look(v, b) || !v->walk->client.family)
		return CERTAINTY_NONE;
	if (b->n_syn_acks)
		return ruled_out(f);
	f->position = AT_OUTPUT;
	f->explains_silence = true;
	beyond_blame(v, f);
	return CERTAINTY_LIKELY;
}

static int prove_no_answer(const struct check_view *v, struct finding *f,
			   const struct beyond *b)
{
	if (b->is_served != TRI_YES)
		return 0;
	return finding_prove(f, v->arena, "sock_diag", true, NULL,
			     "%s serves the port in its namespace",
			     view_owner(v, b->endpoint));
}

/* Its client hangs up on the backend: it got an answer from an address that it never
 * called. */
static bool was_answered_past(const struct beyond *b)
{
	return b->n_client_resets && !b->n_syn_acks;
}

int check_hairpin(const struct check_view *v, struct finding *f)
{
	char client[ADDR_TEXT_MAX];
	struct beyond b;
	int got = begin(v, f, &b), error;

	if (got != CERTAINTY_LIKELY)
		return got;
	if (!are_neighbours(v))
		return v->walk->path.reply.is_walked ? ruled_out(f) : CERTAINTY_NONE;
	if (!is_lost_beyond(v, &b))
		return CERTAINTY_NONE;
	error = finding_say(
		f, v->arena,
		"%s and %s are on one network: the backend answers the client itself, past "
		"the translation",
		addr_format(&v->walk->client, client), beyond_words(v, &b));
	if (!error)
		error = finding_prove(f, v->arena, "route", true,
				      view_text(v, "ip route get %s", client),
				      "both are reached by the same interface without a "
				      "gateway");
	if (!error)
		error = beyond_prove(v, f, &b);
	if (!error)
		error = prove_no_answer(v, f, &b);
	if (!error)
		error = advise_masquerade(
			v, f, &b,
			"let the backend see this host's address for such "
			"clients, or give them the backend's own address");
	if (error)
		return error;
	return is_known_to_serve(&b) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

int check_no_return_path(const struct check_view *v, struct finding *f)
{
	char client[ADDR_TEXT_MAX];
	struct beyond b;
	int got = begin(v, f, &b), error;

	if (got != CERTAINTY_LIKELY)
		return got;
	if (are_neighbours(v))
		return ruled_out(f);
	if (!is_lost_beyond(v, &b))
		return CERTAINTY_NONE;
	/* A reset to our own call: it lives, and what else is wrong is not known. */
	if (b.probe && b.probe->outcome != PROBE_CONNECTED &&
	    b.probe->outcome != PROBE_REFUSED)
		return CERTAINTY_NONE;
	addr_format(&v->walk->client, client);
	error = finding_say(
		f, v->arena,
		"%s is translated to %s, and its answer to %s does not come back "
		"through this host",
		view_port(v), beyond_words(v, &b), client);
	if (!error)
		error = beyond_prove(v, f, &b);
	if (!error)
		error = prove_no_answer(v, f, &b);
	if (!error)
		error = advise_masquerade(v, f, &b,
					  view_text(v,
						    "give the backend a route to %s by "
						    "this host, or let it see "
						    "this host's address as the source",
						    client));
	if (error)
		return error;
	return is_known_to_serve(&b) || was_answered_past(&b) ? CERTAINTY_LIKELY
							      : CERTAINTY_POSSIBLE;
}
