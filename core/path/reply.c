/* The reply's leg: what the socket answers, on its way out of this host; or, where this
 * host is the client, on its way in. */
#include "core/path/walking.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "core/path/bridges.h"

/* nf_conntrack_common.h: states as of nft, status bits */
enum { CT_INVALID = 1, CT_ESTABLISHED = 2, CT_NEW = 8 };
/* linux/netfilter_ipv4.h: where conntrack turns targets and sources back */
enum { SOURCES_TURNED = 100 };
enum { CT_SEEN_REPLY = 0x2, CT_CONFIRMED = 0x8, CT_BOTH_DONE = 0x180 };
/* A header that a rule has written is not turned back. */
enum { CT_TARGET_CHANGED = 0x20 };
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

static void aim_at_client(struct walking *k)
{
	struct fw_packet *p = &k->packet;

	p->daddr = k->client;
	p->dport = k->path->ask.client_port;
	p->is_dport_unknown = !p->dport;
	p->n_readdressed++;
	if (k->client.family) {
		p->is_destination_unknown = false;
		return;
	}
	p->daddr.family = k->path->ask.server.family;
	p->is_destination_unknown = true;
	memset(p->daddr_known, 0, sizeof(p->daddr_known));
}

/* Before conntrack has turned it back it is aimed at the address that the server saw. */
static void aim_at_sender(const struct path *path, struct fw_packet *p)
{
	if (!path->is_source_translated)
		return;
	p->dport = path->sender_port;
	p->is_dport_unknown = !p->dport;
	p->is_destination_unknown = !path->sender.family;
	if (path->sender.family) {
		p->daddr = path->sender;
	} else {
		p->daddr.family = path->ask.server.family;
		memset(p->daddr_known, 0, sizeof(p->daddr_known));
	}
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
			      .is_mark_known = true,
			      .n_rewritten = (uint8_t)(old->n_rewritten + 1),
			      .n_readdressed = (uint8_t)(old->n_readdressed + 1),
			      .n_marked = (uint8_t)(old->n_marked + 1),
			      .n_added = old->n_added};

	if (p.proto == IPPROTO_TCP)
		p.tcp_flags = path->ask.is_established ? TH_ACK : TH_SYN | TH_ACK;
	if (!k->client.family) {
		p.daddr = old->saddr;
		p.is_destination_unknown = true;
		memcpy(p.daddr_known, old->saddr_known, sizeof(p.daddr_known));
	}
	p.ct = old->ct.has_entry ? seen(&old->ct) : unseen(&p);
	memcpy(p.added, old->added, sizeof(p.added));
	aim_at_sender(path, &p);
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
static void undo_target(struct walking *k)
{
	const struct path_ask *a = &k->path->ask;
	struct path_hop *h = &k->leg->hops[k->leg->n_hops - 1];
	struct fw_packet *p = &k->packet;

	if (!k->path->is_translated || !p->ct.has_entry || !p->ct.is_reply ||
	    !(p->ct.status & CT_TARGET_CHANGED))
		return;
	h->outcome = HOP_TRANSLATED;
	h->to = a->server;
	h->to_port = a->server_port;
	p->saddr = a->server;
	p->sport = a->server_port;
}

static bool go_out(struct walking *k)
{
	if (!walking_hook_undoing(k, PLACE_POSTROUTING, SOURCES_TURNED, undo_target) ||
	    !walking_meet_programs(k, PROGRAM_AT_SEND) || !walking_hook(k, PLACE_EGRESS))
		return false;
	k->leg->hops[k->leg->n_hops - 1].ifindex = k->packet.oif_index;
	return true;
}

/* Who hid behind another address on the way out is the target again. */
static void undo_source(struct walking *k)
{
	struct path_hop *h = &k->leg->hops[k->leg->n_hops - 1];
	struct fw_packet *p = &k->packet;

	if (!k->path->is_source_translated || !p->ct.has_entry || !p->ct.is_reply ||
	    k->is_source_undone)
		return;
	k->is_source_undone = true;
	h->outcome = HOP_TRANSLATED;
	h->to = k->client;
	h->to_port = k->path->ask.client_port;
	aim_at_client(k);
}

static bool depart(struct walking *k)
{
	if (!walking_hook_undoing(k, PLACE_OUTPUT, TARGETS_TURNED, undo_source))
		return false;
	return go_out(k);
}

static struct route_ask answer_route_ask(const struct walking *k)
{
	const struct path *p = k->path;

	return reply_route_ask(k, &p->server, p->server_port,
			       p->socket ? p->socket->ifindex : 0);
}

/* A socket answers who it saw; at the output conntrack aims it at the client. */
static bool answer_sender(struct walking *k)
{
	struct route_ask ask = answer_route_ask(k);
	const struct route_answer *r;

	if (!k->path->is_source_translated)
		return walking_hook(k, PLACE_OUTPUT);
	if (k->path->sender.family) {
		ask.target = k->path->sender;
		r = world_route(k, &ask);
		if (!route_hop(k, r, false))
			return false;
		device_leave(k, r ? r->out_ifindex : 0, k->path->in_ifindex);
	}
	return walking_hook_undoing(k, PLACE_OUTPUT, TARGETS_TURNED, undo_source);
}

/* By its new mark alone, without ports: ip_route_me_harder(), ip6_route_me_harder(). False:
 * it ends here. */
