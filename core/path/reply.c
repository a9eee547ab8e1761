/* The reply's leg: what the socket answers, on its way out of this host; or, where this
 * host is the client, on its way in. */
#include "core/path/walking.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

/* nf_conntrack_common.h: states as of nft, status bits */
enum { CT_INVALID = 1, CT_ESTABLISHED = 2, CT_NEW = 8 };
enum { CT_SEEN_REPLY = 0x2, CT_CONFIRMED = 0x8, CT_BOTH_DONE = 0x180 };
/* linux/neighbour.h: nobody has answered yet, nobody did */
enum { NEIGHBOUR_INCOMPLETE = 0x01, NEIGHBOUR_FAILED = 0x20 };

/*
 * Of a request without entry: conntrack has never seen the flow. A SYN-ACK begins none
 * (nf_conntrack_proto_tcp.c); a datagram does; any other segment may be picked up
 * (nf_conntrack_tcp_loose).
 */
static struct fw_conntrack unseen(const struct fw_packet *p)
{
	struct fw_conntrack ct = {.is_mark_known = true};

	if (p->proto == IPPROTO_TCP) {
		ct.state = p->tcp_flags & TH_SYN ? CT_INVALID : 0;
		return ct;
	}
	ct.state = CT_NEW;
	ct.has_entry = true;
	ct.saddr = p->saddr;
	ct.daddr = p->daddr;
	ct.sport = p->sport;
	ct.dport = p->dport;
	return ct;
}

static struct fw_conntrack seen(const struct fw_conntrack *request)
{
	struct fw_conntrack ct = *request;

	ct.state = CT_ESTABLISHED;
	ct.is_reply = true;
	ct.status |= CT_SEEN_REPLY | CT_CONFIRMED | CT_BOTH_DONE;
	return ct;
}

static struct fw_packet answer_to(const struct walking *k)
{
	const struct path *path = k->path;
	const struct fw_packet *old = &k->packet;
	struct fw_packet p = {.saddr = path->server,
			      .daddr = k->client,
			      .proto = old->proto,
			      .sport = path->server_port,
			      .dport = path->ask.client_port,
			      .is_dport_unknown = !path->ask.client_port,
			      .is_mark_known = true};

	if (p.proto == IPPROTO_TCP)
		p.tcp_flags = path->ask.is_established ? TH_ACK : TH_SYN | TH_ACK;
	if (!k->client.family) {
		p.daddr = old->saddr;
		p.is_destination_unknown = true;
		memcpy(p.daddr_known, old->saddr_known, sizeof(p.daddr_known));
	}
	p.ct = old->ct.has_entry ? seen(&old->ct) : unseen(&p);
	return p;
}

/* ---- out ---- */

static void meet_neighbour(struct walking *k, const struct route_answer *r)
{
	const struct neighbour_table *t = k->world->neighbours;
	const struct addr *to = r && r->gateway.family ? &r->gateway : &k->client;
	const struct neighbour_row *n;
	struct path_hop *h;

	if (!r || !t)
		return;
	n = neighbours_find(t, to, r->out_ifindex);
	if (!n)
		return;
	h = walking_hop(k, PLACE_NEIGHBOUR);
	h->ifindex = r->out_ifindex;
	h->gateway = *to;
	if (!(n->state & (NEIGHBOUR_FAILED | NEIGHBOUR_INCOMPLETE)))
		return;
	h->outcome = HOP_DROPPED;
	h->why = "the next hop does not resolve";
	walking_end(k, PATH_DROP, DECIDER_NEIGHBOUR, PLACE_NEIGHBOUR);
}

/* What was translated on the way in is turned back before it leaves. */
static void undo_translation(struct walking *k)
{
	const struct path_ask *a = &k->path->ask;
	struct path_hop *h = &k->leg->hops[k->leg->n_hops - 1];
	struct fw_packet *p = &k->packet;

	if (!k->path->is_translated || !p->ct.has_entry || !p->ct.is_reply)
		return;
	h->outcome = HOP_TRANSLATED;
	h->to = a->server;
	h->to_port = a->server_port;
	p->saddr = a->server;
	p->sport = a->server_port;
}

static bool depart(struct walking *k)
{
	if (!walking_hook(k, PLACE_OUTPUT) || !walking_hook(k, PLACE_POSTROUTING))
		return false;
	undo_translation(k);
	if (!walking_hook(k, PLACE_EGRESS))
		return false;
	k->leg->hops[k->leg->n_hops - 1].ifindex = k->packet.oif_index;
	return true;
}

static void leave(struct walking *k)
{
	const struct path *p = k->path;
	struct route_ask ask = reply_route_ask(k, &p->server, p->server_port,
					       p->socket ? p->socket->ifindex : 0);
	const struct route_answer *r;

	if (!k->client.family) {
		device_leave(k, 0, p->in_ifindex);
		depart(k);
		return;
	}
	r = world_route(k, &ask);
	if (!route_hop(k, r, false))
		return;
	device_leave(k, r ? r->out_ifindex : 0, p->in_ifindex);
	if (depart(k))
		meet_neighbour(k, r);
}

/* ---- in ---- */

static void come_in(struct walking *k, uint32_t ifindex)
{
	k->packet.has_socket = false;
	device_enter(k, ifindex);
	if (walking_hook(k, PLACE_INGRESS))
		k->leg->hops[k->leg->n_hops - 1].ifindex = ifindex;
	walking_hook(k, PLACE_PREROUTING);
}

static void leave_by_loopback(struct walking *k)
{
	uint32_t lo = device_loopback(k->world);

	walking_hop(k, PLACE_ROUTE)->ifindex = lo;
	device_leave(k, lo, 0);
	if (!depart(k))
		return;
	come_in(k, lo);
	walking_hook(k, PLACE_INPUT);
}

/* The answer of another host to a request of this one. */
static void come_back(struct walking *k)
{
	struct route_ask ask = {.target = k->client,
				.source = k->packet.saddr,
				.in_ifindex = k->out_ifindex,
				.proto = k->packet.proto,
				.source_port = k->packet.sport,
				.target_port = k->packet.dport};
	bool is_known = k->out_ifindex && k->client.family;

	come_in(k, k->out_ifindex);
	if (k->has_ended || (is_known && !route_hop(k, world_route(k, &ask), true)))
		return;
	walking_hook(k, PLACE_INPUT);
}

void reply_walk(struct walking *k)
{
	k->leg = &k->path->reply;
	leg_start(k->leg);
	k->leg->is_walked = true;
	k->is_doubtful = k->is_astray = k->has_ended = false;
	k->packet = answer_to(k);
	walking_mind_legacy(k);
	if (!k->path->is_local) {
		come_back(k);
	} else {
		k->packet.has_socket = true;
		if (k->is_from_here)
			leave_by_loopback(k);
		else
			leave(k);
	}
	walking_pass(k);
}
