/* What the kernel's routes say about the packet, or, without their word, the addresses of
 * this host. */
#include "core/path/walking.h"

#include <errno.h>
#include <netinet/in.h>

static const char from_tables[] = "the kernel's route was not told";
const char way_forwarding_off[] = "forwarding is off";

struct route_ask reply_route_ask(const struct walking *k, const struct addr *server,
				 uint16_t server_port, uint32_t out_ifindex)
{
	const struct path_ask *a = &k->path->ask;
	struct route_ask ask = {.target = k->client,
				.out_ifindex = out_ifindex,
				.mark = k->answer_mark,
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

int route_error(const struct route_answer *r)
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
	h->error = route_error(r);
	if (!h->error) {
		h->ifindex = r->out_ifindex;
		h->gateway = r->gateway;
		return true;
	}
	h->outcome = HOP_DROPPED;
	if (is_in && h->error == EHOSTUNREACH &&
	    world_forwards(k->world, p->saddr.family, p->iif_index) == TRI_NO)
		h->why = way_forwarding_off;
	walking_end(k, PATH_DROP, DECIDER_ROUTE, PLACE_ROUTE);
	return false;
}

/* ---- the way of what came in ---- */

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

struct route_ask request_route_ask(const struct walking *k)
{
	const struct fw_packet *p = &k->packet;

	return (struct route_ask){.target = p->daddr,
				  .source = k->client,
				  .in_ifindex = p->iif_index,
				  .mark = p->is_mark_known ? p->mark : 0,
				  .proto = p->proto,
				  .source_port = k->path->ask.client_port,
				  .target_port = p->dport};
}

/* Nobody knows from where it comes, so the kernel's filters of sources have no say; asked
 * is only how this host itself would send it on. */
static enum way way_of_anybody(struct walking *k)
{
	struct route_ask ask = {.target = k->packet.daddr,
				.mark = walking_has_proxy(k) && k->packet.is_mark_known
						? k->packet.mark
						: 0};
	enum way way = way_by_tables(k);
	const struct route_answer *r;
	bool is_found;

	if (way != WAY_ON) {
		walking_hop(k, PLACE_ROUTE);
		return way;
	}
	r = world_route(k, &ask);
	/* The routes of a packet that comes in may be others. */
	is_found = r && !route_error(r);
	route_hop(k, is_found ? r : NULL, false);
	way = is_found ? way_of(r) : way;
	if (way == WAY_ON)
		device_leave(k, is_found ? r->out_ifindex : 0, 0);
	return way;
}

enum way way_through(struct walking *k)
{
	struct route_ask ask = request_route_ask(k);
	const struct route_answer *r;
	enum way way;

	if (!k->client.family || k->packet.is_iif_unknown)
		return way_of_anybody(k);
	r = world_route(k, &ask);
	k->leg->routed = ask;
	if (!route_hop(k, r, true))
		return WAY_ENDS;
	way = r ? way_of(r) : way_by_tables(k);
	if (way == WAY_ON)
		device_leave(k, r ? r->out_ifindex : 0, 0);
	return way;
}
