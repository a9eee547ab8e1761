/*
 * The link layer: frames for another host, tags, damaged packets, two owners of one
 * address. What was seen at the interfaces decides; without it nothing is claimed.
 */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/sight_link.h"

static bool is_udp(const struct check_view *v)
{
	return v->e->target.proto == IPPROTO_UDP;
}

/* Something of this host went out for it. */
static bool has_left(const struct check_view *v)
{
	return sight_was_answered(v) || sight_got_syn_ack(v) || sight_was_refused(v);
}

/* ---- frames that are not for this host ---- */

static int tell_wrong_mac(const struct check_view *v, struct finding *f,
			  const struct link_sight *s, uint32_t n)
{
	const char *mac = link_mac(v, s->target_mac), *device = link_name(v, s->device);
	int error = finding_say(f, v->arena,
				"%s's SYNs for %s reach %s in frames for %s, another link "
				"address: this host ignores them",
				link_client(v), link_server(v), device, mac);

	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true, link_frames_command(v, s->device),
			"%s came in by %s for %s from %s, none for the link "
			"address of %s",
			link_count(v, n), device, mac, link_mac(v, s->source_mac), device);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "ip neigh show %s", link_server(v)), NULL,
			NULL,
			"ask the client, or the router before this host, which link "
			"address it has for %s: an old or fixed entry, or another host "
			"answers for it",
			link_server(v));
	return error;
}

int check_wrong_mac(const struct check_view *v, struct finding *f)
{
	struct link_way w;
	int error;

	link_way_look(v, &w);
	if (has_left(v) || w.n_in)
		return ruled_out(f);
	if (!w.n_in_other || !w.in_other->has_macs ||
	    !link_has_own_place(v->e, &v->walk->server) ||
	    link_is_beneath(v->e, w.in_other->device))
		return CERTAINTY_NONE;
	f->position = AT_INGRESS;
	f->explains_silence = true;
	error = tell_wrong_mac(v, f, w.in_other, w.n_in_other);
	if (error)
		return error;
	return w.is_known && sight_is_silent(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

int check_vlan_tag(const struct check_view *v, struct finding *f)
{
	const struct link_sight *s;
	struct link_way w;
	int error;

	link_way_look(v, &w);
	if (has_left(v) || w.n_in)
		return ruled_out(f);
	s = w.in_tagged;
	if (!s || !link_has_own_place(v->e, &v->walk->server) ||
	    link_is_beneath(v->e, s->device))
		return CERTAINTY_NONE;
	f->position = AT_INGRESS;
	f->explains_silence = true;
	error = finding_say(
		f, v->arena,
		"%s's SYNs reach %s with the tag of VLAN %u, which nothing here "
		"takes",
		link_client(v), link_name(v, s->device), s->vlan);
	if (!error)
		error = finding_prove(f, v->arena, "capture", true,
				      view_text(v, "tcpdump -eni %s 'vlan %u'",
						link_argument(v, s->device), s->vlan),
				      "%s came in by %s tagged with VLAN %u, none without "
				      "the tag, and no VLAN interface got them",
				      link_count(v, w.n_in_tagged), link_name(v, s->device),
				      s->vlan);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, "ip -d link show type vlan", NULL, NULL,
			"have the switch's port send this network untagged, or give %s a "
			"VLAN interface of number %u with the address",
			link_name(v, s->device), s->vlan);
	if (error)
		return error;
	return w.is_known && sight_is_silent(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* ---- damaged packets ---- */

static const char *checksum_counter(const struct check_view *v, const struct link_way *w)
{
	if (w->n_bad_heads)
		return "IpExt.InCsumErrors";
	if (!is_udp(v))
		return "Tcp.InCsumErrors";
	return v->walk->server.family == AF_INET6 ? "Udp6InCsumErrors" : "Udp.InCsumErrors";
}

int check_bad_checksum(const struct check_view *v, struct finding *f)
{
	const char *counter, *device;
	struct link_way w;
	int64_t delta;
	int error;

	link_way_look(v, &w);
	if (has_left(v) || (w.n_in && !w.n_in_bad))
		return ruled_out(f);
	counter = checksum_counter(v, &w);
	delta = evidence_delta(v->e, counter);
	/* The kernel checked, and found nothing. */
	if (!w.n_in_bad || w.n_in_bad < w.n_in || !delta || !view_is_for_here(v))
		return CERTAINTY_NONE;
	device = link_name(v, w.in->device);
	f->position = w.n_bad_heads ? AT_INGRESS : AT_SOCKET - 1;
	f->explains_silence = true;
	error = finding_say(
		f, v->arena,
		"%s's packets arrive on %s with a wrong %s checksum: the kernel "
		"drops them",
		link_client(v), device,
		w.n_bad_heads ? "IP"
		: is_udp(v)   ? "UDP"
			      : "TCP");
	if (!error)
		error = finding_prove(f, v->arena, "capture", true,
				      view_text(v, "tcpdump -vvni %s 'port %u'",
						link_argument(v, w.in->device),
						v->e->target.port),
				      "%u of %s that came in by %s are damaged", w.n_in_bad,
				      link_count(v, w.n_in), device);
	if (!error && delta > 0)
		error = finding_prove(f, v->arena, "counters", true, "nstat -az '*Csum*'",
				      "the kernel counted +%lld (%s) in this time",
				      (long long)delta, counter);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "ethtool -k %s", device), NULL, NULL,
			"look for what changes packets on the way without mending the "
			"checksum: a device's offload on the sender, a translation, a "
			"damaged link");
	if (error)
		return error;
	return sight_is_silent(v) && delta >= w.n_in_bad ? CERTAINTY_PROVEN
							 : CERTAINTY_LIKELY;
}

/* ---- one address, two owners ---- */

static int tell_duplicate(const struct check_view *v, struct finding *f,
			  const struct addr *a, const char *one, const char *other)
{
	char text[ADDR_TEXT_MAX];
	int error;

	addr_format(a, text);
	error = finding_say(f, v->arena, "two hosts answer for %s: %s and %s", text, one,
			    other);
	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true,
			a->family == AF_INET6
				? "tcpdump -eni any icmp6"
				: view_text(v, "tcpdump -eni any 'arp host %s'", text),
			"%s said in this time that %s is at %s, and %s that "
			"it is there",
			a->family == AF_INET6 ? "ND" : "ARP", text, one, other);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       "find the second host by its link address (the "
				       "switch's table knows the port) and give it another "
				       "address");
	return error;
}

