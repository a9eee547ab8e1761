/*
 * Which socket the kernel would hand a packet to: the scores of compute_score() in
 * net/ipv4/inet_hashtables.c and udp.c and their counterparts of IPv6. Sockets of one port
 * that tie (SO_REUSEPORT) share the work; the first of them is named.
 */
#include "core/path/path.h"

#include <netinet/in.h>
#include <string.h>

/* What is looked for, and how far it came. */
struct search {
	enum socket_proto proto;
	struct addr server;
	uint16_t port;
	uint32_t in_ifindex, vrf; /* 0: not known, none */
	const struct socket_row *best, *perhaps;
	int score;
};

static uint32_t vrf_of(const struct space *space, uint32_t ifindex)
{
	const struct link_table *t = space->links;
	const struct link_row *link = t && ifindex ? links_find(t, ifindex) : NULL;
	const struct link_row *master =
		link && link->master ? links_find(t, link->master) : NULL;

	return master && text_equals_str(master->kind, "vrf") ? master->ifindex : 0;
}

/* inet_sk_bound_dev_eq(). Unbound sockets take what comes in by a VRF only by a setting
 * (tcp_l3mdev_accept) that is not looked at. */
static enum tri takes_device(const struct search *q, const struct socket_row *s)
{
	if (!s->ifindex)
		return q->vrf ? TRI_UNSURE : TRI_YES;
	if (!q->in_ifindex)
		return TRI_UNSURE;
	return s->ifindex == q->in_ifindex || s->ifindex == q->vrf ? TRI_YES : TRI_NO;
}

/* The address alone: is_any is set where it is no exact match. */
static enum tri takes_address(const struct search *q, const struct socket_row *s,
			      bool *is_any)
{
	struct addr local = addr_unmapped(&s->local);

	*is_any = addr_is_any(&local) || addr_is_any(&s->local);
	if (!*is_any)
		return addr_equals(&local, &q->server) ? TRI_YES : TRI_NO;
	if (q->server.family == AF_INET6)
		return s->family == AF_INET6 && !addr_is_v4_mapped(&s->local) ? TRI_YES
									      : TRI_NO;
	if (s->family == AF_INET || addr_is_v4_mapped(&s->local))
		return TRI_YES;
	return s->v6only == TRI_UNSURE ? TRI_UNSURE
				       : (s->v6only == TRI_YES ? TRI_NO : TRI_YES);
}

/* Exact addresses are looked up first; among equals a device counts more than a family. */
static int score_of(const struct search *q, const struct socket_row *s, bool is_any)
{
	int score = is_any ? 1 : 100;

	if (s->ifindex)
		score += q->proto == PROTO_TCP ? 1 : 4;
	if (s->family == q->server.family)
		score++;
	return score;
}

static void consider(struct search *q, const struct socket_row *s)
{
	enum tri device, address;
	bool is_any;
	int score;

	if (s->port != q->port)
		return;
	address = takes_address(q, s, &is_any);
	device = takes_device(q, s);
	if (address == TRI_NO || device == TRI_NO)
		return;
	if (address == TRI_UNSURE || device == TRI_UNSURE) {
		if (!q->perhaps)
			q->perhaps = s;
		return;
	}
	score = score_of(q, s, is_any);
	if (q->best && score <= q->score)
		return;
	q->best = s;
	q->score = score;
}

static void consider_all(struct search *q, const struct socket_table *t)
{
	for (size_t i = 0; t && i < t->n; i++)
		if (t->rows[i].proto == q->proto || t->rows[i].proto == PROTO_MPTCP)
			consider(q, &t->rows[i]);
}

/* ---- the endpoint ---- */

static bool is_same_socket(const struct socket_row *a, const struct socket_row *b)
{
	if (a == b)
		return true;
	/* A listener of MPTCP is told twice. */
	return a->inode && a->inode == b->inode && a->port == b->port;
}

static bool has_socket(const struct endpoint *e, const struct socket_row *s)
{
	for (size_t i = 0; i < e->n_sockets; i++)
		if (is_same_socket(e->sockets[i], s))
			return true;
	return false;
}

static const struct endpoint *endpoint_of(const struct snapshot *s,
					  const struct space *space,
					  const struct socket_row *socket)
{
	for (size_t i = 0; s && i < s->n_endpoints; i++) {
		const struct endpoint *e = &s->endpoints[i];

		if (e->space == space && e->port == socket->port && has_socket(e, socket))
			return e;
	}
	return NULL;
}

/* ---- is the table whole? ---- */

static bool is_table_cut(const struct snapshot *s, const struct space *space,
			 const char *source)
{
	for (size_t i = 0; s && i < s->n_notes; i++) {
		const struct source_note *n = &s->notes[i];

		if (!strcmp(n->source, source) &&
		    (space->is_own ? text_is_empty(n->space)
				   : text_equals(n->space, space->name)))
			return true;
	}
	return false;
}

static bool proto_of(uint8_t number, enum socket_proto *out)
{
	switch (number) {
	case IPPROTO_TCP:
		*out = PROTO_TCP;
		return true;
	case IPPROTO_UDP:
		*out = PROTO_UDP;
		return true;
	case IPPROTO_UDPLITE:
		*out = PROTO_UDPLITE;
		return true;
	default:
		return false;
	}
}

const struct socket_row *path_socket(const struct space *space, uint8_t proto,
				     const struct addr *server, uint16_t port,
				     uint32_t in_ifindex, const struct endpoint **endpoint,
				     const struct snapshot *s, enum tri *is_served)
{
	struct search q = {.server = addr_unmapped(server),
			   .port = port,
			   .in_ifindex = in_ifindex,
			   .vrf = vrf_of(space, in_ifindex)};
	const struct socket_table *t;
	const struct socket_row *found;
	bool is_whole;

	*endpoint = NULL;
	*is_served = TRI_UNSURE;
	if (!proto_of(proto, &q.proto))
		return NULL;
	t = q.proto == PROTO_TCP ? space->tcp : space->udp;
	is_whole = t && !is_table_cut(s, space, q.proto == PROTO_TCP ? "tcp" : "udp");
	consider_all(&q, t);
	if (q.proto == PROTO_TCP)
		consider_all(&q, space->mptcp);
	found = q.best ? q.best : q.perhaps;
	if (q.best)
		*is_served = TRI_YES;
	else if (!q.perhaps && is_whole)
		*is_served = TRI_NO;
	if (found)
		*endpoint = endpoint_of(s, space, found);
	return found;
}
