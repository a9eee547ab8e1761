/*
 * Clients and their visits of unserved ports, in tables of fixed size: of a set of eight
 * the one that matters least makes room. What tells a client that means it from a scan.
 */
#include <string.h>

#include "core/base/time.h"
#include "core/snapshot/traffic_impl.h"

/* FNV-1a */
uint32_t traffic_hash(const struct addr *a, uint32_t more)
{
	uint32_t hash = 2166136261U ^ a->family ^ more * 2654435761U;

	for (size_t i = 0; i < sizeof(a->bytes); i++)
		hash = (hash ^ a->bytes[i]) * 16777619U;
	return hash ^ hash >> 15;
}

bool client_is_old(const struct traffic *t, uint64_t last_slot)
{
	return last_slot + REMEMBER_SLOTS < t->slot;
}

static struct client *find_client(const struct traffic *t, const struct addr *address)
{
	uint32_t set = traffic_hash(address, 0) % CLIENT_SETS;

	for (size_t i = 0; i < SETS_WAYS; i++) {
		const struct client *c = &t->clients[set][i];

		if (addr_equals(&c->address, address))
			return (struct client *)c;
	}
	return NULL;
}

static struct client *client_of(struct traffic *t, const struct addr *address)
{
	struct client *set = t->clients[traffic_hash(address, 0) % CLIENT_SETS];
	struct client *c = find_client(t, address), *oldest = set;

	if (c && !client_is_old(t, c->last_slot))
		return c;
	for (size_t i = 0; i < SETS_WAYS; i++)
		if (set[i].last_slot < oldest->last_slot)
			oldest = &set[i];
	c = c ? c : oldest;
	*c = (struct client){.address = *address};
	return c;
}

/* Free and old ones first, then who came in the fewest minutes, then the oldest. */
static bool matters_less(const struct traffic *t, const struct visit *a,
			 const struct visit *b)
{
	bool a_is_old = client_is_old(t, a->last_slot),
	     b_is_old = client_is_old(t, b->last_slot);

	if (a_is_old != b_is_old)
		return a_is_old;
	if (a->n_minutes != b->n_minutes)
		return a->n_minutes < b->n_minutes;
	return a->last_slot < b->last_slot;
}

static struct visit *visit_of(struct traffic *t, const struct addr *client, uint16_t port)
{
	struct visit *set = t->visits[traffic_hash(client, port) % VISIT_SETS];
	struct visit *least = set;

	for (size_t i = 0; i < SETS_WAYS; i++) {
		struct visit *v = &set[i];

		if (v->port == port && addr_equals(&v->client, client) &&
		    !client_is_old(t, v->last_slot))
			return v;
		if (matters_less(t, v, least))
			least = v;
	}
	if (least->client.family && !client_is_old(t, least->last_slot))
		t->left_out_slot = t->slot;
	*least = (struct visit){.client = *client, .port = port, .minute = -1};
	return least;
}

static void note_port(struct client *c, uint16_t port)
{
	for (unsigned i = 0; i < c->n_ports; i++)
		if (c->ports[i] == port)
			return;
	if (c->n_ports <= SCANNER_PORTS)
		c->ports[c->n_ports++] = port;
}

/* To the front; the oldest makes room. */
static void note_served(struct client *c, uint16_t port)
{
	uint16_t pushed = port;

	for (size_t i = 0; i < SERVED_PORTS; i++) {
		uint16_t here = c->served_ports[i];

		c->served_ports[i] = pushed;
		if (here == port || !here)
			return;
		pushed = here;
	}
}

void clients_note(struct traffic *t, const struct addr *client, uint16_t port,
		  bool is_served)
{
	struct addr address = addr_unmapped(client);
	struct client *c = client_of(t, &address);
	int64_t minute = t->wall_ns / (60 * NS_PER_S);
	struct visit *v;

	c->last_slot = t->slot;
	if (is_served) {
		c->is_served_user = true;
		note_served(c, port);
		return;
	}
	note_port(c, port);
	v = visit_of(t, &address, port);
	v->n_slots += v->last_slot != t->slot;
	v->last_slot = t->slot;
	v->n_minutes += v->minute != minute;
	v->minute = minute;
}

bool client_is_at(const struct traffic *t, const struct client *c, uint16_t port)
{
	const struct visit *set = t->visits[traffic_hash(&c->address, port) % VISIT_SETS];

	for (size_t i = 0; i < SERVED_PORTS; i++)
		if (c->served_ports[i] == port)
			return true;
	for (size_t i = 0; i < SETS_WAYS; i++)
		if (set[i].port == port && addr_equals(&set[i].client, &c->address) &&
		    !client_is_old(t, set[i].last_slot))
			return true;
	return false;
}

bool visit_is_meant(const struct traffic *t, const struct visit *v)
{
	const struct client *c = find_client(t, &v->client);

	if (!v->client.family || client_is_old(t, v->last_slot))
		return false;
	if (c && c->n_ports > SCANNER_PORTS && v->n_slots < PERSISTENT_SLOTS)
		return false;
	return v->n_minutes >= MINUTES_MIN || (c && c->is_served_user);
}
