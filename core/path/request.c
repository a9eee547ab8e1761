/* The request's leg: from the device, or from a socket of this host, to the socket that
 * takes it or to the device that it leaves by. */
#include "core/path/walking.h"

static const char forwarding_off[] = "forwarding is off";

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

static void mark_way_in(struct walking *k)
{
	struct path_hop *h = k->leg->n_hops ? &k->leg->hops[k->leg->n_hops - 1] : NULL;

	if (!h || h->place != PLACE_INGRESS)
		return;
	h->ifindex = k->path->in_ifindex;
	if (!k->path->ask.in_ifindex && !h->why)
		h->why = k->path->in_ifindex ? "taken as the interface of the way back"
					     : "the interface is not known";
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

static void deliver(struct walking *k)
{
	k->path->is_local = true;
	walking_hook(k, PLACE_INPUT);
}

/* Goes out by the device that is set. */
static bool depart(struct walking *k)
{
	if (!walking_hook(k, PLACE_POSTROUTING) || !walking_hook(k, PLACE_EGRESS))
		return false;
	k->leg->hops[k->leg->n_hops - 1].ifindex = k->packet.oif_index;
	return true;
}

static bool may_pass_on(struct walking *k)
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
	h->why = forwarding_off;
	walking_end(k, PATH_DROP, DECIDER_ROUTE, PLACE_FORWARD);
	return false;
}

static void pass_on(struct walking *k)
{
	k->path->is_forwarded = true;
	if (may_pass_on(k) && walking_hook(k, PLACE_FORWARD))
		depart(k);
}

static void come_in(struct walking *k)
{
	device_enter(k, k->path->in_ifindex);
	if (!walking_hook(k, PLACE_INGRESS)) {
		mark_way_in(k);
		return;
	}
	mark_way_in(k);
	if (!walking_hook(k, PLACE_PREROUTING)) {
		take_target(k);
		return;
	}
	take_target(k);
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

static bool go_out(struct walking *k, bool *is_out)
{
	device_forget(k);
	k->packet.has_socket = true;
	if (!route_out(k, is_out) || !walking_hook(k, PLACE_OUTPUT)) {
		take_target(k);
		return false;
	}
	take_target(k);
	if (k->path->is_translated && !route_out(k, is_out))
		return false;
	return depart(k);
}

static void start_here(struct walking *k)
{
	bool is_out = false;

	if (!go_out(k, &is_out) || is_out)
		return;
	k->packet.has_socket = false;
	device_enter(k, k->path->in_ifindex);
	if (walking_hook(k, PLACE_INGRESS) && walking_hook(k, PLACE_PREROUTING))
		deliver(k);
}

/* ---- who takes it ---- */

static void find_socket(struct walking *k)
{
	struct path *p = k->path;

	p->is_served = TRI_UNSURE;
	if (p->is_forwarded || (!p->is_local && !k->has_ended))
		return;
	if (!p->is_local && world_takes(k->world, &p->server) != TRI_YES)
		return;
	p->is_local = true;
	p->socket =
		path_socket(k->world->space, p->ask.proto, &p->server, p->server_port,
			    p->in_ifindex, &p->endpoint, k->world->snapshot, &p->is_served);
}

static void meet_socket(struct walking *k)
{
	struct path *p = k->path;
	struct path_hop *h;

	if (k->has_ended || k->error || !p->is_local)
		return;
	h = walking_hop(k, PLACE_SOCKET);
	if (p->is_served == TRI_YES)
		return;
	h->outcome = p->is_served == TRI_NO ? HOP_REJECTED : HOP_UNSURE;
	h->why = p->is_served == TRI_NO ? "no socket takes it"
					: "the sockets could not all be read";
	if (p->is_served == TRI_NO && !k->is_doubtful) {
		k->leg->decided_by = DECIDER_SOCKET;
		k->leg->at = PLACE_SOCKET;
		k->leg->chain = k->leg->rule = NO_ROW;
	}
}

void request_walk(struct walking *k)
{
	struct path *p = k->path;

	k->leg = &p->request;
	leg_start(k->leg);
	k->leg->is_walked = true;
	p->server = p->ask.server;
	p->server_port = p->ask.server_port;
	walking_mind_legacy(k);
	find_way_in(k);
	if (k->is_from_here)
		start_here(k);
	else
		come_in(k);
	find_socket(k);
	meet_socket(k);
	walking_pass(k);
}
