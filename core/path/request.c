/* The request's leg: from the device, or from a socket of this host, to the socket that
 * takes it or to the device that it leaves by. */
#include "core/path/walking.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "core/path/bridges.h"

enum { CT_CONFIRMED = 0x8 }; /* IPS_CONFIRMED, nf_conntrack_common.h */

/* ---- where it comes in ---- */

static uint32_t way_back_device(struct walking *k)
{
	const struct path_ask *a = &k->path->ask;
	struct route_ask ask = reply_route_ask(k, &a->server, a->server_port, 0);
	const struct route_answer *r;

	if (addr_is_link_local(&k->client) && k->client.family == AF_INET6)
		return 0;
	r = world_route(k, &ask);
	return r && !route_error(r) && r->type == ROUTE_TYPE_UNICAST ? r->out_ifindex : 0;
}

static void find_way_in(struct walking *k)
{
	struct path *p = k->path;

	p->in_ifindex = p->ask.in_ifindex;
	if (k->is_from_here)
		p->in_ifindex = device_loopback(k->world);
	else if (!p->in_ifindex && k->client.family)
		p->in_ifindex = way_back_device(k);
}

/* Of a bridge: the port that is asked about, or one of them where both ends are beyond its
 * ports. */
static void find_port_in(struct walking *k)
{
	struct path *p = k->path;
	uint32_t bridge = bridge_of_port(k->world, p->in_ifindex);

	if (bridge) {
		p->in_port = p->in_ifindex;
		p->in_ifindex = bridge;
		p->is_bridged = bridge_passes_on(k, bridge);
	} else if (bridge_joins(k, p->in_ifindex)) {
		p->in_port = bridge_port_out(k, p->in_ifindex, 0);
		p->is_bridged = p->in_port != 0;
	}
}

static void mark_way_in(struct walking *k)
{
	struct path_leg *leg = k->leg;

	for (size_t i = 0; !k->path->ask.in_ifindex && i < leg->n_hops; i++) {
		struct path_hop *h = &leg->hops[i];

		if (h->place != PLACE_INGRESS || h->why)
			continue;
		h->why = k->path->in_ifindex ? "taken as the interface of the way back"
					     : "the interface is not known";
		return;
	}
}

/* ---- what it is aimed at now ---- */

static void take_target(struct walking *k)
{
	struct path *p = k->path;
	const struct path_ask *a = &p->ask;

	p->server = k->packet.daddr;
	p->server_port = k->packet.dport;
	p->is_translated =
		!addr_equals(&p->server, &a->server) || p->server_port != a->server_port;
}

/* ---- its ends ---- */

/* As who it arrives or leaves. */
void walking_take_sender(struct walking *k)
{
	struct path *p = k->path;
	const struct fw_packet *now = &k->packet;
	const struct path_hop *h = &k->leg->hops[k->leg->n_hops - 1];

	p->is_source_translated = h->outcome == HOP_TRANSLATED;
	p->sender_port = now->sport;
	if (!now->is_source_unknown)
		p->sender = now->saddr;
}

static void deliver(struct walking *k)
{
	k->path->is_local = true;
	if (walking_input(k) && !k->is_from_here)
		walking_take_sender(k);
}

/* Goes out by the device that is set. */
static bool depart(struct walking *k)
{
	if (!walking_hook(k, PLACE_POSTROUTING))
		return false;
	walking_take_sender(k);
	k->path->out_ifindex = k->out_ifindex;
	if (!walking_hook(k, PLACE_EGRESS))
		return false;
	k->leg->hops[k->leg->n_hops - 1].ifindex = k->packet.oif_index;
	return true;
}

bool walking_may_pass_on(struct walking *k)
{
	struct path_hop *h;

	switch (world_forwards(k->world, k->packet.saddr.family, k->packet.iif_index)) {
	case TRI_YES:
		return true;
	case TRI_UNSURE:
		walking_doubt(k, NO_ROW, "whether forwarding is on is not known");
		return true;
	case TRI_NO:
		break;
	}
	h = walking_hop(k, PLACE_FORWARD);
	h->outcome = HOP_DROPPED;
	h->why = way_forwarding_off;
	walking_end(k, PATH_DROP, DECIDER_ROUTE, PLACE_FORWARD);
	return false;
}

