/*
 * What is tried, one packet after the other: every address of this host, on every interface
 * that is up, at every port that a listener has or that a translation may take. Walks only
 * to find out which ports are translated.
 */
#include "core/path/exposure_impl.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>

enum { RANGES_MAX = 512 };
enum { ADDRESS_TENTATIVE = 0x40, ADDRESS_FAILED = 0x08 };

/* ---- which devices, addresses and ports ---- */

uint8_t exposure_proto(enum socket_proto p)
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

bool exposure_is_wished(const struct exposure_wish *wish, uint8_t proto, uint16_t low,
			uint16_t high)
{
	for (size_t i = 0; i < wish->n_ports; i++)
		if (wish->ports[i].port >= low && wish->ports[i].port <= high &&
		    (!wish->ports[i].proto || wish->ports[i].proto == proto))
			return true;
	return !wish->n_ports;
}

bool exposure_is_endpoint_wished(const struct exposure_wish *wish, const struct endpoint *e)
{
	return exposure_is_wished(wish, exposure_proto(e->proto), e->port, e->port);
}

/* ---- one port at one address ---- */

static const struct endpoint *taker(const struct path_world *w,
				    const struct exposure_try *t)
{
	const struct endpoint *e;
	enum tri served;

	path_socket(w->space, t->proto, &t->to, t->port, t->ifindex, &e, w->snapshot,
		    &served);
	return e;
}

static int give(struct exposure_tries *t, uint16_t port, struct exposure_next *out)
{
	struct exposure_next next = {.try = t->try, .port_high = port};

	next.try.port = port;
	next.direct = taker(t->world, &next.try);
	if (!next.direct)
		return 0;
	*out = next;
	return 1;
}

static bool is_listened_on(const struct path_world *w, uint8_t proto, uint16_t port)
{
	const struct snapshot *s = w->snapshot;

	for (size_t i = 0; i < s->n_endpoints; i++)
		if (s->endpoints[i].space == w->space && s->endpoints[i].port == port &&
		    exposure_proto(s->endpoints[i].proto) == proto)
			return true;
	return false;
}

static bool is_first(const struct path_world *w, size_t at)
{
	const struct endpoint *rows = w->snapshot->endpoints, *e = &rows[at];

	for (size_t i = 0; i < at; i++)
		if (rows[i].space == e->space && rows[i].port == e->port &&
		    exposure_proto(rows[i].proto) == exposure_proto(e->proto))
			return false;
	return true;
}

/* The endpoints from t->row on: the next that is wished; NULL: no more. */
static const struct endpoint *next_endpoint(struct exposure_tries *t)
{
	const struct snapshot *s = t->world->snapshot;

	while (t->row < s->n_endpoints) {
		const struct endpoint *e = &s->endpoints[t->row++];

		if (e->space == t->world->space && exposure_is_endpoint_wished(&t->wish, e))
			return e;
	}
	return NULL;
}

/* ---- translations ---- */

/* What writes into headers does the same without conntrack; a transparent proxy does it
 * without changing them. */
static bool leads_elsewhere(const struct fw_expr *x)
{
	switch ((int)x->kind) {
	case FW_EXPR_PAYLOAD:
		return x->writes;
	case FW_EXPR_TPROXY:
		return true;
	case FW_EXPR_XT_TARGET:
		return text_equals_str(x->name, "TPROXY");
	default:
		return false;
	}
}

