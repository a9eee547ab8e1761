/* The request's leg: from the device, or from a socket of this host, to the socket that
 * takes it or to the device that it leaves by. */
#include "core/path/walking.h"

#include <errno.h>
#include <netinet/in.h>

static const char from_tables[] = "the kernel's route was not told";
static const char forwarding_off[] = "forwarding is off";

enum way { WAY_ENDS, WAY_HERE, WAY_ON };

struct route_ask reply_route_ask(const struct walking *k, const struct addr *server,
				 uint16_t server_port, uint32_t out_ifindex)
{
	const struct path_ask *a = &k->path->ask;
	struct route_ask ask = {.target = k->client,
				.out_ifindex = out_ifindex,
				.proto = a->proto,
				.source_port = server_port,
				.target_port = a->client_port};

	if (world_is_here(k->world, server) == TRI_YES)
		ask.source = *server;
	/* A link-local client is where it came from. */
	if (!out_ifindex && addr_is_link_local(&k->client) && k->client.family == AF_INET6)
		ask.out_ifindex = k->path->in_ifindex;
	return ask;
}

static int error_of(const struct route_answer *r)
{
	if (r->error)
		return r->error;
	switch (r->type) {
	case ROUTE_TYPE_BLACKHOLE:
		return EINVAL;
	case ROUTE_TYPE_UNREACHABLE:
		return EHOSTUNREACH;
	case ROUTE_TYPE_PROHIBIT:
		return EACCES;
	default:
		return 0;
	}
}

bool route_hop(struct walking *k, const struct route_answer *r, bool is_in)
{
	struct path_hop *h = walking_hop(k, PLACE_ROUTE);
	const struct fw_packet *p = &k->packet;

	if (!r) {
		h->outcome = HOP_UNSURE;
		h->why = from_tables;
		walking_doubt(k, NO_ROW, from_tables);
		return true;
	}
	h->error = error_of(r);
	if (!h->error) {
		h->ifindex = r->out_ifindex;
		h->gateway = r->gateway;
		return true;
	}
	h->outcome = HOP_DROPPED;
	if (is_in && h->error == EHOSTUNREACH &&
	    world_forwards(k->world, p->saddr.family, p->iif_index) == TRI_NO)
		h->why = forwarding_off;
	walking_end(k, PATH_DROP, DECIDER_ROUTE, PLACE_ROUTE);
	return false;
}

/* ---- where it comes in ---- */

static uint32_t way_back_device(struct walking *k)
{
	const struct path_ask *a = &k->path->ask;
	struct route_ask ask = reply_route_ask(k, &a->server, a->server_port, 0);
	const struct route_answer *r;

	if (addr_is_link_local(&k->client) && k->client.family == AF_INET6)
		return 0;
	r = world_route(k, &ask);
	return r && !error_of(r) && r->type == ROUTE_TYPE_UNICAST ? r->out_ifindex : 0;
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

/* ---- where it goes ---- */

/* Without the kernel's word: by the addresses. */
static enum way way_by_tables(struct walking *k)
{
	switch (world_takes(k->world, &k->packet.daddr)) {
	case TRI_YES:
		return WAY_HERE;
	case TRI_NO:
		return WAY_ON;
	case TRI_UNSURE:
		break;
	}
	walking_doubt(k, NO_ROW, "whether the address is of this host is not known");
	k->is_astray = true;
	return WAY_HERE;
}

static enum way way_of(const struct route_answer *r)
{
	switch (r->type) {
	case ROUTE_TYPE_LOCAL:
	case ROUTE_TYPE_BROADCAST:
	case ROUTE_TYPE_ANYCAST:
	case ROUTE_TYPE_MULTICAST:
		return WAY_HERE;
	default:
		return WAY_ON;
	}
}

static struct route_ask request_route_ask(const struct walking *k)
{
	const struct fw_packet *p = &k->packet;

	return (struct route_ask){.target = p->daddr,
				  .source = k->client,
				  .in_ifindex = k->is_from_here ? 0 : p->iif_index,
				  .mark = p->is_mark_known ? p->mark : 0,
				  .proto = p->proto,
				  .source_port = k->path->ask.client_port,
				  .target_port = p->dport};
}

/* Nobody knows from where it comes, so the kernel's filters of sources have no say; asked
 * is only how it goes on. */
static enum way way_of_anybody(struct walking *k)
{
	struct route_ask ask = {.target = k->packet.daddr};
	enum way way = way_by_tables(k);
	const struct route_answer *r;

	if (way != WAY_ON) {
		walking_hop(k, PLACE_ROUTE);
		return way;
	}
	r = world_route(k, &ask);
	if (!route_hop(k, r, false))
		return WAY_ENDS;
	device_leave(k, r ? r->out_ifindex : 0, 0);
	return r ? way_of(r) : way;
}

static enum way way_through(struct walking *k)
{
	struct route_ask ask = request_route_ask(k);
	const struct route_answer *r;
	enum way way;

	if (!k->client.family || k->packet.is_iif_unknown)
		return way_of_anybody(k);
	r = world_route(k, &ask);
	if (!route_hop(k, r, true))
		return WAY_ENDS;
	way = r ? way_of(r) : way_by_tables(k);
	if (way == WAY_ON)
		device_leave(k, r ? r->out_ifindex : 0, 0);
	return way;
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
	if (k->world->settings &&
	    settings_has_legacy(k->world->settings, p->ask.server.family))
		walking_doubt(k, NO_ROW, "legacy iptables rules are not read");
	find_way_in(k);
	if (k->is_from_here)
		start_here(k);
	else
		come_in(k);
	find_socket(k);
	meet_socket(k);
	walking_pass(k);
}
