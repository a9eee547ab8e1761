/*
 * What is tried: every address of this host, on every interface that is up, at every port
 * that a listener has or that a translation may take. Who can reach what is in
 * exposure_scan.c and exposure_walk.c.
 */
#include "core/path/exposure_impl.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/* Rules that are looked at in all: what takes longer stays unsure. */
enum { EFFORT = 150000000, EFFORT_OF_A_WALK = 100, WALKS_MIN = 4096 };
enum { RANGES_MAX = 512 };
enum { ADDRESS_TENTATIVE = 0x40, ADDRESS_FAILED = 0x08 };

/* ---- which devices, addresses and ports ---- */

static uint8_t number_of(enum socket_proto p)
{
	switch (p) {
	case PROTO_TCP:
	case PROTO_MPTCP:
		return IPPROTO_TCP;
	case PROTO_UDP:
		return IPPROTO_UDP;
	case PROTO_UDPLITE:
		return IPPROTO_UDPLITE;
	case N_PROTOS:
		break;
	}
	return 0;
}

/* What a bridge, bond or team takes comes in by it. */
static bool has_traffic(const struct path_world *w, const struct link_row *link)
{
	const struct link_row *master =
		link->master ? links_find(w->space->links, link->master) : NULL;

	return (link->flags & IFF_UP) && !(link->flags & IFF_LOOPBACK) &&
	       (!link->master || (master && text_equals_str(master->kind, "vrf")));
}

/* What is bound to a loopback address, or unfinished, is not reached from outside. */
static bool can_be_asked(const struct address_row *row, uint32_t ifindex)
{
	if (addr_is_loopback(&row->local) ||
	    (row->flags & (ADDRESS_TENTATIVE | ADDRESS_FAILED)))
		return false;
	if (row->local.family == AF_INET6 && addr_is_link_local(&row->local))
		return row->ifindex == ifindex;
	return true;
}

static bool is_wished(const struct exposure_wish *wish, uint8_t proto, uint16_t low,
		      uint16_t high)
{
	for (size_t i = 0; i < wish->n_ports; i++)
		if (wish->ports[i].port >= low && wish->ports[i].port <= high &&
		    (!wish->ports[i].proto || wish->ports[i].proto == proto))
			return true;
	return !wish->n_ports;
}

static bool is_endpoint_wished(const struct exposure_wish *wish, const struct endpoint *e)
{
	return is_wished(wish, number_of(e->proto), e->port, e->port);
}

/* ---- one port at one address ---- */

struct round {
	struct exposure_scan scan;
	const struct exposure_wish *wish;
};

static const struct endpoint *taker(const struct path_world *w,
				    const struct exposure_try *t)
{
	const struct endpoint *e;
	enum tri served;

	path_socket(w->space, t->proto, &t->to, t->port, t->ifindex, &e, w->snapshot,
		    &served);
	return e;
}

static int try_listener(struct round *r, struct exposure_try t, uint16_t port)
{
	const struct endpoint *direct;
	uint16_t high = port;

	t.port = port;
	direct = taker(r->scan.world, &t);
	return direct ? exposure_scan_sources(&r->scan, &t, direct, &high) : 0;
}

static bool is_listened_on(const struct path_world *w, uint8_t proto, uint16_t port)
{
	const struct snapshot *s = w->snapshot;

	for (size_t i = 0; i < s->n_endpoints; i++)
		if (s->endpoints[i].space == w->space && s->endpoints[i].port == port &&
		    number_of(s->endpoints[i].proto) == proto)
			return true;
	return false;
}

/* The listeners' own ports among them are tried one by one. */
static int try_range(struct round *r, struct exposure_try t, uint16_t low, uint16_t high)
{
	size_t n = 0;
	int error = 0;

	for (uint32_t port = low; port <= high && !error; port++) {
		uint16_t end = (uint16_t)port;
		const struct endpoint *direct;

		t.port = (uint16_t)port;
		direct = taker(r->scan.world, &t);
		while (!direct && end < high &&
		       !is_listened_on(r->scan.world, t.proto, (uint16_t)(end + 1)))
			end++;
		if (++n > RANGES_MAX)
			r->scan.out->is_cut = true;
		if (n > RANGES_MAX)
			break;
		error = exposure_scan_sources(&r->scan, &t, direct, &end);
		port = end;
	}
	return error;
}

/* ---- translations ---- */

