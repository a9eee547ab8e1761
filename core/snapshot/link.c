/*
 * The tables of a snapshot -> its endpoints. The order: who holds each socket, which
 * sockets are one endpoint, what each endpoint is called and does, then the connections
 * that came through it. Sorts and searches, so that it takes about a millisecond for a
 * thousand sockets.
 */
#include "core/snapshot/link.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/vec.h"
#include "core/snapshot/fold.h"
#include "core/snapshot/holders.h"
#include "core/snapshot/missing.h"
#include "core/snapshot/place.h"
#include "core/snapshot/queues.h"

struct linking {
	struct snapshot *s;
	struct queue_history *history;
	struct owners_lack lack;
	struct vec members; /* struct fold_member */
	size_t at;          /* endpoints made */
};

static int gather_table(struct linking *l, uint32_t space, const struct socket_table *t)
{
	for (size_t i = 0; t && i < t->n; i++) {
		struct fold_member *m = vec_push(&l->members);

		if (!m)
			return -ENOMEM;
		m->space = space;
		m->socket = &t->rows[i];
		m->address = addr_unmapped(&t->rows[i].local);
		holders_find(l->s, m);
	}
	return 0;
}

static int gather(struct linking *l)
{
	for (size_t i = 0; i < l->s->n_spaces; i++) {
		const struct space *space = &l->s->spaces[i];

		if (gather_table(l, (uint32_t)i, space->tcp) ||
		    gather_table(l, (uint32_t)i, space->udp) ||
		    gather_table(l, (uint32_t)i, space->mptcp))
			return -ENOMEM;
	}
	return 0;
}

/* FNV-1a over the bytes of a number */
static uint64_t mix(uint64_t hash, uint64_t number)
{
	for (int i = 0; i < 8; i++) {
		hash ^= number >> (8 * i) & 0xff;
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

/* The lowest cookie, else inode, of the sockets at the endpoint's own address: it stays
 * when a twin comes or goes. */
static uint64_t first_identity(const struct endpoint *e)
{
	uint64_t cookie = UINT64_MAX, inode = UINT64_MAX;

	for (size_t i = 0; i < e->n_sockets; i++) {
		const struct socket_row *s = e->sockets[i];
		struct addr a = addr_unmapped(&s->local);

		if (!addr_equals(&a, &e->address))
			continue;
		if (s->cookie && s->cookie < cookie)
			cookie = s->cookie;
		if (s->inode < inode)
			inode = s->inode;
	}
	return cookie != UINT64_MAX ? cookie : inode;
}

static uint64_t id_of(const struct endpoint *e)
{
	uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), e->space->netns);

	for (size_t i = 0; i < e->space->name.len; i++)
		hash = mix(hash, (unsigned char)e->space->name.bytes[i]);
	hash = mix(hash, (uint64_t)e->proto << 16 | e->port);
	hash = mix(hash, e->ifindex);
	hash = mix(hash, e->address.family);
	for (size_t i = 0; i < sizeof(e->address.bytes); i++)
		hash = mix(hash, e->address.bytes[i]);
	return mix(hash, first_identity(e));
}

static int fill_sockets(struct linking *l, struct endpoint *e,
			const struct fold_member *members, size_t n)
{
	e->sockets = arena_alloc(&l->s->head.arena, n * sizeof(const struct socket_row *));
	if (!e->sockets)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		e->sockets[i] = members[i].socket;
	e->n_sockets = n;
	return 0;
}

static void fill_names(const struct snapshot *s, struct endpoint *e)
{
	const struct net_facts *facts = e->space->facts;
	bool is_udp = e->proto == PROTO_UDP || e->proto == PROTO_UDPLITE;

	if (s->port_names)
		e->service = port_names_find(s->port_names, e->port, is_udp);
	if (s->users)
		e->user = users_find(s->users, e->uid);
	e->is_ephemeral = facts && facts->local_port_low &&
			  e->port >= facts->local_port_low &&
			  e->port <= facts->local_port_high;
}

static int fill_endpoint(struct linking *l, const struct fold_member *members, size_t n)
{
	struct endpoint *e = &l->s->endpoints[l->at++];

	e->space = &l->s->spaces[members[0].space];
	e->proto = fold_proto(members[0].socket->proto);
	e->uid = members[n - 1].socket->uid;
	if (fill_sockets(l, e, members, n))
		return -ENOMEM;
	place_fill(e, members, n);
	fill_names(l->s, e);
	e->queue = queues_fullest(l->history, l->s->spaces, members, n);
	e->id = id_of(e);
	return holders_fill(l->s, &l->lack, e, members, n);
}

