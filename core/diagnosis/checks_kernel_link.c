/*
 * Interfaces by which nothing comes or goes: down, without a carrier, or with IPv6 turned
 * off. What an interface loses is checks_kernel_way.c.
 */
#include <net/if.h>
#include <netinet/in.h>

#include "core/diagnosis/check_kernel.h"

enum { AT_LINK = AT_CLIENT + 60, AT_LINK_OUT = AT_NEIGHBOUR + 60 };

static bool is_real(const struct link_row *link)
{
	return !(link->flags & IFF_LOOPBACK) && !text_equals_str(link->name, "lo");
}

/* No other interface could bring the client's packets. */
static bool is_only_link(const struct check_view *v, const struct link_row *link)
{
	const struct link_table *t = v->e->space->links;

	for (size_t i = 0; i < t->n; i++)
		if (&t->rows[i] != link && is_real(&t->rows[i]) &&
		    kernel_has_carrier(&t->rows[i]))
			return false;
	return true;
}

/* The interface that has no carrier, though the client's way leads by it; NULL: none. */
static const struct link_row *dead_link(const struct check_view *v, bool *is_out)
{
	uint32_t out = kernel_way_out(v, NULL);
	const struct link_row *link;

	*is_out = v->sight.n_all > 0;
	link = kernel_link(v, *is_out ? out : kernel_way_in(v));
	return link && is_real(link) && !kernel_has_carrier(link) ? link : NULL;
}

static int tell_link(const struct check_view *v, struct finding *f,
		     const struct link_row *link, bool is_out)
{
	const char *device = kernel_device(v, link->ifindex);
	const char *argument = kernel_device_argument(v, link->ifindex);
	bool is_up = link->flags & IFF_UP;
	int error;

	f->position = is_out ? AT_LINK_OUT : AT_LINK;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s, by which %s %s, %s", device,
			    is_out ? "the answer to" : kernel_server(v),
			    is_out ? view_text(v, "%s leaves", kernel_client(v))
				   : "is reached",
			    is_up ? "is up and has no carrier" : "is down");
	if (!error)
		error = finding_prove(f, v->arena, "rtnetlink", true,
				      view_text(v, "ip link show dev %s", argument),
				      "its state is %s", is_up ? "NO-CARRIER" : "DOWN");
	if (!error)
		error = prove_wire(v, f);
	if (!error && !is_up)
		error = finding_advise(f, v->arena,
				       view_text(v, "ip link set dev %s up", argument),
				       view_text(v, "ip link set dev %s down", argument),
				       "somebody may have taken it down on purpose",
				       "take the interface up, and see who took it down");
	if (!error && is_up)
		error = finding_advise(
			f, v->arena, view_text(v, "ethtool %s", argument), NULL, NULL,
			"look at the cable, the switch's port or the other end of the "
			"virtual link");
	return error;
}

int check_link_down(const struct check_view *v, struct finding *f)
{
	const struct link_row *link;
	bool is_out;
	int error;

	if (!v->e->space->links)
		return CERTAINTY_NONE;
	if (kernel_has_answered(v))
		return ruled_out(f);
	link = dead_link(v, &is_out);
	if (!link)
		return kernel_link(v, kernel_way_in(v)) ? ruled_out(f) : CERTAINTY_NONE;
	if (v->sight.n_all && !sight_is_silent(v))
		return CERTAINTY_NONE;
	error = tell_link(v, f, link, is_out);
	if (error)
		return error;
	if (is_out)
		return CERTAINTY_PROVEN;
	/* An address is taken in by any interface, not by its own alone. */
	return is_only_link(v, link) || kernel_way_out(v, NULL) == link->ifindex
		       ? CERTAINTY_LIKELY
		       : CERTAINTY_POSSIBLE;
}

/* ---- IPv6 turned off ---- */

static bool is_off(const struct check_view *v, const struct link_row *link)
{
	int64_t value;

	return settings_device_int(v->e->settings, AF_INET6, link->name, "disable_ipv6",
				   &value) &&
	       value;
}

/* The interface by which it would come; of an address that is nowhere: all of them must
 * have it off. */
static const struct link_row *off_link(const struct check_view *v)
{
	const struct link_table *t = v->e->space->links;
	const struct link_row *found = kernel_link(v, kernel_way_in(v));

	if (found)
		return is_off(v, found) ? found : NULL;
	for (size_t i = 0; t && i < t->n; i++) {
		if (!is_real(&t->rows[i]) || !(t->rows[i].flags & IFF_UP))
			continue;
		if (!is_off(v, &t->rows[i]))
			return NULL;
		found = &t->rows[i];
	}
	return found;
}

static int tell_off(const struct check_view *v, struct finding *f,
		    const struct link_row *link)
{
	const char *device = kernel_device(v, link->ifindex);
	const char *key = view_text(v, "net/ipv6/conf/%s/disable_ipv6",
				    kernel_device_argument(v, link->ifindex));
	int error;

	f->position = AT_INGRESS + 10;
	f->explains_silence = true;
	error = finding_say(f, v->arena,
			    "IPv6 is turned off on %s: what comes for %s is dropped",
			    device, kernel_server(v));
	if (!error)
		error = finding_prove(f, v->arena, "settings", true,
				      view_text(v, "sysctl %s", key),
				      "disable_ipv6 of %s is 1", device);
	if (!error)
		error = kernel_prove_counter(v, f, "Ip6InDiscards", "Ip6InDiscards");
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "sysctl -w %s=0", key),
			view_text(v, "sysctl -w %s=1", key),
			"addresses must be set again; the host may get others by router "
			"advertisements, and its rules must cover IPv6",
			"turn IPv6 on at this interface if it is meant to be served, else "
			"remove the AAAA record");
	return error;
}

int check_ipv6_disabled(const struct check_view *v, struct finding *f)
{
	const struct link_row *link;
	int error;

	if (!kernel_is_v6(v) || !v->e->settings)
		return CERTAINTY_NONE;
	link = off_link(v);
	if (kernel_has_answered(v) || !link)
		return kernel_has_answered(v) || kernel_link(v, kernel_way_in(v))
			       ? ruled_out(f)
			       : CERTAINTY_NONE;
	if (v->sight.n_all && !sight_is_silent(v))
		return CERTAINTY_NONE;
	error = tell_off(v, f, link);
	if (error)
		return error;
	return kernel_counted(v, "Ip6InDiscards") == COUNT_IN_STEP ? CERTAINTY_PROVEN
								   : CERTAINTY_LIKELY;
}
