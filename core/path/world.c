/* What the walk reads of the host: routes that were answered, addresses, devices' names,
 * forwarding. */
#include "core/path/walking.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum tri world_is_here(const struct path_world *w, const struct addr *a)
{
	if (addr_is_loopback(a))
		return TRI_YES;
	return address_is_here(w->space->addresses, w->space->local_routes, a);
}

enum tri world_takes(const struct path_world *w, const struct addr *a)
{
	if (addr_is_multicast(a) || address_is_broadcast(w->space->addresses, a, 0))
		return TRI_YES;
	return world_is_here(w, a);
}

struct text world_device_name(const struct path_world *w, uint32_t ifindex)
{
	const struct link_row *link =
		w->space->links ? links_find(w->space->links, ifindex) : NULL;

	if (link)
		return link->name;
	return ifindex && ifindex == device_loopback(w) ? text_of("lo") : TEXT_NONE;
}

enum tri world_forwards(const struct path_world *w, int family, uint32_t ifindex)
{
	const char *name =
		family == AF_INET6 ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward";
	int64_t value;

	if (!w->settings)
		return TRI_UNSURE;
	if (family == AF_INET && ifindex &&
	    settings_device_int(w->settings, family, world_device_name(w, ifindex),
				"forwarding", &value))
		return value ? TRI_YES : TRI_NO;
	if (settings_int(w->settings, name, &value))
		return value ? TRI_YES : TRI_NO;
	return TRI_UNSURE;
}

enum tri world_has_unread(const struct path_world *w, int family)
{
	if (w->rules && ruleset_has_all_legacy(w->rules, family))
		return TRI_NO;
	if (!w->settings)
		return TRI_UNSURE;
	if (settings_has_legacy(w->settings, family))
		return TRI_YES;
	/* Without the file there are none. */
	return w->settings->legacy_error && w->settings->legacy_error != ENOENT ? TRI_UNSURE
										: TRI_NO;
}

/* ---- routes ---- */

static const struct response *find_route(const struct path_world *w,
					 const struct route_ask *ask)
{
	struct question q = {.kind = QUESTION_ROUTE, .route = *ask};

	return w->responses ? responses_find(w->responses, &q) : NULL;
}

const struct route_answer *world_route(struct walking *k, const struct route_ask *ask)
{
	struct question q = {.kind = QUESTION_ROUTE, .route = *ask};
	const struct response *r = find_route(k->world, ask);

	if (!r || r->state == RESPONSE_WAITING)
		path_add_need(k->path, &q);
	return r ? r->table : NULL;
}

/* ---- lookups of rules ---- */

static bool is_local_on(const struct path_world *w, const struct addr *a, uint32_t on)
{
	const struct local_route_table *t = w->space->local_routes;

	for (size_t i = 0; t && i < t->n; i++)
		if (t->rows[i].ifindex == on &&
		    addr_in_prefix(a, &t->rows[i].prefix, t->rows[i].prefix_len))
			return true;
	return false;
}

/* inet_dev_addr_type() */
static uint8_t address_type(void *arg, const struct addr *a, uint32_t on)
{
	const struct path_world *w = ((struct walking *)arg)->world;
	enum tri here;

	if (addr_is_multicast(a))
		return ROUTE_TYPE_MULTICAST;
	if (address_is_broadcast(w->space->addresses, a, on) ||
	    (a->family == AF_INET && !a->bytes[0]))
		return ROUTE_TYPE_BROADCAST;
	here = world_is_here(w, a);
	if (here == TRI_UNSURE || (here == TRI_YES && on && !w->space->local_routes))
		return 0;
	if (here == TRI_YES && on && !is_local_on(w, a, on))
		here = TRI_NO;
	return here == TRI_YES ? ROUTE_TYPE_LOCAL : ROUTE_TYPE_UNICAST;
}

/* The route to the address as any packet of this host would take it. */
static uint32_t route_device(void *arg, const struct addr *a, uint32_t mark)
{
	struct walking *k = arg;
	struct route_ask ask = {.target = *a, .mark = mark};
	const struct route_answer *r;

	if (world_is_here(k->world, a) == TRI_YES)
		return 0;
	r = world_route(k, &ask);
	if (!r)
		return NO_ROW;
	return r->error || r->type != ROUTE_TYPE_UNICAST ? 0 : r->out_ifindex;
}

static struct text device_name(void *arg, uint32_t ifindex)
{
	return world_device_name(((struct walking *)arg)->world, ifindex);
}

static struct addr own_address(void *arg, const struct fw_packet *p, bool is_masquerade)
{
	return is_masquerade ? masquerade_address(arg, p) : redirect_address(arg, p);
}

static struct queue_readers queue_readers(void *arg, uint16_t first, uint32_t n)
{
	const struct path_world *w = ((struct walking *)arg)->world;
	bool is_whole = false;
	struct text text;

	if (!settings_file(w->settings, SETTING_QUEUE_READERS, &text, &is_whole))
		return (struct queue_readers){.is_known = false};
	return queue_readers_of(text, is_whole, first, n);
}

struct fw_lookups world_lookups(struct walking *k)
{
	return (struct fw_lookups){.set_member = world_set_member,
				   .ipset_member = world_ipset_member,
				   .address_type = address_type,
				   .route_device = route_device,
				   .device_name = device_name,
				   .own_address = own_address,
				   .queue_readers = queue_readers,
				   .socket = world_socket,
				   .arg = k,
				   .wall_ns = k->world->wall_ns,
				   .utc_offset_s = k->world->utc_offset_s};
}
