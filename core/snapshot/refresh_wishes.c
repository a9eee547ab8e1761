/* What one source makes us ask of another: ports, inodes, names. Pure bookkeeping. */
#include "core/snapshot/refresh_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t wishes_n_inodes(const struct refresh *r)
{
	return r->wanted.n < REQUEST_OWNERS_MAX ? r->wanted.n : REQUEST_OWNERS_MAX;
}

static const uint32_t *inodes_of(const struct vec *v)
{
	return v->data;
}

static int copy_inodes(struct vec *to, const struct vec *from, size_t n)
{
	vec_reset(to);
	for (size_t i = 0; i < n; i++) {
		uint32_t *inode = vec_push(to);

		if (!inode) {
			vec_reset(to);
			return -ENOMEM;
		}
		*inode = inodes_of(from)[i];
	}
	return 0;
}

static bool are_same(const struct vec *a, const struct vec *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->data, b->data, a->n * a->size));
}

/* All of the first n of a are in b; both are sorted. */
static bool are_in(const struct vec *a, size_t n, const struct vec *b)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		while (at < b->n && inodes_of(b)[at] < inodes_of(a)[i])
			at++;
		if (at == b->n || inodes_of(b)[at] != inodes_of(a)[i])
			return false;
	}
	return true;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void sort_unique(struct vec *v)
{
	uint32_t *inodes = v->data;
	size_t n = 0;

	if (!v->n)
		return;
	qsort(inodes, v->n, sizeof(*inodes), by_number);
	for (size_t i = 0; i < v->n; i++)
		if (!n || inodes[n - 1] != inodes[i])
			inodes[n++] = inodes[i];
	vec_truncate(v, n);
}

static int add_sockets(struct refresh *r, const struct socket_table *t)
{
	for (size_t i = 0; t && i < t->n; i++) {
		uint32_t *inode;

		/* 1 is the root of the hierarchy: no unit */
		r->has_cgroup_ids = r->has_cgroup_ids || t->rows[i].cgroup_id > 1;
		if (!t->rows[i].inode)
			continue;
		inode = vec_push(&r->wanted);
		if (!inode)
			return -ENOMEM;
		*inode = t->rows[i].inode;
	}
	return 0;
}

static int collect_inodes(struct refresh *r)
{
	int e = 0;

	vec_reset(&r->wanted);
	r->has_cgroup_ids = false;
	for (size_t i = 0; i < r->spaces.n && !e; i++) {
		struct watched_space *s = refresh_space(r, i);

		e = add_sockets(r, space_tcp(s));
		if (!e)
			e = add_sockets(r, space_udp(s));
		if (!e)
			e = add_sockets(r, space_mptcp(r, s));
	}
	sort_unique(&r->wanted);
	return e;
}

/* A port that is listened on, but was not when the connections were asked for. */
static void hasten_connections(struct refresh *r, struct watched_space *s)
{
	struct feed *f = space_feed(s, FROM_CONNECTIONS);

	if (feed_is_under_way(f) || !memcmp(s->ports, s->asked_ports, PORTS_SIZE))
		return;
	for (size_t i = 0; i < PORTS_SIZE; i++) {
		if (s->ports[i] & ~s->asked_ports[i]) {
			plan_hasten(r, f);
			return;
		}
	}
}

static void collect_ports(struct refresh *r, struct watched_space *s)
{
	const struct socket_table *t = space_tcp(s);

	memset(s->ports, 0, sizeof(s->ports));
	s->has_ports = t && t->n;
	for (size_t i = 0; t && i < t->n; i++) {
		uint16_t port = t->rows[i].port;

		s->ports[port / 8] |= (uint8_t)(1u << port % 8);
	}
	hasten_connections(r, s);
}

void wishes_port_range(const struct watched_space *s, uint16_t *low, uint16_t *high)
{
	*low = *high = 0;
	for (unsigned i = 0; i < PORTS_SIZE; i++) {
		for (unsigned bit = 0; s->ports[i] >> bit; bit++) {
			uint16_t port = (uint16_t)(8 * i + bit);

			if (!(s->ports[i] & 1u << bit))
				continue;
			*low = *low ? *low : port;
			*high = port;
		}
	}
}

