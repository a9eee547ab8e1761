/* Who was seen trying, to be chosen from. Judges nobody: a scan's addresses are among them
 * where they were at the very port. */
#include "core/snapshot/traffic_impl.h"

struct seen {
	const struct client *client;
	bool is_at_port;
};

static bool is_before(const struct seen *a, const struct seen *b)
{
	if (!b->client)
		return true;
	if (a->is_at_port != b->is_at_port)
		return a->is_at_port;
	return a->client->last_slot > b->client->last_slot;
}

/* Into its place of the best so far. */
static void insert(struct seen *best, size_t room, struct seen s)
{
	for (size_t i = 0; i < room; i++) {
		struct seen pushed = best[i];

		if (!is_before(&s, &pushed))
			continue;
		best[i] = s;
		if (!pushed.client)
			return;
		s = pushed;
	}
}

static void look_at(const struct traffic *t, const struct client *c, uint16_t port,
		    struct seen *best, size_t room)
{
	struct seen s = {c, false};

	if (!c->address.family || client_is_old(t, c->last_slot))
		return;
	s.is_at_port = client_is_at(t, c, port);
	if (s.is_at_port || c->is_served_user)
		insert(best, room, s);
}

size_t traffic_clients(const struct traffic *t, uint16_t port, struct traffic_client *out,
		       size_t room)
{
	struct seen best[TRAFFIC_CLIENTS_MAX] = {0};
	size_t n = 0;

	if (room > TRAFFIC_CLIENTS_MAX)
		room = TRAFFIC_CLIENTS_MAX;
	for (size_t set = 0; set < CLIENT_SETS; set++)
		for (size_t i = 0; i < SETS_WAYS; i++)
			look_at(t, &t->clients[set][i], port, best, room);
	while (n < room && best[n].client) {
		out[n] = (struct traffic_client){best[n].client->address,
						 best[n].is_at_port};
		n++;
	}
	return n;
}