static bool has_writes(const struct ruleset *rules)
{
	for (size_t i = 0; rules && i < rules->n_rules; i++)
		for (size_t k = 0; k < rules->rules[i].n_exprs; k++)
			if (leads_elsewhere(rules->rules[i].exprs[k]))
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

static void start_translations(struct exposure_tries *t, uint8_t proto)
{
	t->at = TRIES_TRANSLATIONS;
	t->try.proto = proto;
	t->port = 1;
	t->range_at = 1;
	t->range_end = 0;
	t->n_asked = 0;
}

static int step_ports(struct exposure_tries *t, struct exposure_next *out)
{
	const struct endpoint *e = next_endpoint(t);

	if (!e) {
		t->at = TRIES_ADDRESS;
		if (t->has_translations)
			start_translations(t, IPPROTO_TCP);
		return 0;
	}
	if (!is_first(t->world, t->row - 1))
		return 0;
	t->try.proto = exposure_proto(e->proto);
	return give(t, e->port, out);
}

/* The listeners' own ports among the translated ones are tried one by one. */
static int step_range(struct exposure_tries *t, struct exposure *x,
		      struct exposure_next *out)
{
	struct exposure_next next = {.try = t->try, .port_high = (uint16_t)t->range_at};

	next.try.port = next.port_high;
	next.direct = taker(t->world, &next.try);
	while (!next.direct && next.port_high < t->range_end &&
	       !is_listened_on(t->world, t->try.proto, (uint16_t)(next.port_high + 1)))
		next.port_high++;
	if (++t->n_in_range > RANGES_MAX) {
		x->is_cut = true;
		t->range_at = t->range_end + 1;
		return 0;
	}
	*out = next;
	return 1;
}

/* Ports that some rule gives another target, found port by port; at each step as far as the
 * rules tell none apart. */
static int step_translations(struct exposure_tries *t, struct exposure *x,
			     struct exposure_next *out)
{
	struct exposure_try anybody = t->try;
	struct fw_cell cell;
	bool is_translated;
	int error;

	if (t->range_at <= t->range_end)
		return step_range(t, x, out);
	if (t->port > UINT16_MAX || t->n_asked++ >= UINT16_MAX) {
		t->at = TRIES_ADDRESS;
		if (t->try.proto == IPPROTO_TCP)
			start_translations(t, IPPROTO_UDP);
		return 0;
	}
	anybody.port = (uint16_t)t->port;
	fw_cell_start(&cell, &t->try.to, anybody.port);
	exposure_bound_ports(t->world, &cell);
	error = exposure_is_translated(x, &anybody, &cell, &is_translated);
	t->port = cell.port_high + 1U;
	if (error || !is_translated)
		return error;
	t->range_at = anybody.port;
	t->range_end = cell.port_high;
	t->n_in_range = 0;
	return 0;
}

void exposure_tries_done(struct exposure_tries *t, uint16_t port_high)
{
	if (t->at == TRIES_TRANSLATIONS)
		t->range_at = port_high + 1U;
}

/* ---- all of them ---- */

/* A listener on one address that no table has (multicast, AnyIP). */
static int step_odd(struct exposure_tries *t, struct exposure_next *out)
{
	const struct endpoint *e = next_endpoint(t);

	if (!e) {
		t->at = TRIES_LINK;
		return 0;
	}
	t->try.to = addr_unmapped(&e->address);
	t->try.proto = exposure_proto(e->proto);
	if (addr_is_any(&t->try.to) || addr_is_loopback(&t->try.to) ||
	    address_ifindex(t->world->space->addresses, &t->try.to))
		return 0;
	return give(t, e->port, out);
}

static void step_address(struct exposure_tries *t)
{
	const struct address_table *all = t->world->space->addresses;
	size_t i = t->address++;

	t->row = 0;
	if (!all || i >= all->n) {
		t->at = TRIES_ODD;
		return;
	}
	if (!can_be_asked(&all->rows[i], t->try.ifindex) ||
	    (i && addr_equals(&all->rows[i - 1].local, &all->rows[i].local)))
		return;
	t->try.to = all->rows[i].local;
	t->at = TRIES_PORTS;
}

static int step_link(struct exposure_tries *t)
{
	const struct link_table *all = t->world->space->links;
	size_t i = t->link++;

	if (!i)
		t->has_translations =
			has_translations(t->world->rules) || has_writes(t->world->rules);
	if (!all || i >= all->n)
		return -ENOENT;
	if (!has_traffic(t->world, &all->rows[i]))
		return 0;
	t->try = (struct exposure_try){.world = t->world,
				       .ifindex = all->rows[i].ifindex,
				       .inside = t->wish.inside,
				       .n_inside = t->wish.n_inside,
				       .agains = &t->agains};
	t->address = 0;
	t->at = TRIES_ADDRESS;
	return 0;
}

int exposure_tries_next(struct exposure_tries *t, struct exposure *x,
			struct exposure_next *out)
{
	switch (t->at) {
	case TRIES_LINK:
		return step_link(t);
	case TRIES_ADDRESS:
		step_address(t);
		return 0;
	case TRIES_PORTS:
		return step_ports(t, out);
	case TRIES_TRANSLATIONS:
		return step_translations(t, x, out);
	case TRIES_ODD:
		return step_odd(t, out);
	}
	return -ENOENT;
}
