/* Whose details are shown, and what was read for them. Draws nothing. */
#include "tui/state/details.h"

#include <netinet/in.h>

#include "core/base/text.h"
#include "tui/model.h"
#include "tui/state/counts.h"

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
	table_unref(d->owners);
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

/* Of a published port: who serves it behind the translation, else its userland proxy. */
static const struct endpoint *of_line(const struct model *m)
{
	size_t line = counts_selected(m);
	const struct published_row *row =
		line < counts_n_lines(m) ? counts_published(m, line) : NULL;

	if (!row)
		return NULL;
	return row->endpoint ? row->endpoint : counts_proxy(m, line);
}

static const struct endpoint *of_ports(const struct model *m)
{
	const struct endpoint *e = model_selected(m);

	return e ? e : of_line(m);
}

bool details_aim_at_shown(struct model *m)
{
	const struct endpoint *e = m->guide.is_open ? of_guide(m) : of_ports(m);

	if (e)
		aim(&m->details, e);
	return e != NULL;
}

static const struct endpoint *with_id(const struct snapshot *s, uint64_t id)
{
	for (size_t i = 0; s && i < s->n_endpoints; i++)
		if (s->endpoints[i].id == id)
			return &s->endpoints[i];
	return NULL;
}

const struct endpoint *details_endpoint(const struct model *m)
{
	const struct endpoint *e = with_id(m->snapshot, m->details.id);

	if (e || !published_n(m->published))
		return e;
	return with_id(m->published->table->snapshot, m->details.id);
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

void details_take_owners(struct details_shown *d, struct process_state_table *t, int error)
{
	d->has_asked_owners = true;
	d->owners_error = error;
	if (!t)
		return;
	table_unref(d->owners);
	d->owners = t;
}

static const struct process_state *find(const struct process_state_table *t,
					const struct process_row *owner)
{
	const struct process_state *s = t ? process_states_find(t, owner->pid) : NULL;

	return s && !s->error && s->start_ticks == owner->start_ticks ? s : NULL;
}

const struct process_state *details_owner(const struct model *m,
					  const struct process_row *owner)
{
	const struct process_state *s = find(m->details.owners, owner);

	if (!s && m->guide.is_open && m->guide.evidence)
		s = find(m->guide.evidence->processes, owner);
	return s;
}
