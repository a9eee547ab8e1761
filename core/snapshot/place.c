/* Where an endpoint listens, judged from its sockets and the namespace's addresses. Makes
 * no words. */
#include "core/snapshot/place.h"

#include <string.h>

static enum tri takes_v4(const struct socket_row *s)
{
	struct addr a = addr_unmapped(&s->local);

	if (a.family == AF_INET)
		return TRI_YES;
	if (s->v6only == TRI_UNSURE)
		return TRI_UNSURE;
	return s->v6only == TRI_YES ? TRI_NO : TRI_YES;
}

/* The surest yes of two. */
static enum tri either(enum tri a, enum tri b)
{
	if (a == TRI_YES || b == TRI_YES)
		return TRI_YES;
	return a == TRI_UNSURE ? a : b;
}

enum tri place_takes_v4(const struct endpoint *e)
{
	enum tri all = TRI_NO;

	for (size_t i = 0; i < e->n_sockets; i++)
		all = either(all, takes_v4(e->sockets[i]));
	return all;
}

static enum scope scope_of(const struct endpoint *e)
{
	const struct addr *a = &e->address;

	if (addr_is_any(a)) {
		if (a->family == AF_INET)
			return SCOPE_ANY_V4;
		return place_takes_v4(e) == TRI_NO ? SCOPE_ANY_V6 : SCOPE_ANY;
	}
	if (addr_is_loopback(a))
		return SCOPE_LOOPBACK;
	if (addr_is_multicast(a))
		return SCOPE_ADDRESS;
	if (address_is_here(e->space->addresses, e->space->local_routes, a) == TRI_NO &&
	    !address_is_broadcast(e->space->addresses, a, 0))
		return SCOPE_ABSENT;
	return SCOPE_ADDRESS;
}

/* The first row of this address; t->n: none. */
static size_t first_row(const struct address_table *t, const struct addr *a)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (addr_compare(&t->rows[middle].local, a) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* More than one interface has it, as link-local addresses may. */
static bool is_ambiguous(const struct address_table *t, const struct addr *a)
{
	size_t i = first_row(t, a);

	return i + 1 < t->n && addr_equals(&t->rows[i].local, a) &&
	       addr_equals(&t->rows[i + 1].local, a);
}

static struct text device_name(const struct space *space, uint32_t ifindex)
{
	const struct link_row *row = NULL;

	if (ifindex && space->links)
		row = links_find(space->links, ifindex);
	return row ? row->name : TEXT_NONE;
}

static struct text carrier_of(const struct endpoint *e)
{
	const struct address_table *t = e->space->addresses;

	if (e->scope != SCOPE_ADDRESS || addr_is_multicast(&e->address))
		return TEXT_NONE;
	if (e->ifindex && addr_is_link_local(&e->address))
		return e->device;
	if (!t || is_ambiguous(t, &e->address))
		return TEXT_NONE;
	return device_name(e->space, address_ifindex(t, &e->address));
}

void place_fill(struct endpoint *e, const struct fold_member *members, size_t n)
{
	e->address = members[n - 1].address; /* IPv6 stands behind IPv4 */
	e->port = members[0].socket->port;
	e->ifindex = members[0].socket->ifindex;
	e->device = device_name(e->space, e->ifindex);
	e->scope = scope_of(e);
	e->carrier = carrier_of(e);
}
