/* The walks of a diagnosis: addresses, clients, and the packet of each. */
#include "core/diagnosis/walks.h"

#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/client_side.h"
#include "core/diagnosis/sight.h"

enum { PROBE_TIMEOUT_MS = 400, TRACE_MORE_MS = 5000 };

static struct walk *add(struct evidence *e, struct walk *rows, size_t *n,
			const struct addr *server)
{
	for (size_t i = 0; i < *n; i++)
		if (addr_equals(&rows[i].server, server))
			return &rows[i];
	if (*n == WALKS_MAX)
		return NULL;
	/* A named client of one family asks nothing of the other. */
	if (e->target.client.family && e->target.client.family != server->family)
		return NULL;
	rows[*n] = (struct walk){.server = *server,
				 .client = e->target.client,
				 .client_port = e->target.client_port};
	return &rows[(*n)++];
}

/* Nothing came of it that a socket of this host had a part in. */
static bool is_in_vain(const struct evidence *e, const struct attempt *a)
{
	return !a->n_syn_acks && sight_has_failed(e, a);
}

/* The newest first: an address that SYNs went to. First those that nothing came of: their
 * client is the one to explain. */
static void add_seen(struct evidence *e, struct walk *rows, size_t *n, bool in_vain)
{
	for (size_t i = attempts_n(e->attempts); i-- > 0;) {
		const struct attempt *a = attempts_at(e->attempts, i);
		struct addr server = addr_unmapped(&a->server);
		struct addr client = addr_unmapped(&a->client);
		struct walk *w;

		if (a->server_port != e->target.port || in_vain != is_in_vain(e, a) ||
		    !evidence_is_of_target(e, a))
			continue;
		w = add(e, rows, n, &server);
		if (w && !w->client.family)
			w->client = client;
		if (w && !w->client_port && addr_equals(&w->client, &client))
			w->client_port = a->client_port;
	}
}

static bool is_published(const struct address_row *row)
{
	return !addr_is_loopback(&row->local) && !addr_is_link_local(&row->local) &&
	       !addr_is_multicast(&row->local);
}

/* One address of each family, as people would aim at. */
static void add_published(struct evidence *e, struct walk *rows, size_t *n)
{
	static const int families[] = {AF_INET, AF_INET6};
	const struct address_table *t = e->space->addresses;

	for (size_t k = 0; k < 2; k++) {
		const struct address_row *found = NULL;

		for (size_t i = 0; t && !found && i < t->n; i++)
			if (t->rows[i].local.family == families[k] &&
			    is_published(&t->rows[i]))
				found = &t->rows[i];
		if (found)
			add(e, rows, n, &found->local);
	}
}

static void choose(struct evidence *e, struct walk *rows, size_t *n)
{
	static const uint8_t localhost[4] = {127, 0, 0, 1};
	struct addr loopback = addr_v4(localhost);

	*n = 0;
	if (e->is_client_side) {
		client_choose_walks(e, rows, n);
		return;
	}
	if (e->target.address.family)
		add(e, rows, n, &e->target.address);
	add_seen(e, rows, n, true);
	add_seen(e, rows, n, false);
	if (!*n)
		add_published(e, rows, n);
	if (!*n && !e->target.client.family)
		add(e, rows, n, &loopback);
}

static bool is_bridge(const struct evidence *e, uint32_t ifindex)
{
	const struct link_row *link =
		e->space->links ? links_find(e->space->links, ifindex) : NULL;

	return link && text_equals_str(link->kind, "bridge");
}

/* Where the packet stack met it: the bond above the port that it came in by. At the port of
 * a bridge its way begins. */
static uint32_t upper_device(const struct evidence *e, const struct attempt *a)
{
	uint32_t at = a->devices[0];

	for (unsigned i = 1; i < a->n_devices; i++) {
		const struct link_row *link =
			e->space->links ? links_find(e->space->links, at) : NULL;

		if (link && link->master && link->master == a->devices[i] &&
		    !is_bridge(e, link->master))
			at = link->master;
	}
	return at;
}

static uint32_t seen_device(const struct evidence *e, const struct walk *w)
{
	for (size_t i = attempts_n(e->attempts); i-- > 0;) {
		const struct attempt *a = attempts_at(e->attempts, i);
		struct addr server = addr_unmapped(&a->server);

		if (a->server_port == e->target.port && addr_equals(&server, &w->server) &&
		    (!w->client.family || addr_equals(&w->client, &a->client)) &&
		    evidence_is_of_target(e, a))
			return upper_device(e, a);
	}
	/* A client in general comes in where the address is: not from this host itself. */
	return w->client.family ? 0 : address_ifindex(e->space->addresses, &w->server);
}

