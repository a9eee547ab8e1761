/* The devices that the packet comes in and leaves by, and the addresses on them. Where
 * nobody knows the device each one that it may be is tried. */
#include "core/path/walking.h"

#include <net/if.h>
#include <net/if_arp.h>

enum { LOOPBACK_IFINDEX = 1, CANDIDATES_MAX = 16, META_OIF = 5, META_OIFNAME = 7 };
enum { META_OIFTYPE = 9, META_OIFGROUP = 22, META_OIFKIND = 27 };
enum { SCOPE_UNIVERSE = 0 };
/* rtnetlink(7), ifa_flags: secondary, failed or unfinished duplicate detection */
enum { IFA_SECONDARY = 0x01, IFA_UNUSABLE = 0x48 };

static const struct link_row *link_of(const struct path_world *w, uint32_t ifindex)
{
	return w->space->links ? links_find(w->space->links, ifindex) : NULL;
}

uint32_t device_loopback(const struct path_world *w)
{
	const struct link_table *t = w->space->links;

	for (size_t i = 0; t && i < t->n; i++)
		if (t->rows[i].flags & IFF_LOOPBACK)
			return t->rows[i].ifindex;
	return LOOPBACK_IFINDEX;
}

bool device_is_loopback(const struct path_world *w, uint32_t ifindex)
{
	return ifindex && ifindex == device_loopback(w);
}

/* ARPHRD_; 0: not told. */
static uint16_t type_of(const struct path_world *w, uint32_t ifindex)
{
	static const char *const ethers[] = {"veth", "bridge",  "vlan", "bond",
					     "team", "macvlan", "dummy"};
	const struct link_row *link = link_of(w, ifindex);

	if (device_is_loopback(w, ifindex))
		return ARPHRD_LOOPBACK;
	for (size_t i = 0; link && i < sizeof(ethers) / sizeof(ethers[0]); i++)
		if (text_equals_str(link->kind, ethers[i]))
			return ARPHRD_ETHER;
	return 0;
}

void device_enter(struct walking *k, uint32_t ifindex)
{
	struct fw_packet *p = &k->packet;

	p->iif = world_device_name(k->world, ifindex);
	p->iif_index = ifindex;
	p->iif_type = type_of(k->world, ifindex);
	p->is_iif_unknown = text_is_empty(p->iif);
	p->oif = TEXT_NONE;
	p->oif_index = 0;
	p->oif_type = 0;
	p->has_mac_from = p->has_mac_to = false;
	p->frame = FW_FRAME_OWN;
}

void device_stand(struct walking *k, uint32_t in, uint32_t out)
{
	struct fw_packet *p = &k->packet;

	p->iif = world_device_name(k->world, in);
	p->iif_index = in;
	p->iif_type = type_of(k->world, in);
	p->is_iif_unknown = in && text_is_empty(p->iif);
	p->oif = world_device_name(k->world, out);
	p->oif_index = out;
	p->oif_type = type_of(k->world, out);
}

void device_forget(struct walking *k)
{
	device_enter(k, 0);
	k->packet.is_iif_unknown = false;
}

/* ---- which of them? ---- */

static bool names_out_device(const struct fw_rule *rule)
{
	for (size_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *x = rule->exprs[i];

		if (x->kind != FW_EXPR_META || x->writes)
			continue;
		if (x->key == META_OIF || x->key == META_OIFNAME ||
		    x->key == META_OIFTYPE || x->key == META_OIFGROUP ||
		    x->key == META_OIFKIND)
			return true;
	}
	return false;
}

/* Does any rule care which device it leaves by? */
static bool is_out_device_asked(const struct ruleset *r, int family)
{
	if (!r)
		return false;
	for (size_t i = 0; i < r->n_rules; i++)
		if (names_out_device(&r->rules[i]))
			return true;
	return firewall_has_chains(r, FW_EGRESS, (uint8_t)family);
}

/* A port of a bridge or bond sends nothing of its own. */
static bool may_send(const struct path_world *w, const struct link_row *link)
{
	const struct link_row *master = link->master ? link_of(w, link->master) : NULL;

	return (link->flags & IFF_UP) && !(link->flags & IFF_LOOPBACK) &&
	       (!link->master || (master && text_equals_str(master->kind, "vrf")));
}

static size_t candidates(const struct path_world *w, uint32_t preferred, uint32_t *out)
{
	const struct link_table *t = w->space->links;
	size_t n = 0;

	if (preferred && link_of(w, preferred))
		out[n++] = preferred;
	for (size_t i = 0; t && i < t->n && n < CANDIDATES_MAX; i++)
		if (t->rows[i].ifindex != preferred && may_send(w, &t->rows[i]))
			out[n++] = t->rows[i].ifindex;
	return n;
}

static uint32_t choose_out(struct walking *k, uint32_t preferred)
{
	uint32_t rows[CANDIDATES_MAX];
	bool is_asked = is_out_device_asked(k->world->rules, k->packet.saddr.family);
	size_t n = candidates(k->world, preferred, rows);

	k->is_out_unsure = is_asked && (!n || n == CANDIDATES_MAX);
	if (!n)
		return 0;
	return rows[is_asked ? walking_choose(k, n, "outgoing interface") : 0];
}

