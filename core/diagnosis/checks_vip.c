/*
 * The address that a service here is made for is not on this host, and another machine
 * answers for it: a virtual address (VRRP, a balancer's) that is elsewhere now. Told only
 * of an address that something of this host is bound to or balances, or that keepalived's
 * configuration has, and only where nobody was seen to call this host instead. That nobody
 * has the address is another fault.
 */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_help.h"
#include "core/nat/virtual_addresses.h"

enum { NEIGHBOUR_IS_PROXY = 8 /* NTF_PROXY: linux/neighbour.h */ };

/* What of this host waits for packets to an address that it has not. */
struct vip {
	struct addr address;
	const struct endpoint *endpoint;       /* bound to it; NULL: IPVS balances it */
	const struct neighbour_row *neighbour; /* who answers for it; NULL: not known */
	bool is_balanced, is_configured;       /* by IPVS; in keepalived.conf */
};

static bool is_absent(const struct check_view *v, const struct addr *a)
{
	const struct snapshot *s = v->e->snapshot;

	if (a->family != v->walk->server.family)
		return false;
	for (size_t i = 0; i < s->n_spaces; i++) {
		enum tri is_there = address_is_here(s->spaces[i].addresses,
						    s->spaces[i].local_routes, a);

		/* Behind a bridge of this host it would be nobody else's. */
		if (is_there == TRI_YES ||
		    (is_there == TRI_UNSURE && &s->spaces[i] == v->e->space))
			return false;
	}
	return true;
}

/* Who else serves the port here would take what comes. */
static bool find_bound(const struct check_view *v, struct vip *out)
{
	const struct endpoint *serving[16];
	size_t n = evidence_serving(v->e, serving, 16);

	for (size_t i = 0; i < n; i++) {
		struct addr a = addr_unmapped(&serving[i]->address);

		if (serving[i]->scope != SCOPE_ABSENT || !is_absent(v, &a))
			return false;
		*out = (struct vip){.address = a, .endpoint = serving[i]};
	}
	return n > 0;
}

static bool is_balanced(const struct check_view *v, const struct ipvs_service *s)
{
	return !s->is_of_mark && s->proto == v->e->target.proto &&
	       s->port == v->e->target.port;
}

static bool find_balanced(const struct check_view *v, struct vip *out)
{
	const struct endpoint *serving[1];
	struct ipvs_service s;
	bool is_whole, is_found = false;
	struct text text;

	if (!settings_file(v->e->settings, SETTING_VIRTUAL_SERVICES, &text, &is_whole) ||
	    evidence_serving(v->e, serving, 1))
		return false;
	while (ipvs_next(&text, &s)) {
		if (!is_balanced(v, &s))
			continue;
		if (!is_absent(v, &s.address))
			return false;
		*out = (struct vip){.address = s.address, .is_balanced = true};
		is_found = true;
	}
	return is_found;
}

static bool is_configured(const struct check_view *v, const struct addr *a)
{
	bool is_whole;
	struct text text;

	/* The file is of the host. */
	return v->e->space->is_own &&
	       settings_file(v->e->settings, SETTING_VIRTUAL_ADDRESSES, &text, &is_whole) &&
	       virtual_addresses_have(text, a);
}

/* The address that was named is one of keepalived's. */
static bool find_configured(const struct check_view *v, struct vip *out)
{
	const struct addr *a = &v->e->target.address;

	if (!a->family || !is_absent(v, a) || !is_configured(v, a))
		return false;
	*out = (struct vip){.address = *a};
	return true;
}

static bool is_asked_for(const struct check_view *v, const struct vip *vip)
{
	const struct aim *t = &v->e->target;

	if (!t->address.family)
		return t->role == AIM_SERVER;
	return addr_equals(&t->address, &vip->address) &&
	       (t->role == AIM_SERVER || t->is_client_named);
}

/* The only one, of all interfaces, that has a link address for it. *is_asked: it was looked
 * for. */
static const struct neighbour_row *who_answers(const struct check_view *v,
					       const struct addr *a, bool *is_asked)
{
	const struct neighbour_table *t = v->e->neighbours;
	const struct neighbour_row *found = NULL;

	*is_asked = false;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct neighbour_row *n = &t->rows[i];

		if (!addr_equals(&n->address, a) || n->flags & NEIGHBOUR_IS_PROXY)
			continue;
		*is_asked = true;
		if (found || !n->has_mac)
			return NULL;
		found = n;
	}
	return found;
}

static bool is_fresh(const struct neighbour_row *n)
{
	return !strcmp(neighbour_state_word(n->state), "REACHABLE");
}

