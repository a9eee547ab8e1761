/* Whose details are shown, and what was read for them. Draws nothing. */
#include "tui/state/details.h"

#include <netinet/in.h>

#include "core/base/text.h"
#include "tui/model.h"

const char *details_pane_title(enum details_pane p)
{
	static const char *const titles[] = {
#define X(name, title) [PANE_##name] = (title),
		DETAILS_PANES(X)
#undef X
	};

	return titles[p];
}

void details_release(struct details_shown *d)
{
	table_unref(d->peers);
	*d = (struct details_shown){0};
}

/* What was read for another one goes. */
static void aim(struct details_shown *d, const struct endpoint *e)
{
	if (d->id == e->id)
		return;
	details_release(d);
	d->id = e->id;
	d->port = e->port;
	d->proto = endpoint_is_stream(e) ? IPPROTO_TCP : IPPROTO_UDP;
	d->peers_state = endpoint_is_stream(e) ? PEERS_WAITING : PEERS_NOT_TCP;
}

static bool is_aimed_at(const struct guide *g, const struct endpoint *e)
{
	uint8_t proto = endpoint_is_stream(e) ? IPPROTO_TCP : IPPROTO_UDP;

	if (e->port != g->aim.port || proto != g->aim.proto)
		return false;
	return g->space[0] ? text_equals_str(e->space->name, g->space) : e->space->is_own;
}

/* What takes the packet, as the judgement says; else the first that has the port. */
static const struct endpoint *of_guide(const struct model *m)
{
	const struct guide *g = &m->guide;
	const struct endpoint *judged = g->result && g->evidence && g->result->path
						? g->result->path->endpoint
						: NULL;
	const struct endpoint *first = NULL;

	for (size_t i = 0; m->snapshot && i < m->snapshot->n_endpoints; i++) {
		const struct endpoint *e = &m->snapshot->endpoints[i];

		if (judged && e->id == judged->id)
			return e;
		if (!first && is_aimed_at(g, e))
			first = e;
	}
	return first;
}

bool details_aim_at_shown(struct model *m)
{
	const struct endpoint *e = m->guide.is_open ? of_guide(m) : model_selected(m);

	if (e)
		aim(&m->details, e);
	return e != NULL;
}

const struct endpoint *details_endpoint(const struct model *m)
{
	for (size_t i = 0; m->snapshot && i < m->snapshot->n_endpoints; i++)
		if (m->snapshot->endpoints[i].id == m->details.id)
			return &m->snapshot->endpoints[i];
	return NULL;
}

const char *details_sets(const struct model *m)
{
	const struct reach *r = m->reach;

	return r && r->sets_id == m->details.id && r->sets.len ? str_text(&r->sets) : NULL;
}

void details_take_peers(struct details_shown *d, struct peer_table *t, int error)
{
	d->peers_error = error;
	d->peers_state = t && !error ? PEERS_KNOWN : PEERS_FAILED;
	if (!t)
		return;
	table_unref(d->peers);
	d->peers = t;
}