void device_leave(struct walking *k, uint32_t ifindex, uint32_t preferred)
{
	struct fw_packet *p = &k->packet;

	k->is_out_unsure = false;
	p->has_mac_from = p->has_mac_to = false;
	k->out_ifindex = ifindex;
	if (!ifindex)
		ifindex = choose_out(k, preferred);
	p->oif = world_device_name(k->world, ifindex);
	p->oif_index = ifindex;
	p->oif_type = type_of(k->world, ifindex);
	if (ifindex && text_is_empty(p->oif))
		k->is_out_unsure = is_out_device_asked(k->world->rules, p->saddr.family);
}

/* ---- addresses ---- */

static bool is_usable(const struct address_row *row, int family)
{
	if (row->local.family != family || (row->flags & IFA_UNUSABLE))
		return false;
	if (family == AF_INET)
		return !(row->flags & IFA_SECONDARY);
	return row->scope == SCOPE_UNIVERSE;
}

static bool is_in_network(const struct address_row *row, const struct addr *a)
{
	return a && addr_in_prefix(a, &row->local, row->prefix_len);
}

/*
 * inet_select_addr() and nf_nat_redirect.c: the first one of the device, for IPv4 the first
 * in the next hop's network. False: that is not told.
 */
static bool prefers(const struct address_row *x, const struct address_row *y,
		    const struct addr *toward, bool *is_told)
{
	bool x_near = is_in_network(x, toward), y_near = is_in_network(y, toward);

	if (x_near != y_near)
		return x_near;
	if (!x->order || !y->order)
		*is_told = false;
	return x->order < y->order;
}

static const struct address_row *preferred_of(const struct address_row **rows, size_t n,
					      const struct addr *toward)
{
	const struct address_row *best = rows[0];
	bool is_told = true;

	/* For IPv6 a source is chosen by RFC 6724. */
	if (toward && best->local.family == AF_INET6 && n > 1)
		return NULL;
	for (size_t i = 1; i < n; i++)
		if (prefers(rows[i], best, toward, &is_told))
			best = rows[i];
	return is_told ? best : NULL;
}

/* Of those of its device; not told: each may be. */
static bool is_first_of_device(const struct address_table *t, const struct address_row *row)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct address_row *other = &t->rows[i];

		if (other->ifindex == row->ifindex && other->order && row->order &&
		    other->order < row->order && is_usable(other, row->local.family) &&
		    other->scope == SCOPE_UNIVERSE)
			return false;
	}
	return true;
}

/*
 * A masquerade of what stays on this host. IPv4: inet_select_addr() passes over addresses
 * of host scope; which of the other devices is the first is told nowhere. IPv6: the
 * address that it is aimed at (RFC 6724, rule 1).
 */
static struct addr loopback_masquerade(struct walking *k, const struct addr *toward,
				       const char *why)
{
	const struct address_table *t = k->world->space->addresses;
	uint32_t lo = device_loopback(k->world);
	const struct address_row *rows[CANDIDATES_MAX];
	size_t n = 0;

	if (toward->family == AF_INET6)
		return world_is_here(k->world, toward) == TRI_YES ? *toward
								  : (struct addr){0};
	for (size_t i = 0; t && i < t->n && n < CANDIDATES_MAX; i++) {
		const struct address_row *row = &t->rows[i];

		if (!is_usable(row, AF_INET) || row->scope != SCOPE_UNIVERSE)
			continue;
		if (row->ifindex == lo || is_first_of_device(t, row))
			rows[n++] = row;
	}
	if (!n || n == CANDIDATES_MAX)
		return (struct addr){0};
	return rows[walking_choose(k, n, why)]->local;
}

struct addr device_address(struct walking *k, int family, uint32_t ifindex,
			   const struct addr *toward, const char *why)
{
	static const uint8_t v4[4] = {127, 0, 0, 1}, v6[16] = {[15] = 1};
	const struct address_table *t = k->world->space->addresses;
	uint32_t lo = device_loopback(k->world);
	const struct address_row *rows[CANDIDATES_MAX], *best;
	size_t n = 0;

	if (ifindex && ifindex == lo && toward)
		return loopback_masquerade(k, toward, why);
	if (ifindex && ifindex == lo)
		return family == AF_INET6 ? addr_v6(v6) : addr_v4(v4);
	for (size_t i = 0; t && i < t->n && n < CANDIDATES_MAX; i++)
		if (is_usable(&t->rows[i], family) && t->rows[i].ifindex != lo &&
		    (!ifindex || t->rows[i].ifindex == ifindex))
			rows[n++] = &t->rows[i];
	if (!n || n == CANDIDATES_MAX)
		return (struct addr){0};
	best = ifindex ? preferred_of(rows, n, toward) : NULL;
	return best ? best->local : rows[walking_choose(k, n, why)]->local;
}
