/* This host as the client: what stops its own tries, from its socket to the next hop. Names
 * are in checks_client_name.c, what is beyond in checks_client_beyond.c. */
#include <errno.h>
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/client_side.h"
#include "core/diagnosis/deny_certainty.h"

/* linux/neighbour.h */
enum { NUD_INCOMPLETE_STATE = 0x01, NUD_FAILED_STATE = 0x20 };

#define AT_ONCE_NS (100 * NS_PER_MS)

/* The try of this walk's address, where this host is the client; else NULL. */
static const struct reach_result *row_of(const struct check_view *v)
{
	return v->e->is_client_side ? client_row(v->e, &v->walk->server) : NULL;
}

/* NULL: it has none, or it stands: then it is ruled out. */
static const struct reach_result *failed_row(const struct check_view *v, struct finding *f)
{
	const struct reach_result *r = row_of(v);

	if (r && r->outcome == REACH_CONNECTED)
		ruled_out(f);
	return r && r->outcome != REACH_CONNECTED ? r : NULL;
}

static int prove_outcome(const struct check_view *v, struct finding *f,
			 const struct reach_result *r)
{
	char server[ADDR_TEXT_MAX];

	return finding_prove(f, v->arena, "reach", true,
			     view_text(v, "nc -vz%s %s %u", r->is_datagram ? "u" : "",
				       addr_format(&r->to, server), v->e->target.port),
			     "our own %s to %s: %s",
			     r->is_datagram ? "datagram" : "connection", client_goal(v),
			     client_outcome_words(v, r));
}

/* ---- no free source port ---- */

static int prove_ports(const struct check_view *v, struct finding *f,
		       const struct reach_result *r)
{
	const struct reach_ports *p = &r->ports;
	int error;

	if (!p->is_told)
		return 0;
	error = finding_prove(f, v->arena, "sysctl", false,
			      "sysctl net.ipv4.ip_local_port_range "
			      "net.ipv4.ip_local_reserved_ports",
			      "source ports are %u to %u, %u of them reserved", p->low,
			      p->high, p->reserved);
	if (!error)
		error = finding_prove(
			f, v->arena, "sockets", true,
			view_text(v, "ss -tan dport = :%u", v->e->target.port),
			"%u of them have a connection to this very port, %u "
			"of these in TIME_WAIT; %u have any socket",
			p->busy, p->waiting, p->held);
	return error;
}

int check_client_ports(const struct check_view *v, struct finding *f)
{
	const struct reach_result *r = failed_row(v, f);
	const struct reach_ports *p = r ? &r->ports : NULL;
	uint32_t n;
	int error;

	if (!r || r->error != EADDRNOTAVAIL)
		return r ? ruled_out(f) : CERTAINTY_NONE;
	f->position = AT_CLIENT - 30;
	error = finding_say(f, v->arena, "no source port is left for %s", client_goal(v));
	if (!error)
		error = prove_outcome(v, f, r);
	if (!error)
		error = prove_ports(v, f, r);
	if (!error)
		error = finding_advise(
			f, v->arena, "ss -tanp", NULL, NULL,
			"find who opens so many connections there and have it keep them "
			"open and use them again; a wider net.ipv4.ip_local_port_range "
			"gives room");
	if (error)
		return error;
	/* The same error is what a host without any address of the family gets. */
	n = p->is_told ? p->high - p->low + 1 : 0;
	if (n && p->held + p->reserved >= n)
		return CERTAINTY_PROVEN;
	return n && p->busy ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}

/* ---- the route ---- */

static const struct path_hop *route_hop_of(const struct path *p)
{
	for (size_t i = 0; p->request.is_walked && i < p->request.n_hops; i++)
		if (p->request.hops[i].place == PLACE_ROUTE)
			return &p->request.hops[i];
	return NULL;
}

static const char *route_words(int error)
{
	switch (error) {
	case ENETUNREACH:
		return "there is no route";
	case EHOSTUNREACH:
		return "the route is one of type unreachable";
	case EACCES:
		return "the route is one of type prohibit";
	case EINVAL:
		return "the route is one of type blackhole";
	default:
		return "the route cannot be taken";
	}
}

static int say_no_route(const struct check_view *v, struct finding *f,
			const struct reach_result *r, int route_error)
{
	char server[ADDR_TEXT_MAX];
	const char *command;
	int error;

	addr_format(&v->walk->server, server);
	command = view_text(v, "ip route get %s", server);
	error = finding_say(f, v->arena, "%s from here to %s", route_words(route_error),
			    server);
	if (!error)
		error = finding_prove(f, v->arena, "route", true, command,
				      "asked for the route to %s, the kernel says: %s",
				      server, route_words(route_error));
	if (!error && r)
		error = prove_outcome(v, f, r);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "ip -%c route show table all; ip rule",
				  v->walk->server.family == AF_INET ? '4' : '6'),
			NULL, NULL,
			"look for the route that should lead there, and "
			"for what took it away (a VPN, an interface that "
			"is down)");
	return error;
}

