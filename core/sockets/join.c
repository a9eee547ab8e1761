/*
 * The join of a connection's local end to the listener that it came through, by the
 * kernel's rules as they were seen at work in Linux 6.18. Counts nothing.
 */
#include "core/sockets/connections.h"

static const enum socket_proto stream_protos[] = {PROTO_TCP, PROTO_MPTCP};

/* The first row that is not before (proto, port). */
static size_t first_of(const struct socket_table *t, enum socket_proto proto, uint16_t port)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct socket_row *row = &t->rows[middle];

		if (row->proto < proto || (row->proto == proto && row->port < port))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_v4_end(const struct addr *end)
{
	return end->family == AF_INET || addr_is_v4_mapped(end);
}

static bool takes_family(const struct socket_row *listener, const struct addr *end)
{
	if (listener->family == AF_INET)
		return end->family == AF_INET;
	return !is_v4_end(end) || listener->v6only != TRI_YES;
}

/* Listening on any address: "::" has v4 in it, "0.0.0.0" (also mapped) nothing else. */
static bool is_any_for(const struct addr *listening, const struct addr *end)
{
	return addr_is_any(listening) && (listening->family == AF_INET6 || is_v4_end(end));
}

/* Greater is better, kinds of match by their weight; 0: not this listener's. */
static unsigned fitness(const struct socket_row *listener, const struct connection_group *g)
{
	struct addr listening = addr_unmapped(&listener->local);
	struct addr end = addr_unmapped(&g->local);
	bool is_exact = addr_equals(&listening, &end);

	if (listener->ifindex && listener->ifindex != g->ifindex)
		return 0;
	if (!takes_family(listener, &g->local))
		return 0;
	if (!is_exact && !is_any_for(&listening, &g->local))
		return 0;
	return 8u * (listener->family == g->local.family) + 4u * is_exact +
	       2u * (listener->ifindex != 0) + 1u;
}

long connections_listener(const struct socket_table *listeners,
			  const struct connection_group *g)
{
	unsigned best = 0;
	long found = -1;

	for (size_t p = 0; p < sizeof(stream_protos) / sizeof(stream_protos[0]); p++) {
		enum socket_proto proto = stream_protos[p];

		for (size_t i = first_of(listeners, proto, g->port); i < listeners->n;
		     i++) {
			const struct socket_row *row = &listeners->rows[i];
			unsigned fit;

			if (row->proto != proto || row->port != g->port)
				break;
			fit = fitness(row, g);
			if (fit > best) {
				best = fit;
				found = (long)i;
			}
		}
	}
	return found;
}