/* A rule that writes into headers does the same without conntrack. */
static bool has_writes(const struct ruleset *rules)
{
	for (size_t i = 0; rules && i < rules->n_rules; i++)
		for (size_t k = 0; k < rules->rules[i].n_exprs; k++)
			if (rules->rules[i].exprs[k].kind == FW_EXPR_PAYLOAD &&
			    rules->rules[i].exprs[k].writes)
				return true;
	return false;
}

static bool has_translations(const struct ruleset *rules)
{
	for (size_t i = 0; rules && i < rules->n_chains; i++)
		if (rules->chains[i].type == FW_NAT && rules->chains[i].is_base &&
		    rules->chains[i].hook == FW_PREROUTING)
			return true;
	return false;
}

/* Ports that some rule gives another target, found port by port; at each step as far as the
 * rules tell none apart. */
static int try_translations(struct round *r, struct exposure_try t)
{
	struct exposure_try anybody = t;
	uint32_t port = 1;
	size_t n = 0;
	int error = 0;

	while (port <= UINT16_MAX && !error && n++ < UINT16_MAX) {
		struct fw_cell cell;
		bool is_translated;

		anybody.port = (uint16_t)port;
		fw_cell_start(&cell, &t.to, anybody.port);
		error = exposure_is_translated(r->scan.out, &anybody, &cell,
					       &is_translated);
		if (!error && is_translated)
			error = try_range(r, t, anybody.port, cell.port_high);
		port = cell.port_high + 1U;
	}
	return error;
}

/* ---- all of them ---- */

static bool is_first(const struct path_world *w, size_t at)
{
	const struct endpoint *rows = w->snapshot->endpoints, *e = &rows[at];

	for (size_t i = 0; i < at; i++)
		if (rows[i].space == e->space && rows[i].port == e->port &&
		    number_of(rows[i].proto) == number_of(e->proto))
			return false;
	return true;
}

static int try_ports(struct round *r, struct exposure_try t)
{
	const struct path_world *w = r->scan.world;
	const struct snapshot *s = w->snapshot;
	int error = 0;

	for (size_t i = 0; i < s->n_endpoints && !error; i++) {
		const struct endpoint *e = &s->endpoints[i];

		t.proto = number_of(e->proto);
		if (e->space == w->space && is_endpoint_wished(r->wish, e) &&
		    is_first(w, i))
			error = try_listener(r, t, e->port);
	}
	if (error || (!has_translations(w->rules) && !has_writes(w->rules)))
		return error;
	t.proto = IPPROTO_TCP;
	error = try_translations(r, t);
	t.proto = IPPROTO_UDP;
	return error ? error : try_translations(r, t);
}

static int try_device(struct round *r, uint32_t ifindex)
{
	const struct address_table *t = r->scan.world->space->addresses;
	int error = 0;

	for (size_t i = 0; t && i < t->n && !error; i++) {
		struct exposure_try try = {
			.world = r->scan.world, .to = t->rows[i].local, .ifindex = ifindex};

		if (can_be_asked(&t->rows[i], ifindex) &&
		    (!i || !addr_equals(&t->rows[i - 1].local, &try.to)))
			error = try_ports(r, try);
	}
	return error;
}

/* A listener on one address that no table has (multicast, AnyIP). */
static int try_odd_address(struct round *r, const struct endpoint *e, uint32_t ifindex)
{
	struct exposure_try t = {.world = r->scan.world,
				 .proto = number_of(e->proto),
				 .to = addr_unmapped(&e->address),
				 .ifindex = ifindex};

	if (addr_is_any(&t.to) || addr_is_loopback(&t.to) ||
	    address_ifindex(r->scan.world->space->addresses, &t.to))
		return 0;
	return try_listener(r, t, e->port);
}

static int try_devices(struct round *r)
{
	const struct path_world *w = r->scan.world;
	const struct link_table *t = w->space->links;
	int error = 0;

	for (size_t i = 0; t && i < t->n && !error; i++) {
		if (!has_traffic(w, &t->rows[i]))
			continue;
		error = try_device(r, t->rows[i].ifindex);
		for (size_t j = 0; j < w->snapshot->n_endpoints && !error; j++) {
			const struct endpoint *e = &w->snapshot->endpoints[j];

			if (e->space == w->space && is_endpoint_wished(r->wish, e))
				error = try_odd_address(r, e, t->rows[i].ifindex);
		}
	}
	return error;
}

