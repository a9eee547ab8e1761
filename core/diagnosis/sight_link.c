/* Sums over what was seen at the interfaces. What it means is said in checks_link.c and
 * judge_way.c. */
#include "core/diagnosis/sight_link.h"

#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_help.h"

static const struct link_sight *sight_at(const struct evidence *e, size_t i)
{
	return vec_at(&e->attempts->links, i);
}

static bool is_address(const struct addr *told, const struct addr *wanted)
{
	struct addr plain = addr_unmapped(told);

	return !wanted->family || addr_equals(&plain, wanted);
}

static bool is_of_walk(const struct check_view *v, const struct link_sight *s)
{
	return s->kind != LINK_TELLS && s->proto == v->e->target.proto &&
	       s->server_port == v->e->target.port &&
	       is_address(&s->server, &v->walk->server) &&
	       is_address(&s->client, &v->walk->client);
}

static void keep(const struct link_sight **row, uint32_t *n, const struct link_sight *s)
{
	/* The one with most frames speaks for all. */
	if (!*row || s->n > (*row)->n)
		*row = s;
	*n += s->n;
}

static void take_question(struct link_way *w, const struct link_sight *s)
{
	if (s->is_outgoing) {
		keep(&w->out, &w->n_out, s);
		return;
	}
	if (s->has_tag && s->vlan) {
		keep(&w->in_tagged, &w->n_in_tagged, s);
		return;
	}
	if (s->is_to_other_mac) {
		keep(&w->in_other, &w->n_in_other, s);
		return;
	}
	keep(&w->in, &w->n_in, s);
	w->n_bad_heads += s->n_bad_heads;
	w->n_in_bad +=
		s->n_bad_heads > s->n_bad_checksums ? s->n_bad_heads : s->n_bad_checksums;
}

static void take(struct link_way *w, const struct link_sight *s)
{
	switch ((enum link_kind)s->kind) {
	case LINK_ASK:
		take_question(w, s);
		return;
	case LINK_ANSWER:
		if (s->is_outgoing)
			keep(&w->answer_out, &w->n_answers_out, s);
		else
			keep(&w->answer_in, &w->n_answers_in, s);
		return;
	case LINK_RESET:
		*(s->is_outgoing ? &w->n_resets_out : &w->n_resets_in) += s->n;
		return;
	case LINK_STRAY:
		if (s->is_outgoing)
			keep(&w->stray, &w->n_stray, s);
		return;
	case LINK_STATE:
	case LINK_TELLS:
	case N_LINK_KINDS:
		return;
	}
}

/* On a bond, a bridge or a VLAN one packet is seen at several interfaces: one in common is
 * enough. */
static bool has_common_device(const struct check_view *v)
{
	const struct evidence *e = v->e;

	for (size_t i = 0; i < e->attempts->links.n; i++) {
		const struct link_sight *in = sight_at(e, i);

		if (in->kind != LINK_ASK || in->is_outgoing || !is_of_walk(v, in))
			continue;
		for (size_t k = 0; k < e->attempts->links.n; k++) {
			const struct link_sight *out = sight_at(e, k);

			if (out->kind == LINK_ANSWER && out->is_outgoing &&
			    out->device == in->device && is_of_walk(v, out))
				return true;
		}
	}
	return false;
}

void link_way_look(const struct check_view *v, struct link_way *out)
{
	const struct attempts *a = v->e->attempts;

	*out = (struct link_way){.is_known = a->has_links && !a->n_links_lost};
	for (size_t i = 0; i < a->links.n; i++)
		if (is_of_walk(v, sight_at(v->e, i)))
			take(out, sight_at(v->e, i));
	out->leaves_where_it_came = has_common_device(v);
}

bool link_is_passed_on(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	return v->walk->is_walked && p->is_forwarded && !p->is_translated &&
	       !p->is_source_translated && !p->request.is_nat_touched;
}

bool link_is_answer_kept(const struct check_view *v)
{
	struct link_way w;

	if (!link_is_passed_on(v))
		return false;
	link_way_look(v, &w);
	return w.is_known && w.n_answers_in && !w.n_answers_out;
}

bool link_is_claimed(const uint8_t *const *macs, size_t n, const uint8_t *mac)
{
	for (size_t i = 0; i < n; i++)
		if (!memcmp(macs[i], mac, 6))
			return true;
	return false;
}

size_t link_claims(const struct evidence *e, const struct addr *a,
		   const uint8_t *macs[CLAIMS_MAX], uint32_t *n_own)
{
	size_t n = 0;

	*n_own = 0;
	for (size_t i = 0; i < e->attempts->links.n; i++) {
		const struct link_sight *s = sight_at(e, i);

		if (s->kind != LINK_TELLS || !addr_equals(&s->from, a))
			continue;
		if (s->is_source_own || s->is_outgoing)
			*n_own += s->n;
		else if (n < CLAIMS_MAX && !link_is_claimed(macs, n, s->source_mac))
			macs[n++] = s->source_mac;
	}
	return n;
}

