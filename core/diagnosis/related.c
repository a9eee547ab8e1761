/* The data connections of FTP as the capture shows them. Finds no fault. */
#include "core/diagnosis/related.h"

#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/sight.h"

enum { FTP_PORT = 21, UNPRIVILEGED = 1024 };
/* For the data connection to be tried, and to be silent for a while. */
#define AWAITED_NS (3 * NS_PER_S)

static bool is_ftp(const struct evidence *e, const struct attempt *a)
{
	return e->target.proto == IPPROTO_TCP && a->proto == IPPROTO_TCP &&
	       (a->server_bytes == BYTES_FTP_GREETING || a->server_port == FTP_PORT);
}

static bool is_between(const struct attempt *a, const struct addr *client,
		       const struct addr *server)
{
	struct addr from = addr_unmapped(&a->client), to = addr_unmapped(&a->server);

	return addr_equals(&from, client) && addr_equals(&to, server);
}

static const struct attempt *control_of(const struct evidence *e, const struct walk *w)
{
	const struct attempt *found = NULL;

	for (size_t i = 0; i < attempts_n(e->attempts); i++) {
		const struct attempt *a = attempts_at(e->attempts, i);

		if (sight_is_at_port(e, a) && is_between(a, &w->client, &w->server) &&
		    sight_is_open(a) && a->server_bytes != BYTES_NONE && is_ftp(e, a))
			found = a;
	}
	return found;
}

/* Not before the first control connection that is still told of: that began it. */
static int64_t since_ns(const struct evidence *e, const struct walk *w)
{
	int64_t since = INT64_MAX;

	for (size_t i = 0; i < attempts_n(e->attempts); i++) {
		const struct attempt *a = attempts_at(e->attempts, i);

		if (a->server_port == e->target.port && sight_is_open(a) &&
		    is_between(a, &w->client, &w->server) && a->first_ns < since)
			since = a->first_ns;
	}
	return since;
}

static bool is_passive(const struct evidence *e, const struct walk *w,
		       const struct attempt *a)
{
	return is_between(a, &w->client, &w->server) && a->server_port >= UNPRIVILEGED &&
	       a->server_port != e->target.port;
}

static bool is_active(const struct evidence *e, const struct walk *w,
		      const struct attempt *a)
{
	return is_between(a, &w->server, &w->client) &&
	       a->client_port + 1 == e->target.port && a->server_port >= UNPRIVILEGED;
}

bool related_look(const struct evidence *e, const struct walk *w, struct related *out)
{
	int64_t since;

	*out = (struct related){.control = control_of(e, w)};
	if (!out->control)
		return false;
	since = since_ns(e, w);
	for (size_t i = 0; i < attempts_n(e->attempts); i++) {
		const struct attempt *a = attempts_at(e->attempts, i);
		bool is_of_server = is_active(e, w, a);

		if (a->proto != IPPROTO_TCP || a->first_ns < since ||
		    a->last_ns < e->window_start_ns ||
		    (!is_of_server && !is_passive(e, w, a)))
			continue;
		out->n_open += sight_is_open(a) || a->n_syn_acks;
		if (sight_is_open(a) || a->n_syn_acks || !sight_has_failed(e, a))
			continue;
		out->has_many_ports |=
			out->data && out->data->server_port != a->server_port;
		out->data = a;
		out->is_active = is_of_server;
		out->n_failed++;
		out->n_syns += a->n_syns;
	}
	return out->data != NULL;
}

bool related_walk(const struct evidence *e, const struct walk *w, struct path *out)
{
	struct path_world world = evidence_world(e);
	struct path_ask ask = w->path.ask;
	struct related r;

	if (!w->is_walked || !related_look(e, w, &r) || r.is_active)
		return false;
	ask.server_port = r.data->server_port;
	ask.client_port = 0;
	return !path_walk(&world, &ask, out);
}

bool related_is_awaited(const struct evidence *e, const struct attempt *a, int64_t wall_ns)
{
	return is_ftp(e, a) && a->outcome == OUTCOME_ANSWERED &&
	       wall_ns - a->answered_ns < AWAITED_NS;
}