int check_client_no_route(const struct check_view *v, struct finding *f)
{
	const struct path_hop *hop =
		v->e->is_client_side ? route_hop_of(&v->walk->path) : NULL;
	const struct reach_result *r = failed_row(v, f);
	int error;

	if (!hop)
		return CERTAINTY_NONE;
	if (!hop->error)
		return ruled_out(f);
	/* It stood all the same: the route came or went meanwhile. */
	if (f->is_ruled_out)
		return CERTAINTY_NONE;
	f->position = AT_CLIENT - 25;
	error = say_no_route(v, f, r, hop->error);
	if (error)
		return error;
	return r && !r->has_icmp && r->took_ns < AT_ONCE_NS && r->error == hop->error
		       ? CERTAINTY_PROVEN
		       : CERTAINTY_LIKELY;
}

/* ---- this host's own firewall ---- */

static bool is_own_stop(const struct path *p)
{
	const struct path_leg *leg = &p->request;

	return leg->is_walked && !p->n_needs && !p->is_local &&
	       (leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT) &&
	       (leg->decided_by == DECIDER_RULE || leg->decided_by == DECIDER_POLICY);
}

/* Does what came back look like what the rule does? */
static bool fits_rule(const struct check_view *v, const struct reach_result *r,
		      const struct path_leg *leg)
{
	/* The call itself tells of UDP that a rule took the datagram. */
	if (r->is_datagram && r->error == EPERM)
		return true;
	if (leg->verdict == PATH_DROP)
		return r->outcome == REACH_TIMED_OUT;
	if (leg->reject.is_reset)
		return r->outcome == REACH_REFUSED;
	if (!r->has_icmp)
		return r->outcome != REACH_TIMED_OUT;
	return r->icmp_type == leg->reject.type && r->icmp_code == leg->reject.code &&
	       client_is_own_error(v->e, r);
}

static int egress_certainty(const struct check_view *v, const struct reach_result *r,
			    const struct path_leg *leg)
{
	int64_t moved = deny_moved(v, leg);
	enum tri left = client_syn_left(v->e, r);

	if (left == TRI_YES || moved == 0 || !fits_rule(v, r, leg))
		return CERTAINTY_NONE;
	/* An ICMP error of this very kind, or a capture that saw nothing leave. */
	if ((r->has_icmp && client_is_own_error(v->e, r)) || left == TRI_NO ||
	    (r->is_datagram && r->error == EPERM))
		return CERTAINTY_PROVEN;
	/* No more than we sent: nobody else moved it. */
	return moved > 0 && r->n_syns && moved <= (int64_t)r->n_syns ? CERTAINTY_PROVEN
								     : CERTAINTY_LIKELY;
}

static int advise_egress(const struct check_view *v, struct finding *f,
			 const struct path_leg *leg)
{
	const struct fw_chain *chain = deny_chain(v, leg);
	const struct fw_table *table = chain ? ruleset_table_of(v->e->rules, chain) : NULL;
	bool is_v4 = v->walk->server.family == AF_INET;
	const char *proto = v->e->target.proto == IPPROTO_UDP ? "udp" : "tcp";
	char server[ADDR_TEXT_MAX];
	const char *command;

	if (!table)
		return 0;
	addr_format(&v->walk->server, server);
	if (table->backend == FW_NFT)
		command = view_text(v, "nft insert rule %s %s daddr %s %s dport %u accept",
				    deny_chain_words(v, leg), is_v4 ? "ip" : "ip6", server,
				    proto, v->e->target.port);
	else
		command = view_text(v, "%s -I %s -d %s -p %s --dport %u -j ACCEPT",
				    is_v4 ? "iptables" : "ip6tables",
				    view_word(v, chain->name), server, proto,
				    v->e->target.port);
	return finding_advise(f, v->arena, command,
			      table->backend == FW_NFT
				      ? "nft delete rule, by the handle that "
					"nft -a list ruleset shows"
				      : view_text(v,
						  "%s -D %s -d %s -p %s --dport %u -j "
						  "ACCEPT",
						  is_v4 ? "iptables" : "ip6tables",
						  view_word(v, chain->name), server, proto,
						  v->e->target.port),
			      "it is lost when the rules are loaded again",
			      deny_manager(v, leg) ? "let it out by %s, which manages "
						     "these rules; for now"
						   : "let it out, to this address and "
						     "port only%s",
			      deny_manager(v, leg) ? deny_manager(v, leg) : "");
}

