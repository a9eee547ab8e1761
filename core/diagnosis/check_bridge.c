/* What was seen of a request on its way over a bridge: a capture on any device names the
 * port and, once the frame went up, the bridge. Decides nothing. */
#include "core/diagnosis/check_bridge.h"

#include <errno.h>

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/sight.h"
#include "core/diagnosis/sight_link.h"

bool bridge_is_place(enum place_kind place)
{
	return place == PLACE_BRIDGE_PREROUTING || place == PLACE_BRIDGE_INPUT ||
	       place == PLACE_BRIDGE_FORWARD || place == PLACE_BRIDGE_OUTPUT ||
	       place == PLACE_BRIDGE_POSTROUTING;
}

bool bridge_is_behind_capture(const struct check_view *v, const struct path_leg *leg)
{
	const struct path *p = &v->walk->path;

	if (!v->walk->is_walked || leg != &p->reply)
		return false;
	if (link_is_answer_kept(v))
		return true;
	if (leg->at == PLACE_EGRESS && leg->n_hops)
		return p->in_port && leg->hops[leg->n_hops - 1].ifindex == p->in_port;
	return bridge_is_place(leg->at);
}

/* Stopped between the port and IP. */
static bool is_between(const struct path *p)
{
	return !p->is_bridged && p->in_port &&
	       (p->request.at == PLACE_BRIDGE_PREROUTING ||
		p->request.at == PLACE_BRIDGE_INPUT);
}

static size_t n_seen_at(const struct check_view *v, uint32_t ifindex)
{
	size_t n = 0;

	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		for (unsigned k = 0; k < a->n_devices; k++)
			n += a->devices[k] == ifindex;
	}
	return n;
}

bool bridge_was_passed(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	return is_between(p) && n_seen_at(v, p->in_ifindex);
}

static const char *name_of(const struct check_view *v, uint32_t ifindex)
{
	const struct link_table *t = v->e->space->links;
	const struct link_row *link = t ? links_find(t, ifindex) : NULL;
	struct str s = {0};
	const char *out = NULL;

	if (link) {
		text_show(&s, link->name, TEXT_ASCII);
		out = view_text(v, "%s", str_text(&s));
	}
	str_release(&s);
	return out;
}

int bridge_prove_between(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	const char *port, *bridge;

	if (!is_between(p) || !n_seen_at(v, p->in_port) || n_seen_at(v, p->in_ifindex))
		return 0;
	port = name_of(v, p->in_port);
	bridge = name_of(v, p->in_ifindex);
	if (!port || !bridge)
		return 0;
	return finding_prove(f, v->arena, "capture", true, NULL,
			     "seen at the port %s, not at the bridge %s above it", port,
			     bridge);
}
