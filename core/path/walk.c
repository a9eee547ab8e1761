/* The walk of one packet and of its reply: once for each way that it may take. */
#include "core/path/path.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "core/path/walking.h"

enum { WALKS_MAX = 64 };
enum { CT_INVALID = 1, CT_ESTABLISHED = 2, CT_NEW = 8, CT_OF_OLD = 0x18e };

/* ---- the packet ---- */

/* With others a flow does not begin: nf_conntrack_proto_tcp.c, tcp_new(). */
static bool begins_flow(const struct fw_packet *p)
{
	unsigned flags = p->tcp_flags & (TH_SYN | TH_ACK | TH_RST | TH_FIN);

	return p->proto != IPPROTO_TCP || flags == TH_SYN || flags == TH_ACK;
}

static struct fw_conntrack conntrack_of(const struct fw_packet *p, const struct path_ask *a)
{
	bool is_established = a->is_established;

	if (a->is_invalid || (!is_established && !begins_flow(p)))
		return (struct fw_conntrack){.state = CT_INVALID, .is_mark_known = true};
	return (struct fw_conntrack){.state = is_established ? CT_ESTABLISHED : CT_NEW,
				     .has_entry = true,
				     .status = is_established ? CT_OF_OLD : 0,
				     .is_mark_known = !is_established,
				     .saddr = p->saddr,
				     .daddr = p->daddr,
				     .sport = p->sport,
				     .dport = p->dport};
}

static struct fw_packet packet_of(const struct path_ask *a, const struct addr *client)
{
	struct fw_packet p = {.saddr = *client,
			      .daddr = a->server,
			      .proto = a->proto,
			      .sport = a->client_port,
			      .dport = a->server_port,
			      .tcp_flags = a->tcp_flags,
			      .ttl = a->ttl,
			      .is_ttl_known = a->ttl != 0,
			      .is_sport_unknown = !a->client_port,
			      .is_mark_known = true};

	if (!client->family) {
		p.saddr.family = a->server.family;
		p.is_source_unknown = true;
	}
	if (p.proto != IPPROTO_TCP)
		p.tcp_flags = 0;
	else if (!p.tcp_flags)
		p.tcp_flags = a->is_established ? TH_ACK : TH_SYN;
	p.ct = conntrack_of(&p, a);
	return p;
}

/* A loopback address is reached from this host only, and by itself. */
static struct addr client_of(const struct path_ask *a)
{
	bool is_inside = !a->in_ifindex && addr_is_loopback(&a->server);

	return !a->client.family && is_inside ? a->server : a->client;
}

static bool is_from_here(const struct path_world *w, const struct path_ask *a,
			 const struct addr *client)
{
	if (a->is_from_here)
		return true;
	if (!client->family || world_is_here(w, client) != TRI_YES)
		return false;
	return !a->in_ifindex || device_is_loopback(w, a->in_ifindex);
}

/* ---- one way ---- */

static bool has_reply(const struct walking *k)
{
	const struct path *p = k->path;

	if (k->error || k->has_ended)
		return false;
	if (p->is_local)
		return p->is_served != TRI_NO &&
		       k->path->request.decided_by != DECIDER_SOCKET;
	return k->is_from_here || p->is_forwarded;
}

static void keep_mark(struct path_leg *leg, const struct fw_packet *p)
{
	leg->mark = p->mark;
	leg->is_mark_known = p->is_mark_known;
}

static int walk_one(const struct path_world *w, const struct path_ask *a,
		    struct fw_choices *c, struct path *out, size_t *n_request_picks,
		    struct vec *meetings)
{
	struct walking k = {.world = w,
			    .path = out,
			    .choices = c,
			    .client = client_of(a),
			    .meetings = meetings};

	*out = (struct path){.ask = *a, .is_served = TRI_UNSURE};
	leg_start(&out->reply);
	k.is_from_here = is_from_here(w, a, &k.client);
	k.packet = packet_of(a, &k.client);
	k.lookups = world_lookups(&k);
	request_walk(&k);
	keep_mark(&out->request, &k.packet);
	*n_request_picks = c->n;
	if (!has_reply(&k))
		return k.error;
	reply_walk(&k);
	keep_mark(&out->reply, &k.packet);
	return k.error;
}

int walk_first(const struct path_world *w, const struct path_ask *a, struct vec *meetings)
{
	struct fw_choices c = {0};
	struct path way;
	size_t n_request_picks;

	return walk_one(w, a, &c, &way, &n_request_picks, meetings);
}

/* ---- all of them ---- */

int walk_all(const struct path_world *w, const struct path_ask *a, struct path *out)
{
	struct fw_choices c = {0};
	struct path one;
	size_t n_request_picks, n = 0;
	bool is_overfull = false, goes_on;
	int error;

	do {
		error = walk_one(w, a, &c, n ? &one : out, &n_request_picks, NULL);
		if (error)
			return error;
		if (n++)
			path_merge(out, &one, &c, n_request_picks);
		is_overfull = is_overfull || c.is_overfull;
		goes_on = fw_choices_next(&c);
	} while (goes_on && n < WALKS_MAX);
	if (goes_on || is_overfull)
		path_not_all(out, "too many rules depend on what is not known");
	return 0;
}

/* What the way behind a blocker will ask is asked for with the rest. */
static int foresee(const struct path_world *w, const struct path_ask *a, struct path *out)
{
	struct path behind;
	int error = path_walk_behind(w, a, out, &behind);

	if (error)
		return error == -ENOENT ? 0 : error;
	for (size_t i = 0; i < behind.n_needs; i++)
		path_add_need(out, &behind.needs[i]);
	return 0;
}

/* No chain of translations is run for what follows: it goes as the first packet of the flow
 * went, and which way that was nobody has said. */
static int mind_translation(const struct path_world *w, const struct path_ask *ask,
			    struct path *out)
{
	struct path_ask begin = *ask;
	struct path first;
	int error;

	begin.is_established = false;
	begin.tcp_flags = 0;
	error = walk_all(w, &begin, &first);
	if (error)
		return error;
	for (size_t i = 0; i < first.n_needs; i++)
		path_add_need(out, &first.needs[i]);
	if (first.request.is_nat_touched || first.reply.is_nat_touched)
		path_not_all(out, "how the flow was translated when it began");
	return 0;
}

int path_walk(const struct path_world *w, const struct path_ask *ask, struct path *out)
{
	int error = walk_all(w, ask, out);

	if (!error && ask->is_established)
		error = mind_translation(w, ask, out);
	return error || !ask->client.family ? error : foresee(w, ask, out);
}