static size_t group_size(const struct fold_member *members, size_t n)
{
	size_t size = 1;

	while (size < n && members[size].group == members[0].group)
		size++;
	return size;
}

static int fill_endpoints(struct linking *l)
{
	const struct fold_member *members = l->members.data;
	size_t n = l->members.n, n_groups = 0;

	for (size_t i = 0; i < n; i += group_size(members + i, n - i))
		n_groups++;
	l->s->endpoints =
		arena_alloc(&l->s->head.arena, (n_groups + 1) * sizeof(struct endpoint));
	if (!l->s->endpoints)
		return -ENOMEM;
	l->s->n_endpoints = n_groups;
	for (size_t i = 0, size; i < n; i += size) {
		size = group_size(members + i, n - i);
		if (fill_endpoint(l, members + i, size))
			return -ENOMEM;
	}
	return 0;
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_endpoints(const void *a, const void *b)
{
	const struct endpoint *x = a, *y = b;
	int order = (x->space > y->space) - (x->space < y->space);

	if (!order)
		order = compare_u64(x->port, y->port);
	if (!order)
		order = compare_u64(x->proto, y->proto);
	if (!order)
		order = compare_u64(x->scope, y->scope);
	if (!order)
		order = addr_compare(&x->address, &y->address);
	if (!order)
		order = compare_u64(x->ifindex, y->ifindex);
	if (!order)
		order = compare_u64(first_identity(x), first_identity(y));
	return order ? order : compare_u64(x->id, y->id);
}

/* Notes for each TCP row of the space the endpoint it is in; these are endpoints[*at] and
 * further. */
static void map_rows(struct snapshot *s, const struct space *space, size_t *at,
		     struct endpoint **of_row)
{
	for (; *at < s->n_endpoints && s->endpoints[*at].space == space; ++*at) {
		struct endpoint *e = &s->endpoints[*at];

		for (size_t i = 0; of_row && i < e->n_sockets; i++) {
			if (e->sockets[i]->proto != PROTO_TCP)
				continue;
			of_row[e->sockets[i] - space->tcp->rows] = e;
			e->has_connections = true;
		}
	}
}

static void add_connections(const struct space *space, struct endpoint *const *of_row)
{
	for (size_t i = 0; i < space->connections->n; i++) {
		const struct connection_group *g = &space->connections->rows[i];
		long row = connections_listener(space->tcp, g);

		if (row < 0 || !of_row[row])
			continue;
		for (int state = 0; state < N_TCP_STATES; state++)
			of_row[row]->connections[state] += g->counts[state];
	}
}

static int link_connections(struct snapshot *s)
{
	size_t at = 0;

	for (size_t i = 0; i < s->n_spaces; i++) {
		const struct space *space = &s->spaces[i];
		struct endpoint **of_row = NULL;

		if (space->tcp && space->connections) {
			of_row = calloc(space->tcp->n + 1, sizeof(*of_row));
			if (!of_row)
				return -ENOMEM;
		}
		map_rows(s, space, &at, of_row);
		if (of_row)
			add_connections(space, of_row);
		free(of_row);
	}
	return 0;
}

static int link_members(struct linking *l)
{
	struct snapshot *s = l->s;
	int r = gather(l);

	if (!r)
		r = fold_members(l->members.data, l->members.n,
				 s->owners ? s->owners->processes : NULL,
				 holders_has_cgroups(s));
	if (!r)
		r = queues_update(l->history, s->spaces, l->members.data, l->members.n);
	if (!r)
		r = fill_endpoints(l);
	if (r)
		return r;
	if (s->n_endpoints)
		qsort(s->endpoints, s->n_endpoints, sizeof(*s->endpoints),
		      compare_endpoints);
	return link_connections(s);
}

int snapshot_link(struct snapshot *s, struct queue_history *history)
{
	struct linking l = {
		.s = s, .history = history, .members = VEC_OF(struct fold_member)};
	int r = missing_collect(s, &l.lack);

	if (!r)
		r = link_members(&l);
	if (!r)
		missing_add_outside(s, &l.lack);
	vec_release(&l.members);
	return r;
}
