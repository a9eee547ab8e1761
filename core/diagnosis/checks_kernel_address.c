/*
 * Addresses of this host that cannot be used: not ready, on an interface that is down, or
 * gone while a service is bound to them. One that was never here is checks_net.c.
 */
#include <net/if.h>
#include <netinet/in.h>

#include "core/diagnosis/check_kernel.h"

enum { AT_ADDRESS = AT_ROUTE - 10 };

/* linux/if_addr.h */
enum { ADDRESS_DADFAILED = 0x08, ADDRESS_TENTATIVE = 0x40 };

static const struct address_row *address_of(const struct check_view *v)
{
	const struct address_table *t = v->e->space->addresses;

	for (size_t i = 0; t && i < t->n; i++)
		if (addr_equals(&t->rows[i].local, &v->walk->server))
			return &t->rows[i];
	return NULL;
}

/* In words; NULL: nothing keeps it from being used. */
static const char *why_unusable(const struct check_view *v, const struct address_row *a)
{
	const struct link_row *link = kernel_link(v, a->ifindex);

	if (a->flags & ADDRESS_DADFAILED)
		return "another host answered for it when it was set (dadfailed)";
	if (a->flags & ADDRESS_TENTATIVE)
		return "it is still being checked for a duplicate (tentative)";
	if (link && !(link->flags & IFF_UP))
		return "its interface is down";
	return NULL;
}

static int tell_unusable(const struct check_view *v, struct finding *f,
			 const struct address_row *a, const char *why)
{
	const char *device = kernel_device_argument(v, a->ifindex);
	int error;

	f->position = AT_ADDRESS;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s on %s is not in use: %s", kernel_server(v),
			    kernel_device(v, a->ifindex), why);
	if (!error)
		error = finding_prove(
			f, v->arena, "rtnetlink", true,
			view_text(v, "ip addr show dev %s to %s", device, kernel_server(v)),
			"%s", why);
	if (!error)
		error = kernel_prove_counter(
			v, f, kernel_is_v6(v) ? "Ip6InAddrErrors" : "Ip.InAddrErrors",
			kernel_is_v6(v) ? "Ip6InAddrErrors" : "IpInAddrErrors");
	if (!error)
		error = prove_wire(v, f);
	if (!error && a->flags & ADDRESS_DADFAILED)
		error = finding_advise(
			f, v->arena, view_text(v, "ip -6 neigh show %s", kernel_server(v)),
			NULL, NULL,
			"find the other host with this address; then remove and set the "
			"address here again");
	else if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "ip addr show dev %s", device), NULL,
			NULL,
			"a check takes a second or two: if it goes on, the interface lost "
			"its carrier or was taken down");
	return error;
}

int check_address_unusable(const struct check_view *v, struct finding *f)
{
	const struct address_row *a = address_of(v);
	const char *why = a ? why_unusable(v, a) : NULL;
	int error;

	if (kernel_has_answered(v) || (a && !why))
		return ruled_out(f);
	/* The kernel's own word counts: it may take an address in all the same. */
	if (!why || (v->walk->is_walked && v->walk->path.is_local) ||
	    (v->sight.n_all && !sight_is_silent(v)))
		return CERTAINTY_NONE;
	error = tell_unusable(v, f, a, why);
	if (error)
		return error;
	if (!v->sight.n_all)
		return CERTAINTY_LIKELY;
	return kernel_counted(v, kernel_is_v6(v) ? "Ip6InAddrErrors" : "Ip.InAddrErrors") ==
			       COUNT_IN_STEP
		       ? CERTAINTY_PROVEN
		       : CERTAINTY_LIKELY;
}

/* The listener that is bound to the client's target, which is not here. */
static const struct endpoint *bound_to_absent(const struct check_view *v)
{
	const struct endpoint *serving[16];
	size_t n = evidence_serving(v->e, serving, 16);

	for (size_t i = 0; i < n; i++) {
		struct addr a = addr_unmapped(&serving[i]->address);

		if (serving[i]->scope == SCOPE_ABSENT && addr_equals(&a, &v->walk->server))
			return serving[i];
	}
	return NULL;
}

/* It could be bound only while the address was here: bind(2) takes no other but with an
 * option, or where a setting allows it. */
static bool was_here_once(const struct check_view *v, const struct endpoint *e)
{
	int64_t allows;

	if (!v->e->settings ||
	    !settings_int(v->e->settings,
			  kernel_is_v6(v) ? "net/ipv6/ip_nonlocal_bind"
					  : "net/ipv4/ip_nonlocal_bind",
			  &allows) ||
	    allows)
		return false;
	for (size_t i = 0; i < e->n_sockets; i++) {
		const struct listener_row *row =
			handshakes_listener(v->e->handshakes, e->sockets[i]->cookie);

		if (row && row->may_be_absent == TRI_NO)
			return true;
	}
	return false;
}

static int tell_lost(const struct check_view *v, struct finding *f,
		     const struct endpoint *e)
{
	const char *server = kernel_server(v);
	int error;

	f->position = AT_ADDRESS;
	f->endpoint = e;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s is bound to %s, which this host has lost",
			    view_owner(v, e), server);
	if (!error)
		error = finding_prove(f, v->arena, "rtnetlink", true,
				      view_text(v, "ip addr show to %s", server),
				      "no interface carries %s now", server);
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true,
				      view_text(v, "ss -tlnpe src %s", server),
				      "its socket is bound to it, and could be only while "
				      "the address was "
				      "here (no IP_FREEBIND, ip_nonlocal_bind is 0)");
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "ip addr add %s/PREFIX dev INTERFACE", server),
			view_text(v, "ip addr del %s/PREFIX dev INTERFACE", server),
			"if another host has the address now, both will answer for it",
			"find out who took it away (a DHCP lease, a network manager, a "
			"failover), and have it set again there");
	return error;
}

int check_address_lost(const struct check_view *v, struct finding *f)
{
	const struct space *s = v->e->space;
	const struct endpoint *e;
	enum tri here = address_is_here(s->addresses, s->local_routes, &v->walk->server);
	int error;

	if (here == TRI_YES || kernel_has_answered(v))
		return ruled_out(f);
	e = here == TRI_NO ? bound_to_absent(v) : NULL;
	if (!e || !was_here_once(v, e) || (v->sight.n_all && !sight_is_silent(v)))
		return CERTAINTY_NONE;
	error = tell_lost(v, f, e);
	if (error)
		return error;
	return v->sight.n_all && !sight_is_of_other_host(v) ? CERTAINTY_PROVEN
							    : CERTAINTY_LIKELY;
}
