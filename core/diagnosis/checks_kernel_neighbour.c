/*
 * Next hops that the table of neighbours has no room for, or that are looked for on a
 * network where they are not. One that does not answer is checks_net.c.
 */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_kernel.h"

enum { AT_MASK = AT_NEIGHBOUR - 10 };

/* ---- a table that is full ---- */

static const struct neighbour_row *entry_of(const struct check_view *v, uint32_t out,
					    const struct addr *gateway)
{
	const struct addr *to = gateway->family ? gateway : &v->walk->client;

	return v->e->neighbours ? neighbours_find(v->e->neighbours, to, out) : NULL;
}

static int tell_table(const struct check_view *v, struct finding *f, const char *counter)
{
	int64_t limit = -1;
	uint64_t n = 0;
	int error;

	f->position = AT_NEIGHBOUR;
	f->explains_silence = true;
	error = finding_say(
		f, v->arena,
		"the answer to %s cannot leave: the table of neighbours is full",
		kernel_client(v));
	if (!error)
		error = finding_prove(
			f, v->arena, "counters", true,
			kernel_is_v6(v) ? "cat /proc/net/stat/ndisc_cache"
					: "cat /proc/net/stat/arp_cache",
			"new neighbours were refused %lld times in this time (of the whole "
			"machine), and the next hop has no entry",
			(long long)evidence_delta(v->e, counter));
	if (!error && v->e->settings &&
	    settings_int(v->e->settings,
			 kernel_is_v6(v) ? "net/ipv6/neigh/default/gc_thresh3"
					 : "net/ipv4/neigh/default/gc_thresh3",
			 &limit) &&
	    counters_get(v->e->counters_after,
			 kernel_is_v6(v) ? "ndisc_cache.entries" : "arp_cache.entries", &n))
		error = finding_prove(f, v->arena, "settings", true,
				      "sysctl net.ipv4.neigh.default.gc_thresh3",
				      "%llu entries are kept, the limit is %lld",
				      (unsigned long long)n, (long long)limit);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			kernel_is_v6(v)
				? "sysctl -w net.ipv6.neigh.default.gc_thresh3=8192"
				: "sysctl -w net.ipv4.neigh.default.gc_thresh3=8192",
			limit >= 0 ? view_text(v,
					       "sysctl -w "
					       "net.ipv%d.neigh.default.gc_thresh3=%lld",
					       kernel_is_v6(v) ? 6 : 4, (long long)limit)
				   : NULL,
			"lost at reboot; each entry takes some memory",
			"allow more neighbours, and see why there are so many (a network "
			"that is too wide, a scan)");
	return error;
}

int check_neighbour_table_full(const struct check_view *v, struct finding *f)
{
	const char *counter =
		kernel_is_v6(v) ? "ndisc_cache.table_fulls" : "arp_cache.table_fulls";
	struct addr gateway = {0};
	uint32_t out = kernel_way_out(v, &gateway);
	int64_t refused = evidence_delta(v->e, counter);
	int error;

	if (kernel_has_answered(v) || refused == 0)
		return ruled_out(f);
	if (refused < 0 || !out || !v->e->neighbours)
		return CERTAINTY_NONE;
	if (entry_of(v, out, &gateway))
		return ruled_out(f);
	if (!v->sight.n_all || !sight_is_silent(v) || !kernel_owes_answer(v))
		return CERTAINTY_NONE;
	error = tell_table(v, f, counter);
	return error                                         ? error
	       : kernel_compare(v, refused) == COUNT_IN_STEP ? CERTAINTY_LIKELY
							     : CERTAINTY_POSSIBLE;
}

/* ---- a network that is too wide ---- */

static bool has_mac(const uint8_t mac[6])
{
	static const uint8_t none[6];

	return memcmp(mac, none, 6) != 0;
}

/* Who brought the client's SYN: another neighbour has its link address; NULL: none known.
 */
static const struct neighbour_row *bringer(const struct check_view *v, uint32_t in)
{
	const struct attempt *a = sight_newest(v);
	const struct neighbour_table *t = v->e->neighbours;

	for (size_t i = 0; a && t && has_mac(a->client_mac) && i < t->n; i++) {
		const struct neighbour_row *n = &t->rows[i];

		if (n->ifindex == in && n->has_mac && !memcmp(n->mac, a->client_mac, 6) &&
		    n->address.family == v->walk->client.family &&
		    !addr_equals(&n->address, &v->walk->client))
			return n;
	}
	return NULL;
}

/* The widest of this interface's networks that the client is in; NULL: none. */
static const struct address_row *mask_of(const struct check_view *v, uint32_t out)
{
	const struct address_table *t = v->e->space->addresses;
	const struct address_row *best = NULL;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct address_row *a = &t->rows[i];

		if (a->ifindex == out &&
		    addr_in_prefix(&v->walk->client, &a->local, a->prefix_len) &&
		    (!best || a->prefix_len > best->prefix_len))
			best = a;
	}
	return best;
}

static bool is_unresolved(const struct neighbour_row *n)
{
	const char *word = neighbour_state_word(n->state);

	return !strcmp(word, "FAILED") || !strcmp(word, "INCOMPLETE");
}

static int tell_mask(const struct check_view *v, struct finding *f,
		     const struct address_row *own, const struct neighbour_row *by)
{
	const char *device = kernel_device(v, own->ifindex);
	char address[ADDR_TEXT_MAX], gateway[ADDR_TEXT_MAX];
	int error;

	f->position = AT_MASK;
	f->explains_silence = true;
	addr_format(&own->local, address);
	addr_format(&by->address, gateway);
	error = finding_say(
		f, v->arena,
		"%s counts as a neighbour on %s (%s/%u), and its packets come by "
		"the gateway %s: the netmask is too wide",
		kernel_client(v), device, address, own->prefix_len, gateway);
	if (!error)
		error = finding_prove(f, v->arena, "capture", true,
				      view_text(v, "ip neigh show %s", gateway),
				      "its SYNs have the link address of %s", gateway);
	if (!error)
		error = finding_prove(f, v->arena, "rtnetlink", true,
				      view_text(v, "ip neigh show %s", kernel_client(v)),
				      "nobody on %s answers for %s itself", device,
				      kernel_client(v));
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "ip route add %s via %s", kernel_client(v), gateway),
			view_text(v, "ip route del %s", kernel_client(v)),
			"lost at reboot; it mends the way to this client alone",
			"correct the prefix length of %s on %s; until then send the "
			"answers "
			"to this client by the gateway",
			address, device);
	return error;
}

int check_wrong_netmask(const struct check_view *v, struct finding *f)
{
	struct addr gateway = {0};
	uint32_t out = kernel_way_out(v, &gateway);
	const struct neighbour_row *entry, *by;
	const struct address_row *own;
	int error;

	if (kernel_has_answered(v) || (out && gateway.family))
		return ruled_out(f);
	if (!out || !v->sight.n_all || !sight_is_silent(v) || !kernel_owes_answer(v))
		return CERTAINTY_NONE;
	entry = entry_of(v, out, &gateway);
	by = bringer(v, out);
	own = mask_of(v, out);
	if (!entry || !is_unresolved(entry) || !by || !own)
		return CERTAINTY_NONE;
	error = tell_mask(v, f, own, by);
	return error ? error : CERTAINTY_PROVEN;
}