static bool is_remembered(const struct neighbour_row *n)
{
	const char *word = neighbour_state_word(n->state);

	return !strcmp(word, "STALE") || !strcmp(word, "DELAY") || !strcmp(word, "PROBE");
}

static bool find_vip(const struct check_view *v, struct vip *out)
{
	bool is_asked;

	if ((!find_bound(v, out) && !find_balanced(v, out) && !find_configured(v, out)) ||
	    !is_asked_for(v, out))
		return false;
	out->is_configured = is_configured(v, &out->address);
	out->neighbour = who_answers(v, &out->address, &is_asked);
	/* Nobody answered: then it is not elsewhere either. */
	if (!out->neighbour)
		return out->is_configured && !is_asked;
	return is_fresh(out->neighbour) || is_remembered(out->neighbour);
}

static const char *mac_words(const struct check_view *v, const struct neighbour_row *n)
{
	return view_text(v, "%02x:%02x:%02x:%02x:%02x:%02x", n->mac[0], n->mac[1],
			 n->mac[2], n->mac[3], n->mac[4], n->mac[5]);
}

static int prove_waiting(const struct check_view *v, struct finding *f,
			 const struct vip *vip, const char *address)
{
	if (!vip->endpoint && !vip->is_balanced)
		return 0;
	if (vip->endpoint)
		return finding_prove(f, v->arena, "sock_diag", true,
				     endpoint_is_stream(vip->endpoint) ? "ss -tlpen"
								       : "ss -ulpen",
				     "%s listens on %s", view_owner(v, vip->endpoint),
				     view_listens_on(v, vip->endpoint));
	return finding_prove(f, v->arena, "settings", true, "ipvsadm -Ln",
			     "IPVS of this host balances %s port %u", address,
			     v->e->target.port);
}

static int say(const struct check_view *v, struct finding *f, const struct vip *vip,
	       const char *address)
{
	if (!vip->neighbour)
		return finding_say(f, v->arena,
				   "%s is a virtual address of keepalived, and is not on "
				   "this host now",
				   address);
	return finding_say(f, v->arena,
			   "%s is for %s, which is not on this host: another machine (%s) "
			   "answers for it",
			   view_port(v), address, mac_words(v, vip->neighbour));
}

static int prove_configured(const struct check_view *v, struct finding *f,
			    const struct vip *vip, const char *address)
{
	if (!vip->is_configured)
		return 0;
	return finding_prove(f, v->arena, "settings", true,
			     "grep -A5 virtual_ipaddress /etc/keepalived/keepalived.conf",
			     "keepalived's configuration has %s as a virtual address",
			     address);
}

static int prove_answer(const struct check_view *v, struct finding *f,
			const struct vip *vip, const char *address)
{
	if (!vip->neighbour)
		return 0;
	return finding_prove(
		f, v->arena, "rtnetlink", true, view_text(v, "ip neigh show %s", address),
		"the neighbour entry of %s is %s, with %s", address,
		neighbour_state_word(vip->neighbour->state), mac_words(v, vip->neighbour));
}

static int tell(const struct check_view *v, struct finding *f, const struct vip *vip)
{
	char address[ADDR_TEXT_MAX];
	int error;

	addr_format(&vip->address, address);
	error = say(v, f, vip, address);
	if (!error)
		error = prove_waiting(v, f, vip, address);
	if (!error)
		error = prove_configured(v, f, vip, address);
	if (!error)
		error = finding_prove(f, v->arena, "rtnetlink", true,
				      view_text(v, "ip address show to %s", address),
				      "no interface of this host has %s", address);
	if (!error)
		error = prove_answer(v, f, vip, address);
	if (!error)
		error = finding_advise(
			f, v->arena, "journalctl -u keepalived -n 50", NULL, NULL,
			"ask the machine that has the address now (its port and its "
			"rules count); if it should be here, see why the balancer or "
			"VRRP gave it away");
	return error;
}

int check_vip_elsewhere(const struct check_view *v, struct finding *f)
{
	struct vip vip;
	int error;

	/* Somebody calls this host: then it is about the address that he uses. */
	if (v->sight.n_all || v->was_anyone_taken)
		return ruled_out(f);
	if (!v->walk->is_walked || !v->e->neighbours ||
	    v->walk->path.request.is_nat_touched)
		return CERTAINTY_NONE;
	if (!find_vip(v, &vip))
		return ruled_out(f);
	f->position = AT_ROUTE;
	f->endpoint = vip.endpoint;
	error = tell(v, f, &vip);
	if (error)
		return error;
	return vip.neighbour && is_fresh(vip.neighbour) ? CERTAINTY_LIKELY
							: CERTAINTY_POSSIBLE;
}
