/* What is known of the way to one address, found among the evidence. */
#include "core/report/probe.h"

const struct walk *probe_walk(const struct evidence *e, const struct addr *server)
{
	for (size_t i = 0; i < e->n_walks; i++)
		if (addr_equals(&e->walks[i].server, server))
			return &e->walks[i];
	return NULL;
}

const struct path_hop *probe_route(const struct evidence *e, const struct addr *server)
{
	const struct walk *w = probe_walk(e, server);

	if (!w || !w->path.request.is_walked)
		return NULL;
	for (size_t i = 0; i < w->path.request.n_hops; i++)
		if (w->path.request.hops[i].place == PLACE_ROUTE)
			return &w->path.request.hops[i];
	return NULL;
}

const struct neighbour_row *probe_neighbour(const struct evidence *e,
					    const struct addr *server, struct addr *hop)
{
	const struct path_hop *route = probe_route(e, server);

	*hop = (struct addr){0};
	if (!route || route->error || !route->ifindex)
		return NULL;
	*hop = route->gateway.family ? route->gateway : *server;
	return e->neighbours ? neighbours_find(e->neighbours, hop, route->ifindex) : NULL;
}
