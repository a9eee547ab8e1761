/* The places that the packet passes, up to the one that stops it, then what it does not
 * reach. */
#include "tui/view/guide/guide_lines.h"
#include "tui/view/guide/guide_words.h"

static void put_link(const struct model *m, const struct evidence *e, uint32_t ifindex,
		     struct str *out)
{
	const struct link_row *link = NULL;

	if (ifindex && e->space && e->space->links)
		link = links_find(e->space->links, ifindex);
	if (link)
		text_show(out, link->name, model_text_mode(m));
	else
		str_puts(out, "?");
}

static void put_arrow(const struct model *m, struct str *out)
{
	if (out->len)
		str_printf(out, " %s ", m->is_ascii ? "->" : "─▶");
}

static void put_translation(const struct path_hop *hop, struct str *out)
{
	char to[ADDR_TEXT_MAX];

	str_puts(out, " (to ");
	if (hop->to.family)
		str_puts(out, addr_format(&hop->to, to));
	if (hop->to_port)
		str_printf(out, "%sport %u", hop->to.family ? " " : "", hop->to_port);
	str_putc(out, ')');
}

static void put_place(const struct model *m, const struct path *p,
		      const struct path_hop *hop, struct str *out)
{
	str_puts(out, place_word(hop->place));
	if (hop->place != PLACE_ROUTE || hop->error)
		return;
	if (p->is_local) {
		str_puts(out, ": local");
	} else {
		str_puts(out, ": ");
		put_link(m, m->guide.evidence, hop->ifindex, out);
	}
}

/* False: the way ends here. */
static bool put_hop(const struct model *m, const struct path *p, const struct path_hop *hop,
		    struct str *out)
{
	if (hop->outcome == HOP_NOT_WALKED)
		return true;
	put_arrow(m, out);
	put_place(m, p, hop, out);
	switch (hop->outcome) {
	case HOP_TRANSLATED:
		put_translation(hop, out);
		return true;
	case HOP_DROPPED:
	case HOP_REJECTED:
		str_printf(out, " %s %s", symbol_text(SYMBOL_BAD, m->is_ascii),
			   hop->outcome == HOP_DROPPED ? "drops" : "rejects");
		return false;
	case HOP_UNSURE:
		str_printf(out, " %s", symbol_text(SYMBOL_UNKNOWN, m->is_ascii));
		return true;
	case HOP_PASSES:
	case HOP_NOT_WALKED:
		break;
	}
	return true;
}

/* The program, reached or not. at: where the way ended. */
static void put_owner(const struct model *m, const struct path *p, bool is_reached,
		      enum place_kind at, struct str *out)
{
	const struct endpoint *e = p->endpoint;
	const char *gap = m->is_ascii ? " .. " : " ┄┄ ";

	if (!is_reached && at != PLACE_SOCKET)
		str_printf(out, "%ssocket", gap);
	if (!e || !e->n_owners)
		return;
	if (is_reached)
		put_arrow(m, out);
	else
		str_puts(out, gap);
	text_show(out, e->owners[0]->comm, model_text_mode(m));
}

void guide_way(const struct model *m, struct str *out)
{
	const struct diagnosis *d = m->guide.result;
	const struct path *p = d ? d->path : NULL;
	enum place_kind at = PLACE_INGRESS;
	bool goes_on = true;

	if (!p || !p->request.is_walked || !p->request.n_hops || !m->guide.evidence)
		return;
	if (p->in_ifindex && p->request.hops[0].place != PLACE_INGRESS)
		put_link(m, m->guide.evidence, p->in_ifindex, out);
	for (size_t i = 0; goes_on && i < p->request.n_hops; i++) {
		at = p->request.hops[i].place;
		goes_on = put_hop(m, p, &p->request.hops[i], out);
	}
	if (p->is_local)
		put_owner(m, p, goes_on, at, out);
}