/* ---- from this host ---- */

static int try_from_host(struct exposure_scan *s, struct exposure_listener *l)
{
	static const struct addr loopback[] = {{AF_INET, {127, 0, 0, 1}},
					       {AF_INET6, {[15] = 1}}};
	const struct endpoint *e = l->endpoint;
	struct addr own = addr_unmapped(&e->address);
	struct exposure_try t = {.world = s->world,
				 .proto = number_of(e->proto),
				 .port = e->port,
				 .ifindex = device_loopback(s->world),
				 .is_from_here = true};
	struct exposure_answer a;
	int error;

	t.to = !addr_is_any(&own) ? own : loopback[e->scope == SCOPE_ANY_V6];
	t.from = t.to;
	error = exposure_walk(s->out, &t, NULL, &a);
	if (error)
		return error;
	l->from_host = a.end == EXPOSURE_CLOSED ? TRI_NO : TRI_YES;
	if (a.end == EXPOSURE_OPEN)
		return 0;
	if (a.end == EXPOSURE_UNSURE)
		l->from_host = TRI_UNSURE;
	l->host_doubt = (struct exposure_doubt){{t.from, t.from}, a.rule, a.why};
	return 0;
}

/* ---- listeners ---- */

/* It is asked for by another port, or from another namespace. */
static bool is_reached(const struct round *r, const struct endpoint *e)
{
	for (size_t i = 0; i < r->scan.rows.n; i++) {
		const struct exposure_row *row = vec_at(&r->scan.rows, i);

		if (row->endpoint == e && row->is_translated &&
		    is_wished(r->wish, number_of(e->proto), row->port, row->port_high))
			return true;
	}
	return false;
}

static bool is_listed(const struct round *r, const struct endpoint *e)
{
	if (!number_of(e->proto))
		return false;
	return (e->space == r->scan.world->space && is_endpoint_wished(r->wish, e)) ||
	       is_reached(r, e);
}

static int list(struct round *r)
{
	const struct snapshot *s = r->scan.world->snapshot;
	int error = 0;

	for (size_t i = 0; i < s->n_endpoints && !error; i++) {
		struct exposure_listener *l;

		if (!is_listed(r, &s->endpoints[i]))
			continue;
		l = vec_push(&r->scan.out->listeners);
		if (!l)
			return -ENOMEM;
		*l = (struct exposure_listener){.endpoint = &s->endpoints[i],
						.ways = VEC_OF(struct exposure_way),
						.from_host = TRI_NO};
		error = exposure_make_ways(&r->scan, l);
		if (!error && l->endpoint->space == r->scan.world->space)
			error = try_from_host(&r->scan, l);
	}
	return error;
}

static size_t walks_for(const struct ruleset *rules)
{
	size_t n_rules = rules ? rules->n_rules : 0;
	size_t n = EFFORT / (EFFORT_OF_A_WALK + n_rules);

	return n < WALKS_MIN ? WALKS_MIN : n;
}

int exposure_find(const struct path_world *w, const struct exposure_wish *wish,
		  struct exposure *out)
{
	struct round r = {.scan = {.world = w,
				   .out = out,
				   .rows = VEC_OF(struct exposure_row),
				   .special = VEC_OF(struct exposure_span),
				   .walks_left = walks_for(w->rules)},
			  .wish = wish};
	int error;

	*out = (struct exposure){.listeners = VEC_OF(struct exposure_listener),
				 .excluded = VEC_OF(struct exposure_span),
				 .is_blind = !w->rules};
	error = exposure_note_special(&r.scan);
	if (!error)
		error = try_devices(&r);
	if (!error)
		error = list(&r);
	for (size_t i = 0; i < r.scan.rows.n; i++)
		exposure_row_release(vec_at(&r.scan.rows, i));
	vec_release(&r.scan.rows);
	vec_release(&r.scan.special);
	return error;
}

static void release_way(struct exposure_way *way)
{
	vec_release(&way->devices);
	vec_release(&way->open);
	vec_release(&way->doubts);
}

void exposure_release(struct exposure *x)
{
	for (size_t i = 0; i < x->listeners.n; i++) {
		struct exposure_listener *l = vec_at(&x->listeners, i);

		for (size_t j = 0; j < l->ways.n; j++)
			release_way(vec_at(&l->ways, j));
		vec_release(&l->ways);
	}
	vec_release(&x->listeners);
	vec_release(&x->excluded);
}