/* ip_forward(), ip6_forward(): one hop less, and none is left of the last. */
static bool count_hop(struct walking *k)
{
	struct fw_packet *p = &k->packet;
	struct path_hop *h;

	p->n_rewritten++;
	if (!p->is_ttl_known)
		return true;
	if (p->ttl-- > 1)
		return true;
	h = walking_hop(k, PLACE_FORWARD);
	h->outcome = HOP_DROPPED;
	h->why = "its time to live ends here: answered with ICMP time exceeded";
	walking_end(k, PATH_DROP, DECIDER_ROUTE, PLACE_FORWARD);
	return false;
}

/* ip_forward(): what a socket has already is not for others. Without the kernel's word it
 * is only assumed that its mark does not lead here. */
static bool leave_proxy(struct walking *k)
{
	const struct path_leg *leg = k->leg;
	struct path_hop *h;

	if (!walking_has_proxy(k))
		return true;
	for (size_t i = 0; i < leg->n_hops; i++)
		if (leg->hops[i].place == PLACE_ROUTE &&
		    (leg->hops[i].outcome == HOP_UNSURE || !k->client.family))
			k->is_astray = true;
	h = walking_hop(k, PLACE_FORWARD);
	h->outcome = HOP_DROPPED;
	h->why = "a transparent proxy's socket is to take it, and its route does not lead "
		 "to this host";
	walking_end(k, PATH_DROP, DECIDER_ROUTE, PLACE_FORWARD);
	return false;
}

static void pass_on(struct walking *k)
{
	k->path->is_forwarded = true;
	if (walking_may_pass_on(k) && leave_proxy(k) && count_hop(k) &&
	    walking_hook(k, PLACE_FORWARD))
		depart(k);
}

static void come_in(struct walking *k)
{
	bool goes_on;

	find_port_in(k);
	device_enter(k, k->path->in_ifindex);
	goes_on = walking_hook(k, PLACE_INGRESS);
	mark_way_in(k);
	if (goes_on && k->path->is_bridged) {
		take_target(k);
		bridge_pass_on(k);
	}
	if (!goes_on || k->path->is_bridged)
		return;
	goes_on = walking_hook(k, PLACE_PREROUTING);
	take_target(k);
	if (!goes_on)
		return;
	switch (way_through(k)) {
	case WAY_HERE:
		deliver(k);
		return;
	case WAY_ON:
		pass_on(k);
		return;
	case WAY_ENDS:
		return;
	}
}

/* ---- from this host ---- */

/* The route out; false: it ends the leg. *is_out: it leaves this host. */
static bool route_out(struct walking *k, bool *is_out)
{
	struct route_ask ask = request_route_ask(k);
	const struct route_answer *r;

	*is_out = world_takes(k->world, &k->packet.daddr) != TRI_YES;
	if (!*is_out) {
		walking_hop(k, PLACE_ROUTE)->ifindex = device_loopback(k->world);
		device_leave(k, device_loopback(k->world), 0);
		return true;
	}
	r = world_route(k, &ask);
	if (!route_hop(k, r, false))
		return false;
	device_leave(k, r ? r->out_ifindex : 0, 0);
	return true;
}

/* Chains of type route ask for the route anew where they changed the mark: nft(8),
 * iptables' mangle OUTPUT. */
static bool has_route_chain(const struct ruleset *r)
{
	for (size_t i = 0; r && i < r->n_chains; i++)
		if (r->chains[i].is_base && r->chains[i].type == FW_ROUTE &&
		    r->chains[i].hook == FW_OUTPUT)
			return true;
	return false;
}

bool walking_is_marked_anew(const struct walking *k, uint32_t old_mark)
{
	bool is_marked = !k->packet.is_mark_known || k->packet.mark != old_mark;

	return is_marked && has_route_chain(k->world->rules);
}

static bool is_rerouted(const struct walking *k, uint32_t old_mark)
{
	return k->path->is_translated || walking_is_marked_anew(k, old_mark);
}