static int say_egress(const struct check_view *v, struct finding *f,
		      const struct reach_result *r, const struct path_leg *leg)
{
	const char *text = deny_rule_text(v, leg);
	int64_t moved = deny_moved(v, leg);
	int error = finding_say(f, v->arena,
				"this host's own firewall %s what it sends to %s: %s",
				leg->verdict == PATH_DROP ? "drops" : "rejects",
				client_goal(v), deny_place(v, leg));

	if (!error)
		error = prove_outcome(v, f, r);
	if (!error)
		error = finding_prove(f, v->arena, "nf_tables", false,
				      deny_show_command(v, leg),
				      "%s%s%s decides the packet that we sent",
				      deny_place(v, leg), *text ? ": " : "", text);
	if (!error && moved > 0)
		error = finding_prove(
			f, v->arena, "counters", true, deny_show_command(v, leg),
			"it counted %lld while we tried (%u %s%s)", (long long)moved,
			r->n_syns, client_packet_word(r), r->n_syns == 1 ? "" : "s");
	if (!error && client_syn_left(v->e, r) == TRI_NO)
		error = finding_prove(f, v->arena, "capture", true, NULL,
				      "the capture saw none of our %ss leave",
				      client_packet_word(r));
	return error ? error : advise_egress(v, f, leg);
}

/* connect(2): EPERM is what a program of the control group or a security module says. */
static int check_refused_call(const struct check_view *v, struct finding *f,
			      const struct reach_result *r)
{
	int error = finding_say(f, v->arena,
				"this host does not let us %s %s: the call is "
				"not permitted",
				r->is_datagram ? "send to" : "connect to", client_goal(v));

	f->position = AT_CLIENT - 22;
	if (!error)
		error = prove_outcome(v, f, r);
	if (!error)
		error = finding_advise(f, v->arena, "bpftool cgroup tree", NULL, NULL,
				       "look for %sa program of the control group or a "
				       "security module that forbids it",
				       r->is_datagram ? "a rule on the output hook, " : "");
	return error ? error : CERTAINTY_LIKELY;
}

int check_client_egress(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	const struct reach_result *r = failed_row(v, f);
	int certainty, error;

	if (!r)
		return CERTAINTY_NONE;
	if (r->error == EPERM && !(r->is_datagram && is_own_stop(p)))
		return check_refused_call(v, f, r);
	if (client_syn_left(v->e, r) == TRI_YES)
		return ruled_out(f);
	if (!is_own_stop(p))
		return p->request.is_walked && p->request.verdict == PATH_ACCEPT
			       ? ruled_out(f)
			       : CERTAINTY_NONE;
	certainty = egress_certainty(v, r, &p->request);
	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	f->position = AT_CLIENT - 22;
	f->chain = p->request.chain;
	f->rule = p->request.rule;
	error = say_egress(v, f, r, &p->request);
	return error ? error : certainty;
}

/* ---- the next hop ---- */

static const struct neighbour_row *next_hop(const struct check_view *v, struct addr *hop)
{
	const struct path_hop *route = route_hop_of(&v->walk->path);

	*hop = route && route->gateway.family ? route->gateway : v->walk->server;
	if (!route || route->error || !v->e->neighbours)
		return NULL;
	return neighbours_find(v->e->neighbours, hop, route->ifindex);
}

static int say_next_hop(const struct check_view *v, struct finding *f,
			const struct reach_result *r, const struct neighbour_row *n)
{
	const struct link_row *link =
		v->e->space->links ? links_find(v->e->space->links, n->ifindex) : NULL;
	const char *device = link ? view_word(v, link->name) : "its interface";
	char hop[ADDR_TEXT_MAX];
	int error;

	addr_format(&n->address, hop);
	error = finding_say(f, v->arena,
			    "the next hop %s does not answer on %s: no frame leaves for %s",
			    hop, device, client_goal(v));
	if (!error)
		error = prove_outcome(v, f, r);
	if (!error)
		error = finding_prove(f, v->arena, "neighbours", true,
				      view_text(v, "ip neigh show %s", hop),
				      "%s is %s on %s", hop, neighbour_state_word(n->state),
				      device);
	if (!error)
		error = finding_advise(f, v->arena,
				       view_text(v, "arping -I %s %s", device, hop), NULL,
				       NULL,
				       "see whether %s is up and on this link: cable, "
				       "VLAN, address and netmask of both",
				       hop);
	return error;
}

int check_client_next_hop(const struct check_view *v, struct finding *f)
{
	const struct reach_result *r = failed_row(v, f);
	const struct neighbour_row *n;
	struct addr hop;
	int error;

	if (!r)
		return CERTAINTY_NONE;
	n = next_hop(v, &hop);
	if (n && !(n->state & (NUD_FAILED_STATE | NUD_INCOMPLETE_STATE)))
		return ruled_out(f);
	if (!n || client_syn_left(v->e, r) == TRI_YES || !client_is_own_error(v->e, r) ||
	    (r->error != EHOSTUNREACH && r->outcome != REACH_TIMED_OUT))
		return CERTAINTY_NONE;
	f->position = AT_CLIENT - 20;
	error = say_next_hop(v, f, r, n);
	if (error)
		return error;
	return r->error == EHOSTUNREACH ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}
