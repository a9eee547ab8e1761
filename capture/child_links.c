/*
 * The links of a flow's capture: a second socket, its tracker, and when it tells. Without
 * them (no right to it, no memory) the capture goes on, and tells that.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/child_impl.h"
#include "capture/link_socket.h"

/* In a tick: of a flood a sample will do, and what the socket drops meanwhile is counted.
 */
enum { FRAMES_MAX = 1024 };

struct child_links {
	struct link_socket *socket;
	struct link_tracker *tracker;
	unsigned n_left; /* frames that may still be read in this tick */
};

static void set_options(struct link_tracker_options *o, const struct capture_plan *p)
{
	_Static_assert(sizeof(o->ports) == sizeof(p->ports), "as many ports");
	memcpy(o->ports, p->ports, sizeof(o->ports));
	o->n_ports = p->n_ports;
	o->proto = p->proto;
	o->client = p->client;
	link_socket_own(o);
}

void child_links_begin_tick(struct capture_child *c)
{
	if (c->links)
		c->links->n_left = FRAMES_MAX;
}

void child_open_links(struct capture_child *c)
{
	struct child_links *l;
	struct link_tracker_options o;

	if (c->plan.kind != CAPTURE_FLOW || !c->plan.n_ports)
		return;
	c->lacks_links = true;
	l = calloc(1, sizeof(*l));
	if (!l)
		return;
	memset(&o, 0, sizeof(o));
	set_options(&o, &c->plan);
	l->tracker = link_tracker_new(&o);
	if (l->tracker && !link_socket_open(&l->socket, &c->plan)) {
		c->links = l;
		c->lacks_links = false;
		child_links_begin_tick(c);
		return;
	}
	link_tracker_free(l->tracker);
	free(l);
}

void child_close_links(struct capture_child *c)
{
	if (!c->links)
		return;
	link_socket_close(c->links->socket);
	link_tracker_free(c->links->tracker);
	free(c->links);
	c->links = NULL;
}

int child_links_fd(const struct capture_child *c)
{
	return c->links && c->links->n_left ? link_socket_fd(c->links->socket) : -1;
}

static void take_frame(void *arg, const struct link_frame_in *in)
{
	struct capture_child *c = arg;
	struct link_frame f;

	if (link_frame_read(&f, in))
		link_tracker_take(c->links->tracker, &f);
}

void child_read_links(struct capture_child *c)
{
	uint32_t n_lost = 0;

	if (!c->links)
		return;
	c->links->n_left -= link_socket_read(c->links->socket, c->links->n_left, &n_lost,
					     take_frame, c);
	link_tracker_lost(c->links->tracker, n_lost);
}

void child_tell_links(struct capture_child *c, bool with_counts)
{
	struct link_sight none = {.kind = LINK_STATE, .n = LINK_LOST_ALL};

	if (c->lacks_links)
		child_tell_link(c, &none);
	c->lacks_links = false;
	if (c->links)
		link_tracker_tell(c->links->tracker, with_counts, child_tell_link, c);
}
