/* Which ports the sockets of a namespace serve, and which addresses it has. */
#include <errno.h>
#include <stdlib.h>

#include "core/snapshot/traffic_impl.h"

static bool takes_any(const struct socket_row *s, const struct addr *server)
{
	struct addr local = addr_unmapped(&s->local);

	if (local.family == server->family)
		return true;
	/* Where it is not told whether IPv4 is taken too, nobody is told that it is not. */
	return local.family == AF_INET6 && s->v6only != TRI_YES;
}

int socket_takes(const struct socket_row *s, const struct addr *server)
{
	struct addr local = addr_unmapped(&s->local);

	if (addr_is_any(&local))
		return takes_any(s, server) ? 1 : 0;
	return addr_equals(&local, server) ? 2 : 0;
}

static int compare(const void *a, const void *b)
{
	const struct served *x = a, *y = b;

	return (x->port > y->port) - (x->port < y->port);
}

static int add_sockets(struct traffic *t, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_sockets; i++) {
		const struct socket_row *s = e->sockets[i];
		struct served *row = vec_push(&t->served);

		if (!row)
			return -ENOMEM;
		row->port = s->port;
		row->address = addr_unmapped(&s->local);
		if (!addr_is_any(&row->address))
			continue;
		row->takes_v6 = row->address.family == AF_INET6;
		row->takes_v4 = !row->takes_v6 || s->v6only != TRI_YES;
	}
	return 0;
}

int served_learn(struct traffic *t, const struct snapshot *s, const struct space *space)
{
	int error = 0;

	vec_reset(&t->served);
	for (size_t i = 0; !error && i < s->n_endpoints; i++)
		if (s->endpoints[i].space == space && endpoint_is_stream(&s->endpoints[i]))
			error = add_sockets(t, &s->endpoints[i]);
	if (t->served.n)
		qsort(t->served.data, t->served.n, t->served.size, compare);
	table_unref(t->addresses);
	table_unref(t->routes);
	t->addresses = table_ref(space->addresses);
	t->routes = table_ref(space->local_routes);
	t->has_served = !error && space->tcp;
	return error;
}

static size_t first_of(const struct traffic *t, uint16_t port)
{
	size_t low = 0, high = t->served.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct served *row = vec_at(&t->served, middle);

		if (row->port < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool served_has(const struct traffic *t, uint16_t port, const struct addr *server)
{
	for (size_t i = first_of(t, port); i < t->served.n; i++) {
		const struct served *row = vec_at(&t->served, i);

		if (row->port != port)
			return false;
		if (server->family == AF_INET ? row->takes_v4 : row->takes_v6)
			return true;
		if (addr_equals(&row->address, server))
			return true;
	}
	return false;
}