static int walk_one(const struct evidence *e, struct walk *w)
{
	struct path_world world = evidence_world(e);
	struct path_ask ask = {
		.is_from_here = e->target.role == AIM_CLIENT,
		.proto = e->target.proto,
		.client = w->client,
		.client_port = w->client_port,
		.server = w->server,
		.server_port = e->target.port,
		.in_ifindex = e->target.role == AIM_CLIENT ? 0 : seen_device(e, w)};

	w->is_walked = true;
	return path_walk(&world, &ask, &w->path);
}

int walks_make(struct evidence *e)
{
	int error = 0;

	choose(e, e->walks, &e->n_walks);
	for (size_t i = 0; !error && i < e->n_walks; i++)
		error = walk_one(e, &e->walks[i]);
	return error;
}

static bool is_stopped(const struct path_leg *leg)
{
	return leg->is_walked && (leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT);
}

bool walks_explain_silence(const struct evidence *e)
{
	for (size_t i = 0; i < e->n_walks; i++) {
		const struct walk *w = &e->walks[i];
		struct sightings s;

		evidence_sight_at(e, &w->server, &s);
		if (!s.n_all)
			continue;
		if (w->path.n_needs ||
		    (!is_stopped(&w->path.request) && !is_stopped(&w->path.reply)))
			return false;
	}
	return e->n_walks > 0;
}

bool walks_are_unsure(const struct evidence *e)
{
	for (size_t i = 0; i < e->n_walks; i++)
		if (e->walks[i].path.request.n_unsure || e->walks[i].path.reply.n_unsure)
			return true;
	return false;
}

void walks_forget_endpoints(struct evidence *e)
{
	e->n_walks = 0;
}

/* The accept queue after the window, else before it. */
static bool has_room(const struct evidence *e, const struct socket_row *s)
{
	const struct socket_row *after = evidence_socket_after(e, s);

	if (after)
		s = after;
	return s->queue_length == QUEUE_UNKNOWN || s->queue_length < s->queue_limit;
}

/* A translation sends its packets to another host, and nobody was answered: does it live?
 */
static bool is_worth_a_call(const struct evidence *e, const struct walk *w)
{
	const struct path *p = &w->path;
	struct sightings s;

	if (!p->is_translated || !p->is_forwarded || p->is_local || !p->server.family ||
	    p->request.verdict != PATH_ACCEPT || p->ask.is_from_here)
		return false;
	evidence_sight_at(e, &w->server, &s);
	return s.n_all && !sightings_n_open(&s);
}

/* A route that is still asked for may lead elsewhere. */
static bool is_ready(const struct evidence *e, const struct path *p)
{
	return !p->n_needs && p->endpoint && p->socket && !p->is_forwarded &&
	       text_is_empty(p->endpoint->socket_unit) && has_room(e, p->socket);
}

bool walks_want_probe(const struct evidence *e, struct question *out)
{
	if (!e->may_probe || e->target.proto != IPPROTO_TCP)
		return false;
	for (size_t i = 0; i < e->n_walks; i++) {
		const struct path *p = &e->walks[i].path;

		if (!is_ready(e, p) && !is_worth_a_call(e, &e->walks[i]))
			continue;
		*out = (struct question){.kind = QUESTION_PROBE};
		out->probe = (struct probe_ask){.proto = IPPROTO_TCP,
						.address = p->server,
						.port = p->server_port,
						.timeout_ms = PROBE_TIMEOUT_MS};
		return true;
	}
	return false;
}

struct trace_ask walks_trace_ask(const struct evidence *e, int64_t wait_ns)
{
	const struct aim *t = &e->target;
	int64_t timeout_ms = wait_ns / NS_PER_MS + TRACE_MORE_MS;
	struct trace_ask ask = {.proto = t->proto, .client = t->client, .port = t->port};

	if (timeout_ms > TRACE_TIMEOUT_MAX_MS)
		timeout_ms = TRACE_TIMEOUT_MAX_MS;
	ask.timeout_ms = (uint32_t)timeout_ms;
	for (size_t i = 0; i < e->n_walks; i++) {
		const struct path *p = &e->walks[i].path;

		if (!p->is_translated || !p->server_port ||
		    p->server.family != t->client.family)
			continue;
		ask.backend = p->server;
		ask.backend_port = p->server_port;
		break;
	}
	return ask;
}