/* Another host says that it has this host's address. */
static int check_own_duplicate(const struct check_view *v, struct finding *f,
			       const struct link_way *w)
{
	const uint8_t *macs[CLAIMS_MAX];
	uint32_t n_own;
	size_t n = link_claims(v->e, &v->walk->server, macs, &n_own);
	bool goes_there =
		w->in_other && n && link_is_claimed(macs, n, w->in_other->target_mac);
	int error;

	if (!n || (!v->sight.n_all && !v->e->target.is_client_named) ||
	    !link_has_own_place(v->e, &v->walk->server) ||
	    (w->n_in && !sight_got_syn_ack(v) && !goes_there))
		return CERTAINTY_NONE;
	f->position = AT_CLIENT + 1;
	f->explains_silence = true;
	error = tell_duplicate(v, f, &v->walk->server, "this host", link_mac(v, macs[0]));
	if (!error && goes_there)
		error = finding_prove(f, v->arena, "capture", true,
				      link_frames_command(v, w->in_other->device),
				      "the client's frames are for %s, not for this host",
				      link_mac(v, w->in_other->target_mac));
	if (error)
		return error;
	return goes_there && sight_is_silent(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* Two hosts say that they are the next hop of the answers. */
static int check_hop_duplicate(const struct check_view *v, struct finding *f,
			       const struct link_way *w)
{
	const uint8_t *macs[CLAIMS_MAX];
	struct addr hop;
	uint32_t n_own;
	size_t n;
	int error;

	link_next_hop(v, &hop);
	n = hop.family ? link_claims(v->e, &hop, macs, &n_own) : 0;
	if (n < 2 || !link_is_taken_only(v) || !w->in || !w->answer_out ||
	    !memcmp(w->in->source_mac, w->answer_out->target_mac, 6))
		return CERTAINTY_NONE;
	f->position = AT_NEIGHBOUR;
	error = tell_duplicate(v, f, &hop, link_mac(v, macs[0]), link_mac(v, macs[1]));
	if (!error)
		error = finding_prove(f, v->arena, "capture", true,
				      link_frames_command(v, w->in->device),
				      "the SYNs come from %s, the answers go to %s",
				      link_mac(v, w->in->source_mac),
				      link_mac(v, w->answer_out->target_mac));
	if (error)
		return error;
	return link_is_claimed(macs, n, w->in->source_mac) &&
			       link_is_claimed(macs, n, w->answer_out->target_mac)
		       ? CERTAINTY_PROVEN
		       : CERTAINTY_LIKELY;
}

int check_duplicate_address(const struct check_view *v, struct finding *f)
{
	struct link_way w;
	int got;

	/* One of two got through now: that says nothing of the other. */
	if (sight_was_answered(v) || sight_was_refused(v) || !v->walk->is_walked)
		return CERTAINTY_NONE;
	link_way_look(v, &w);
	got = check_own_duplicate(v, f, &w);
	return got == CERTAINTY_NONE ? check_hop_duplicate(v, f, &w) : got;
}
