/*
 * A source that no packet from outside may have: the kernel drops it without a word. What
 * the reverse-path filter drops is checks_net.c: there the source is possible, and
 * elsewhere.
 */
#include <errno.h>
#include <netinet/in.h>

#include "core/diagnosis/check_kernel.h"

/* Allowed by the setting of all interfaces, or of this one: linux/inetdevice.h. */
static bool is_allowed(const struct check_view *v, const char *key)
{
	const struct link_row *link = kernel_link(v, kernel_way_in(v));
	const struct setting_table *s = v->e->settings;
	int64_t value;

	if (s && settings_device_int(s, AF_INET, text_of("all"), key, &value) && value)
		return true;
	return s && link && settings_device_int(s, AF_INET, link->name, key, &value) &&
	       value;
}

/* What is wrong with it, in words; NULL: nothing is known to be (ip_route_input_slow()). */
static const char *forged_words(const struct check_view *v)
{
	const struct addr *a = &v->walk->client;

	if (a->family != AF_INET)
		return NULL;
	if (addr_is_loopback(a))
		return is_allowed(v, "route_localnet") ? NULL : "a loopback address";
	if (addr_is_multicast(a))
		return "a multicast address";
	if (!a->bytes[0])
		return "an address of 0.0.0.0/8";
	if (a->bytes[0] == 255 && a->bytes[1] == 255 && a->bytes[2] == 255 &&
	    a->bytes[3] == 255)
		return "the broadcast address";
	if (address_is_here(v->e->space->addresses, v->e->space->local_routes, a) ==
	    TRI_YES)
		return is_allowed(v, "accept_local") ? NULL
						     : "an address of this host itself";
	return NULL;
}

/* The kernel's own answer to where such a packet would go. */
static bool is_refused(const struct check_view *v)
{
	const struct path_leg *leg = &v->walk->path.request;

	if (!v->walk->is_walked || !leg->is_walked || leg->decided_by != DECIDER_ROUTE)
		return false;
	for (size_t i = 0; i < leg->n_hops; i++)
		if (leg->hops[i].place == PLACE_ROUTE && leg->hops[i].error == EINVAL)
			return true;
	return false;
}

static int tell_martian(const struct check_view *v, struct finding *f, const char *what)
{
	const char *device = kernel_device_argument(v, kernel_way_in(v));
	int error;

	f->position = AT_ROUTE - 5;
	f->explains_silence = true;
	error = finding_say(
		f, v->arena,
		"the kernel drops %s as a martian: it is %s, and the packet came "
		"in by %s",
		kernel_client(v), what, kernel_device(v, kernel_way_in(v)));
	if (!error)
		error = finding_prove(f, v->arena, "route", true,
				      view_text(v, "ip route get %s from %s iif %s",
						kernel_server(v), kernel_client(v), device),
				      "the kernel refuses such a packet: it is %s", what);
	if (!error && evidence_delta(v->e, "rt_cache.in_martian_src") > 0)
		error = finding_prove(
			f, v->arena, "counters", true, "cat /proc/net/stat/rt_cache",
			"martian sources of the whole machine in this time: +%lld",
			(long long)evidence_delta(v->e, "rt_cache.in_martian_src"));
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"find the sender by its link address: two hosts with one address, "
			"a "
			"source translation that went wrong, or somebody who forges it");
	return error;
}

int check_martian(const struct check_view *v, struct finding *f)
{
	const char *what = v->walk->client.family ? forged_words(v) : NULL;
	int error;

	if (kernel_has_answered(v) || (v->walk->client.family == AF_INET && !what))
		return ruled_out(f);
	if (!what || !is_refused(v) || !v->sight.n_all || !sight_is_silent(v))
		return CERTAINTY_NONE;
	error = tell_martian(v, f, what);
	if (error)
		return error;
	return kernel_counted(v, "rt_cache.in_martian_src") == COUNT_IN_STEP
		       ? CERTAINTY_PROVEN
		       : CERTAINTY_LIKELY;
}