static bool go_out(struct walking *k, bool *is_out)
{
	uint32_t mark = k->packet.mark;
	bool goes_on;

	device_forget(k);
	k->packet.has_socket = true;
	goes_on = route_out(k, is_out) && walking_hook(k, PLACE_OUTPUT);
	take_target(k);
	if (!goes_on)
		return false;
	walking_mind_balancers(k);
	if (is_rerouted(k, mark) && !route_out(k, is_out))
		return false;
	return depart(k);
}

/* nf_conntrack_confirm() stands behind postrouting: what comes in by lo is past it. */
static void confirm(struct walking *k)
{
	if (k->packet.ct.has_entry)
		k->packet.ct.status |= CT_CONFIRMED;
}

static void start_here(struct walking *k)
{
	bool is_out = false;

	if (!go_out(k, &is_out) || is_out)
		return;
	k->packet.has_socket = false;
	confirm(k);
	device_enter(k, k->path->in_ifindex);
	if (walking_hook(k, PLACE_INGRESS) && walking_hook(k, PLACE_PREROUTING))
		deliver(k);
}

/* ---- who takes it ---- */

static void find_socket(struct walking *k)
{
	struct path *p = k->path;

	p->is_served = TRI_UNSURE;
	p->proxied = k->packet.proxied;
	if (walking_has_proxy(k)) {
		if (p->is_local && p->is_balanced == TRI_NO)
			p->socket = walking_proxy_socket(k, &p->endpoint, &p->is_served);
		return;
	}
	if (p->is_balanced != TRI_NO || p->is_forwarded || (!p->is_local && !k->has_ended))
		return;
	if (!p->is_local && world_takes(k->world, &p->server) != TRI_YES)
		return;
	p->is_local = true;
	p->socket =
		path_socket(k->world->space, p->ask.proto, &p->server, p->server_port,
			    p->in_ifindex, &p->endpoint, k->world->snapshot, &p->is_served);
}

static void be_refused(struct walking *k)
{
	struct path_leg *leg = k->leg;

	if (k->is_doubtful)
		return;
	leg->decided_by = DECIDER_SOCKET;
	leg->at = PLACE_SOCKET;
	leg->chain = leg->rule = NO_ROW;
}

/* What is no SYN and belongs to no connection: tcp_rcv_state_process(), TCP_LISTEN. */
static bool is_stray(const struct walking *k, struct path_hop *h)
{
	const struct path_ask *a = &k->path->ask;
	unsigned flags = k->packet.tcp_flags & (TH_SYN | TH_ACK | TH_RST | TH_FIN);

	if (a->proto != IPPROTO_TCP || a->is_established || flags == TH_SYN)
		return false;
	if ((flags & TH_ACK) && !(flags & TH_RST)) {
		h->outcome = HOP_REJECTED;
		h->why = "it is of no connection: the socket answers with a reset";
	} else {
		h->outcome = HOP_DROPPED;
		h->why = "it is of no connection: the socket discards it";
	}
	return true;
}

static void meet_socket(struct walking *k)
{
	struct path *p = k->path;
	struct path_hop *h;

	if (k->has_ended || k->error || !p->is_local)
		return;
	h = walking_hop(k, PLACE_SOCKET);
	if (p->is_served == TRI_YES) {
		if (is_stray(k, h))
			be_refused(k);
		else
			walking_meet_programs(k, PROGRAM_AT_SOCKET);
		return;
	}
	h->outcome = p->is_served == TRI_NO ? HOP_REJECTED : HOP_UNSURE;
	h->why = p->is_served == TRI_NO     ? "no socket takes it"
		 : p->is_balanced != TRI_NO ? "IPVS may take it before a socket does"
					    : "the sockets could not all be read";
	if (p->is_served == TRI_NO)
		be_refused(k);
}

void request_walk(struct walking *k)
{
	struct path *p = k->path;

	k->leg = &p->request;
	leg_start(k->leg);
	k->leg->is_walked = true;
	p->server = p->ask.server;
	p->server_port = p->ask.server_port;
	walking_mind_unread(k);
	find_way_in(k);
	if (k->is_from_here)
		start_here(k);
	else
		come_in(k);
	find_socket(k);
	meet_socket(k);
	walking_pass(k);
}