static bool is_unread(const struct owner_table *t)
{
	return !t || t->n_unread || !t->is_whole;
}

/* Of the host, or of one of its users. */
static bool is_manager(struct text comm)
{
	return text_equals_str(comm, "systemd");
}

/* A service manager holds a socket, or nobody that could be seen does where one runs. */
static bool may_be_activated(const struct refresh *r, const struct owner_table *t)
{
	const struct host_facts *host = plan_host(r);
	const struct owner_link *link;

	for (size_t i = 0; t && i < t->n_links; i++)
		if (is_manager(t->processes[t->links[i].process].comm))
			return true;
	if (host && !text_is_empty(host->init) && !is_manager(host->init))
		return false;
	for (size_t i = 0; i < r->answered.n; i++)
		if (!t || !owners_of(t, inodes_of(&r->answered)[i], &link))
			return true;
	return !t;
}

static void wish_for_helpers(struct refresh *r)
{
	const struct feed *owners = &r->feeds[FROM_OWNERS];

	if (!owners->is_answered || !r->feeds[FROM_HOST].is_answered)
		return;
	r->wants_cgroups = r->has_cgroup_ids && is_unread(owners->table);
	r->wants_units = may_be_activated(r, owners->table);
}

static bool has_new_sockets(const struct refresh *r)
{
	return !are_in(&r->wanted, wishes_n_inodes(r), &r->requested);
}

static void hasten_owners(struct refresh *r)
{
	struct feed *owners = &r->feeds[FROM_OWNERS];

	if (!feed_is_under_way(owners) && has_new_sockets(r))
		plan_hasten(r, owners);
}

int wishes_of_sockets(struct refresh *r, struct watched_space *s)
{
	int e = collect_inodes(r);

	for (size_t i = 0; i < r->spaces.n; i++)
		if (!s || s == refresh_space(r, i))
			collect_ports(r, refresh_space(r, i));
	wish_for_helpers(r);
	hasten_owners(r);
	return e;
}

/* One of the new sockets may be the TCP side of the first one of MPTCP. */
int wishes_of_tcp(struct refresh *r, struct watched_space *s)
{
	struct feed *facts = space_feed(s, FROM_NET);
	int e = wishes_of_sockets(r, s);

	if (!feed_is_under_way(facts) && has_new_sockets(r))
		plan_hasten(r, facts);
	return e;
}

int wishes_of_owners(struct refresh *r, bool is_used)
{
	int e = 0;

	if (is_used && !are_same(&r->answered, &r->requested)) {
		r->is_changed = true;
		e = copy_inodes(&r->answered, &r->requested, r->requested.n);
	}
	wish_for_helpers(r);
	hasten_owners(r);
	return e;
}

static int parse_services(struct refresh *r, const struct host_facts *host)
{
	struct port_name_table *t = port_names_parse(host->services_file);

	if (!t)
		return -ENOMEM;
	table_unref(r->port_names);
	r->port_names = t;
	return 0;
}

static int parse_users(struct refresh *r, const struct host_facts *host)
{
	struct user_table *t = users_parse(host->passwd_file);

	if (!t)
		return -ENOMEM;
	table_unref(r->users);
	r->users = t;
	return 0;
}

int wishes_of_host(struct refresh *r, bool is_new)
{
	const struct host_facts *host = plan_host(r);
	struct watched_space *first = refresh_space(r, 0);
	int e;

	wish_for_helpers(r);
	if (!host || !is_new)
		return 0;
	if (first->ref.kind == NETNS_OWN && host->netns)
		first->netns = host->netns;
	e = parse_services(r, host);
	return e ? e : parse_users(r, host);
}

void wishes_of_connections(struct refresh *r, struct watched_space *s)
{
	hasten_connections(r, s);
}

int wishes_remember(struct refresh *r, struct feed *f)
{
	if (f->id == FROM_CONNECTIONS)
		memcpy(f->space->asked_ports, f->space->ports, PORTS_SIZE);
	if (f->id == FROM_OWNERS)
		return copy_inodes(&r->requested, &r->wanted, wishes_n_inodes(r));
	return 0;
}