bool link_is_virtual_mac(const uint8_t *mac)
{
	static const uint8_t vrrp[4] = {0, 0, 0x5e, 0}, hsrp[4] = {0, 0, 0x0c, 0x07};
	static const uint8_t hsrp2[4] = {0, 0, 0x0c, 0x9f}, glbp[3] = {0, 0x07, 0xb4};

	return !memcmp(mac, vrrp, 4) || !memcmp(mac, hsrp, 4) || !memcmp(mac, hsrp2, 4) ||
	       !memcmp(mac, glbp, 3);
}

static const struct link_row *row_of(const struct evidence *e, uint32_t ifindex)
{
	return e->space->links ? links_find(e->space->links, ifindex) : NULL;
}

/* A VRF takes no frames: they stay the interface's own. */
static bool takes_frames(const struct evidence *e, uint32_t master)
{
	const struct link_row *row = master ? row_of(e, master) : NULL;

	return row && !text_equals_str(row->kind, "vrf");
}

bool link_is_beneath(const struct evidence *e, uint32_t ifindex)
{
	const struct link_table *t = e->space->links;
	const struct link_row *row = row_of(e, ifindex);

	if (!row || takes_frames(e, row->master))
		return true;
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].peer == ifindex &&
		    (text_equals_str(t->rows[i].kind, "macvlan") ||
		     text_equals_str(t->rows[i].kind, "macvtap") ||
		     text_equals_str(t->rows[i].kind, "ipvlan") ||
		     text_equals_str(t->rows[i].kind, "ipvtap")))
			return true;
	return false;
}

static bool is_inside(const struct evidence *e, uint32_t ifindex)
{
	enum { LOOPBACK = 0x8 }; /* IFF_LOOPBACK of net/if.h */
	const struct link_row *row = row_of(e, ifindex);

	return !row || row->flags & LOOPBACK || text_equals_str(row->kind, "dummy");
}

bool link_has_own_place(const struct evidence *e, const struct addr *a)
{
	const struct address_table *t = e->space->addresses;

	for (size_t i = 0; t && i < t->n; i++)
		if (addr_equals(&t->rows[i].local, a) && !is_inside(e, t->rows[i].ifindex))
			return true;
	return false;
}

const char *link_name(const struct check_view *v, uint32_t ifindex)
{
	const struct link_row *row = row_of(v->e, ifindex);
	struct str s = {0};
	const char *out;

	if (!row)
		return "an interface that is gone";
	text_show(&s, row->name, TEXT_ASCII);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

const char *link_argument(const struct check_view *v, uint32_t ifindex)
{
	const struct link_row *row = row_of(v->e, ifindex);

	return row ? view_word(v, row->name) : "INTERFACE";
}

const char *link_mac(const struct check_view *v, const uint8_t mac[6])
{
	return view_text(v, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
			 mac[4], mac[5]);
}

/* The next hop of the answer, and its entry; NULL: it is not known, or has none. */
const struct neighbour_row *link_next_hop(const struct check_view *v, struct addr *hop)
{
	const struct path_leg *leg = &v->walk->path.reply;
	uint32_t ifindex = 0;

	*hop = v->walk->client;
	for (size_t i = 0; i < leg->n_hops; i++) {
		if (leg->hops[i].place != PLACE_ROUTE || leg->hops[i].error)
			continue;
		ifindex = leg->hops[i].ifindex;
		if (leg->hops[i].gateway.family)
			*hop = leg->hops[i].gateway;
	}
	return ifindex && v->e->neighbours ? neighbours_find(v->e->neighbours, hop, ifindex)
					   : NULL;
}

bool link_is_taken_only(const struct check_view *v)
{
	return view_wire(v) == WIRE_TAKEN;
}

const char *link_count(const struct check_view *v, uint32_t n)
{
	return view_text(v, "%u %s%s", n,
			 v->e->target.proto == IPPROTO_UDP ? "datagram" : "SYN",
			 n == 1 ? "" : "s");
}

const char *link_client(const struct check_view *v)
{
	char client[ADDR_TEXT_MAX];

	return v->walk->client.family
		       ? view_text(v, "%s", addr_format(&v->walk->client, client))
		       : "clients";
}

const char *link_server(const struct check_view *v)
{
	char server[ADDR_TEXT_MAX];

	return view_text(v, "%s", addr_format(&v->walk->server, server));
}

const char *link_frames_command(const struct check_view *v, uint32_t ifindex)
{
	return view_text(v, "tcpdump -eni %s 'port %u'", link_argument(v, ifindex),
			 v->e->target.port);
}