static bool route_by_mark(struct walking *k, const struct route_answer **r)
{
	struct route_ask ask = answer_route_ask(k);

	if (!walking_is_marked_anew(k, 0))
		return true;
	if (!k->packet.is_mark_known) {
		walking_doubt(k, NO_ROW, "its mark, which may choose another route");
		return true;
	}
	ask.mark = k->packet.mark;
	ask.proto = 0;
	ask.source_port = ask.target_port = 0;
	*r = world_route(k, &ask);
	k->leg->routed = ask;
	return route_hop(k, *r, false);
}

static void leave(struct walking *k)
{
	struct route_ask ask = answer_route_ask(k);
	uint32_t in = k->path->in_ifindex;
	const struct route_answer *r;

	if (!k->client.family) {
		device_leave(k, 0, in);
		if (answer_sender(k))
			go_out(k);
		return;
	}
	r = world_route(k, &ask);
	k->leg->routed = ask;
	if (!route_hop(k, r, false))
		return;
	device_leave(k, r ? r->out_ifindex : 0, in);
	if (!answer_sender(k) || !route_by_mark(k, &r))
		return;
	device_leave(k, r ? r->out_ifindex : 0, in);
	if (go_out(k))
		meet_neighbour(k, r);
}

/* ---- in ---- */

static bool come_in(struct walking *k, uint32_t ifindex)
{
	k->packet.has_socket = false;
	device_enter(k, ifindex);
	k->undo_at_prerouting = undo_source;
	if (!walking_hook(k, PLACE_INGRESS))
		return false;
	k->leg->hops[k->leg->n_hops - 1].ifindex = ifindex;
	return walking_hook_undoing(k, PLACE_PREROUTING, TARGETS_TURNED, undo_source);
}

static void leave_by_loopback(struct walking *k)
{
	uint32_t lo = device_loopback(k->world);

	walking_hop(k, PLACE_ROUTE)->ifindex = lo;
	device_leave(k, lo, 0);
	if (depart(k) && come_in(k, lo))
		walking_hook(k, PLACE_INPUT);
}

static struct route_ask route_in_ask(const struct walking *k, uint32_t ifindex)
{
	const struct fw_packet *p = &k->packet;

	return (struct route_ask){.target = k->client,
				  .source = p->saddr,
				  .in_ifindex = ifindex,
				  .mark = p->is_mark_known ? p->mark : 0,
				  .proto = p->proto,
				  .source_port = p->sport,
				  .target_port = k->path->ask.client_port};
}

/* The answer of another host to a request of this one. */
static void come_back(struct walking *k)
{
	uint32_t in = k->out_ifindex;
	bool is_known = in && k->client.family;
	struct route_ask ask;

	if (!come_in(k, in))
		return;
	ask = route_in_ask(k, in);
	if (is_known && !route_hop(k, world_route(k, &ask), true))
		return;
	walking_hook_undoing(k, PLACE_INPUT, SOURCES_TURNED, undo_target);
}

/* The route of an answer that is passed on. False: it ends here. */
static bool route_back(struct walking *k, uint32_t in, const struct route_answer **r)
{
	struct route_ask ask = route_in_ask(k, in);

	*r = NULL;
	if (!k->client.family) {
		walking_hop(k, PLACE_ROUTE);
		device_leave(k, 0, k->path->in_ifindex);
		return true;
	}
	/* Where nobody knows the way in, how this host itself would send it. */
	if (!in)
		ask = (struct route_ask){.target = k->client};
	*r = world_route(k, &ask);
	k->leg->routed = ask;
	if (!route_hop(k, *r, in != 0))
		return false;
	device_leave(k, *r ? (*r)->out_ifindex : 0, k->path->in_ifindex);
	return true;
}

/* Client and server on one link: the server has no need of this host, and what it answers
 * itself comes from an address that the client never asked. */
static void mind_hairpin(struct walking *k, uint32_t in, const struct route_answer *r)
{
	const struct path *p = k->path;

	if (p->is_translated && !p->is_source_translated && r && in == r->out_ifindex &&
	    !r->gateway.family)
		walking_doubt(k, NO_ROW,
			      "the server may answer the client itself, past the "
			      "translation");
}

/* The answer to a packet that was passed on: it comes by the device towards the server. */
static void pass_back(struct walking *k)
{
	const struct route_answer *r;
	uint32_t in = k->out_ifindex;

	if (!come_in(k, in) || !route_back(k, in, &r) || !walking_may_pass_on(k))
		return;
	mind_hairpin(k, in, r);
	k->packet.n_rewritten++; /* one hop less */
	if (walking_hook(k, PLACE_FORWARD) && go_out(k))
		meet_neighbour(k, r);
}

/* net.ipv4.tcp_fwmark_accept (of both families): inet_request_mark(). */
static uint32_t accepted_mark(const struct walking *k)
{
	int64_t is_accepted;

	if (k->packet.proto != IPPROTO_TCP || !k->packet.is_mark_known ||
	    !k->world->settings ||
	    !settings_int(k->world->settings, "net/ipv4/tcp_fwmark_accept", &is_accepted))
		return 0;
	return is_accepted ? k->packet.mark : 0;
}

void reply_walk(struct walking *k)
{
	k->leg = &k->path->reply;
	leg_start(k->leg);
	k->leg->is_walked = true;
	k->is_doubtful = k->is_astray = k->has_ended = k->is_source_undone = false;
	k->answer_mark = accepted_mark(k);
	k->packet = answer_to(k);
	walking_mind_unread(k);
	if (k->path->is_bridged) {
		k->undo_at_prerouting = undo_source;
		bridge_pass_back(k);
	} else if (k->path->is_forwarded) {
		pass_back(k);
	} else if (!k->path->is_local) {
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
