/* Which namespace of this host a packet goes on in, and as what. Asks nothing. */
#include "tui/live/path_behind.h"

static const struct link_row *link_of(const struct space *s, uint32_t ifindex)
{
	return s->links && ifindex ? links_find(s->links, ifindex) : NULL;
}

/* The two ends of a veth name each other, and ours is where the packet leaves, or a port
 * of the bridge by which it leaves. */
static bool is_cable(const struct space *here, uint32_t out_ifindex,
		     const struct space *there, uint32_t in_ifindex)
{
	const struct link_row *far = link_of(there, in_ifindex);
	const struct link_row *near = far ? link_of(here, far->peer) : NULL;

	if (!near || !text_equals_str(near->kind, "veth") ||
	    !text_equals_str(far->kind, "veth") || near->peer != far->ifindex)
		return false;
	return near->ifindex == out_ifindex || near->master == out_ifindex;
}

/* The only namespace that has the address at the other end of a cable to here. */
static const struct space *find_space(const struct path_page *page, uint32_t *in_ifindex)
{
	const struct path *p = &page->path;
	const struct snapshot *snapshot = page->evidence.snapshot;
	const struct space *here = page->evidence.space, *found = NULL;

	for (size_t i = 0; i < snapshot->n_spaces; i++) {
		const struct space *s = &snapshot->spaces[i];
		uint32_t in = s->addresses ? address_ifindex(s->addresses, &p->server) : 0;

		if (s == here || !is_cable(here, p->out_ifindex, s, in))
			continue;
		if (found)
			return NULL;
		found = s;
		*in_ifindex = in;
	}
	return found;
}

static bool leaves(const struct path *p)
{
	return !p->is_local && p->out_ifindex && p->request.verdict != PATH_DROP &&
	       p->request.verdict != PATH_REJECT;
}

const struct space *path_space_behind(const struct path_page *page, uint32_t *in_ifindex)
{
	return leaves(&page->path) ? find_space(page, in_ifindex) : NULL;
}

bool path_leaves_by_cable(const struct path_page *page)
{
	const struct path *p = &page->path;
	const struct link_table *t = page->evidence.space->links;

	for (size_t i = 0; t && i < t->n && leaves(p); i++)
		if (text_equals_str(t->rows[i].kind, "veth") &&
		    (t->rows[i].ifindex == p->out_ifindex ||
		     t->rows[i].master == p->out_ifindex))
			return true;
	return false;
}

struct path_ask path_ask_behind(const struct path *p, uint32_t in_ifindex)
{
	struct path_ask ask = p->ask;

	ask.is_from_here = false;
	ask.in_ifindex = in_ifindex;
	ask.server = p->server;
	ask.server_port = p->server_port;
	if (p->is_source_translated) {
		ask.client = p->sender;
		ask.client_port = p->sender_port;
	}
	if (ask.ttl && p->is_forwarded)
		ask.ttl--;
	return ask;
}
